# SPDX-License-Identifier: Apache-2.0
"""VN-Tag (Cisco's proposal to IEEE 802.1Qbh): between which virtual interfaces a frame goes."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.forms import ethertype, is_set, plain
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

VNTAG = protocol("vntag", "VN-Tag", ethertype=(0x8926,))


@VNTAG.row
def row(row: Row, at: int, end: int) -> None:
    """Named only where nothing inside is known."""
    row.need(at, 6, end, "VN-Tag")
    tag, kind = unpack_from(">IH", row.data, at)
    row.info = f"VIF {tag & 0xFFF} → {tag >> 16 & 0x3FFF}"
    row.by_ethertype(kind, at + 6, end)


@VNTAG.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The tag."""
    draft = tree.open(VNTAG, at, end)
    _, _, destination, _, _, _, source = draft.bits(
        4,
        ("Direction", 1, {0: "to the interface", 1: "from the interface"}),
        ("Pointer", 1, {0: "interface", 1: "interface list"}),
        ("Destination", 14, plain),
        ("Looped", 1, is_set),
        ("Reserved", 1, plain),
        ("Version", 2, plain),
        ("Source", 12, plain),
    )
    draft.title = f"VN-Tag  VIF {source} → {destination}"
    tree.by_ethertype(draft.uint("Type", 2, ethertype), draft.at, end)
