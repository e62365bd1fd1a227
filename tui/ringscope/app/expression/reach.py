# SPDX-License-Identifier: Apache-2.0
"""Which bytes of a packet an expression can name: ``ip[8]``, ``tcp[14:2]``, ``ether[12:2]``, and behind which tests.

pcap-filter(7) counts bytes from the beginning of a header that it knows, which is the link header, the first network
header behind tags and labels, and a transport header that follows IPv4 at once. What lies further in is counted from
the last of these. ``tcp[...]`` and its like mean IPv4 only; over IPv6 bytes are counted from ``ip6``, and extension
headers are passed by requiring the very chain that the packet has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ringscope.decode import Layer
from ringscope.frozen import frozen

ETHERNET = 1
_FROM_ZERO = frozenset({0, 1, 6, 9, 10, 50, 104, 105, 107, 108, 113, 276})
"""LINKTYPE_* whose ``link[0]`` is the first captured byte."""
_BEFORE_WLAN = frozenset({119, 127, 163, 192})
"""LINKTYPE_* whose ``link[0]`` is the 802.11 header behind what the receiver says of it."""

_FAMILIES = frozenset({2, 10, 24, 28, 30})
"""IPv4, and IPv6 as the systems number it."""

_TAGS = frozenset({b"\x81\x00", b"\x88\xa8", b"\x91\x00"})  # what libpcap takes for a VLAN tag
_NETWORKS = {"ip": "ip", "ipv6": "ip6", "arp": "arp"}
_CARRIERS = frozenset({"eth", "sll", "null", "loop", "ppp", "chdlc", "fr", "pppoes", "vlan", "ieee8021ad", "mpls"})
"""Layers behind which libpcap finds the network header."""
_TAG_LAYERS = frozenset({"vlan", "ieee8021ad"})
_OVER_IPV4 = {"tcp": 6, "udp": 17, "icmp": 1, "sctp": 132, "igmp": 2, "pim": 103, "vrrp": 112}
_SKIPPED = frozenset({"frame", "tshark"})
_EXTENSIONS = frozenset({"ipv6.hopopts", "ipv6.routing", "ipv6.dstopts", "ipv6.fraghdr"})
_RARP = b"\x80\x35"
_OFFSET, _FIRST = "ip[6:2] & 0x1fff", "ip[6:2] & 0x1fff = 0"

NOWHERE = "it is not in the bytes of the packet"
_NO_LINK = "pcap-filter cannot name the bytes of this link header"
_TAGGED = "of a VLAN tag filters see its number only: the kernel takes it out of the frame before they run"
_BEHIND_TAG = "behind a VLAN tag pcap-filter can name the bytes of IP and ARP only"


@frozen
class Anchor:
    """Byte ``start`` of the frame is ``token[index]``, where the index is ``computed`` and what ``origin`` adds to it.

    prefix: what the expression begins with, so that offsets count behind tags. guards: tests without which the bytes
    would mean something else. known: the header is one that pcap-filter knows, no bytes somewhere inside it.
    """

    token: str
    start: int
    prefix: str = ""
    guards: tuple[str, ...] = ()
    origin: int = 0
    computed: str = ""
    known: bool = True

    def load(self, place: int, size: int) -> str:
        """The ``size`` bytes (1, 2 or 4) at ``place`` of the frame."""
        offset = self.origin + place - self.start
        index = f"{self.computed} + {offset}" if self.computed and offset else self.computed or str(offset)
        return f"{self.token}[{index}]" if size == 1 else f"{self.token}[{index}:{size}]"


@frozen
class Reach:
    """How a layer is reached: by an anchor, or not (``why``). ``prefix`` is that of what the layer carries.

    moves: the layer is a tag, a label stack or a session, for which pcap-filter has a word that adds to the prefix.
    """

    anchor: Anchor | None
    prefix: str = ""
    why: str = ""
    moves: bool = False


def reaches(layers: Sequence[Layer], data: bytes, link_type: int) -> list[Reach]:
    """How each of the layers of a packet is reached."""
    walk = _Walk(layers, data, link_type)
    return [walk.step(place) for place in range(len(layers))]


class _Walk:
    """Goes through the layers from the outermost in."""

    def __init__(self, layers: Sequence[Layer], data: bytes, link_type: int) -> None:
        self._layers = layers
        self._data = data
        self._link_type = link_type
        self._prefix = ""
        self._plain = link_type != 0 or self._family() in _FAMILIES  # only carriers so far
        self._network: Layer | None = None
        self._now = self._of_link()

    def _family(self) -> int:
        """The address family in the header of LINKTYPE_NULL, which is in the byte order of who wrote the file."""
        raw = self._data[:4]
        return min(int.from_bytes(raw, "little"), int.from_bytes(raw, "big"))

    def _of_link(self) -> Reach:
        if self._link_type in _FROM_ZERO:
            return Reach(Anchor("ether" if self._link_type == ETHERNET else "link", 0))
        return Reach(None, why=_NO_LINK)

    def step(self, place: int) -> Reach:
        """How the layer at ``place`` is reached; every layer before it must have been asked for."""
        layer = self._layers[place]
        if layer.name in _SKIPPED:
            return Reach(None, why=NOWHERE)
        if self._network is not None:
            self._above(self._layers[place - 1], layer)
        elif self._plain and layer.name in _NETWORKS:
            self._found(layer)
        else:
            return self._below(layer)
        return self._now

    # -- below the network header

    def _below(self, layer: Layer) -> Reach:
        if layer.name == "wlan" and self._link_type in _BEFORE_WLAN:
            self._now = Reach(Anchor("link", layer.start))
        tag = layer.name in _TAG_LAYERS
        inner = layer.name == "eth" and layer.start > 0
        unknown = tag and self._data[max(0, layer.start - 2) : layer.start] not in _TAGS
        if layer.name not in _CARRIERS or inner or unknown or not self._plain:
            self._plain = False
            self._now = replace(self._guarded(self._now, layer), prefix=self._prefix, moves=False)
            return self._now
        if tag:
            self._prefix += "vlan and "
            self._now = Reach(None, self._prefix, _TAGGED, moves=True)
        elif layer.name in ("mpls", "pppoes"):
            labels = sum(1 for field in layer.fields if field.name == "Label" and field.depth)
            self._prefix += "mpls and " * labels if layer.name == "mpls" else "pppoes and "
            self._now = replace(self._guarded(self._now, layer), prefix=self._prefix, moves=True)
        else:
            self._now = replace(self._now, prefix=self._prefix, moves=False)
        return self._now

    def _guarded(self, here: Reach, layer: Layer) -> Reach:
        """What follows Ethernet at once is told by its type."""
        if here.anchor is None:
            return replace(here, why=_BEHIND_TAG if here.why == _TAGGED else here.why)
        if here.anchor.guards or self._link_type != ETHERNET or layer.start < 14:
            return replace(here, anchor=replace(here.anchor, known=False))
        kind = int.from_bytes(self._data[12:14], "big")
        guard = f"ether proto 0x{kind:04x}" if kind > 1500 else "ether[12:2] <= 1500"
        return replace(here, anchor=replace(here.anchor, guards=(guard,), known=False))

    # -- the network header, and what follows

    def _found(self, layer: Layer) -> None:
        token = _NETWORKS[layer.name]
        if token == "arp" and self._data[layer.start - 2 : layer.start] == _RARP:
            token = "rarp"
        self._network = layer
        self._now = Reach(Anchor(token, layer.start, self._prefix), self._prefix)

    def _above(self, before: Layer, layer: Layer) -> None:
        anchor, network = self._now.anchor, self._network
        assert anchor is not None and network is not None
        if anchor.token == "tcp" and before.name == "tcp" and anchor.known:
            words = "((tcp[12] & 0xf0) >> 2)"
            behind = anchor.start + self._tcp_header(anchor.start)
            anchor = replace(anchor, start=behind, computed=words, known=False)
        elif before is network and anchor.token == "ip":
            anchor = self._over_ipv4(anchor, layer)
        elif anchor.token == "ip6" and (before is network or before.name in _EXTENSIONS):
            anchor = self._over_ipv6(anchor, before, layer)
        elif anchor.token == "ip6" and before.name == "tcp" and not anchor.computed:
            at = before.start - anchor.start
            words = f"((ip6[{at + 12}] & 0xf0) >> 2)"
            behind = before.start + self._tcp_header(before.start)
            anchor = replace(anchor, start=behind, origin=at, computed=words, known=False)
        else:
            anchor = replace(anchor, known=False)
        self._now = Reach(anchor, self._prefix)

    def _tcp_header(self, start: int) -> int:
        return (self._byte(start + 12) & 0xF0) >> 2

    def _byte(self, place: int) -> int:
        return self._data[place] if place < len(self._data) else 0  # the capture may have cut the header

    def _over_ipv4(self, anchor: Anchor, layer: Layer) -> Anchor:
        header, start = (self._byte(anchor.start) & 15) * 4, anchor.start
        number = self._byte(start + 9)
        later = int.from_bytes(self._data[start + 6 : start + 8], "big") & 0x1FFF
        if _OVER_IPV4.get(layer.name) == number and not later and layer.start == start + header:
            return Anchor(layer.name, layer.start, self._prefix)
        guards = (f"ip proto {number}", f"{_OFFSET} = {later}" if later else _FIRST)
        words = "((ip[0] & 0xf) << 2)"
        return replace(anchor, start=start + header, guards=guards, computed=words, known=False)

    def _over_ipv6(self, anchor: Anchor, before: Layer, layer: Layer) -> Anchor:
        direct = before is self._network
        if direct and layer.name == "icmpv6" and self._byte(anchor.start + 6) == 58:
            return Anchor("icmp6", layer.start, self._prefix)
        follows = anchor.start + 6 if direct else before.start
        guards = (*anchor.guards, f"{anchor.load(follows, 1)} = {self._data[follows]}")
        if not direct and before.name != "ipv6.fraghdr":
            guards += (f"{anchor.load(follows + 1, 1)} = {self._byte(follows + 1)}",)
        known = layer.name in _EXTENSIONS or (direct and layer.name in ("tcp", "udp", "sctp"))
        return replace(anchor, guards=guards, known=known)
