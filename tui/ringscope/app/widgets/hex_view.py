# SPDX-License-Identifier: Apache-2.0
"""The bytes pane: offsets, bytes and their ASCII, with the bytes of the selected field lit and in brackets."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.strip import Strip

from ringscope.app import cells
from ringscope.app.commands import bindings
from ringscope.app.look import Look
from ringscope.app.widgets.lines import Piece
from ringscope.app.widgets.rows import RowView

_ASCII = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in range(256))


class HexView(RowView):
    """The captured bytes of one packet. Rows are lines of 16 bytes, or 8 where it is narrow; the cursor is a byte."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("bytes")

    class Moved(Message):
        """The user moved the cursor to this byte."""

        def __init__(self, byte: int) -> None:
            super().__init__()
            self.byte = byte

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self.data = b""
        self.byte = 0
        self.lit = range(0)
        self.per_row = 16
        self._digits = 4

    def show(self, data: bytes) -> None:
        """The bytes of another packet."""
        self.data = data
        self.lit = range(0)
        self.byte = 0
        self.top = 0
        self._arrange()

    def light(self, start: int, length: int) -> None:
        """Light the bytes of a field and bring them into view."""
        self.lit = range(max(0, start), min(start + length, len(self.data)))
        if self.lit:
            if self.byte not in self.lit:
                self.byte = self.lit.start
            self.cursor = self.byte // self.per_row
            last = self.lit[-1] // self.per_row
            self.show_row(min(last, self.cursor + self.page - 1))
            self.show_row(self.cursor)
        self.redraw()

    def _arrange(self) -> None:
        width = self.size.width
        self._digits = max(4, len(f"{len(self.data):x}"))
        self.per_row = 16 if width >= self._lead + 16 * 3 + 2 + 16 else 8 if width >= self._lead + 8 * 3 else 4
        self.last = max(-1, (len(self.data) - 1) // self.per_row)
        self.cursor = self.byte // self.per_row
        self.show_row(self.cursor)
        self.redraw()
        self.post_message(self.Scrolled(self))

    def on_resize(self) -> None:
        self._arrange()

    @property
    def _lead(self) -> int:
        """Cells before the first byte: the marker, the offset and a gap."""
        return 1 + self._digits + 2

    # -- moving: by bytes, not by rows

    def go_to(self, byte: int) -> None:
        """The user moves the cursor to a byte."""
        if self.data:
            self.byte = max(0, min(byte, len(self.data) - 1))
            self.put_cursor(self.byte // self.per_row)
            self.redraw_rows(self.cursor, self.cursor)
            self.post_message(self.Moved(self.byte))

    def move_to(self, row: int) -> None:
        self.go_to(self.byte + (max(self.first, min(row, self.last)) - self.cursor) * self.per_row)

    def action_byte(self, by: int) -> None:
        self.go_to(self.byte + by)

    def action_first(self) -> None:
        self.go_to(0)

    def action_last(self) -> None:
        self.go_to(len(self.data) - 1)

    def wheel(self, by: int) -> None:
        self.scroll_top(self.top + by)

    def on_click(self, event: events.Click) -> None:
        row, column = self.top + event.y, self._column(event.x)
        if self.first <= row <= self.last and column is not None:
            self.go_to(row * self.per_row + column)

    def _column(self, x: int) -> int | None:
        """The byte of a row under cell ``x``, in the hexadecimal part or in the ASCII part."""
        half = self.per_row // 2
        wide = self._lead + self.per_row * 3 + 1
        if x >= wide + 1:
            column = x - wide - 1
        else:
            x -= self._lead
            column = x // 3 if x < half * 3 else (x - 1) // 3
        return column if 0 <= column < self.per_row else None

    # -- drawing

    def row_strip(self, row: int) -> Strip:
        look = self.look
        dim, text = look.style("dim", "surface"), look.style("text", "surface")
        start = row * self.per_row
        chunk = self.data[start : start + self.per_row]
        marker = "▌" if row == self.cursor else " "
        pieces: list[Piece] = [(f"{marker}{start:0{self._digits}x} ", dim), (self._before(start), text)]
        half = self.per_row // 2
        for index in range(self.per_row):
            at = start + index
            pieces.append((f"{chunk[index]:02x}" if index < len(chunk) else "  ", self._style(at)))
            between = self._before(at + 1) if index + 1 < self.per_row else self._after(at)
            lit = at in self.lit and at + 1 in self.lit and index + 1 < self.per_row
            style = look.style("text", "lit") if lit else text
            pieces.append((" " + between if index + 1 == half else between, style))
        ascii_cells = self.size.width - (self._lead + self.per_row * 3 + 2)
        if ascii_cells >= self.per_row:
            pieces.append((" ", text))
            for index in range(len(chunk)):
                pieces.append((_ASCII[chunk[index]], self._style(start + index)))
        return self.strip(_joined(pieces), text)

    def _before(self, byte: int) -> str:
        """The cell before a byte: a bracket where the lit bytes begin, or end with the byte before."""
        if self.lit and byte == self.lit.start:
            return "["
        return self._after(byte - 1)

    def _after(self, byte: int) -> str:
        return "]" if self.lit and byte == self.lit[-1] else " "

    def _style(self, byte: int) -> Style:
        look = self.look
        if byte == self.byte and self.has_focus:
            return look.style("text", "cursor")
        if byte in self.lit:
            return look.style("text", "lit")
        zero = byte < len(self.data) and self.data[byte] == 0
        return look.style("dim" if zero else "text", "surface")

    def blank_strip(self, y: int) -> Strip:
        dim = self.look.style("dim", "surface")
        text = " no bytes" if y == 0 and not self.data else ""
        return self.strip([(cells.cut(text, self.size.width), dim)], dim)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of one style as one piece: fewer escape sequences a line."""
    joined: list[Piece] = []
    for text, style in pieces:
        if joined and joined[-1][1] == style:
            joined[-1] = (joined[-1][0] + text, style)
        elif text:
            joined.append((text, style))
    return joined
