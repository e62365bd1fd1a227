# SPDX-License-Identifier: Apache-2.0
"""IPv4's header, and whether its checksum is right (RFC 1071)."""

from __future__ import annotations

from socket import inet_ntoa
from struct import Struct

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import dscp, hex4, ip_number, ip_text, is_set, plain, words4
from ringscope.decode.names import IP_PROTOCOLS, ip_protocol
from ringscope.decode.protocols.network.ipv4.options import options
from ringscope.decode.registry import Show, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

IPV4 = protocol("ip", "IPv4", link=(228,), ethertype=(0x0800,), sap=(0x06,), ppp=(0x0021,), ip=(4,))

_HEADER = Struct(">BxHHHBBxx4s4s")
_SHOW: Show = {
    "v": ("Version", plain),
    "hl": ("Header length", words4),
    "tos": ("Traffic class", dscp),
    "len": ("Total length", plain),
    "id": ("Identification", hex4),
    "rf": ("Reserved flag", is_set),
    "df": ("Don't fragment", is_set),
    "mf": ("More fragments", is_set),
    "offset": ("Fragment offset", lambda value: str(value * 8)),
    "ttl": ("TTL", plain),
    "p": ("Protocol", ip_number),
    "sum": ("", hex4),  # shown with its verdict
    "src": ("Source", ip_text),
    "dst": ("Destination", ip_text),
}


@IPV4.row
def row(row: Row, at: int, end: int) -> None:
    """Addresses; a fragment is told as such, and only the first has a header inside."""
    row.need(at, 20, end, "IPv4 header")
    first, total, identification, fragment, row.hops, number, source, destination = _HEADER.unpack_from(row.data, at)
    row.source = inet_ntoa(source)
    row.destination = inet_ntoa(destination)
    header = (first & 15) * 4
    if first >> 4 != 4:
        raise Malformed(f"IP version {first >> 4}")
    if header < 20:
        raise Malformed(f"IPv4 header length {header}")
    # A length of zero is a frame the network card will still cut into segments (TSO); the frame's end counts.
    if total:
        if total < header:
            raise Malformed(f"IPv4 total length {total} below its header length {header}")
        end = min(end, at + total)
    if header > 20:
        row.need(at, header, end, "IPv4 options")
    if not fragment & 0x3FFF:
        row.by_ip(number, at + header, end)
        return
    offset = (fragment & 0x1FFF) * 8
    name = f"{IP_PROTOCOLS[number]} {number}" if number in IP_PROTOCOLS else str(number)
    row.info = f"Fragmented IP protocol (proto={name}, off={offset}, ID={identification:04x})"
    if not offset:
        row.piece = row.piece or "fragment"
        row.aside(row.by_ip, number, at + header, end)


@IPV4.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header with its options; behind a later fragment's nothing is looked for."""
    draft = tree.open(IPV4, at, end)
    values = draft.header("dpkt.ip:IP", _SHOW)
    tree.source, tree.destination, tree.hops = ip_text(values["src"]), ip_text(values["dst"]), values["ttl"]
    number: int = values["p"]
    draft.title = f"IPv4  {tree.source} → {tree.destination}  {ip_protocol(number)}  TTL {values['ttl']}"
    header = values["hl"] * 4
    if values["v"] != 4:
        raise Malformed(f"IP version {values['v']}")
    if header < 20:
        raise Malformed(f"IPv4 header length {header}")
    total = values["len"]
    if total:
        if total < header:
            raise Malformed(f"IPv4 total length {total} below its header length {header}")
        end = min(end, at + total)
    tree.narrow(end)
    options(draft, at + header)
    _checksum(draft, at, header)
    if values["mf"] or values["offset"]:
        draft.title += f"  fragment at {values['offset'] * 8}"
        tree.piece = tree.piece or "fragment"
    if not values["offset"]:
        tree.aside(tree.by_ip, number, at + header, end)


def _checksum(draft: Draft, at: int, header: int) -> None:
    """The header checksum and whether it is right. The header must have been captured whole."""
    data = draft.data
    total = sum(data[at + place] << 8 | data[at + place + 1] for place in range(0, header, 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    verdict = "right" if total == 0xFFFF else "wrong"
    place = draft.at
    draft.at = at + 10
    draft.uint("Header checksum", 2, hex4, note=f"{verdict}, computed over the header")
    draft.at = place
    # To its place among the others: it was shown last because only now the header is known to be there.
    field = draft.fields.pop()
    behind = next(number for number, each in enumerate(draft.fields) if each.start > field.start)
    draft.fields.insert(behind, field)
