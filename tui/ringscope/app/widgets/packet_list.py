# SPDX-License-Identifier: Apache-2.0
"""The packet list: rows of a session that grows at one end and forgets at the other.

A row is its packet number, so nothing moves when the oldest packets are evicted: their rows stay in place, say so, and
are gone when scrolled away. The list follows the newest packet until the cursor moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from ringscope.app import cells
from ringscope.app.columns import Columns, Row, heading, lay_out, lay_out_whole, plan
from ringscope.app.commands import bindings
from ringscope.app.look import Look
from ringscope.app.notes import Note
from ringscope.app.packets import Rows
from ringscope.app.units import group
from ringscope.app.widgets.lines import FixedLines
from ringscope.app.widgets.rows import RowView


class PacketList(RowView):
    """The rows ``tail`` to ``head``. ``following`` is true until the user moves the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("list")

    class Evicted(Message):
        """The packet under the cursor was evicted; the cursor is at the oldest kept."""

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

    def __init__(self, look: Look, rows: Rows, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self.first = 1
        self.last = 0
        self.top = 1
        self.following = True
        self.moves = 0
        """How often the user has moved the cursor: tells whether it rests."""
        self._rows = rows
        self._columns = plan(80, 1)
        self._waiting: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """Packets in the list."""
        return max(0, self.last - self.first + 1)

    # -- growing and forgetting

    def extend(self, tail: int, head: int) -> None:
        """The session keeps the packets ``tail`` to ``head`` now."""
        if head < tail or (tail, head) == (self.first, self.last):
            return
        old_first, old_last = self.first, self.last
        self.first, self.last = tail, head
        if len(str(head)) != len(str(old_last)):
            self._replan()
        if self.following:
            self.put_cursor(head)
        elif self.cursor < tail:
            self._lose_cursor(tail)
        elif old_first < tail:
            self.redraw_rows(old_first, tail - 1)
        if old_last < old_first:
            self.redraw()
        elif head > old_last:
            self.redraw_rows(old_last + 1, head)
        self.post_message(self.Scrolled(self))

    def _lose_cursor(self, tail: int) -> None:
        gone, self.cursor, self.top = self.cursor, tail, max(self.top, self.low)
        self.redraw()
        self.post_message(self.Evicted(gone, tail))

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
        """Go to the newest packet and stay there."""
        if not self.following:
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

    def row_strip(self, row: int) -> Strip:
        look, width = self.look, self.size.width
        known = self._rows.get(row) if row >= self.first else None
        if known is None:
            gone = f" {row:>{self._columns.number}} evicted" if row >= 1 else ""
            return self.strip([(cells.cut(gone, width), look.style("dim"))], look.style("text"))
        if row == self.cursor:
            ground = "cursor" if self.has_focus else "cursor-away"
            style = look.style("text", ground)
            # While following the row changes ten times a second, and must not change its layout as well.
            text = "".join(lay_out(known, self._columns)) if self.following else self._whole(known)
            return self.strip([("▌" + cells.cut(text, width)[1:], style)], style)
        lead, addresses, protocol, length, info = lay_out(known, self._columns)
        plain, dim, of_class = look.style("text"), look.style("dim"), look.style(known.role)
        pieces = [(lead, dim), (addresses, plain), (protocol, of_class)]
        pieces += [(length, dim), (info, of_class if known.role == "bad" else plain)]
        return self.strip(pieces, plain)

    def _whole(self, row: Row) -> str:
        return lay_out_whole(row, self._columns, self.size.width)

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
        self._replan()
        super().on_resize()
        if self.following and self.count:
            self.put_cursor(self.last)

    def _replan(self) -> None:
        columns = plan(self.size.width, len(str(self.last)))
        if columns != self._columns:
            self._columns = columns
            self.redraw()
            self.post_message(self.Recolumned(columns))


class ListHeading(FixedLines):
    """The names of the columns."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._columns = plan(80, 1)

    def name_columns(self, columns: Columns) -> None:
        """Show the names of these columns."""
        self._columns = columns
        self.compose_lines()

    def compose_lines(self) -> None:
        look = self.look
        text = cells.cut(heading(self._columns), self.size.width)
        self.put(0, [(text, look.style("dim"))], look.style("dim"))


def evicted_notice(number: int, oldest: int) -> str:
    """What is said when the packet under the cursor was evicted."""
    return f"packet {group(number)} was evicted; now at {group(oldest)}, the oldest kept"
