# SPDX-License-Identifier: Apache-2.0
"""Per-packet information (CACE PPI specification 1.0.7): fields before a packet of another link type."""

from __future__ import annotations

from ringscope.decode.forms import hex2
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

PPI = protocol("ppi", "PPI", link=(192,))


@PPI.row
def row(row: Row, at: int, end: int) -> None:
    """The packet inside."""
    row.need(at, 8, end, "PPI header")
    size, kind = (
        int.from_bytes(row.data[place : place + width], "little") for place, width in ((at + 2, 2), (at + 4, 4))
    )
    row.need(at, max(size, 8), end, "PPI header")
    row.by_link_type(kind, at + max(size, 8), end)


@PPI.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header and its fields."""
    draft = tree.open(PPI, at, end)
    draft.uint("Version", 1)
    draft.uint("Flags", 1, hex2)
    size = max(draft.uint("Length", 2, order="little"), 8)
    kind = draft.uint("Link type", 4, order="little")
    tree.need(at, size, end, "PPI header")
    draft.end = at + size
    while draft.left >= 4:
        with draft.group("Field") as group:
            number, length = (draft.uint(label, 2, order="little") for label in ("Type", "Length"))
            group.display = f"type {number}, {length} bytes"
            draft.raw("Value", min(length, draft.left))
    tree.by_link_type(kind, at + size, end)
