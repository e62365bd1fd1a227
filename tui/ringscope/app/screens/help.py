# SPDX-License-Identifier: Apache-2.0
"""The help screen: a page made from the table of commands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.strip import Strip

from ringscope.app import cells
from ringscope.app.commands import COMMANDS, PLACES, bindings, key_name
from ringscope.app.look import Look
from ringscope.app.screens.base import Telling
from ringscope.app.widgets.rail import Rail
from ringscope.app.widgets.rows import RowView
from ringscope.app.widgets.scrolled import ScrolledLines

HelpLine = tuple[str, str, str]
"""Keys, text, and the role of the text."""

_KEYS = 18
"""Cells of the column of keys."""

_NOTES = (
    "Reading the top lines",
    "stored: packets captured and kept or evicted since.  dropped: packets the kernel lost because the ring was full.",
    "ring: how full it is, a bar a second, the peak of the last minute.  freezes: how often the ring was full.",
    "kept: the packets still in memory; the oldest make room for the newest.",
    "A loss turns the second line loud until Esc says that it was seen; the count stays.",
    "A line of ═ in the list: from there on every packet passed the capture filter it names. Packets that came while"
    " it was put in force lie above the line; they were re-checked, run through it once more.",
    "Blocks of a ring: ▘ is being read, █ waits for the reader, ▖ is being filled, · is free. head: blocks that the"
    " kernel can still open. to full: how long the free ones would last if the reader stopped now.",
    "frames/s in the first line: the screen is drawn less often, so that the capture gets the CPU.",
    "On the path: ▲ packets are lost there, △ they lose bytes, ▽ they go as it was asked for. ~ is estimated, ? could"
    " not be read.",
    "A sorted list is a still picture: what came since is counted in the first line and in the heading of the list.",
    "Mouse: the wheel scrolls, a click selects, one on the name of a column sorts by it, then the other way, then not;"
    " the line at a pane's edge is its scroll bar.",
)


def help_lines(width: int) -> list[HelpLine]:
    """The page for a terminal ``width`` cells wide."""
    lines: list[HelpLine] = []
    for place, title in PLACES.items():
        lines.append(("", title, "accent"))
        for command in COMMANDS:
            if command.where == place:
                keys = "  ".join(key_name(key) for key in command.keys.split(","))
                wrapped = list(_wrap(command.help, max(10, width - _KEYS - 4)))
                lines.append((keys, wrapped[0], "text"))
                lines += [("", line, "text") for line in wrapped[1:]]
        lines.append(("", "", "text"))
    lines.append(("", _NOTES[0], "accent"))
    lines += [("", line, "text") for note in _NOTES[1:] for line in _wrap(note, max(10, width - 4), hang="  ")]
    return lines


def _wrap(text: str, width: int, hang: str = "") -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            yield line
            line = hang + word
        else:
            line = f"{line} {word}" if line else word
    yield line


class HelpPage(ScrolledLines):
    """The page, scrolled by the keys of every list."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._lines: list[HelpLine] = []
        self._notes = 0

    def on_resize(self) -> None:
        self._lines = help_lines(self.size.width)
        self._notes = next(row for row, line in enumerate(self._lines) if line[1] == _NOTES[0])
        self.last = len(self._lines) - 1
        self.scroll_top(self.top)
        self.redraw()
        self.post_message(self.Scrolled(self))

    def row_strip(self, row: int) -> Strip:
        keys, text, role = self._lines[row]
        look = self.look
        column = cells.fit(keys, _KEYS) if row < self._notes and role != "accent" else ""
        shown = cells.cut(text, max(0, self.size.width - 2 - len(column)))
        pieces = [("  " + column, look.style("key")), (shown, look.style(role, bold=role == "accent"))]
        return self.strip(pieces, look.style("text"))


class HelpScreen(Telling, inherit_bindings=False):
    """Help, over whatever was there."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("help")
    AUTO_FOCUS = "#page"

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._page = HelpPage(look, id="page")
        self._rail = Rail(look, "background", id="help-rail")

    def compose(self) -> ComposeResult:
        with Horizontal(id="list-box"):
            yield self._page
            yield self._rail
        yield self.bar

    def on_mount(self) -> None:
        self.bar.at("help", hidden=frozenset({"app.help"}), titles={}, typing=False)

    def on_row_view_scrolled(self, event: RowView.Scrolled) -> None:
        self._rail.follow(event.view)
