# SPDX-License-Identifier: Apache-2.0
"""The notes between the rows that are shown: changes of the capture filter, and losses. No Textual here.

In a view a note stands before the first packet that passes and comes after it; as long as it is not known which that
is, the note is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ringscope.app.epochs import Epochs
from ringscope.app.notes import Note
from ringscope.app.pieces import Form, clip
from ringscope.app.viewing import Viewing

_GAPS = 4096
"""Losses that are remembered; further ones are found again when their rows are."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A note before another row than it says itself."""

    note: Note
    before: int

    def form(self, width: int) -> Form:
        return self.note.form(width)


@dataclass(frozen=True, slots=True)
class Gap:
    """The line before a packet that came after the kernel had lost some."""

    before: int
    queue: int

    def form(self, width: int) -> Form:
        text, lead = f" ▲ packets were lost here, queue {self.queue} ", 4 if width >= 60 else 1
        form = (("─" * lead, "rule"), (text, "warning"), ("─" * max(0, width - lead - len(text)), "rule"))
        return clip(form, width)


class ListNotes:
    """Looks after what has changed, so that a tick without news costs next to nothing."""

    def __init__(self, epochs: Epochs, viewing: Viewing) -> None:
        self._epochs = epochs
        self._viewing = viewing
        self._known: tuple[object, ...] = ()

    def news(self) -> Sequence[Note] | None:
        """All notes, in the order of their rows; None: they are as they were."""
        rows = self._viewing.rows
        while len(rows.gaps) > _GAPS:
            del rows.gaps[next(iter(rows.gaps))]
        placed = [note for note in self._epochs.notes if rows.in_order and rows.settled(note.before - 1)]
        newest_gap = next(reversed(rows.gaps), 0)
        known = (rows, self._epochs.notes, len(placed), len(rows.gaps), newest_gap)
        if known == self._known:
            return None
        self._known = known
        made: list[Note] = [Gap(row, queue) for row, queue in rows.gaps.items()]
        for note in placed:
            row = rows.from_number(note.before)
            made.append(note if row == note.before else Placed(note, row))
        return sorted(made, key=lambda note: note.before)
