# SPDX-License-Identifier: Apache-2.0
"""The one registry: what a number, a port or the first bytes of a payload announce.

A protocol is a module below `ringscope.decode.protocols`. It makes a `Protocol` with `protocol(...)`, which enters it
in the tables under the numbers given, and hangs its functions on it by decorators: `row` (cheap, for a list), `layer`
(deep, for one packet), `magic` (its bytes are recognized), `guard` (what its port carries may be it). Rows and layers
are sent on by the same tables in `ringscope.decode.walk`, so they can never disagree.

Protocols may stand in the tables before their module is imported (`ringscope.decode.awaited`); when it is, it finds
them there instead of making them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from ringscope.decode.awaited import AwaitedTest
    from ringscope.decode.layout import Kind
    from ringscope.decode.row import Row
    from ringscope.decode.tree import Tree

RowDecoder = Callable[["Row", int, int], None]
"""Reads data[at:end] of a row's packet and writes what it learned over what outer protocols wrote."""

LayerDecoder = Callable[["Tree", int, int], None]
"""Opens one or more layers for data[at:end] and passes on what is inside."""

Test = Callable[[bytes, int, int], bool]
"""Whether data[at:stop], all of it captured and not empty, is this protocol."""

Entry = TypeVar("Entry")
Numbers = dict[str, tuple[Any, ...]]
"""What a protocol claims, by the tables it stands in."""
Show = dict[str, tuple[str, Callable[[Any], str]]]
"""Label and form by dpkt's name of a field; an empty label hides it."""


class Protocol:
    """What the decoder knows of one protocol.

    name: tshark's, as in frame.protocols; title: as a Protocol column and a layer spell it; role: a colour role, "" for
    that of the carrier. Without a `row` the row says how many bytes there are; without a `layer` the fields are those
    that `packet`, a dpkt class, declares, called as `show` has it.
    """

    __slots__ = ("accepts", "dissect", "name", "packet", "role", "show", "summarize", "title")

    def __init__(self, name: str, title: str, role: str) -> None:
        self.name = name
        self.title = title
        self.role = role
        self.packet: Kind | None = None
        self.show: Show = {}
        self.summarize: RowDecoder = unwritten
        self.dissect: LayerDecoder = self.declared
        self.accepts: Test | None = None

    def row(self, decoder: RowDecoder) -> RowDecoder:
        """Decorator: how a row is written. Its protocol and role are set before."""
        self.summarize = decoder
        return decoder

    def layer(self, decoder: LayerDecoder) -> LayerDecoder:
        """Decorator: how layers are written. It must open its layer before anything can fail."""
        self.dissect = decoder
        return decoder

    def magic(
        self, carrier: Carrier, first: Iterable[int] = range(256), *, weak: bool = False
    ) -> Callable[[Test], Test]:
        """Decorator: a payload of `carrier` for which the test holds is this protocol, whatever its port.

        first: the values its first byte can have, so that others cost nothing. A `weak` test is asked only where
        neither the flow nor the port is known.
        """

        def enter(test: Test) -> Test:
            carrier.recognize(first, test, self, weak=weak)
            return test

        return enter

    def guard(self, test: Test) -> Test:
        """Decorator: a payload on the protocol's port for which the test does not hold is something else."""
        self.accepts = test
        return test

    def imported(self) -> Protocol:
        """The same, now that its module has been imported."""
        return self

    def declared(self, tree: Tree, at: int, end: int) -> None:
        """The layer that `packet` alone makes."""
        draft = tree.open(self, at, end)
        draft.say()
        if self.packet is not None:
            draft.header(self.packet, self.show)
            draft.parts(self.packet, self.show)


def unwritten(row: Row, at: int, end: int) -> None:
    """The row of a protocol that has none of its own."""
    row.info = f"{max(end - at, 0)} bytes"


