# SPDX-License-Identifier: Apache-2.0
"""GRE with its optional checksum, key and sequence number (RFC 2784, RFC 2890); version 1 (RFC 2637) is named only."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.forms import ethertype, hex4, hex8, is_set, plain
from ringscope.decode.registry import ETHERTYPES, PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

GRE = protocol("gre", "GRE", ip=(47,))

_CHECKSUM, _KEY, _SEQUENCE = 0x8000, 0x2000, 0x1000
_ROUTING, _VERSION = 0x4000, 0x0007
_ERSPAN = 0x88BE


def _carried(walk: Walk, flags: int, kind: int, at: int, end: int) -> None:
    if kind == _ERSPAN:
        # Type I has no header of its own, and no sequence number.
        walk.enter(PROTOCOLS["erspan" if flags & _SEQUENCE else "eth"], at, end)
    elif kind in ETHERTYPES:
        walk.by_ethertype(kind, at, end)


@GRE.row
def row(row: Row, at: int, end: int) -> None:
    """What it carries, where that is not known."""
    row.need(at, 4, end, "GRE header")
    flags, kind = unpack_from(">HH", row.data, at)
    row.info = f"Encapsulated 0x{kind:04x}"
    if not flags & (_VERSION | _ROUTING):
        at += 4 + sum(4 for bit in (_CHECKSUM, _KEY, _SEQUENCE) if flags & bit)
        _carried(row, flags, kind, at, end)


@GRE.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header and the words that its flags announce."""
    draft = tree.open(GRE, at, end)
    flags = draft.flags(
        "Flags and version",
        2,
        hex4,
        ("Checksum present", 1, is_set),
        ("Routing present", 1, is_set),
        ("Key present", 1, is_set),
        ("Sequence number present", 1, is_set),
        ("", 9, plain),
        ("Version", 3, plain),
    )[0]
    kind = draft.uint("Protocol", 2, ethertype)
    draft.title = f"GRE  carries {ethertype(kind)}"
    if flags & (_VERSION | _ROUTING):
        return
    if flags & _CHECKSUM:
        draft.uint("Checksum", 2, hex4)
        draft.uint("Reserved", 2, hex4)
    if flags & _KEY:
        draft.uint("Key", 4, hex8)
    if flags & _SEQUENCE:
        draft.uint("Sequence number", 4)
    _carried(tree, flags, kind, draft.at, end)
