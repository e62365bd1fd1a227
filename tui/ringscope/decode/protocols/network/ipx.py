# SPDX-License-Identifier: Apache-2.0
"""IPX (Novell), also right behind an 802.3 length, where no LLC stands."""

from __future__ import annotations

from ringscope.decode.forms import hex4, hex8, mac
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

IPX = protocol("ipx", "IPX", ethertype=(0x8137,), sap=(0xE0,), ppp=(0x002B,))

_TYPES = {0: "unknown", 1: "RIP", 2: "echo", 3: "error", 4: "PEP", 5: "SPX", 17: "NCP", 20: "NetBIOS broadcast"}


@IPX.row
def row(row: Row, at: int, end: int) -> None:
    """Sockets and type."""
    row.need(at, 30, end, "IPX header")
    data = row.data
    row.source = f"{data[at + 18 : at + 22].hex()}.{data[at + 22 : at + 28].hex()}"
    row.destination = f"{data[at + 6 : at + 10].hex()}.{data[at + 10 : at + 16].hex()}"
    kind = _TYPES.get(data[at + 5], f"type {data[at + 5]}")
    row.info = f"0x{data[at + 28 : at + 30].hex()} → 0x{data[at + 16 : at + 18].hex()} {kind}"


@IPX.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(IPX, at, end)
    draft.say()
    draft.uint("Checksum", 2, hex4)
    size = draft.uint("Length", 2)
    draft.uint("Hops", 1)
    draft.uint("Type", 1, _TYPES)
    for side in ("Destination", "Source"):
        draft.uint(f"{side} network", 4, hex8)
        draft.raw(f"{side} node", 6, mac)
        draft.uint(f"{side} socket", 2, hex4)
    if size >= 30:
        tree.narrow(min(end, at + size))
