# SPDX-License-Identifier: Apache-2.0
"""MPLS (RFC 3032), also in UDP (RFC 7510). The stack does not name its payload: an IP version nibble is believed, a 1
there begins an associated channel, and what else looks like a frame is that of a pseudowire (RFC 4385, RFC 4928)."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.forms import is_set, plain
from ringscope.decode.protocols.tunnel.pseudowire import CHANNEL, WIRE, is_wire
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

MPLS = protocol("mpls", "MPLS", ethertype=(0x8847, 0x8848), ppp=(0x0281, 0x0283), ip=(137,), udp=(6635,))

_MOST_NAMED = 8
_LABELS = {
    0: "IPv4 explicit null",
    1: "router alert",
    2: "IPv6 explicit null",
    3: "implicit null",
    7: "entropy label indicator",
    13: "generic associated channel",
    14: "OAM alert",
    15: "extension",
}


def _carried(walk: Walk, at: int, end: int) -> None:
    if at >= min(end, walk.size):
        return
    first = walk.data[at] >> 4
    if first in (4, 6):
        walk.by_ip_version(at, end)
    elif first == 1:
        walk.enter(CHANNEL, at, end)
    elif is_wire(walk, at, end):
        walk.enter(WIRE, at, end)


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
    row.info = f"label {', '.join(labels[:_MOST_NAMED])}, {max(end - at, 0)} bytes"
    _carried(row, at, end)


@MPLS.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """One layer for the stack, each label under a heading."""
    draft = tree.open(MPLS, at, end)
    labels: list[str] = []
    bottom = 0
    while not bottom:
        with draft.group("Label") as group:
            label, _, bottom, hops = draft.bits(
                4,
                ("Label", 20, _LABELS),
                ("Traffic class", 3, plain),
                ("Bottom of stack", 1, is_set),
                ("TTL", 8, plain),
            )
            name = f" ({_LABELS[label]})" if label in _LABELS else ""
            group.display = f"{label}{name}, TTL {hops}"
        labels.append(str(label))
        draft.title = f"MPLS  label {', '.join(labels[:_MOST_NAMED])}"
    _carried(tree, draft.at, end)
