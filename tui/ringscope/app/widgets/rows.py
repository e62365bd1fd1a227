# SPDX-License-Identifier: Apache-2.0
"""A list of rows that are numbered, not stored: only what is visible exists.

Rows run from ``first`` to ``last``, and ``top`` is the row in the first line. All three are plain numbers that may
change at any time: growth at the end or eviction at the beginning costs no layout and moves nothing. That is why this
is not Textual's ScrollView: there the first row is always row 0, so an eviction would shift every row, and each change
of the virtual size lays the whole screen out.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from ringscope.app.commands import bindings
from ringscope.app.look import Look
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
        self._strips: LRUCache[int, Strip] = LRUCache(1024)

    @abstractmethod
    def row_strip(self, row: int) -> Strip:
        """The strip of a row between first and last."""

    def blank_strip(self, y: int) -> Strip:
        """The strip of a line that has no row."""
        style = self.look.style("text")
        return self.strip((), style)

    def cursor_moved(self) -> None:
        """The user has moved the cursor."""

    # -- drawing

    def line(self, y: int) -> Strip:
        row = self.top + y
        if row > self.last or row < 0:
            return self.blank_strip(y)
        strip = self._strips.get(row)
        if strip is None:
            strip = self._strips[row] = self.row_strip(row)
        return strip

    def redraw(self) -> None:
        """Everything about the rows may have changed."""
        self._strips.clear()
        self.refresh()

    def redraw_rows(self, first: int, last: int) -> None:
        """The rows ``first`` to ``last`` have changed."""
        for row in range(max(first, self.top), min(last, self.top + self.size.height) + 1):
            self._strips.discard(row)
        region = Region(0, first - self.top, self.size.width, last - first + 1).intersection(self.size.region)
        if region:
            self.refresh(region)

    def restyle(self) -> None:
        self.redraw()

    def on_resize(self) -> None:
        self._strips.clear()
        self.show_row(self.cursor)
        self.post_message(self.Scrolled(self))

    def on_focus(self) -> None:
        self.redraw_rows(self.cursor, self.cursor)

    def on_blur(self) -> None:
        self.redraw_rows(self.cursor, self.cursor)

    # -- moving

    @property
    def page(self) -> int:
        """Rows that fit."""
        return max(1, self.size.height)

    @property
    def bottom_top(self) -> int:
        """The top at which the last row is in the last line."""
        return max(self.first, self.last - self.page + 1)

    def scroll_top(self, top: int) -> None:
        """Show rows from ``top`` on; nothing happens when they are shown already."""
        top = max(min(top, self.bottom_top), self.first)
        if top != self.top:
            self.top = top
            self.refresh()
            self.post_message(self.Scrolled(self))

    def show_row(self, row: int) -> None:
        """Scroll as little as it takes to have ``row`` on the screen."""
        if row < self.top:
            self.scroll_top(row)
        elif row >= self.top + self.page:
            self.scroll_top(row - self.page + 1)
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
        self.scroll_top(self.top + by)
        self.move_to(self.cursor + by)

    def action_first(self) -> None:
        self.move_to(self.first)

    def action_last(self) -> None:
        self.move_to(self.last)

    def wheel(self, by: int) -> None:
        """Scroll; the cursor is taken along when it would leave the screen."""
        self.scroll_top(self.top + by)
        if not self.top <= self.cursor < self.top + self.page:
            self.move_to(min(max(self.cursor, self.top), self.top + self.page - 1))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.wheel(-WHEEL)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.wheel(WHEEL)

    def on_click(self, event: events.Click) -> None:
        row = self.top + event.y
        if self.first <= row <= self.last:
            self.move_to(row)
