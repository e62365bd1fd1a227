# SPDX-License-Identifier: Apache-2.0
"""Packets from Juniper routers (LINKTYPE_JUNIPER_ETHER; as tcpdump and Wireshark read them): a magic number, flags, and
extensions before an Ethernet frame."""

from __future__ import annotations

from ringscope.decode.forms import hex2, hex6
from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

JUNIPER = protocol("juniper", "Juniper", link=(178,))

_EXTENSIONS, _NO_LINK_HEADER = 0x80, 0x02


@JUNIPER.row
def row(row: Row, at: int, end: int) -> None:
    """The frame inside."""
    row.need(at, 4, end, "Juniper header")
    flags, at = row.data[at + 3], at + 4
    if flags & _EXTENSIONS:
        row.need(at, 2, end, "Juniper extensions")
        at += 2 + int.from_bytes(row.data[at : at + 2], "big")
    if flags & _NO_LINK_HEADER:
        row.by_ip_version(at + 4, end)
    else:
        row.enter(PROTOCOLS["eth"], at, end)


@JUNIPER.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header and its extensions."""
    draft = tree.open(JUNIPER, at, end)
    draft.uint("Magic number", 3, hex6)
    flags = draft.uint("Flags", 1, hex2)
    if flags & _EXTENSIONS:
        size = draft.uint("Extensions length", 2)
        tree.need(draft.at, size, end, "Juniper extensions")
        stop = draft.at + size
        while draft.at + 2 <= stop:
            with draft.group("Extension") as group:
                kind, length = draft.uint("Type", 1), draft.uint("Length", 1)
                group.display = f"type {kind}"
                draft.raw("Value", min(length, stop - draft.at))
        draft.at = stop
    if flags & _NO_LINK_HEADER:
        draft.raw("Protocol", 4)
        tree.by_ip_version(draft.at, end)
    else:
        tree.enter(PROTOCOLS["eth"], draft.at, end)
