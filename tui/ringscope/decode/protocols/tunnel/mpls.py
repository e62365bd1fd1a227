# SPDX-License-Identifier: Apache-2.0
"""MPLS (RFC 3032). The stack does not name its payload: an IP version nibble is believed."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.forms import is_set, plain
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

MPLS = protocol("mpls", "MPLS", ethertype=(0x8847, 0x8848), ppp=(0x0281, 0x0283), ip=(137,))

_MOST_NAMED = 8


@MPLS.row
def row(row: Row, at: int, end: int) -> None:
    """The labels, where nothing inside is known."""
    bottom = False
    labels: list[str] = []
    while not bottom:
        row.need(at, 4, end, "MPLS label")
        (entry,) = unpack_from(">I", row.data, at)
        labels.append(str(entry >> 12))
        bottom = bool(entry >> 8 & 1)
        at += 4
    row.info = "label " + ", ".join(labels[:_MOST_NAMED])
    if at < min(end, row.size):
        version = row.data[at] >> 4
        if version in (4, 6):
            row.by_ip_version(at, end)
        elif version in (0, 1):
            row.info += f", pseudowire, {end - at} bytes"


@MPLS.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """One layer for the stack, each label under a heading."""
    draft = tree.open(MPLS, at, end)
    labels: list[str] = []
    bottom = 0
    while not bottom:
        with draft.group("Label") as group:
            label, _, bottom, hops = draft.bits(
                4, ("Label", 20, plain), ("Traffic class", 3, plain), ("Bottom of stack", 1, is_set), ("TTL", 8, plain)
            )
            group.display = f"{label}, TTL {hops}"
        labels.append(str(label))
        draft.title = f"MPLS  label {', '.join(labels[:_MOST_NAMED])}"
    if draft.at < min(end, tree.size) and tree.data[draft.at] >> 4 in (4, 6):
        tree.by_ip_version(draft.at, end)
