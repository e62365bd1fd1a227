# SPDX-License-Identifier: Apache-2.0
"""BACnet over serial lines, master-slave/token-passing (ASHRAE 135, clause 9): the frame's header."""

from __future__ import annotations

from ringscope.decode.forms import hex2, hex4
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

MSTP = protocol("mstp", "BACnet MS/TP", link=(165,))

_TYPES = {
    0: "Token",
    1: "Poll For Master",
    2: "Reply To Poll For Master",
    3: "Test_Request",
    4: "Test_Response",
    5: "BACnet Data Expecting Reply",
    6: "BACnet Data Not Expecting Reply",
    7: "Reply Postponed",
}


@MSTP.row
def row(row: Row, at: int, end: int) -> None:
    """The kind of frame."""
    row.need(at, 8, end, "MS/TP header")
    row.destination, row.source = (f"0x{row.data[place]:02x}" for place in (at + 3, at + 4))
    row.info = _TYPES.get(row.data[at + 2], f"type {row.data[at + 2]}")


@MSTP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(MSTP, at, end)
    draft.say()
    draft.uint("Preamble", 2, hex4)
    draft.uint("Type", 1, _TYPES)
    draft.uint("Destination", 1, hex2)
    draft.uint("Source", 1, hex2)
    draft.uint("Length", 2)
    draft.uint("Header checksum", 1, hex2)
