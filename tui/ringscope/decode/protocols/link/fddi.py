# SPDX-License-Identifier: Apache-2.0
"""FDDI (ANSI X3.139): frame control, addresses, LLC. Whether padding stands before it is not said in the file; the
frame control tells."""

from __future__ import annotations

from ringscope.decode.address import mac
from ringscope.decode.forms import hex2
from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

FDDI = protocol("fddi", "FDDI", link=(10,))


def _is_llc(control: int) -> bool:
    return control & 0x70 == 0x50


@FDDI.row
def row(row: Row, at: int, end: int) -> None:
    """Its addresses, while nothing inside has others."""
    row.need(at, 13, end, "FDDI header")
    row.link_at = at + 1
    row.info = f"frame control 0x{row.data[at]:02x}, {max(end - at - 13, 0)} bytes"
    if _is_llc(row.data[at]):
        row.enter(PROTOCOLS["llc"], at + 13, end)


@FDDI.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(FDDI, at, end)
    control = draft.uint("Frame control", 1, hex2)
    destination, source = draft.raw("Destination", 6, mac), draft.raw("Source", 6, mac)
    draft.title = f"FDDI  {mac(source)} → {mac(destination)}"
    if _is_llc(control):
        tree.enter(PROTOCOLS["llc"], draft.at, end)
