# SPDX-License-Identifier: Apache-2.0
"""Cisco's neighbour protocols in SNAP frames: CDP and DTP, lists of types and values as tcpdump and Wireshark read
them."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex4, seconds
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.text import wire_text
from ringscope.decode.tree import Tree

CDP = protocol("cdp", "CDP", role="routing", snap=((0x00000C, 0x2000),))
DTP = protocol("dtp", "DTP", role="routing", snap=((0x00000C, 0x2004),))


@CDP.row
@DTP.row
def row(row: Row, at: int, end: int) -> None:
    """Named only."""
    row.info = f"{max(end - at, 0)} bytes"


def _list(draft: Draft) -> None:
    """Two bytes type, two bytes length, and a value, where the length counts all three."""
    while draft.left:
        kind, size = draft.peek(2), draft.peek(2, 2)
        if size < 4:
            return
        with draft.group(f"Value 0x{kind:04x}") as group:
            draft.uint("Type", 2, hex4)
            draft.uint("Length", 2)
            value = draft.take(size - 4, "value")
            group.display = wire_text(value) if value.isascii() and value.decode("ascii").isprintable() else value.hex()


@CDP.layer
def cdp(tree: Tree, at: int, end: int) -> None:
    """Version, time to live, checksum, values."""
    draft = tree.open(CDP, at, end, "Cisco Discovery Protocol")
    draft.uint("Version", 1)
    draft.uint("Time to live", 1, seconds)
    draft.uint("Checksum", 2, hex4)
    _list(draft)


@DTP.layer
def dtp(tree: Tree, at: int, end: int) -> None:
    """Version, values."""
    draft = tree.open(DTP, at, end, "Dynamic Trunking Protocol")
    draft.uint("Version", 1)
    _list(draft)
