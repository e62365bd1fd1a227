# SPDX-License-Identifier: Apache-2.0
"""How the packet list shows packets: the columns in force, how wide they have grown, what times are counted from.

One of it is shared by the list, its heading, and who makes rows. No Textual here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ringscope.app import cells
from ringscope.app.choice import DEFAULT, TIMES, USUAL, Column
from ringscope.app.clocks import Moments
from ringscope.frozen import frozen

WIDEST = 24
"""Cells that a column of one's own takes at most: the row's full values are a key away."""

_NUMBER = re.compile(r"-?[0-9][0-9 .]*")


@frozen
class Chosen:
    """What a person chose, and what outlasts the session: columns, and the format of the time."""

    columns: tuple[Column, ...] = DEFAULT
    time: str = "time"


class Listing:
    """``wanted``: the columns beside the usual ones, which rows need values for."""

    def __init__(self, chosen: Chosen | None = None) -> None:
        self.moments = Moments()
        self.sorted_by = ""
        """The column that the list is sorted by, empty: none."""
        self.falling = False
        self._widths: dict[str, int] = {}
        self._texts: set[str] = set()
        self.choose(chosen or Chosen())

    def choose(self, chosen: Chosen) -> None:
        """Put these columns, and this format of times, in force."""
        self.chosen = chosen
        self.wanted: tuple[Column, ...] = tuple(each for each in chosen.columns if each.what not in USUAL)
        shown = [TIMES.get(each.what) for each in chosen.columns]
        self.needs_before = "previous" in shown or (chosen.time == "previous" and self.has("time"))
        """Whether a row shows the time since the row above."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns, from the left."""
        return self.chosen.columns

    @property
    def time(self) -> str:
        """The format of the column ``time``."""
        return self.chosen.time

    @property
    def arrow(self) -> str:
        """How the list is sorted."""
        return "▼" if self.falling else "▲"

    def has(self, what: str) -> bool:
        """Whether there is such a column."""
        return any(each.what == what for each in self.columns)

    def shows_mark(self) -> bool:
        """Whether a time is counted from the mark."""
        return self.has("since mark") or (self.time == "mark" and self.has("time"))

    @property
    def needs(self) -> tuple[object, ...]:
        """What rows are made for: those that were made for something else must be made anew."""
        return self.wanted, self.needs_before

    @property
    def deep(self) -> bool:
        """Whether a row takes the decoding of its packet in depth."""
        return any(each.is_field for each in self.wanted)

    # -- widths

    def grown(self, what: str) -> tuple[int, bool]:
        """Cells of the widest value seen in a column, and whether all of them were numbers."""
        return self._widths.get(what, 0), what in self._widths and what not in self._texts

    def see(self, values: Mapping[str, str]) -> None:
        """Values that are about to be shown. Columns only grow, so that nothing jumps back and forth."""
        for what, value in values.items():
            if not value:
                continue
            width = min(WIDEST, cells.width(cells.safe(value)))
            if width > self._widths.get(what, 0):
                self._widths[what] = width
            if what not in self._texts and not _NUMBER.fullmatch(value):
                self._texts.add(what)
