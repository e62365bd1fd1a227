# SPDX-License-Identifier: Apache-2.0
"""macOS packet tap (LINKTYPE_PKTAP; bsd/net/pktap.h): which interface and process, before a packet of another link
type."""

from __future__ import annotations

from ringscope.decode.forms import hex8, padded_text
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

PKTAP = protocol("pktap", "PKTAP", link=(258,))

_FIXED = 108
_DIRECTIONS = {1: "in", 2: "out"}


def _word(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


@PKTAP.row
def row(row: Row, at: int, end: int) -> None:
    """The packet inside."""
    row.need(at, 12, end, "PKTAP header")
    row.by_link_type(_word(row.data, at + 8), at + max(_word(row.data, at), 12), end)


@PKTAP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(PKTAP, at, end, "macOS packet tap")
    size = draft.uint("Header length", 4, order="little")
    draft.uint("Record type", 4, order="little")
    kind = draft.uint("Link type", 4, order="little")
    tree.need(at, max(size, 12), end, "PKTAP header")
    if size >= _FIXED:
        name = padded_text(draft.raw("Interface", 24, padded_text))
        draft.title = f"macOS packet tap  {name}"
        draft.uint("Flags", 4, hex8, order="little")
        for label in ("Family", "Link header length", "Link trailer length", "Process"):
            draft.uint(label, 4, order="little")
        draft.raw("Command", 20, padded_text)
    draft.raw("More", max(at + size - draft.at, 0))
    tree.by_link_type(kind, at + max(size, 12), end)
