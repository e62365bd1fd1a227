# SPDX-License-Identifier: Apache-2.0
"""The network layer of OSI: the first byte tells which of its protocols stands there (ISO/IEC TR 9577)."""

from __future__ import annotations

from ringscope.decode.forms import coded
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

OSI = protocol("osi", "OSI", role="routing", sap=(0xFE,), ppp=(0x0023,))

_NAMES = {0x00: "inactive", 0x81: "CLNP", 0x82: "ES-IS", 0x83: "IS-IS", 0x8E: "IPv6", 0xCC: "IPv4"}


@OSI.row
def row(row: Row, at: int, end: int) -> None:
    """The protocol by its number."""
    row.need(at, 1, end, "OSI network layer")
    number = row.data[at]
    row.protocol = _NAMES.get(number, "OSI")
    row.info = f"network layer protocol 0x{number:02x}, {max(end - at, 0)} bytes"


@OSI.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The number."""
    draft = tree.open(OSI, at, end, "OSI network layer")
    number = draft.uint("Network layer protocol", 1, coded(2, _NAMES))
    draft.title = f"OSI network layer  {_NAMES.get(number, f'0x{number:02x}')}"
