# SPDX-License-Identifier: Apache-2.0
"""IPv6 (RFC 8200) and its extension headers, each a protocol of its own: options, routing (RFC 6275, RFC 8754),
fragment, mobility (RFC 6275)."""

from __future__ import annotations

from socket import AF_INET6, inet_ntop
from struct import Struct, unpack_from

from dpkt.ip6 import IP6, IP6FragmentHeader

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import coded, dscp, hex4, hex8, ip_number, ip_text, ipv6, is_set, plain
from ringscope.decode.names import ip_protocol
from ringscope.decode.registry import Protocol, Show, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

IPV6 = protocol("ipv6", "IPv6", link=(229,), ethertype=(0x86DD,), ppp=(0x0057,), ip=(41,))
HOP_BY_HOP = protocol("ipv6.hopopts", "IPv6", ip=(0,))
ROUTING = protocol("ipv6.routing", "IPv6", ip=(43,))
FRAGMENT = protocol("ipv6.fraghdr", "IPv6", ip=(44,))
DESTINATION = protocol("ipv6.dstopts", "IPv6", ip=(60,))
MOBILITY = protocol("mipv6", "MIPv6", ip=(135,))

_HEADER = Struct(">IHBB16s16s")
_NO_NEXT = 59
_SHOW: Show = {
    "v": ("Version", plain),
    "fc": ("Traffic class", dscp),
    "flow": ("Flow label", lambda value: f"0x{value:05x}"),
    "plen": ("Payload length", plain),
    "nxt": ("Next header", ip_number),
    "hlim": ("Hop limit", plain),
    "src": ("Source", ip_text),
    "dst": ("Destination", ip_text),
}
_FRAGMENT: Show = {
    "nxt": ("Next header", ip_number),
    "resv": ("", plain),
    "frag_off": ("Fragment offset", lambda value: str(value * 8)),
    "m_flag": ("More fragments", is_set),
    "id": ("Identification", hex8),
}
_OPTIONS = {
    0x00: "Pad1",
    0x01: "PadN",
    0x04: "Tunnel encapsulation limit",
    0x05: "Router alert",
    0x07: "CALIPSO",
    0x26: "Quick start",
    0x63: "RPL",
    0x6D: "MPL",
    0x8A: "Endpoint identification",
    0xC2: "Jumbo payload",
    0xC9: "Home address",
    0x23: "RPL",
}
_ROUTING_TYPES = {0: "source route", 2: "type 2", 3: "RPL source route", 4: "segment routing"}
_MOBILITY_TYPES = {
    0: "Binding Refresh Request",
    1: "Home Test Init",
    2: "Care-of Test Init",
    3: "Home Test",
    4: "Care-of Test",
    5: "Binding Update",
    6: "Binding Acknowledgement",
    7: "Binding Error",
}


@IPV6.row
def row(row: Row, at: int, end: int) -> None:
    """Addresses."""
    row.need(at, 40, end, "IPv6 header")
    first, payload, following, row.hops, source, destination = _HEADER.unpack_from(row.data, at)
    row.source = inet_ntop(AF_INET6, source)
    row.destination = inet_ntop(AF_INET6, destination)
    if first >> 28 != 6:
        raise Malformed(f"IP version {first >> 28}")
    _next_row(row, following, at + 40, min(end, at + 40 + payload) if payload else end)


def _next_row(row: Row, following: int, at: int, end: int) -> None:
    if following == _NO_NEXT:
        row.info = "IPv6 no next header"
    else:
        row.by_ip(following, at, end)


@HOP_BY_HOP.row
@ROUTING.row
@DESTINATION.row
def extension_row(row: Row, at: int, end: int) -> None:
    """On to the next header."""
    row.need(at, 8, end, "IPv6 extension header")
    _next_row(row, row.data[at], at + (row.data[at + 1] + 1) * 8, end)


@MOBILITY.row
def mobility_row(row: Row, at: int, end: int) -> None:
    """The message."""
    row.need(at, 8, end, "IPv6 mobility header")
    row.info = _MOBILITY_TYPES.get(row.data[at + 2], f"type {row.data[at + 2]}")
    if row.data[at] != _NO_NEXT:
        _next_row(row, row.data[at], at + (row.data[at + 1] + 1) * 8, end)


@FRAGMENT.row
def fragment_row(row: Row, at: int, end: int) -> None:
    """Only the first has a header inside; an atomic one (RFC 6946) is a whole packet."""
    row.need(at, 8, end, "IPv6 extension header")
    following, offset, identification = unpack_from(">BxHI", row.data, at)
    if not offset & 0xFFF9:
        _next_row(row, following, at + 8, end)
        return
    more = "y" if offset & 1 else "n"
    row.info = f"IPv6 fragment (off={offset & 0xFFF8} more={more} ident=0x{identification:08x} nxt={following})"
    if not offset & 0xFFF8:
        row.piece = row.piece or "fragment"
        row.aside(row.by_ip, following, at + 8, end)


