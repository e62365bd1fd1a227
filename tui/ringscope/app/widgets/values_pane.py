# SPDX-License-Identifier: Apache-2.0
"""The full values of one row: every column, whole and wrapped, in place of the list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.strip import Strip

from ringscope.app import cells
from ringscope.app.commands import bindings
from ringscope.app.look import Look
from ringscope.app.widgets.scrolled import ScrolledLines

_TITLES = 16
"""Cells that names take at most."""


def value_lines(pairs: Sequence[tuple[str, str]], width: int) -> list[tuple[str, str]]:
    """Names and values as lines of at most ``width`` cells: a value goes on below itself."""
    room = min(_TITLES, max((cells.width(cells.safe(name)) for name, _ in pairs), default=0), max(4, width // 3))
    lines: list[tuple[str, str]] = []
    for name, value in pairs:
        head = " " + cells.fit(name, room) + "  "
        for part in _broken(value, max(1, width - room - 3)):
            lines.append((head, part))
            head = " " * (room + 3)
    return lines


def _broken(value: str, width: int) -> list[str]:
    """A value in pieces: between words where that leaves no line half empty, else anywhere. Nothing is left out."""
    rest, parts = cells.safe(value), []
    while cells.width(rest) > width:
        at = 0
        taken = 0
        while at < len(rest) and taken + cells.width(rest[at]) <= width:
            taken += cells.width(rest[at])
            at += 1
        space = rest.rfind(" ", at // 2, at + 1)
        if space > 0:
            parts.append(rest[:space])
            rest = rest[space + 1 :]
        else:
            parts.append(rest[: max(1, at)])
            rest = rest[max(1, at) :]
    return [*parts, rest]


class ValuesPane(ScrolledLines):
    """As many lines as the values take."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("values")

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._pairs: Sequence[tuple[str, str]] = ()
        self._lines: list[tuple[str, str]] = []

    def show(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Names and values of another row."""
        self._pairs = pairs
        self._wrap()

    def _wrap(self) -> None:
        self._lines = value_lines(self._pairs, self.size.width)
        self.last = len(self._lines) - 1
        self.top = max(self.low, min(self.top, self.bottom_top))
        self.redraw()
        self.post_message(self.Scrolled(self))

    def on_resize(self) -> None:
        self._wrap()

    def row_strip(self, row: int) -> Strip:
        name, value = self._lines[row]
        look = self.look
        return self.strip([(name, look.style("dim")), (value, look.style("text"))], look.style("text"))
