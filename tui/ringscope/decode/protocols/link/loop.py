# SPDX-License-Identifier: Apache-2.0
"""The configuration testing protocol of Ethernet (Ethernet version 2.0, section 8), by which switches find loops."""

from __future__ import annotations

from ringscope.decode.forms import mac
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

LOOP = protocol("loop", "LOOP", ethertype=(0x9000,))

_REPLY, _FORWARD = 1, 2
_FUNCTIONS = {_REPLY: "Reply", _FORWARD: "Forward Data"}


@LOOP.row
def row(row: Row, at: int, end: int) -> None:
    """The function of the first message."""
    row.need(at, 4, end, "loop message")
    skip = int.from_bytes(row.data[at : at + 2], "little")
    at += 2 + skip
    row.need(at, 2, end, "loop message")
    function = int.from_bytes(row.data[at : at + 2], "little")
    row.info = _FUNCTIONS.get(function, f"function {function}")


@LOOP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The messages, which are read from the skip count on."""
    draft = tree.open(LOOP, at, end, "Configuration test")
    draft.say()
    skip = draft.uint("Skip count", 2, order="little")
    draft.raw("Skipped", skip)
    while (function := draft.uint("Function", 2, _FUNCTIONS, order="little")) == _FORWARD:
        draft.raw("Forward address", 6, mac)
    if function == _REPLY:
        draft.uint("Receipt number", 2, order="little")
