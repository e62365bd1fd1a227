# SPDX-License-Identifier: Apache-2.0
"""Ethernet pseudowires in MPLS, with and without a control word (RFC 4385, RFC 4448), and the channel beside them
(RFC 5586). Whether there is a control word is not in the packet: it is where a frame's type would be one."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.forms import coded, hex2, plain
from ringscope.decode.registry import ETHERTYPES, PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

WIRE = protocol("pwethheuristic", "PW Ethernet")
WITH_WORD = protocol("pwethcw", "PW Ethernet")
WITHOUT_WORD = protocol("pwethnocw", "PW Ethernet")
CHANNEL = protocol("pwach", "PW ACH")

_WORD = 4
_TYPE = 12  # bytes of a frame before its type
_LONGEST_LENGTH = 1500
_CHANNELS = {
    0x0001: "MCC",
    0x0002: "SCC",
    0x0007: "BFD control, without IP",
    0x000A: "direct loss measurement",
    0x000C: "delay measurement",
    0x0021: "IPv4",
    0x0022: "MPLS-TP continuity check",
    0x0023: "MPLS-TP connectivity verification",
    0x0024: "protection state coordination",
    0x0025: "on-demand connectivity verification",
    0x0026: "lock instruct",
    0x0027: "pseudowire OAM",
    0x0057: "IPv6",
    0x0058: "fault OAM",
    0x8902: "CFM",
}
_BFD = frozenset({0x0007, 0x0022, 0x0023})


def _frame_at(walk: Walk, at: int, end: int) -> bool:
    """Whether a frame that begins there has a type that is known, or a length that fits."""
    if at + _TYPE + 2 > min(end, walk.size):
        return False
    (kind,) = unpack_from(">H", walk.data, at + _TYPE)
    return kind in ETHERTYPES or 3 <= kind <= min(_LONGEST_LENGTH, end - at - _TYPE - 2)


def _word(walk: Walk, at: int, end: int) -> int:
    """The size of the control word: 4, 0, or -1 where neither makes a frame."""
    bare = _frame_at(walk, at, end)
    # A word without flags, fragments and length is likelier than an address that begins so.
    believable = not bare or walk.data[at : at + 2] == b"\0\0"
    if not walk.data[at] >> 4 and believable and _frame_at(walk, at + _WORD, end):
        return _WORD
    return 0 if bare else -1


def is_wire(walk: Walk, at: int, end: int) -> bool:
    """Whether what a label stack carries looks like a frame, with or without a control word."""
    return _word(walk, at, end) >= 0


@WIRE.row
def row(row: Row, at: int, end: int) -> None:
    """The frame inside."""
    row.enter(WITH_WORD if _word(row, at, end) else WITHOUT_WORD, at, end)


@WIRE.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """No bytes: only which of the two it is."""
    draft = tree.open(WIRE, at, end, "Ethernet pseudowire")
    size = _word(tree, at, end)
    draft.computed("Control word", "present" if size else "absent", "from where a type of the frame is known")
    tree.enter(WITH_WORD if size else WITHOUT_WORD, at, end)


@WITH_WORD.row
def word_row(row: Row, at: int, end: int) -> None:
    """The frame behind the word."""
    row.need(at, _WORD, end, "control word")
    row.enter(PROTOCOLS["eth"], at + _WORD, end)


@WITH_WORD.layer
def word_layer(tree: Tree, at: int, end: int) -> None:
    """The word."""
    draft = tree.open(WITH_WORD, at, end, "Pseudowire control word")
    sequence = draft.bits(
        4,
        ("Zero", 4, plain),
        ("Flags", 4, plain),
        ("Fragment", 2, plain),
        ("Length", 6, plain),
        ("Sequence", 16, plain),
    )[4]
    draft.title = f"Pseudowire control word  sequence {sequence}"
    tree.enter(PROTOCOLS["eth"], draft.at, end)


@WITHOUT_WORD.row
def bare_row(row: Row, at: int, end: int) -> None:
    """The frame."""
    row.enter(PROTOCOLS["eth"], at, end)


@WITHOUT_WORD.layer
def bare_layer(tree: Tree, at: int, end: int) -> None:
    """No bytes of its own."""
    tree.open(WITHOUT_WORD, at, end, "Pseudowire without a control word")
    tree.enter(PROTOCOLS["eth"], at, end)


def _carried(walk: Walk, channel: int, at: int, end: int) -> None:
    if at >= end:
        return
    if channel in _BFD:
        walk.enter(PROTOCOLS["bfd"], at, end)
    elif channel in (0x0021, 0x0057):
        walk.by_ip_version(at, end)
    elif channel in ETHERTYPES:
        walk.by_ethertype(channel, at, end)


@CHANNEL.row
def channel_row(row: Row, at: int, end: int) -> None:
    """What the channel is for, where nothing inside is known."""
    row.need(at, _WORD, end, "associated channel header")
    (channel,) = unpack_from(">H", row.data, at + 2)
    row.info = f"{_CHANNELS.get(channel, f'channel 0x{channel:04x}')}, {max(end - at - _WORD, 0)} bytes"
    _carried(row, channel, at + _WORD, end)


@CHANNEL.layer
def channel_layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(CHANNEL, at, end, "Associated channel")
    draft.bits(1, ("Nibble", 4, plain), ("Version", 4, plain))
    draft.uint("Reserved", 1, hex2)
    channel = draft.uint("Channel type", 2, coded(4, _CHANNELS))
    draft.title = f"Associated channel  {_CHANNELS.get(channel, f'0x{channel:04x}')}"
    _carried(tree, channel, draft.at, end)
