# SPDX-License-Identifier: Apache-2.0
"""UDP-Lite (RFC 3828): UDP whose checksum covers only as much as the sender wishes; what it carries is UDP's."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.forms import hex4
from ringscope.decode.registry import UDP as CARRIER
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

LITE = protocol("udplite", "UDP-Lite", role="udp", ip=(136,))

_HEADER = 8


@LITE.row
def row(row: Row, at: int, end: int) -> None:
    """Ports and length."""
    row.need(at, _HEADER, end, "UDP-Lite header")
    source, destination = unpack_from(">HH", row.data, at)
    row.info = f"{source} → {destination} Len={end - at - _HEADER}"
    row.by_ports(CARRIER, at + _HEADER, end, (source, destination))


@LITE.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header; where UDP has its length it has how much the checksum covers."""
    draft = tree.open(LITE, at, end)
    source, destination = draft.uint("Source port", 2), draft.uint("Destination port", 2)
    draft.uint("Checksum coverage", 2, lambda value: f"{value} bytes" if value else "all")
    draft.uint("Checksum", 2, hex4)
    draft.title = f"UDP-Lite  {source} → {destination}  {end - draft.at} bytes"
    tree.by_ports(CARRIER, draft.at, end, (source, destination))
