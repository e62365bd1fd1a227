# SPDX-License-Identifier: Apache-2.0
"""SS7 message transfer part 2 (ITU-T Q.703): the numbers of a signal unit."""

from __future__ import annotations

from ringscope.decode.forms import plain
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

MTP2 = protocol("mtp2", "MTP2", link=(140,))


@MTP2.row
def row(row: Row, at: int, end: int) -> None:
    """The kind of unit, which its length tells."""
    row.need(at, 3, end, "MTP2 header")
    length = row.data[at + 2] & 0x3F
    kind = "Fill-in" if length == 0 else "Link status" if length < 3 else "Message"
    row.info = f"{kind} signal unit, {max(end - at - 3, 0)} bytes"


@MTP2.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(MTP2, at, end)
    draft.say()
    draft.bits(1, ("Backward indicator", 1, plain), ("Backward sequence number", 7, plain))
    draft.bits(1, ("Forward indicator", 1, plain), ("Forward sequence number", 7, plain))
    draft.bits(1, ("Spare", 2, plain), ("Length indicator", 6, plain))
