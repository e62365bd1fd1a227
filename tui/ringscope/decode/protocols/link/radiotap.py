# SPDX-License-Identifier: Apache-2.0
"""Radiotap (radiotap.org): what a radio knew of an 802.11 frame."""

from __future__ import annotations

from collections.abc import Callable

from ringscope.decode.draft import Draft
from ringscope.decode.forms import Form, hex2, hex4, hex8, plain
from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

RADIOTAP = protocol("radiotap", "Radiotap", link=(127,))

_TSFT, _FLAGS, _MORE = 0, 1, 31
_RADIOTAP_AGAIN = 29  # the next word counts from 0 again
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


def _values(draft: Draft, words: list[int]) -> None:
    """The fields that the words announce, up to the first that is not known; each begins at a multiple of its size."""
    for place, word in enumerate(words):
        if place and not words[place - 1] & 1 << _RADIOTAP_AGAIN:
            return  # a vendor's own
        for bit in range(_RADIOTAP_AGAIN):
            if not word & 1 << bit:
                continue
            if bit not in _FIELDS:
                return
            boundary, size, read = _FIELDS[bit]
            draft.at += -(draft.at - draft.start) % boundary
            if draft.left < size:
                return
            read(draft)


def _channel(draft: Draft) -> None:
    draft.uint("Frequency", 2, lambda value: f"{value} MHz", order="little")
    draft.uint("Channel flags", 2, hex4, order="little")


def _number(label: str, size: int, form: Form = plain) -> Callable[[Draft], None]:
    def read(draft: Draft) -> None:
        draft.uint(label, size, form, order="little")

    return read


def _power(label: str) -> Callable[[Draft], None]:
    def read(draft: Draft) -> None:
        draft.sint(label, 1, lambda value: f"{value} dBm")

    return read


def _bytes(label: str, size: int) -> Callable[[Draft], None]:
    def read(draft: Draft) -> None:
        draft.raw(label, size)

    return read


_FIELDS: dict[int, tuple[int, int, Callable[[Draft], None]]] = {
    _TSFT: (8, 8, _number("Time", 8, lambda value: f"{value} µs")),
    _FLAGS: (1, 1, _number("Flags", 1, hex2)),
    2: (1, 1, _number("Rate", 1, lambda value: f"{value / 2:g} Mb/s")),
    3: (2, 4, _channel),
    4: (2, 2, _number("Hop set and pattern", 2, hex4)),
    5: (1, 1, _power("Signal")),
    6: (1, 1, _power("Noise")),
    7: (2, 2, _number("Lock quality", 2)),
    8: (2, 2, _number("Attenuation", 2)),
    9: (2, 2, _number("Attenuation in dB", 2)),
    10: (1, 1, _power("Transmit power")),
    11: (1, 1, _number("Antenna", 1)),
    12: (1, 1, _number("Signal in dB", 1)),
    13: (1, 1, _number("Noise in dB", 1)),
    14: (2, 2, _number("Receive flags", 2, hex4)),
    15: (2, 2, _number("Transmit flags", 2, hex4)),
    16: (1, 1, _number("RTS retries", 1)),
    17: (1, 1, _number("Data retries", 1)),
    18: (4, 8, _bytes("Extended channel", 8)),
    19: (1, 3, _bytes("MCS", 3)),
    20: (4, 8, _bytes("A-MPDU", 8)),
    21: (2, 12, _bytes("VHT", 12)),
    22: (8, 12, _bytes("Timestamp", 12)),
    23: (2, 12, _bytes("HE", 12)),
    24: (2, 12, _bytes("HE of several users", 12)),
    25: (2, 6, _bytes("HE of another user", 6)),
    26: (1, 1, _number("Without data", 1)),
    27: (2, 4, _bytes("L-SIG", 4)),
}
"""By bit: what its place is a multiple of, its size, and how it is read."""


@RADIOTAP.row
def row(row: Row, at: int, end: int) -> None:
    """The frame inside."""
    row.need(at, 8, end, "radiotap header")
    size = int.from_bytes(row.data[at + 2 : at + 4], "little")
    row.need(at, max(size, 8), end, "radiotap header")
    row.enter(PROTOCOLS["wlan"], at + max(size, 8), _inside(row, at, end))


@RADIOTAP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Which fields there are, and what they say."""
    draft = tree.open(RADIOTAP, at, end)
    draft.uint("Version", 1)
    draft.uint("Padding", 1, hex2)
    size = max(draft.uint("Length", 2, order="little"), 8)
    tree.need(at, size, end, "radiotap header")
    words = _presence(tree.data, at, at + size)
    for _ in words:
        draft.uint("Present", 4, hex8, order="little")
    draft.end = at + size
    _values(draft, words)
    draft.rest("Other fields")
    inside = _inside(tree, at, end)
    tree.enter(PROTOCOLS["wlan"], at + size, inside)
    if inside < min(end, tree.size):
        tree.open(RADIOTAP, inside, end, "Frame check sequence", "trailer").rest("Frame check sequence")
