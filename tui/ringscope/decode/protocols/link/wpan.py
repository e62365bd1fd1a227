# SPDX-License-Identifier: Apache-2.0
"""IEEE 802.15.4 frames with (LINKTYPE 195) and without (230) their check sequence: control, numbers, addresses."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex4, hex16, is_set, plain
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

WPAN = protocol("wpan", "IEEE 802.15.4", link=(195, 230))

_TYPES = {0: "Beacon", 1: "Data", 2: "Ack", 3: "Command"}
_MODES = {0: "none", 2: "short", 3: "extended"}
_SIZES = {0: 0, 2: 2, 3: 8}


@WPAN.row
def row(row: Row, at: int, end: int) -> None:
    """The kind of frame."""
    row.need(at, 3, end, "IEEE 802.15.4 header")
    kind = row.data[at] & 7
    row.info = f"{_TYPES.get(kind, f'type {kind}')}, sequence {row.data[at + 2]}, {max(end - at, 0)} bytes"


@WPAN.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header, as frame versions 0 and 1 have it."""
    draft = tree.open(WPAN, at, end)
    draft.say()
    parts = (
        ("Source address mode", 2, _MODES),
        ("Version", 2, plain),
        ("Destination address mode", 2, _MODES),
        ("Reserved", 3, plain),
        ("Same network", 1, is_set),
        ("Acknowledgment wanted", 1, is_set),
        ("Frame pending", 1, is_set),
        ("Security", 1, is_set),
        ("Type", 3, _TYPES),
    )
    _, source, version, destination, _, same, *_ = draft.flags("Frame control", 2, hex4, *parts, order="little")
    draft.uint("Sequence number", 1)
    if version > 1:
        return
    if destination:
        _address(draft, "Destination", destination, network=True)
    if source:
        _address(draft, "Source", source, network=not same)


def _address(draft: Draft, side: str, mode: int, *, network: bool) -> None:
    if network:
        draft.uint(f"{side} network", 2, hex4, order="little")
    size = _SIZES.get(mode, 0)
    if size:
        draft.uint(side, size, hex4 if size == 2 else hex16, order="little")
