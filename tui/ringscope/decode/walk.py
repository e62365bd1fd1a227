# SPDX-License-Identifier: Apache-2.0
"""A packet being walked from header to header, by a row or by layers: who is asked next is decided here, once.

Every `by_...` method passes data[at:end] on to the protocol that a number announces. `end` is where the bytes end on
the wire; the capture may have kept fewer.
"""

from __future__ import annotations

from collections.abc import Callable

from ringscope.decode.errors import Malformed, require
from ringscope.decode.memory import Endpoint, Flow, Memory
from ringscope.decode.registry import (
    ETHERTYPES,
    IP_PROTOCOLS,
    LINKS,
    PPPS,
    PROTOCOLS,
    SAPS,
    SNAPS,
    Carrier,
    Protocol,
    Test,
)

DEEPEST = 24  # headers inside headers; real packets have fewer than ten
_LONGEST_LENGTH = 1500  # larger numbers where an Ethertype stands are Ethertypes (IEEE 802.3)
_RAW_IPX = b"\xff\xff"


class Walk:
    """What a row and the layers of a packet have in common while they are made.

    data: the captured bytes; size: how many; wire: how many there were. source, destination: addresses of the innermost
    network header. hops: its TTL or hop limit. piece: what the bytes are where they need not be whole ("segment" of a
    stream, "fragment", "quoted packet"), else "". memory: what is known of flows, or None; flow: what is known of the
    innermost transport header's, or None; ports: its source and destination port.
    """

    __slots__ = ("data", "deep", "destination", "flow", "hops", "memory", "piece", "ports", "size", "source", "wire")

    def __init__(self, data: bytes, length: int, memory: Memory | None) -> None:
        self.data = data
        self.size = len(data)
        self.wire = max(length, self.size)
        self.memory = memory
        self.flow: Flow | None = None
        self.ports = (0, 0)
        self.source = self.destination = self.piece = ""
        self.hops = 0
        self.deep = 0

    def enter(self, protocol: Protocol, at: int, end: int) -> None:
        """Decode data[at:end] as this protocol; what goes wrong inside stays inside."""
        raise NotImplementedError  # a row and a tree each enter in their own way

    def unknown(self, what: str, number: int, at: int, end: int) -> None:
        """Nobody claims what the number announces; `what` is "link", "ethertype", "ip", "ppp", "sap" or "snap"."""

    def narrow(self, end: int) -> None:
        """The outermost header that knows says that the packet ends here; what follows is padding."""

    def need(self, at: int, count: int, end: int, what: str) -> None:
        """Raises Short when the bytes lie beyond `end`, Cut when only the capture ends before them."""
        require(at, count, end, self.size, what)

    def by_link_type(self, number: int, at: int, end: int) -> None:
        """A LINKTYPE_ number."""
        protocol = LINKS.get(number)
        if protocol is not None:
            self.enter(protocol, at, end)
        elif number in (12, 14, 101):  # raw IP
            self.by_ip_version(at, end)
        else:
            self.unknown("link", number, at, end)

    def by_ethertype(self, kind: int, at: int, end: int) -> None:
        """An Ethertype, or the length that IEEE 802.3 has in its place."""
        protocol = ETHERTYPES.get(kind)
        if protocol is not None:
            self.enter(protocol, at, end)
        elif kind > _LONGEST_LENGTH:
            self.unknown("ethertype", kind, at, end)
        else:
            end = min(at + kind, end) if kind else end
            self.narrow(end)
            ipx = self.data.startswith(_RAW_IPX, at) and "ipx" in PROTOCOLS
            self.enter(PROTOCOLS["ipx" if ipx else "llc"], at, end)

    def by_sap(self, number: int, at: int, end: int) -> None:
        """A destination service access point (IEEE 802.2)."""
        self._or_unknown(SAPS.get(number), "sap", number, at, end)

    def by_snap(self, organization: int, number: int, at: int, end: int) -> None:
        """Organization and protocol of a SNAP header (IEEE 802)."""
        if organization in (0, 0x0000F8) and number > _LONGEST_LENGTH:
            self.by_ethertype(number, at, end)
        else:
            self._or_unknown(SNAPS.get((organization, number)), "snap", organization << 16 | number, at, end)

    def by_ppp(self, number: int, at: int, end: int) -> None:
        """A PPP protocol number."""
        self._or_unknown(PPPS.get(number), "ppp", number, at, end)

    def by_ip(self, number: int, at: int, end: int) -> None:
        """An IP protocol number."""
        protocol = IP_PROTOCOLS.get(number)
        if protocol is not None:
            self.enter(protocol, at, end)
        else:
            self.unknown("ip", number, at, end)

    def by_ip_version(self, at: int, end: int) -> None:
        """The version nibble of an IP header. Raises Malformed for another version."""
        self.need(at, 1, end, "IP header")
        version = self.data[at] >> 4
        if version not in (4, 6):
            raise Malformed(f"IP version {version}")
        self.enter(PROTOCOLS["ip" if version == 4 else "ipv6"], at, end)

    def _or_unknown(self, protocol: Protocol | None, what: str, number: int, at: int, end: int) -> None:
        if protocol is not None:
            self.enter(protocol, at, end)
        else:
            self.unknown(what, number, at, end)

    def by_ports(self, carrier: Carrier, at: int, end: int, ports: tuple[int, int]) -> bool:
        """A payload of TCP, UDP or SCTP: its bytes beat what is known of the flow, and that beats the port.

        ports: source and destination. Returns whether anybody claims it.
        """
        stop = min(end, self.size)
        if at >= stop:
            return False
        self.ports = ports
        found = _recognized(carrier.strong[self.data[at]], self.data, at, stop)
        flow = self.flow = self._flow(carrier, ports)
        if flow is not None and flow.through is not None and found is not flow.through:
            self.enter(flow.through, at, end)
            return True
        if found is not None:
            if flow is not None and flow.through is None:
                flow.protocol = found
        else:
            found = _known(flow, self.data, at, stop) or _by_port(carrier, self.data, at, stop, ports)
            if found is None:
                found = _recognized(carrier.weak[self.data[at]], self.data, at, stop)
                if found is None:
                    return False
                if flow is not None:
                    flow.protocol = found
        self.enter(found, at, end)
        return True

    def through(self, carrier: Carrier, at: int, end: int) -> bool:
        """What a proxy lets through: its bytes tell, or what they told before. Returns whether anybody claims it."""
        stop = min(end, self.size)
        flow = self.flow
        if at >= stop or flow is None:
            return False
        found = _recognized(carrier.strong[self.data[at]], self.data, at, stop)
        if found is not None:
            flow.protocol = found
        elif flow.protocol is not flow.through:
            found = _known(flow, self.data, at, stop)
        if found is None or found is flow.through:
            return False
        self.enter(found, at, end)
        return True

    def _flow(self, carrier: Carrier, ports: tuple[int, int]) -> Flow | None:
        # A quoted packet or a fragment is no place to learn from.
        if self.memory is None or self.piece not in ("", "segment") or not self.source:
            return None
        one: Endpoint = (self.source, ports[0])
        return self.memory.flow(carrier.name, one, (self.destination, ports[1]))

    @property
    def from_client(self) -> bool:
        """Whether the payload goes to the server: as the flow's beginning showed, or else to the lower port."""
        if self.flow is not None and self.flow.client is not None:
            return self.flow.client == (self.source, self.ports[0])
        return self.ports[0] >= self.ports[1]

    def quoted(self, kind: int, at: int, end: int) -> None:
        """A packet that an error message quotes, by its Ethertype; only its beginning need be there."""
        if at < min(end, self.size):
            piece, self.piece = self.piece, "quoted packet"
            self.aside(self.by_ethertype, kind, at, end)
            self.piece = piece

    def aside(self, step: Callable[..., None], what: int | Protocol, at: int, end: int) -> None:
        """Take one of the steps above into something that the packet is not about."""
        step(what, at, end)


def _recognized(tests: list[tuple[Test, Protocol]], data: bytes, at: int, stop: int) -> Protocol | None:
    for test, protocol in tests:
        if test(data, at, stop):
            return protocol
    return None


def _known(flow: Flow | None, data: bytes, at: int, stop: int) -> Protocol | None:
    # Several protocols may share a flow (RFC 7983); one that can tell its own packets is asked.
    found = None if flow is None else flow.protocol
    if found is not None and found.accepts is not None and not found.accepts(data, at, stop):
        return None
    return found


def _by_port(carrier: Carrier, data: bytes, at: int, stop: int, ports: tuple[int, int]) -> Protocol | None:
    # The lower port is more often the server's.
    for port in ports if ports[0] < ports[1] else (ports[1], ports[0]):
        protocol = carrier.ports.get(port)
        if protocol is not None and (protocol.accepts is None or protocol.accepts(data, at, stop)):
            return protocol
    return None
