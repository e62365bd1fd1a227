# SPDX-License-Identifier: Apache-2.0
"""ERSPAN type II (draft-foschiano-erspan): eight bytes before a mirrored Ethernet frame in GRE."""

from __future__ import annotations

from ringscope.decode.forms import is_set, plain
from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

ERSPAN = protocol("erspan", "ERSPAN")


@ERSPAN.row
def row(row: Row, at: int, end: int) -> None:
    """The frame inside."""
    row.need(at, 8, end, "ERSPAN header")
    row.enter(PROTOCOLS["eth"], at + 8, end)


@ERSPAN.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(ERSPAN, at, end)
    draft.bits(2, ("Version", 4, plain), ("VLAN", 12, plain))
    session = draft.bits(
        2, ("Class of service", 3, plain), ("Encapsulation", 2, plain), ("Truncated", 1, is_set), ("Session", 10, plain)
    )[3]
    draft.bits(4, ("Reserved", 12, plain), ("Index", 20, plain))
    draft.title = f"ERSPAN  session {session}"
    tree.enter(PROTOCOLS["eth"], draft.at, end)
