# SPDX-License-Identifier: Apache-2.0
"""A ring as a strip: its blocks in the order in which the reader comes to them, two in a cell. No Textual here.

``▘`` is being read, ``█`` is ready, ``▖`` is being filled, ``·`` is the kernel's. What is on its way out is drawn in
the upper half of a line, what comes in in the lower half, and what waits in both: no colour is needed to read it.
"""

from __future__ import annotations

from typing import Final

PRESSED, FULL = 0.75, 0.9
"""Shares of the ring. From three quarters on a ring that several CPUs feed may drop packets although it has room
(__packet_rcv_has_room in net/packet/af_packet.c)."""
NARROW: Final = 32
"""Cells that a small ring is stretched to at most."""


_READ, _READY, _FILLING, _FREE = range(4)
_CELLS: Final = {
    (_READ, _READ): "▀",
    (_READ, _READY): "▜",
    (_READ, _FILLING): "▚",
    (_READ, _FREE): "▘",
    (_READY, _READY): "█",
    (_READY, _FILLING): "▙",
    (_READY, _FREE): "▌",
    (_FILLING, _FILLING): "▄",
    (_FILLING, _FREE): "▖",
    (_FREE, _FREE): "·",
}


def fill_role(fill: float) -> str:
    """The role of how full a ring is."""
    return "ring-full" if fill >= FULL else "ring-high" if fill >= PRESSED else "ring-low"


def cells_for(blocks: int, room: int) -> int:
    """Cells of the strip of a ring of so many blocks where there is room for ``room``: two blocks a cell, and more
    where they do not fit; a small ring is drawn larger."""
    room = max(0, min(room, max(NARROW, (blocks + 1) // 2)))
    return (blocks * _halves(blocks, room) + 1) // 2 if 2 * room >= blocks else room


def _halves(blocks: int, room: int) -> int:
    """Half cells of a block: a power of two, so that all blocks look alike."""
    return 1 << ((2 * room // max(1, blocks)).bit_length() - 1)


def strip(blocks: int, ready: int, filling: int, cells: int, *, reading: bool) -> tuple[str, str]:
    """The blocks that are taken and those that are free, ``cells`` cells together. Of those ``ready`` the first is
    ``reading``; ``filling`` is 0 or 1. No kind of block that there is is left out, however many there are."""
    if cells < 1 or blocks < 1:
        return "", " " * max(0, cells)
    halves = 2 * cells
    size = _halves(blocks, cells) if halves >= blocks else 0
    free = blocks - ready - filling
    if size:
        waiting, fills, last = ready * size, filling * size, free * size
        read = size if reading and ready else 0
    else:
        fills = filling
        most = halves - fills - (1 if free else 0)
        waiting = max(1, min(round(ready * halves / blocks), most)) if ready else 0
        last = max(0, halves - waiting - fills)
        read = 1 if reading and ready else 0
    kinds = [_READ] * read + [_READY] * (waiting - read) + [_FILLING] * fills + [_FREE] * last
    kinds += [_FREE] * (len(kinds) % 2)
    text = "".join(_CELLS[kinds[at], kinds[at + 1]] for at in range(0, len(kinds), 2))
    taken = text.rstrip("·")
    return taken, text[len(taken) :].ljust(cells - len(taken))
