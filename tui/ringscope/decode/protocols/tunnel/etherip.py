# SPDX-License-Identifier: Apache-2.0
"""EtherIP (RFC 3378): an Ethernet frame in IP behind two bytes."""

from __future__ import annotations

from ringscope.decode.forms import plain
from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

ETHERIP = protocol("etherip", "EtherIP", ip=(97,))

_VERSION = 3


@ETHERIP.row
def row(row: Row, at: int, end: int) -> None:
    """The frame inside."""
    row.need(at, 2, end, "EtherIP header")
    row.info = f"version {row.data[at] >> 4}, {end - at - 2} bytes"
    if row.data[at] >> 4 == _VERSION:
        row.enter(PROTOCOLS["eth"], at + 2, end)


@ETHERIP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(ETHERIP, at, end)
    if draft.bits(2, ("Version", 4, plain), ("Reserved", 12, plain))[0] == _VERSION:
        tree.enter(PROTOCOLS["eth"], draft.at, end)