class Carrier:
    """A transport protocol: the ports known on it, and the tests by the first byte of a payload."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.ports: dict[int, Protocol] = {}
        self.strong: list[list[tuple[Test, Protocol]]] = [[] for _ in range(256)]
        self.weak: list[list[tuple[Test, Protocol]]] = [[] for _ in range(256)]
        self.awaited: dict[tuple[Protocol, bytes, bool], AwaitedTest] = {}

    def recognize(self, first: Iterable[int], test: Test, found: Protocol, *, weak: bool) -> None:
        """Ask the test for payloads with one of these first bytes; tests are asked in the order of their names."""
        first = bytes(sorted(first))
        awaited = self.awaited.pop((found, first, weak), None)
        if awaited is not None:
            awaited.test = test
        for byte in first:
            tests = (self.weak if weak else self.strong)[byte]
            if awaited is not None:
                tests[tests.index((awaited, found))] = (test, found)  # in its place: the list may be in use
            else:
                tests.append((test, found))
                tests.sort(key=lambda entry: entry[1].name)


TCP, UDP, SCTP = Carrier("tcp"), Carrier("udp"), Carrier("sctp")

PROTOCOLS: dict[str, Protocol] = {}
"""By name; the first of those that share one."""
LINKS: dict[int, Protocol] = {}
"""By LINKTYPE_ number (tcpdump.org)."""
ETHERTYPES: dict[int, Protocol] = {}
"""By Ethertype (IEEE 802)."""
SAPS: dict[int, Protocol] = {}
"""By destination service access point of IEEE 802.2."""
SNAPS: dict[tuple[int, int], Protocol] = {}
"""By organization and protocol of SNAP; organization 0 stands for Ethertypes."""
PPPS: dict[int, Protocol] = {}
"""By PPP protocol number (RFC 1661)."""
IP_PROTOCOLS: dict[int, Protocol] = {}
"""By IP protocol number."""
SCTP_PAYLOADS: dict[int, Protocol] = {}
"""By payload protocol identifier of SCTP DATA chunks (RFC 9260)."""


TABLES: dict[str, dict[Any, Protocol]] = {
    "link": LINKS,
    "ethertype": ETHERTYPES,
    "sap": SAPS,
    "snap": SNAPS,
    "ppp": PPPS,
    "ip": IP_PROTOCOLS,
    "tcp": TCP.ports,
    "udp": UDP.ports,
    "sctp": SCTP.ports,
    "sctp_payload": SCTP_PAYLOADS,
}
"""All tables of numbers."""
AWAITED: list[tuple[tuple[str, str, str, Numbers], Protocol]] = []
"""What stands in the tables and was not found there by its module yet: name, title, role and numbers, and it."""


def protocol(
    name: str,
    title: str,
    *,
    role: str = "",
    link: Iterable[int] = (),
    ethertype: Iterable[int] = (),
    sap: Iterable[int] = (),
    snap: Iterable[tuple[int, int]] = (),
    ppp: Iterable[int] = (),
    ip: Iterable[int] = (),
    tcp: Iterable[int] = (),
    udp: Iterable[int] = (),
    sctp: Iterable[int] = (),
    sctp_payload: Iterable[int] = (),
    packet: Kind | None = None,
    show: Show | None = None,
) -> Protocol:
    """A new protocol, found by these numbers. Raises ValueError for a number that another protocol has."""
    claims = zip(TABLES, (link, ethertype, sap, snap, ppp, ip, tcp, udp, sctp, sctp_payload), strict=True)
    numbers: Numbers = {table: tuple(those) for table, those in claims if those}
    made = _awaited(name, title, role, numbers) or announce(Protocol(name, title, role), numbers)
    made.packet, made.show = packet, show or {}
    return made


def announce(made: Protocol, numbers: Numbers) -> Protocol:
    """Enter a protocol in the tables. Raises ValueError for a number that another protocol has."""
    PROTOCOLS.setdefault(made.name, made)
    for table, those in numbers.items():
        _claim(made, TABLES[table], those)
    return made


def _awaited(*announcement: Any) -> Protocol | None:
    """The first that is awaited as this; it is no more."""
    for place, (awaited, made) in enumerate(AWAITED):
        if awaited == announcement:
            del AWAITED[place]
            return made
    return None


def _claim(made: Protocol, table: dict[Entry, Protocol], numbers: Iterable[Entry]) -> None:
    for number in numbers:
        if number in table:
            raise ValueError(f"{made.name} and {table[number].name} both claim {number}")
        table[number] = made
