# SPDX-License-Identifier: Apache-2.0
"""A list of rows that are numbered, not stored: only what is visible exists.

Rows run from ``first`` to ``last``. These are plain numbers that may change at any time: growth at the end or eviction
at the beginning costs no layout and moves nothing. That is why this is not Textual's ScrollView: there the first row is
always row 0, so an eviction would shift every row, and each change of the virtual size lays the whole screen out.

Between rows there may be notes (see ``ringscope.app.notes``): they are scrolled over as rows are, but the cursor passes
them by. ``top`` is the place in the first line, which is a row's number as long as no note is above it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from ringscope.app.commands import bindings
from ringscope.app.look import Look
from ringscope.app.notes import Note, Places
from ringscope.app.widgets.lines import Lines

WHEEL = 3
"""Rows a notch of the mouse wheel moves."""


class RowView(Lines, can_focus=True, inherit_bindings=False):
    """Rows with a cursor, a page that scrolls, keys and mouse. Subclasses draw a row with ``row_strip``."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("rows")

    class Scrolled(Message):
        """The rows that are shown, or how many there are, have changed."""

        def __init__(self, view: RowView) -> None:
            super().__init__()
            self.view = view

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, RowView.Scrolled) and message.view is self.view

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self.first = 0
        self.last = -1
        self.top = 0
        self.cursor = 0
        self.notes: Sequence[Note] = ()
        self.places = Places()
        self._strips: LRUCache[int, Strip] = LRUCache(1024)
        self._note_strips: LRUCache[int, Strip] = LRUCache(128)

    @abstractmethod
    def row_strip(self, row: int) -> Strip:
        """The strip of a row between first and last."""

    def note_strip(self, note: Note) -> Strip:
        """The strip of a note."""
        look = self.look
        pieces = [(text, look.style(role)) for text, role in note.form(self.size.width)]
        return self.strip(pieces, look.style("text"))

    def blank_strip(self, y: int) -> Strip:
        """The strip of a line that has no row."""
        style = self.look.style("text")
        return self.strip((), style)

    def cursor_moved(self) -> None:
        """The user has moved the cursor."""

    # -- drawing

    def line(self, y: int) -> Strip:
        place = self.top + y
        if place > self.high:
            return self.blank_strip(y)
        row, note = self.places.at(place)
        if note is not None:
            strip = self._note_strips.get(note)
            if strip is None:
                strip = self._note_strips[note] = self.note_strip(self.notes[note])
            return strip
        if row < 0:
            return self.blank_strip(y)
        strip = self._strips.get(row)
        if strip is None:
            strip = self._strips[row] = self.row_strip(row)
        return strip

    def redraw(self) -> None:
        """Everything about the rows may have changed."""
        self._strips.clear()
        self._note_strips.clear()
        self.refresh()

    def redraw_rows(self, first: int, last: int) -> None:
        """The rows ``first`` to ``last`` have changed, or appeared with the notes beside them."""
        places, end = self.places, self.top + self.size.height
        for row in range(max(first, places.row_from(self.top)), min(last, places.row_to(end)) + 1):
            self._strips.discard(row)
        start = places.above(first)
        stop = places.above(last + 1) if last < self.last else self.high + 1
        region = Region(0, start - self.top, self.size.width, stop - start).intersection(self.size.region)
        if region:
            self.refresh(region)

    def annotate(self, notes: Sequence[Note]) -> None:
        """Have these notes, in the order of the rows they stand before. What is on the screen stays where it is."""
        low, old = self.low, self.places
        row = self.cursor if self.is_shown(self.cursor) else old.row_from(self.top)
        line = old.row(row) - self.top
        self.notes, self.places = notes, Places([note.before for note in notes])
        self._note_strips.clear()
        top = self.places.row(row) - line
        if self.top >= low:
            top = max(self.low, top)
        self.top = min(top, self.bottom_top)
        self.refresh()
        self.post_message(self.Scrolled(self))

    def restyle(self) -> None:
        self.redraw()

    def on_resize(self) -> None:
        self._strips.clear()
        self._note_strips.clear()
        self.show_row(self.cursor)
        self.post_message(self.Scrolled(self))

    def on_focus(self) -> None:
        self.redraw_rows(self.cursor, self.cursor)

    def on_blur(self) -> None:
        self.redraw_rows(self.cursor, self.cursor)

    # -- moving

    @property
    def page(self) -> int:
        """Lines that fit."""
        return max(1, self.size.height)

    @property
    def low(self) -> int:
        """The place of the first row, or of the note before it."""
        return self.places.above(self.first)

    @property
    def high(self) -> int:
        """The place of the last row, or of the note behind it."""
        return self.places.row(self.last + 1) - 1

    @property
    def bottom_top(self) -> int:
        """The top at which the end is in the last line."""
        return max(self.low, self.high - self.page + 1)

    def is_shown(self, row: int) -> bool:
        """Whether a row is on the screen."""
        return 0 <= self.places.row(row) - self.top < self.page

    def scroll_top(self, top: int) -> None:
        """Show what is at place ``top`` and below; nothing happens when it is shown already."""
        top = max(min(top, self.bottom_top), self.low)
        if top != self.top:
            self.top = top
            self.refresh()
            self.post_message(self.Scrolled(self))

    def show_row(self, row: int) -> None:
        """Scroll as little as it takes to have ``row`` on the screen.

        With it comes the note before it where it enters from above, and with the last row what stands behind it.
        """
        place, page = self.places.row(row), self.page
        above = self.places.above(row)
        below = self.high if row == self.last else place
        if place < self.top or (row == self.first and above < self.top):
            self.scroll_top(max(above, place - page + 1))
        elif below >= self.top + page:
            self.scroll_top(min(below - page + 1, place))
        elif self.top > self.bottom_top:
            self.scroll_top(self.bottom_top)

    def put_cursor(self, row: int) -> None:
        """Move the cursor without telling anybody."""
        row = max(self.first, min(row, self.last))
        if row != self.cursor:
            old, self.cursor = self.cursor, row
            self.redraw_rows(old, old)
            self.redraw_rows(row, row)
        self.show_row(row)

    def move_to(self, row: int) -> None:
        """The user moves the cursor."""
        self.put_cursor(row)
        self.cursor_moved()

    def action_row(self, by: int) -> None:
        self.move_to(self.cursor + by)

    def action_page(self, by: int) -> None:
        by *= max(1, self.page - 1)
        place = self.places.row(self.cursor) + by
        self.scroll_top(self.top + by)
        self.move_to(self.places.row_from(place) if by > 0 else self.places.row_to(place))

    def action_first(self) -> None:
        self.move_to(self.first)

    def action_last(self) -> None:
        self.move_to(self.last)

    def wheel(self, by: int) -> None:
        """Scroll; the cursor is taken along when it would leave the screen."""
        self.scroll_top(self.top + by)
        if not self.is_shown(self.cursor):
            above = self.places.row(self.cursor) < self.top
            place = self.top if above else self.top + self.page - 1
            self.move_to(self.places.row_from(place) if above else self.places.row_to(place))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.wheel(-WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.wheel(WHEEL)

    def on_click(self, event: events.Click) -> None:
        row, note = self.places.at(self.top + event.y)
        if note is None and self.first <= row <= self.last:
            self.move_to(row)
