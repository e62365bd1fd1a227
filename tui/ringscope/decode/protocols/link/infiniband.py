# SPDX-License-Identifier: Apache-2.0
"""IP over InfiniBand (LINKTYPE_IPOIB at tcpdump.org): a global route header, and RFC 4391's Ethertype."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.forms import ethertype, hex4, ipv6
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

IPOIB = protocol("ipoib", "IPoIB", link=(242,))


@IPOIB.row
def row(row: Row, at: int, end: int) -> None:
    """The type decides."""
    row.need(at, 44, end, "IPoIB header")
    row.by_ethertype(unpack_from(">H", row.data, at + 40)[0], at + 44, end)


@IPOIB.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(IPOIB, at, end, "IP over InfiniBand")
    draft.raw("Flow and length", 8)
    draft.raw("Source", 16, ipv6)
    draft.raw("Destination", 16, ipv6)
    kind = draft.uint("Type", 2, ethertype)
    draft.uint("Reserved", 2, hex4)
    tree.by_ethertype(kind, draft.at, end)
