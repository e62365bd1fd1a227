# SPDX-License-Identifier: Apache-2.0
"""E-Tag of bridge port extension (IEEE 802.1BR): to which port of an extender a frame goes."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.forms import ethertype, is_set, plain
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

ETAG = protocol("etag", "E-Tag", ethertype=(0x893F,))


@ETAG.row
def row(row: Row, at: int, end: int) -> None:
    """Named only where nothing inside is known."""
    row.need(at, 8, end, "E-Tag")
    _, channel, _, kind = unpack_from(">HHHH", row.data, at)
    row.info = f"E-CID {channel & 0x0FFF}"
    row.by_ethertype(kind, at + 8, end)


@ETAG.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The tag."""
    draft = tree.open(ETAG, at, end)
    draft.bits(2, ("Priority", 3, plain), ("Drop eligible", 1, is_set), ("Ingress E-CID base", 12, plain))
    channel = draft.bits(2, ("Reserved", 2, plain), ("Group", 2, plain), ("E-CID base", 12, plain))[2]
    draft.uint("Ingress E-CID extension", 1)
    draft.uint("E-CID extension", 1)
    draft.title = f"E-Tag  E-CID {channel}"
    tree.by_ethertype(draft.uint("Type", 2, ethertype), draft.at, end)
