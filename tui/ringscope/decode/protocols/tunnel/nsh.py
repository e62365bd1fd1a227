# SPDX-License-Identifier: Apache-2.0
"""Network service header (RFC 8300): along which chain of services a packet goes, and how far it is."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex2, hex4, hex8, is_set, plain, words4
from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

NSH = protocol("nsh", "NSH", ethertype=(0x894F,))

NEXT = {1: "IPv4", 2: "IPv6", 3: "Ethernet", 4: "NSH", 5: "MPLS"}
_ETHERTYPES = {1: 0x0800, 2: 0x86DD, 4: 0x894F, 5: 0x8847}
_FIXED = 1


def next_protocol(walk: Walk, number: int, at: int, end: int) -> None:
    """What the number, which VXLAN-GPE has too, announces."""
    if number == 3:
        walk.enter(PROTOCOLS["eth"], at, end)
    elif number in _ETHERTYPES:
        walk.by_ethertype(_ETHERTYPES[number], at, end)


@NSH.row
def row(row: Row, at: int, end: int) -> None:
    """Path and index, where nothing inside is known."""
    row.need(at, 8, end, "NSH")
    head, path = unpack_from(">II", row.data, at)
    row.info = f"service path {path >> 8}, index {path & 0xFF}"
    size = (head >> 16 & 0x3F) * 4
    if size < 8:
        raise Malformed(f"NSH length {size}")
    row.need(at, size, end, "NSH")
    next_protocol(row, head & 0xFF, at + size, end)


@NSH.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Base, path, and metadata of one of two kinds."""
    draft = tree.open(NSH, at, end)
    _, _, _, _, size, _, kind = draft.bits(
        3,
        ("Version", 2, plain),
        ("OAM", 1, is_set),
        ("Unassigned", 1, plain),
        ("TTL", 6, plain),
        ("Length", 6, words4),
        ("Unassigned", 4, plain),
        ("Metadata type", 4, {1: "fixed", 2: "variable"}),
    )
    following = draft.uint("Next protocol", 1, NEXT)
    path, index = draft.uint("Service path", 3), draft.uint("Service index", 1)
    draft.title = f"NSH  service path {path}  index {index}"
    if size < 2:
        raise Malformed(f"NSH length {size * 4}")
    stop = at + size * 4
    tree.need(draft.at, stop - draft.at, end, "NSH")
    draft.end = stop
    if kind == _FIXED:
        while draft.left >= 4:
            draft.uint("Context", 4, hex8)
    else:
        while draft.left >= 4:
            with draft.group("Context") as group:
                group.display = f"class {hex4(draft.uint('Class', 2, hex4))} type {draft.uint('Type', 1, hex2)}"
                length = draft.bits(1, ("Unassigned", 1, plain), ("Length", 7, plain))[1]
                draft.raw("Value", min(length, draft.left))
                draft.raw("Padding", min(-length % 4, draft.left))
    next_protocol(tree, following, stop, end)
