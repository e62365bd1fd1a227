# SPDX-License-Identifier: Apache-2.0
"""What one packet brings to a conversation: the innermost TCP or UDP header and the bytes behind it.

The way there is the row decoders' own, so tunnels, tags and extension headers are followed as in the list; payloads
that carry no packets are not looked into, which makes it cheap.
"""

from __future__ import annotations

from functools import cache
from struct import Struct

from ringscope.decode.protocols import FOUND
from ringscope.decode.registry import UDP as UDP_CARRIER
from ringscope.decode.registry import Protocol
from ringscope.decode.row import Row
from ringscope.frozen import frozen

assert FOUND

Endpoint = tuple[str, int]
"""Address and port."""

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10

_TCP = Struct(">HHIIHH")
_UDP = Struct(">HHH")
_OWNERS = ("app", "control")
"""Families (folders below ``protocols``) whose payloads are no packets; an error's quoted packet brings nothing."""


@frozen
class Transport:
    """What a packet brings.

    ``carrier`` is ``tcp`` or ``udp``. ``data`` are the payload's bytes that were captured, ``size`` is how many there
    were on the wire. ``fragment``: this is the first fragment of an IP packet; of UDP ``size`` is that of the whole
    datagram, of TCP only what is in this fragment, since nothing else is known. The rest is TCP's: ``sequence`` and
    ``acknowledged`` as on the wire, ``flags`` as in the header.
    """

    carrier: str
    source: Endpoint
    destination: Endpoint
    data: bytes
    size: int
    fragment: bool = False
    sequence: int = 0
    acknowledged: int = 0
    flags: int = 0

    @property
    def flow(self) -> tuple[str, frozenset[Endpoint]]:
        """The same for all packets of a conversation, in both directions."""
        return self.carrier, frozenset((self.source, self.destination))


def transport(data: bytes, link_type: int, length: int) -> Transport | None:
    """What a packet brings; None: it has no whole TCP or UDP header, or is a later IP fragment. Never raises.

    data, link_type, length: as for :func:`ringscope.decode.summarize`.
    """
    found = _Finder(data, length)
    try:
        found.by_link_type(link_type, 0, found.wire)
    except Exception:  # raw IP of no version; inside protocols `Row.enter` sees to it
        return None
    return found.found


class _Finder(Row):
    """A row that notes the innermost transport header and writes nothing."""

    __slots__ = ("found",)

    def __init__(self, data: bytes, length: int) -> None:
        super().__init__(data, length)
        self.found: Transport | None = None

    def enter(self, protocol: Protocol, at: int, end: int) -> None:
        if protocol.name == "tcp":
            self._tcp(at, end)
        elif protocol.name == "udp":
            self._udp(at, end)
        elif not _is_leaf(protocol):
            super().enter(protocol, at, end)

    def quoted(self, kind: int, at: int, end: int) -> None:
        """A packet that an error message quotes brought its bytes when it was sent."""

    def _tcp(self, at: int, end: int) -> None:
        self.need(at, 20, end, "TCP header")
        source, destination, sequence, acknowledged, control, _ = _TCP.unpack_from(self.data, at)
        header = (control >> 12) * 4
        if header < 20 or at + header > end:
            return
        self.found = Transport(
            "tcp",
            (self.source, source),
            (self.destination, destination),
            self.data[at + header : end],
            end - at - header,
            self.piece == "fragment",
            sequence,
            acknowledged,
            control & 0x1FF,
        )

    def _udp(self, at: int, end: int) -> None:
        self.need(at, 8, end, "UDP header")
        source, destination, size = _UDP.unpack_from(self.data, at)
        fragment = self.piece == "fragment"
        # Zero stands for a jumbogram (RFC 2675) or a datagram the card will still segment.
        size = size or end - at
        if size < 8:
            return
        if not fragment:
            size = min(size, end - at)
        stop = min(end, at + size)
        ends = (self.source, source), (self.destination, destination)
        self.found = Transport("udp", *ends, self.data[at + 8 : stop], size - 8, fragment)
        self.by_ports(UDP_CARRIER, at + 8, stop, (source, destination))


@cache
def _is_leaf(protocol: Protocol) -> bool:
    """Whether it is of a family that carries no packets; families are the folders in which protocols stand."""
    path = protocol.imported().summarize.__module__.split(".")
    return len(path) > 3 and path[3] in _OWNERS
