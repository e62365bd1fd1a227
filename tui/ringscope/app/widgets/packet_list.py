# SPDX-License-Identifier: Apache-2.0
"""The packet list: rows of a session that grows at one end and forgets at the other.

A row is its packet's number or, in a view, its place among those that pass, so nothing moves when the oldest packets
are evicted: their rows stay in place, say so, and are gone when scrolled away. The list follows the newest packet until
the cursor moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from ringscope.app import cells
from ringscope.app.columns import Columns, Row, lay_out, lay_out_whole, plan
from ringscope.app.commands import bindings
from ringscope.app.listing import Listing
from ringscope.app.look import Look
from ringscope.app.marks import Marks
from ringscope.app.notes import Note
from ringscope.app.packets import Rows
from ringscope.app.units import group
from ringscope.app.widgets.rows import RowView


class PacketList(RowView):
    """Some rows of what ``Rows`` has. ``following`` is true until the user moves the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("list")

    class Evicted(Message):
        """The packet under the cursor, ``number``, was evicted; the cursor is at the oldest kept."""

        def __init__(self, number: int, oldest: int) -> None:
            super().__init__()
            self.number = number
            self.oldest = oldest

    class Followed(Message):
        """The list has begun or ceased to follow the newest packet."""

    class Recolumned(Message):
        """The columns have changed."""

        def __init__(self, columns: Columns) -> None:
            super().__init__()
            self.columns = columns

    def __init__(self, look: Look, rows: Rows, marks: Marks, listing: Listing, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self.first = 1
        self.last = 0
        self.top = 1
        self.following = True
        self.moves = 0
        """How often the user has moved the cursor: tells whether it rests."""
        self._rows = rows
        self._marks = marks
        self._listing = listing
        self._newest = 0
        self._number = 0
        self._columns = plan(80, 1, listing)
        self._waiting: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Rows in the list."""
        return max(0, self.last - self.first + 1)

    @property
    def number(self) -> int:
        """The packet under the cursor, 0 for none."""
        if self.first <= self.cursor <= self.last:
            self._number = self._rows.number(self.cursor)
        return self._number

    @property
    def number_shown(self) -> int:
        """The same without asking for it: what the rows were made from may be gone."""
        known = self._rows.get(self.cursor)
        return known.number if known else self._number

    # -- growing and forgetting

    def show_rows(self, rows: Rows, first: int, last: int, newest: int) -> None:
        """Show other rows. The cursor stays on its packet or goes to the nearest, in the same line of the screen."""
        number, line = self.number_shown, self.places.row(self.cursor) - self.top
        self._rows, self.first, self.last = rows, first, last
        super().annotate(())
        self._strips.clear()
        self._see_number(newest)
        self.cursor = last if self.following else max(first, min(rows.nearest(number), last))
        self.top = max(self.low, min(self.places.row(self.cursor) - line, self.bottom_top))
        self.show_row(self.cursor)
        self.redraw()
        self.post_message(self.Scrolled(self))

    def extend(self, first: int, last: int, newest: int = 0) -> None:
        """There are the rows ``first`` to ``last`` now, and packets up to the number ``newest``."""
        if last < first or (first, last) == (self.first, self.last):
            return
        old_first, old_last = self.first, self.last
        self.first, self.last = first, last
        self._see_number(newest or last)
        if self.following:
            self.put_cursor(last)
        elif self.cursor < first:
            if old_last < old_first:
                self.put_cursor(first)
            else:
                self._lose_cursor(first)
        elif old_first < first:
            self.redraw_rows(old_first, first - 1)
        if old_last < old_first:
            self.redraw()
        elif last > old_last:
            self.redraw_rows(old_last + 1, last)
        self.post_message(self.Scrolled(self))

    def _lose_cursor(self, first: int) -> None:
        gone = self.number_shown
        self.cursor, self.top = first, max(self.top, self.low)
        self.redraw()
        self.post_message(self.Evicted(gone, self.number))

    def _see_number(self, newest: int) -> None:
        digits, self._newest = len(str(self._newest)), newest
        if len(str(newest)) != digits:
            self.replan()

    def annotate(self, notes: Sequence[Note]) -> None:
        super().annotate(notes)
        if self.following and self.count:
            self.show_row(self.last)

    def wait_for(self, *sentences: str) -> None:
        """What to say while there is no packet."""
        if sentences != self._waiting:
            self._waiting = sentences
            if not self.count:
                self.redraw()

    # -- following

    def follow(self) -> None:
        """Go to the newest packet and stay there; what is sorted has an end that stays where it is."""
        if not self.following and self._rows.in_order:
            self.following = True
            self.post_message(self.Followed())
        if self.count:
            self.put_cursor(self.last)

    def cursor_moved(self) -> None:
        self.moves += 1
        self.hold()

    def hold(self) -> None:
        """Stay at the packet under the cursor."""
        if self.following:
            self.following = False
            self.post_message(self.Followed())
            self.redraw_rows(self.cursor, self.cursor)

    def action_last(self) -> None:
        self.moves += 1
        self.follow()

    def wheel(self, by: int) -> None:
        if by < 0 and self.low < self.bottom_top:
            self.cursor_moved()
        super().wheel(by)

    # -- drawing

    def prepare(self, first: int, last: int) -> None:
        low = max(self.first, self.places.row_from(self.top + first))
        high = min(self.last, self.places.row_to(self.top + last - 1))
        wanted = [row for row in range(low, high + 1) if row not in self._strips]
        if wanted:
            self._rows.ensure(wanted[0], wanted[-1])
            self.replan()  # columns grow with what they show

    def row_strip(self, row: int) -> Strip:
        look, width = self.look, self.size.width
        known = self._rows.get(row) if row >= self.first else None
        if known is None:
            gone = f" {self._rows.gone(row):>{self._columns.width('number')}} evicted" if row >= 1 else ""
            return self.strip([(cells.cut(gone, width), look.style("dim"))], look.style("text"))
        mark, marked = self._columns.mark, known.number in self._marks
        if row == self.cursor:
            ground = "cursor" if self.has_focus else "cursor-away"
            style = look.style("text", ground)
            # While following the row changes ten times a second, and must not change its layout as well.
            text = self._plain(known) if self.following else self._whole(known)
            text = "▌" + cells.cut(text, width)[1:]
            return self.strip([(text[:mark] + Marks.GLYPH + text[mark + 1 :] if marked else text, style)], style)
        plain, of_class = look.style("text"), look.style(known.role)
        styles = {"dim": look.style("dim"), "text": plain, "class": of_class}
        styles["info"] = of_class if known.role == "bad" else plain
        pieces = [(text, styles[how]) for text, how in lay_out(known, self._columns, self._listing.moments)]
        if marked:
            # What stands there is a gap of the first stretch.
            lead, style = pieces[0]
            pieces[:1] = [(lead[:mark], style), (Marks.GLYPH, look.style("mark")), (lead[mark + 1 :], style)]
        return self.strip(pieces, plain)

    def _plain(self, row: Row) -> str:
        return "".join(text for text, _ in lay_out(row, self._columns, self._listing.moments)).rstrip()

    def _whole(self, row: Row) -> str:
        return lay_out_whole(row, self._columns, self._listing.moments, self.size.width)

    def line(self, y: int) -> Strip:
        if self.count:
            return super().line(y)
        return self.blank_strip(y)

    def blank_strip(self, y: int) -> Strip:
        look = self.look
        start = max(0, (self.size.height - len(self._waiting)) // 3)
        if self.count or not start <= y < start + len(self._waiting):
            return super().blank_strip(y)
        role = "text" if y == start else "dim"
        return self.strip(
            [(" " + cells.cut(self._waiting[y - start], self.size.width - 1), look.style(role))], look.style("text")
        )

    def on_resize(self) -> None:
        self.replan()
        super().on_resize()
        if self.following and self.count:
            self.put_cursor(self.last)

    def replan(self) -> None:
        """Widths or columns may have changed."""
        columns = plan(self.size.width, len(str(self._newest)), self._listing)
        if columns != self._columns:
            self._columns = columns
            self._strips.clear()
            self.post_message(self.Recolumned(columns))


def evicted_notice(number: int, oldest: int) -> str:
    """What is said when the packet under the cursor was evicted."""
    return f"packet {group(number)} was evicted; now at {group(oldest)}, the oldest kept"
