# SPDX-License-Identifier: Apache-2.0
"""ARCNET as Linux captures it (LINKTYPE_ARCNET_LINUX at tcpdump.org; RFC 1201)."""

from __future__ import annotations

from ringscope.decode.forms import coded, hex2, hex4
from ringscope.decode.registry import ETHERTYPES, PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

ARCNET = protocol("arcnet", "ARCNET", link=(129,))

_NAMES = {
    0xC4: "IPv6",
    0xCD: "BACnet",
    0xD4: "IP",
    0xD5: "ARP",
    0xD6: "RARP",
    0xF0: "IP (RFC 1051)",
    0xF1: "ARP (RFC 1051)",
}
_KINDS = {0xC4: 0x86DD, 0xD4: 0x0800, 0xD5: 0x0806, 0xF0: 0x0800, 0xF1: 0x0806}
_BACNET = 0xCD
_HEADER = 5


def _carried(walk: Walk, number: int, at: int, end: int) -> None:
    if number == _BACNET:
        walk.enter(PROTOCOLS["llc"], at, end)
    elif _KINDS.get(number) in ETHERTYPES:
        # RFC 1201 has three bytes for its fragments; RFC 1051 has none.
        walk.by_ethertype(_KINDS[number], at if number >= 0xF0 else at + 3, end)
    else:
        walk.unknown("protocol", number, at, end)


@ARCNET.row
def row(row: Row, at: int, end: int) -> None:
    """Its one-byte addresses, while nothing inside has others."""
    row.need(at, _HEADER, end, "ARCNET header")
    row.source, row.destination = (f"0x{row.data[place]:02x}" for place in (at, at + 1))
    _carried(row, row.data[at + 4], at + _HEADER, end)


@ARCNET.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(ARCNET, at, end)
    source, destination = draft.uint("Source", 1, hex2), draft.uint("Destination", 1, hex2)
    draft.title = f"ARCNET  0x{source:02x} → 0x{destination:02x}"
    draft.uint("Offset", 2, hex4)
    number = draft.uint("Protocol", 1, coded(2, _NAMES))
    _carried(tree, number, draft.at, end)
