# SPDX-License-Identifier: Apache-2.0
"""VXLAN (RFC 7348): an Ethernet frame and the number of its network, in UDP; with a group for its policy
(draft-smith-vxlan-group-policy), and for other packets than frames VXLAN-GPE (draft-ietf-nvo3-vxlan-gpe)."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, hex4, hex6, is_set, plain
from ringscope.decode.protocols.tunnel.nsh import NEXT, next_protocol
from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

VXLAN = protocol("vxlan", "VXLAN", udp=(4789, 8472))
GENERIC = protocol("vxlan_gpe", "VXLAN-GPE", udp=(4790,))

_VALID, _GROUP = 0x08, 0x80
_NEXT_PROTOCOL = 0x04


@VXLAN.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """The flag that the network number is valid is always set."""
    return bool(data[at] & _VALID)


@VXLAN.row
def row(row: Row, at: int, end: int) -> None:
    """The frame inside."""
    row.need(at, 8, end, "VXLAN header")
    row.enter(PROTOCOLS["eth"], at + 8, end)


@VXLAN.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(VXLAN, at, end)
    flags = draft.flags(
        "Flags", 1, hex2, ("Group policy", 1, is_set), ("", 3, plain), ("Network valid", 1, is_set), ("", 3, plain)
    )[0]
    if flags & _GROUP:
        draft.bits(
            1,
            ("", 1, plain),
            ("Do not learn", 1, is_set),
            ("", 2, plain),
            ("Policy applied", 1, is_set),
            ("", 3, plain),
        )
        draft.uint("Group", 2)
    else:
        draft.uint("Reserved", 3, hex6)
    network = draft.uint("Network", 3)
    draft.uint("Reserved", 1, hex2)
    draft.title = f"VXLAN  network {network}"
    tree.enter(PROTOCOLS["eth"], draft.at, end)


@GENERIC.row
def generic_row(row: Row, at: int, end: int) -> None:
    """The packet inside; without the flag for its kind it is a frame."""
    row.need(at, 8, end, "VXLAN-GPE header")
    row.info = f"network {int.from_bytes(row.data[at + 4 : at + 7], 'big')}"
    kind = row.data[at + 3] if row.data[at] & _NEXT_PROTOCOL else 3
    next_protocol(row, kind, at + 8, end)


@GENERIC.layer
def generic_layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(GENERIC, at, end)
    flags = _generic_flags(draft)
    draft.uint("Reserved", 2, hex4)
    kind = draft.uint("Next protocol", 1, NEXT)
    network = draft.uint("Network", 3)
    draft.uint("Reserved", 1, hex2)
    draft.title = f"VXLAN-GPE  network {network}"
    next_protocol(tree, kind if flags & _NEXT_PROTOCOL else 3, draft.at, end)


def _generic_flags(draft: Draft) -> int:
    return draft.flags(
        "Flags",
        1,
        hex2,
        ("Reserved", 2, plain),
        ("Version", 2, plain),
        ("Network valid", 1, is_set),
        ("Next protocol present", 1, is_set),
        ("Replicated", 1, is_set),
        ("OAM", 1, is_set),
    )[0]
