# SPDX-License-Identifier: Apache-2.0
"""VXLAN (RFC 7348): an Ethernet frame and the number of its network, in UDP."""

from __future__ import annotations

from ringscope.decode.forms import hex2, hex6
from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

VXLAN = protocol("vxlan", "VXLAN", udp=(4789,))


@VXLAN.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """The flag that the network number is valid is always set."""
    return bool(data[at] & 0x08)


@VXLAN.row
def row(row: Row, at: int, end: int) -> None:
    """The frame inside."""
    row.need(at, 8, end, "VXLAN header")
    row.enter(PROTOCOLS["eth"], at + 8, end)


@VXLAN.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(VXLAN, at, end)
    draft.uint("Flags", 1, hex2)
    draft.uint("Reserved", 3, hex6)
    network = draft.uint("Network", 3)
    draft.uint("Reserved", 1, hex2)
    draft.title = f"VXLAN  network {network}"
    tree.enter(PROTOCOLS["eth"], draft.at, end)