@IPV6.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The fixed header."""
    draft = tree.open(IPV6, at, end)
    values = draft.header(IP6, _SHOW)
    tree.source, tree.destination, tree.hops = ip_text(values["src"]), ip_text(values["dst"]), values["hlim"]
    following: int = values["nxt"]
    draft.title = f"IPv6  {tree.source} → {tree.destination}  next {ip_protocol(following)}  hop limit {values['hlim']}"
    if values["v"] != 6:
        raise Malformed(f"IP version {values['v']}")
    if values["plen"]:
        end = min(end, draft.at + values["plen"])
    tree.narrow(end)
    _next(tree, following, draft.at, end)


def _next(tree: Tree, following: int, at: int, end: int) -> None:
    if following != _NO_NEXT:
        tree.by_ip(following, at, end)


def _extension(kind: Protocol, title: str, tree: Tree, at: int, end: int) -> tuple[Draft, int]:
    """Open an extension header that tells its length; returns the draft, which ends with it, and what follows."""
    draft = tree.open(kind, at, end, title)
    following = draft.uint("Next header", 1, ip_number)
    draft.title = f"{title}  next {ip_protocol(following)}"
    size = (draft.uint("Length", 1, lambda value: f"{value} ({value * 8 + 8} bytes)") + 1) * 8
    tree.need(at, size, end, title)
    draft.end = at + size
    return draft, following


def _option_layer(kind: Protocol, title: str, tree: Tree, at: int, end: int) -> None:
    draft, following = _extension(kind, title, tree, at, end)
    while draft.left:
        number = draft.peek()
        if number == 0:
            draft.uint("Pad1", 1, lambda _: "")
            continue
        with draft.group(_OPTIONS.get(number, f"Option 0x{number:02x}")) as group:
            draft.uint("Type", 1, coded(2, _OPTIONS))
            size = draft.uint("Length", 1)
            group.display = draft.raw("Value", min(size, draft.left)).hex()
    _next(tree, following, draft.end, end)


@HOP_BY_HOP.layer
def hop_by_hop(tree: Tree, at: int, end: int) -> None:
    """Options for every router."""
    _option_layer(HOP_BY_HOP, "IPv6 hop-by-hop options", tree, at, end)


@DESTINATION.layer
def destination(tree: Tree, at: int, end: int) -> None:
    """Options for the destination."""
    _option_layer(DESTINATION, "IPv6 destination options", tree, at, end)


@ROUTING.layer
def routing(tree: Tree, at: int, end: int) -> None:
    """Addresses to pass, where the type is a list of addresses."""
    draft, following = _extension(ROUTING, "IPv6 routing", tree, at, end)
    kind = draft.uint("Type", 1, _ROUTING_TYPES)
    draft.uint("Segments left", 1)
    if kind == 4:
        last = draft.uint("Last entry", 1)
        draft.uint("Flags", 1)
        draft.uint("Tag", 2, hex4)
    else:
        last = draft.left // 16 if kind in (0, 2) else -1
        draft.uint("Reserved", 4, hex8)
    while kind in (0, 2, 4) and draft.left >= 16 and last >= 0:
        draft.raw("Address", 16, ipv6)
        last -= 1
    draft.rest("Type-length-values" if kind == 4 else "Data")
    _next(tree, following, draft.end, end)


@MOBILITY.layer
def mobility(tree: Tree, at: int, end: int) -> None:
    """Header and message."""
    draft, following = _extension(MOBILITY, "Mobile IPv6", tree, at, end)
    kind = draft.uint("Message", 1, _MOBILITY_TYPES)
    draft.title = f"Mobile IPv6  {_MOBILITY_TYPES.get(kind, f'type {kind}')}"
    draft.uint("Reserved", 1)
    draft.uint("Checksum", 2, hex4)
    draft.rest("Message data")
    _next(tree, following, draft.end, end)


@FRAGMENT.layer
def fragment(tree: Tree, at: int, end: int) -> None:
    """Behind a later fragment's header nothing is looked for, wherever in the chain it stands."""
    draft = tree.open(FRAGMENT, at, end, "IPv6 fragment")
    values = draft.header(IP6FragmentHeader, _FRAGMENT)
    offset = values["frag_off"] * 8
    draft.title = f"IPv6 fragment  next {ip_protocol(values['nxt'])}  at {offset}"
    if offset or values["m_flag"]:
        tree.piece = tree.piece or "fragment"
    if not offset:
        _next(tree, values["nxt"], draft.at, end)
