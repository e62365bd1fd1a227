# SPDX-License-Identifier: Apache-2.0
"""Radiotap (radiotap.org): what a radio knew of an 802.11 frame."""

from __future__ import annotations

from ringscope.decode.forms import hex2, hex8
from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

RADIOTAP = protocol("radiotap", "Radiotap", link=(127,))

_TSFT, _FLAGS, _MORE = 0, 1, 31
_FCS_AT_END = 0x10
_PADDED = 0x20


def _flags(data: bytes, at: int, words: list[int]) -> int:
    """The flags field, which stands behind the presence words and, aligned to eight, the time stamp; 0 for none."""
    if not words[0] & 1 << _FLAGS:
        return 0
    place = at + 4 + 4 * len(words)
    if words[0] & 1 << _TSFT:
        place += -(place - at) % 8 + 8
    return data[place] if place < len(data) else 0


def _presence(data: bytes, at: int, stop: int) -> list[int]:
    """The words that say which fields are there; the highest bit of each says that another follows."""
    words = [int.from_bytes(data[at + 4 : at + 8], "little")]
    while words[-1] >> _MORE and at + 8 + 4 * len(words) <= stop:
        place = at + 4 + 4 * len(words)
        words.append(int.from_bytes(data[place : place + 4], "little"))
    return words


def _inside(walk: Walk, at: int, end: int) -> int:
    """Where the frame ends: its check sequence may be there."""
    size = int.from_bytes(walk.data[at + 2 : at + 4], "little")
    words = _presence(walk.data, at, min(at + size, walk.size))
    return end - 4 if _flags(walk.data, at, words) & _FCS_AT_END else end


@RADIOTAP.row
def row(row: Row, at: int, end: int) -> None:
    """The frame inside."""
    row.need(at, 8, end, "radiotap header")
    size = int.from_bytes(row.data[at + 2 : at + 4], "little")
    row.need(at, max(size, 8), end, "radiotap header")
    row.enter(PROTOCOLS["wlan"], at + max(size, 8), _inside(row, at, end))


@RADIOTAP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Which fields there are; their values as they stand."""
    draft = tree.open(RADIOTAP, at, end)
    draft.uint("Version", 1)
    draft.uint("Padding", 1, hex2)
    size = max(draft.uint("Length", 2, order="little"), 8)
    tree.need(at, size, end, "radiotap header")
    for _ in _presence(tree.data, at, at + size):
        draft.uint("Present", 4, hex8, order="little")
    draft.raw("Fields", max(at + size - draft.at, 0))
    inside = _inside(tree, at, end)
    tree.enter(PROTOCOLS["wlan"], at + size, inside)
    if inside < min(end, tree.size):
        tree.open(RADIOTAP, inside, end, "Frame check sequence", "trailer").rest("Frame check sequence")
