# SPDX-License-Identifier: Apache-2.0
"""MACsec (IEEE 802.1AE): a security tag before the frame's own type, and a check value behind the frame. What is not
encrypted is shown as what it is."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.forms import hex2, hex16, is_set, plain
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

MACSEC = protocol("macsec", "MACsec", ethertype=(0x88E5,))

_HAS_SCI, _ENCRYPTED, _CHANGED = 0x20, 0x08, 0x04
_ICV = 16


def _end(length: int, at: int, end: int) -> int:
    """Where the secured data end: the check value stands behind them, and short frames say how long they are."""
    return min(at + length, end - _ICV) if length else end - _ICV


@MACSEC.row
def row(row: Row, at: int, end: int) -> None:
    """The packet number, where nothing inside can be read."""
    row.need(at, 6, end, "MACsec tag")
    flags, length, number = unpack_from(">BBI", row.data, at)
    row.info = f"MACsec frame, packet number {number}"
    if flags & (_ENCRYPTED | _CHANGED):
        row.info += ", encrypted" if flags & _ENCRYPTED else ", changed"
        return
    at += 14 if flags & _HAS_SCI else 6
    row.need(at, 2 + _ICV, end, "MACsec frame")
    row.by_ethertype(unpack_from(">H", row.data, at)[0], at + 2, _end(length & 0x3F, at, end))


@MACSEC.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The tag, and behind the frame the check value."""
    draft = tree.open(MACSEC, at, end)
    flags = draft.flags(
        "TCI and AN",
        1,
        hex2,
        ("Version", 1, plain),
        ("End station", 1, is_set),
        ("Channel identifier present", 1, is_set),
        ("Single copy broadcast", 1, is_set),
        ("Encrypted", 1, is_set),
        ("Changed", 1, is_set),
        ("Association number", 2, plain),
    )[0]
    length = draft.bits(1, ("Reserved", 2, plain), ("Short length", 6, plain))[1]
    number = draft.uint("Packet number", 4)
    draft.title = f"MACsec  packet number {number}"
    if flags & _HAS_SCI:
        draft.uint("Secure channel identifier", 8, hex16)
    if flags & (_ENCRYPTED | _CHANGED):
        draft.title += "  encrypted" if flags & _ENCRYPTED else "  changed"
        if not draft.left:
            return
        draft.raw("Secured data", max(_end(length, draft.at, end) - draft.at, 0))
        draft.raw("Integrity check value", min(_ICV, draft.left))
        return
    stop = _end(length, draft.at, end)
    tree.need(draft.at, 2 + _ICV, end, "MACsec frame")
    tree.by_ethertype(draft.uint("Type", 2), draft.at, stop)
    if stop < min(end, tree.size) and tree.covered <= stop:
        trailer = tree.open(MACSEC, stop, end, "MACsec check value", "trailer")
        trailer.raw("Integrity check value", min(_ICV, trailer.left))
