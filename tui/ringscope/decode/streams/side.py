# SPDX-License-Identifier: Apache-2.0
"""One direction of a conversation: every byte in its place, with the holes where some are missing.

A place is counted from the first byte of the side, so it never wraps as sequence numbers do. From ``low`` to ``high``
pieces and holes lie side by side without a break: what comes ahead of its turn leaves a hole before it, and what comes
late fills one. What came first stays: other bytes for the same place are counted and not taken.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from heapq import heappop, heappush

from ringscope.decode.streams.model import Hole, Piece
from ringscope.frozen import frozen

ALLOWANCE = 160
"""Bytes of memory that a piece takes beside its own."""


@frozen
class Added:
    """What a segment did: ``grown`` is where the side ended before and what it ended with now, ``changed`` the first
    place that has changed below that (None: none), ``differing`` how many of its bytes were here already as others.
    """

    grown: tuple[int, int]
    changed: int | None
    differing: int


class Side:
    """Sparse bytes. ``acknowledged`` is the place up to which the other side has them, as far as it was heard."""

    def __init__(self) -> None:
        self.low = self.high = 0
        self.acknowledged = 0
        self.kept = 0
        self.missing = 0
        self.holes = 0
        self._starts = array("q")
        self._pieces: list[Piece] = []
        self._unconfirmed: list[tuple[int, int]] = []

    def add(
        self, start: int, data: bytes, size: int, number: int, hole: Hole = Hole.CUT, *, joined: bool = False
    ) -> Added:
        """Take ``size`` bytes from ``start`` on, the first of which are ``data``; why the others are not here is
        ``hole``. ``start`` may be anywhere, also below ``low``: then the side begins earlier than was known.
        ``joined``: what comes ahead may make a hole at the end larger instead of leaving another.
        """
        stop, high, changed = start + size, self.high, None
        if start < self.low:
            self._prepend(start, data[: self.low - start], min(size, self.low - start), number, hole)
            changed = start
        differing = 0
        if start < high:
            differing, filled = self._fill(start, data, number, high)
            explained = self._explain(start + len(data), min(stop, high), number, hole)
            changed = next((place for place in (changed, filled, explained) if place is not None), None)
        if stop > high:
            if start > high:
                changed = self.miss(start, number, joined=joined)
            skipped = max(0, high - start)
            self._bring(max(start, high), data[skipped:], stop - max(start, high), number, hole)
        return Added((high, self.high), changed, differing)

    def miss(self, stop: int, number: int, *, joined: bool) -> int | None:
        """Bytes up to ``stop`` must have been sent: packet ``number`` shows it. Where the hole at the end begins, if it
        was made larger; None: it was not.
        """
        high = self.high
        if stop <= high:
            return None
        last = self._pieces[-1] if self._pieces else None
        if joined and last is not None and last.hole is Hole.UNSEEN:
            self._pieces[-1] = replace(last, size=stop - last.start)
            self.missing += stop - high
            heappush(self._unconfirmed, (stop, last.start))
            self.high = stop
            return last.start
        self._append(high, b"", stop - high, number, Hole.UNSEEN)
        return None

    def confirm(self, stop: int) -> int | None:
        """The other side has everything up to ``stop``. The first hole of which that was not known, None: none."""
        if stop <= self.acknowledged:
            return None
        self.acknowledged = stop
        first = None
        while self._unconfirmed and self._unconfirmed[0][0] <= stop:
            start = heappop(self._unconfirmed)[1]
            first = start if first is None else min(first, start)
        return None if first is None or first < self.low else first

    def pieces(self, start: int, stop: int) -> Iterator[Piece]:
        """From the piece on that has the byte ``start``, to the one that ends at ``stop`` or before."""
        index = max(0, bisect_right(self._starts, start) - 1)
        while index < len(self._pieces) and (piece := self._pieces[index]).start < stop:
            if piece.stop > start:
                confirmed = piece.hole is Hole.UNSEEN and piece.stop <= self.acknowledged
                yield replace(piece, acknowledged=True) if confirmed else piece
            index += 1

    def forget(self, stop: int, most: int) -> tuple[int, list[Piece]]:
        """Drop the first pieces, until ``most`` bytes of memory are freed or ``stop`` is reached. The place that the
        side begins at now, and what was dropped.
        """
        freed = 0
        gone: list[Piece] = []
        for piece in self.pieces(self.low, stop):
            if freed >= most:
                break
            freed += len(piece.data) + ALLOWANCE
            if piece.hole is not None:
                self.holes -= 1
                self.missing -= piece.size
            gone.append(piece)
        del self._pieces[: len(gone)], self._starts[: len(gone)]
        self.low, self.kept = gone[-1].stop if gone else self.low, self.kept - freed
        return self.low, gone

    # -- pieces

    def _bring(self, start: int, data: bytes, size: int, number: int, hole: Hole) -> None:
        """Append what a packet brought and what of it is not here."""
        if data:
            self._append(start, data, len(data), number, None)
        if size > len(data):
            self._append(start + len(data), b"", size - len(data), number, hole)

    def _append(self, start: int, data: bytes, size: int, number: int, hole: Hole | None) -> None:
        self._put(len(self._pieces), Piece(start, size, data, number, hole))
        self.high = start + size

    def _prepend(self, start: int, data: bytes, size: int, number: int, hole: Hole) -> None:
        """Below ``low``: ``size`` bytes, of which ``data`` are here, and then a hole up to ``low``."""
        index, place = 0, start
        if data:
            self._put(0, Piece(start, len(data), data, number))
            index, place = 1, start + len(data)
        if start + size > place:
            self._put(index, Piece(place, start + size - place, b"", number, hole))
            index, place = index + 1, start + size
        if self.low > place:
            self._put(index, Piece(place, self.low - place, b"", number, Hole.UNSEEN))
        self.low = start

    def _put(self, index: int, piece: Piece) -> None:
        self._pieces.insert(index, piece)
        self._starts.insert(index, piece.start)
        self._count(piece)

    def _count(self, piece: Piece, by: int = 1) -> None:
        self.kept += by * (len(piece.data) + ALLOWANCE)
        if piece.hole is not None:
            self.holes += by
            self.missing += by * piece.size
            if by > 0 and piece.hole is Hole.UNSEEN and piece.stop > self.acknowledged:
                heappush(self._unconfirmed, (piece.stop, piece.start))

    def _fill(self, start: int, data: bytes, number: int, high: int) -> tuple[int, int | None]:
        """Put bytes into holes below ``high``; how many others are here already, and the first place filled."""
        stop, differing, first = min(start + len(data), high), 0, None
        index = max(0, bisect_right(self._starts, start) - 1)
        while index < len(self._pieces) and (piece := self._pieces[index]).start < stop:
            low, top = max(start, piece.start), min(stop, piece.stop)
            if low >= top:
                index += 1
                continue
            part = data[low - start : top - start]
            if piece.hole is None:
                here = piece.data[low - piece.start : top - piece.start]
                if here != part:
                    differing += sum(one != other for one, other in zip(here, part, strict=True))
                index += 1
            else:
                index += self._fill_hole(index, piece, Piece(low, top - low, part, number))
                first = low if first is None else first
        return differing, first

    def _explain(self, start: int, stop: int, number: int, hole: Hole) -> int | None:
        """What was not seen was in a packet that brought less than it had. The first place of which that is said."""
        first = None
        index = max(0, bisect_right(self._starts, start) - 1)
        while index < len(self._pieces) and (piece := self._pieces[index]).start < stop:
            low, top = max(start, piece.start), min(stop, piece.stop)
            if piece.hole is Hole.UNSEEN and low < top:
                index += self._fill_hole(index, piece, Piece(low, top - low, b"", number, hole))
                first = low if first is None else first
            else:
                index += 1
        return first

    def _fill_hole(self, index: int, hole: Piece, piece: Piece) -> int:
        """Put a piece in the place of a part of a hole. How many pieces there are instead."""
        made = [piece]
        if hole.start < piece.start:
            made.insert(0, replace(hole, size=piece.start - hole.start))
        if piece.stop < hole.stop:
            made.append(replace(hole, start=piece.stop, size=hole.stop - piece.stop))
        self._count(hole, -1)
        self._pieces[index : index + 1] = made
        self._starts[index : index + 1] = array("q", [one.start for one in made])
        for one in made:
            self._count(one)
        return len(made)
