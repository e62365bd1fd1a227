# SPDX-License-Identifier: Apache-2.0
"""The fixed header, and the fragment header."""

from __future__ import annotations

from socket import AF_INET6, inet_ntop
from struct import Struct, unpack_from

from ringscope.decode.errors import Malformed
from ringscope.decode.forms import dscp, hex8, ip_number, ip_text, is_set, plain
from ringscope.decode.names import ip_protocol
from ringscope.decode.protocols.network.ipv6.chain import next_layer, next_row
from ringscope.decode.registry import Show, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

IPV6 = protocol("ipv6", "IPv6", link=(229,), ethertype=(0x86DD,), ppp=(0x0057,), ip=(41,))
FRAGMENT = protocol("ipv6.fraghdr", "IPv6", ip=(44,))

_HEADER = Struct(">IHBB16s16s")
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


@IPV6.row
def row(row: Row, at: int, end: int) -> None:
    """Addresses."""
    row.need(at, 40, end, "IPv6 header")
    first, payload, following, row.hops, source, destination = _HEADER.unpack_from(row.data, at)
    row.source = inet_ntop(AF_INET6, source)
    row.destination = inet_ntop(AF_INET6, destination)
    if first >> 28 != 6:
        raise Malformed(f"IP version {first >> 28}")
    # A length of zero stands for a jumbogram (RFC 2675), or a frame that the card will still cut into segments.
    next_row(row, following, at + 40, min(end, at + 40 + payload) if payload else end)


@IPV6.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The fixed header."""
    draft = tree.open(IPV6, at, end)
    values = draft.header("dpkt.ip6:IP6", _SHOW)
    tree.source, tree.destination, tree.hops = ip_text(values["src"]), ip_text(values["dst"]), values["hlim"]
    following: int = values["nxt"]
    draft.title = f"IPv6  {tree.source} → {tree.destination}  next {ip_protocol(following)}  hop limit {values['hlim']}"
    if values["v"] != 6:
        raise Malformed(f"IP version {values['v']}")
    if values["plen"]:
        end = min(end, draft.at + values["plen"])
    tree.narrow(end)
    next_layer(tree, following, draft.at, end)


@FRAGMENT.row
def fragment_row(row: Row, at: int, end: int) -> None:
    """Only the first has a header inside; an atomic one (RFC 6946) is a whole packet."""
    row.need(at, 8, end, "IPv6 extension header")
    following, offset, identification = unpack_from(">BxHI", row.data, at)
    if not offset & 0xFFF9:
        next_row(row, following, at + 8, end)
        return
    more = "y" if offset & 1 else "n"
    row.info = f"IPv6 fragment (off={offset & 0xFFF8} more={more} ident=0x{identification:08x} nxt={following})"
    if not offset & 0xFFF8:
        row.piece = row.piece or "fragment"
        row.aside(row.by_ip, following, at + 8, end)


@FRAGMENT.layer
def fragment(tree: Tree, at: int, end: int) -> None:
    """Behind a later fragment's header nothing is looked for, wherever in the chain it stands."""
    draft = tree.open(FRAGMENT, at, end, "IPv6 fragment")
    values = draft.header("dpkt.ip6:IP6FragmentHeader", _FRAGMENT)
    offset = values["frag_off"] * 8
    draft.title = f"IPv6 fragment  next {ip_protocol(values['nxt'])}  at {offset}"
    if offset or values["m_flag"]:
        tree.piece = tree.piece or "fragment"
    if not offset:
        next_layer(tree, values["nxt"], draft.at, end)
