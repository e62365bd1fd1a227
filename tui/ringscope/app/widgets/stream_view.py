# SPDX-License-Identifier: Apache-2.0
"""The bytes of a followed stream: rows of text or hexadecimal in the colour of the side that sent them, with an arrow
that says the same; between them the holes, and what happened."""

from __future__ import annotations

from time import monotonic
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from ringscope.app import cells
from ringscope.app.commands import bindings
from ringscope.app.conversation import GLYPHS, ROLES, hole_words
from ringscope.app.look import Look
from ringscope.app.readable import readable, spelled
from ringscope.app.unrolled import Line, Run, Unrolled
from ringscope.app.widgets.lines import Piece
from ringscope.app.widgets.rows import RowView
from ringscope.decode.streams import Stream

_LEAD = 3
"""Cells before a row: the marker of the cursor, the arrow, and a gap."""
_ASCII = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in range(256))
_MOMENT = 0.01
"""Seconds of laying out before keys have a say."""

_Sought = tuple[int, int]
"""An item of the stream's order, and a place in it."""


class StreamView(RowView):
    """Rows of an ``Unrolled``; the cursor is a byte, or a row that has none. ``following`` the end until it moves."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("stream")

    class Moved(Message):
        """The cursor is on another byte."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self.sheet = Unrolled()
        self.column = 0
        self.following = False
        self.growing = True
        self.lit = range(0)
        self._wanted: _Sought | None = None
        self._not_before = 0.0
        self._waiting: tuple[str, ...] = ()
        self._digits = 4

    # -- what is shown

    def update_stream(self, stream: Stream) -> None:
        """Show what has come, and lay out a part of it."""
        begun = monotonic()
        if begun < self._not_before:
            return
        anchor = self._anchor
        changed = self.sheet.take(stream)
        # Where packets change what was first of a long stream, keys come first.
        self._not_before = begun + 5 * (monotonic() - begun)
        if changed is not None:
            self._note_change(changed, anchor)
            self._digits = max(self._digits, *(len(f"{here + gone:x}") for here, gone, _ in stream.totals()))
            self._shape()
        self.lay_on()

    def _note_change(self, changed: int, anchor: _Sought | None) -> None:
        """Rows from ``changed`` on are other ones; the cursor, which was at ``anchor``, stays on its byte."""
        for row in [row for row in self._strips.keys() if row >= changed]:  # noqa: SIM118 - a cache, no mapping
            self._strips.discard(row)
        if self.cursor >= changed and not self.following and self._wanted is None:
            self._wanted = anchor
        self.refresh()

    def lay_on(self) -> bool:
        """Lay out rows for a moment. Whether some are still not."""
        before, until = self.last, monotonic() + _MOMENT
        while not self.sheet.whole and monotonic() < until:
            self.sheet.lay()
        self.last = self.sheet.rows - 1
        if self.following and self.last >= 0:
            self._put(self.last, 1 << 30)
        elif self._wanted is not None:
            self._seek()
        if self.cursor > self.last:
            self.cursor = max(0, self.last)
        if self.last != before:
            self.redraw_rows(max(0, min(before, self.last)), self.last)
            self.top = min(self.top, self.bottom_top)
            self.post_message(self.Scrolled(self))
        return not self.sheet.whole

    def _seek(self) -> None:
        """Put the cursor where it is wanted, as soon as that is laid out."""
        assert self._wanted is not None
        run = self.sheet.run_near(*self._wanted)
        if run is None:
            return
        at = min(run.at + self._wanted[1] - run.start, max(run.at, run.stop - 1)) if run.is_bytes else run.at
        if self._to(run, at):
            self._wanted = None

    def _to(self, run: Run, at: int) -> bool:
        row = self.sheet.row_of(run, at)
        if row is None:
            return False
        self._put(row, at - self.sheet.line(row).at)
        self.post_message(self.Moved())
        return True

    @property
    def _anchor(self) -> _Sought | None:
        line = self.line_under_cursor
        return None if line is None else (line.run.item, line.place + self.column)

    def want(self, run: Run, at: int) -> None:
        """Put the cursor on a byte, at once or when it is laid out."""
        self.following = False
        if not self._to(run, at):
            self._wanted = (run.item, run.start + at - run.at)

    def want_packet(self, number: int, *, near: bool = False) -> bool:
        """Put the cursor on the bytes of a packet, or ``near`` to where they would be. Whether they are there."""
        found = self.sheet.of_packet(number) or (self.sheet.before_packet(number) if near else None)
        if found is not None:
            self.want(*found)
        return found is not None

    def light(self, start: int, stop: int) -> None:
        """Light bytes of the buffer, and put the cursor on the first."""
        self.lit = range(start, stop)
        run = self.sheet.run_at(start)
        if run is not None:
            self.want(run, start)
        self.redraw()

    def turn(self) -> None:
        """From text to bytes in hexadecimal, or back."""
        self._reshape(text=not self.sheet.text)

    def on_resize(self) -> None:
        super().on_resize()
        self._reshape(text=self.sheet.text)

    def _reshape(self, *, text: bool) -> None:
        anchor = self._wanted or self._anchor
        if self._shape(text=text):
            self._wanted = anchor
            self.last = -1
            self.lay_on()
            self.redraw()

    def _shape(self, *, text: bool | None = None) -> bool:
        text = self.sheet.text if text is None else text
        room = self.size.width - _LEAD
        if not text:
            room -= self._digits + 2
            room = 16 if room >= 16 * 4 + 1 else 8 if room >= 8 * 3 else 4
        if not self.sheet.shape(max(1, room), text=text):
            return False
        self._strips.clear()
        return True

    # -- moving

    @property
    def line_under_cursor(self) -> Line | None:
        """The row under the cursor."""
        return self.sheet.line(self.cursor) if 0 <= self.cursor < self.sheet.rows else None

    @property
    def at(self) -> int:
        """The byte of the buffer under the cursor, or where one would be."""
        line = self.line_under_cursor
        return 0 if line is None else line.at + self.column

    @property
    def number(self) -> int:
        """The packet that brought what is under the cursor; 0: none did."""
        line = self.line_under_cursor
        return 0 if line is None else self.sheet.number(line, self.at)

    def _put(self, row: int, column: int) -> None:
        row = max(0, min(row, self.last)) if self.last >= 0 else row
        line = self.sheet.line(row)
        self.column = max(0, min(column, line.stop - line.at - 1))
        self.put_cursor(row)
        self.redraw_rows(row, row)

    def move_to(self, row: int) -> None:
        if self.last >= self.first:
            self._go(row, self.column)

    def _go(self, row: int, column: int) -> None:
        """The user moves the cursor."""
        self._wanted, self.following = None, False
        self._put(row, column)
        self.post_message(self.Moved())

    def action_byte(self, by: int) -> None:
        line = self.line_under_cursor
        if line is None:
            return
        column = self.column + by
        if 0 <= column < line.stop - line.at:
            self._go(self.cursor, column)
        elif 0 <= self.cursor + by <= self.last:
            self._go(self.cursor + by, 0 if by > 0 else 1 << 30)

    def action_first(self) -> None:
        if self.last >= self.first:
            self._go(self.first, 0)

    def action_last(self) -> None:
        if self.last >= self.first:
            self._go(self.last, 1 << 30)
            self.following = True

    def wheel(self, by: int) -> None:
        self.following = False
        super().wheel(by)

    def on_click(self, event: events.Click) -> None:
        row, x = self.top + event.y, event.x - _LEAD
        if not self.first <= row <= self.last or x < 0:
            return
        line, column = self.sheet.line(row), 0
        if self.sheet.text:
            for text, size in spelled(bytes(self.sheet.buffer[line.at : line.stop])):
                x -= cells.width(text)
                if x < 0:
                    break
                column += size
        else:
            column = self._hex_column(x)
        self._go(row, column)

    def _hex_column(self, x: int) -> int:
        width, x = self.sheet.width, max(0, x - self._digits - 2)
        gap = 1 if width == 16 else 0
        if x >= width * 3 + gap:
            return min(width - 1, x - width * 3 - gap)
        return (x - gap if x >= width * 3 // 2 else x) // 3

    # -- drawing

    def wait_for(self, *sentences: str) -> None:
        """What to say while there is nothing."""
        if sentences != self._waiting:
            self._waiting = sentences
            self.refresh()

    def row_strip(self, row: int) -> Strip:
        line, look = self.sheet.line(row), self.look
        here = row == self.cursor
        plain = look.style("text")
        if not line.run.is_bytes:
            return self._said(line.run, here)
        side = line.run.side or 0
        role = ROLES[side]
        lead: list[Piece] = [("▌" if here else " ", look.style("accent")), (f"{GLYPHS[side]} ", look.style(role))]
        data = bytes(self.sheet.buffer[line.at : line.stop])
        marked = here or (self.lit and line.at < self.lit.stop and self.lit.start < line.stop)
        if not self.sheet.text:
            return self.strip(lead + self._hex(line, data, role, here), plain)
        if not marked:
            return self.strip([*lead, (readable(data), look.style(role))], plain)
        pieces, at = lead, line.at
        for text, size in spelled(data):
            under = here and at <= self.at < at + size
            pieces.append((text or (" " if under else ""), self._style(role, range(at, at + size), here)))
            at += size
        return self.strip(_joined(pieces), plain)

    def _hex(self, line: Line, data: bytes, role: str, here: bool) -> list[Piece]:
        look, width = self.look, self.sheet.width
        pieces: list[Piece] = [(f"{line.place:0{self._digits}x}  ", look.style("dim"))]
        for index in range(width):
            known = index < len(data)
            style = self._style(role, range(line.at + index, line.at + index + 1), here) if known else look.style(role)
            pieces.append((f"{data[index]:02x}" if known else "  ", style))
            pieces.append((" " if index + 1 != width // 2 or width < 16 else "  ", look.style(role)))
        if self.size.width >= _LEAD + self._digits + 2 + width * 4 + 1:
            for index, byte in enumerate(data):
                pieces.append((_ASCII[byte], self._style(role, range(line.at + index, line.at + index + 1), here)))
        return _joined(pieces)

    def _style(self, role: str, octets: range, here: bool) -> Style:
        if here and self.at in octets:
            return self.look.style("text", "cursor" if self.has_focus else "cursor-away")
        if octets.start < self.lit.stop and self.lit.start < octets.stop:
            return self.look.style("text", "lit")
        return self.look.style(role)

    def _said(self, run: Run, here: bool) -> Strip:
        """The row of a hole or of an event."""
        look, width = self.look, self.size.width
        if run.hole is not None:
            text, role = hole_words(run.hole, growing=self.growing)
            glyph = GLYPHS[run.side or 0]
        else:
            assert run.event is not None
            text, role = run.event.text, "warning" if run.event.role == "warning" else "dim"
            glyph = "▲" if role == "warning" else "·"
        mark = f"{glyph} ▲" if run.hole is not None and role == "warning" else glyph
        text = cells.cut(f" {text} ", max(0, width - _LEAD - cells.width(mark) - 2))
        rest = "─" * max(0, width - 1 - cells.width(mark) - 2 - cells.width(text))
        if here:
            style = look.style("text", "cursor" if self.has_focus else "cursor-away")
            return self.strip([(f"▌{mark}─{text}{rest}", style)], style)
        rule = look.style("rule")
        return self.strip(
            [(f" {mark}", look.style(role)), ("─", rule), (text, look.style(role)), (rest, rule)], look.style("text")
        )

    def blank_strip(self, y: int) -> Strip:
        start = max(0, (self.size.height - len(self._waiting)) // 3)
        if self.sheet.rows or not start <= y < start + len(self._waiting):
            return super().blank_strip(y)
        role = "text" if y == start else "dim"
        text = cells.cut(self._waiting[y - start], self.size.width - 1)
        return self.strip([(f" {text}", self.look.style(role))], self.look.style("text"))


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of one style as one piece: fewer escape sequences a line."""
    joined: list[Piece] = []
    for text, style in pieces:
        if joined and joined[-1][1] == style:
            joined[-1] = (joined[-1][0] + text, style)
        elif text:
            joined.append((text, style))
    return joined
