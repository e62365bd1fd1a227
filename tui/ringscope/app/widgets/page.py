# SPDX-License-Identifier: Apache-2.0
"""A page of lines with a cursor: what `ringscope.app.way.page` makes, drawn again only where it has changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from ringscope.app import cells
from ringscope.app.commands import bindings
from ringscope.app.look import Look
from ringscope.app.notes import Note
from ringscope.app.way.page import Line
from ringscope.app.widgets.rows import RowView


class PageView(RowView):
    """Lines that may be others at the next tick. The cursor stays where it is, and the eye with it."""

    class Moved(Message):
        """The user has put the cursor on another line."""

        def __init__(self, page: PageView) -> None:
            super().__init__()
            self.page = page

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self.lines: Sequence[Line] = ()
        self._said: Sequence[Note] = ()

    @property
    def here(self) -> Line | None:
        """The line under the cursor."""
        return self.lines[self.cursor] if self.cursor < len(self.lines) else None

    def show(self, lines: Sequence[Line], notes: Sequence[Note] = ()) -> None:
        """Show these lines, and these notes between them."""
        old, self.lines = self.lines, lines
        if len(old) != len(lines):
            self.last = len(lines) - 1
            self.cursor = max(0, min(self.cursor, self.last))
            self.redraw()
            self.post_message(self.Scrolled(self))
        else:
            for row, (before, now) in enumerate(zip(old, lines, strict=True)):
                if before.form != now.form:
                    self.redraw_rows(row, row)
        if notes != self._said:
            self._said = notes
            self.annotate(notes)
        if len(old) != len(lines):
            self.show_row(self.cursor)

    def begin(self) -> None:
        """The page is another one: to the first line of it that something can be done with, and show its top."""
        useful = (row for row, line in enumerate(self.lines) if line.number or line.copies)
        self.put_cursor(next(useful, 0))
        self.scroll_top(self.low)
        self.show_row(self.cursor)

    def cursor_moved(self) -> None:
        self.post_message(self.Moved(self))

    def row_strip(self, row: int) -> Strip:
        look, width = self.look, self.size.width
        form = self.lines[row].form
        if row == self.cursor:
            style = look.style("text", "cursor" if self.has_focus else "cursor-away")
            text = "".join(text for text, _ in form)
            return self.strip([("▌" + cells.cut(text[1:], width - 1), style)], style)
        return self.strip([(text, look.style(role)) for text, role in form], look.style("text"))


class StageList(PageView):
    """The stages of the way, one line each."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("rows", "stages")

    class Opened(Message):
        """The user wants to see the stage under the cursor."""

    def action_stage(self, by: int) -> None:
        self.move_to(self.cursor + by)

    def action_open(self) -> None:
        self.post_message(self.Opened())


class OpenedPage(PageView):
    """What was opened: a stage, the evidence, the cures."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("rows", "opened")

    class Entered(Message):
        """Enter on a line."""

        def __init__(self, line: Line) -> None:
            super().__init__()
            self.line = line

    def action_enter(self) -> None:
        if self.here is not None:
            self.post_message(self.Entered(self.here))
