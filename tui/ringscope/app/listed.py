# SPDX-License-Identifier: Apache-2.0
"""The notes between the rows that are shown: changes of the capture filter, and losses. No Textual here.

In a view a note stands before the first packet that passes and comes after it; as long as it is not known which that
is, the note is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from ringscope.app.epochs import Epochs
from ringscope.app.notes import Note
from ringscope.app.pieces import Form
from ringscope.app.viewing import Viewing
from ringscope.frozen import frozen

_GAPS = 4096
"""Losses that are remembered; further ones are found again when their rows are."""


@frozen
class Placed:
    """A note before another row than it says itself."""

    note: Note
    before: int

    def form(self, width: int) -> Form:
        return self.note.form(width)


class ListNotes:
    """Looks after what has changed, so that a tick without news costs next to nothing."""

    def __init__(self, epochs: Epochs, viewing: Viewing) -> None:
        self._epochs = epochs
        self._viewing = viewing
        self._known: tuple[object, ...] = ()

    def news(self) -> Sequence[Note] | None:
        """All notes, in the order of their rows; None: they are as they were."""
        rows = self._viewing.rows
        rows.count_gaps()
        while len(rows.gaps) > _GAPS:
            del rows.gaps[next(iter(rows.gaps))]
        placed = [note for note in self._epochs.notes if rows.in_order and rows.settled(note.before - 1)]
        gaps = tuple(rows.gaps.values())
        known = (rows, self._epochs.notes, len(placed), gaps)
        if known == self._known:
            return None
        self._known = known
        made: list[Note] = [*gaps]
        for note in placed:
            row = rows.from_number(note.before)
            made.append(note if row == note.before else Placed(note, row))
        return sorted(made, key=lambda note: note.before)
