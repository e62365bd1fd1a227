# SPDX-License-Identifier: Apache-2.0
"""Notes: lines that stand between the rows of a list, and the arithmetic of where rows and notes are. No Textual here.

A list has millions of rows and few notes. Rows are numbered and not stored, so a note is only known by the row it
stands before, and where a row is follows from how many notes are before it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Protocol

from ringscope.app.pieces import Form


class Note(Protocol):
    """Something said between two rows."""

    @property
    def before(self) -> int:
        """The row it stands before."""

    def form(self, width: int) -> Form:
        """Its one line, at most ``width`` cells of safe text."""


class Places:
    """Where rows and notes are.

    A place is a line of an endless page. Without notes row 7 is at place 7; each note before it moves it down by one.
    ``before`` has the row each note stands before, in rising order; several may stand before the same row. Looking
    something up takes a bisection of these.
    """

    __slots__ = ("_before",)

    def __init__(self, before: Sequence[int] = ()) -> None:
        self._before = before

    def row(self, row: int) -> int:
        """The place of a row."""
        return row + bisect_right(self._before, row)

    def above(self, row: int) -> int:
        """The place of the first note that stands before a row; of the row itself when none does."""
        return row + bisect_left(self._before, row)

    def at(self, place: int) -> tuple[int, int | None]:
        """What is at a place: a row and None, or the row a note stands before and the index of the note."""
        before = self._before
        passed = bisect_right(range(len(before)), place, key=lambda note: before[note] + note)
        if passed and before[passed - 1] + passed - 1 == place:
            return before[passed - 1], passed - 1
        return place - passed, None

    def row_from(self, place: int) -> int:
        """The row at a place or the next one below it."""
        return self.at(place)[0]

    def row_to(self, place: int) -> int:
        """The row at a place or the next one above it."""
        row, note = self.at(place)
        return row if note is None else row - 1
