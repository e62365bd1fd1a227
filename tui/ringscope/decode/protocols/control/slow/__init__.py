# SPDX-License-Identifier: Apache-2.0
"""The slow protocols of a link (IEEE 802.3 annex 57A): one Ethertype, told apart by their first byte."""

from __future__ import annotations

from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

SLOW = protocol("slow", "Slow Protocols", role="routing", ethertype=(0x8809,))

SUBTYPES = {1: "LACP", 2: "Marker", 3: "OAM", 10: "Organization specific"}
_INSIDE = {1: "lacp", 2: "marker", 3: "oampdu", 10: "ossp"}


@SLOW.row
def row(row: Row, at: int, end: int) -> None:
    """The protocol that the subtype names; its own bytes begin with the subtype."""
    row.need(at, 1, end, "slow protocol")
    subtype = row.data[at]
    row.info = f"subtype {subtype}, {end - at} bytes"
    if subtype in _INSIDE:
        row.enter(PROTOCOLS[_INSIDE[subtype]], at + 1, end)


@SLOW.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The subtype."""
    draft = tree.open(SLOW, at, end, "Slow protocols")
    subtype = draft.uint("Subtype", 1, SUBTYPES)
    if subtype in _INSIDE:
        tree.enter(PROTOCOLS[_INSIDE[subtype]], draft.at, end)
