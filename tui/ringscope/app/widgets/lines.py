# SPDX-License-Identifier: Apache-2.0
"""The base of every widget here: a widget that draws whole lines itself and keeps them.

Textual's usual way gives each line a pass through borders, padding, opacity and filters on every frame, and drops the
escape sequences cached on the strips. These widgets have no use for that; their strips are made once and kept.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from ringscope.app import cells
from ringscope.app.look import Look

Piece = tuple[str, Style]
"""Text, already through the gate, and its style."""


class Lines(Widget):
    """A widget of lines. Subclasses give ``line(y)``; what they return is drawn as it is."""

    ALLOW_SELECT = False

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.look = look

    @abstractmethod
    def line(self, y: int) -> Strip:
        """The strip of line ``y`` of the widget, exactly as wide as the widget."""

    def prepare(self, first: int, last: int) -> None:
        """Called once before the lines ``first`` to ``last - 1`` are asked for."""

    def restyle(self) -> None:
        """The theme has changed."""
        self.refresh()

    def strip(self, pieces: Iterable[Piece], fill: Style) -> Strip:
        """Pieces side by side, the rest of the line in ``fill``, through the app's line filters."""
        width, taken = self.size.width, 0
        segments: list[Segment] = []
        for text, style in pieces:
            taken += cells.width(text)
            segments.append(Segment(text, style))
        if taken < width:
            segments.append(Segment(" " * (width - taken), fill))
        strip = Strip(segments, max(taken, width))
        ground = self.look.ground
        for line_filter in self.app.get_line_filters():
            strip = strip.apply_filter(line_filter, ground)
        return strip if taken <= width else strip.crop(0, width)

    def render_lines(self, crop: Region) -> list[Strip]:
        self.prepare(crop.y, crop.bottom)
        strips = [self.line(y) for y in range(crop.y, crop.bottom)]
        if crop.x or crop.right != self.size.width:
            strips = [strip.crop(crop.x, crop.right) for strip in strips]
        return strips


class FixedLines(Lines):
    """A few lines that are composed as a whole and drawn again only where they have changed."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._pieces: list[tuple[tuple[Piece, ...], Style]] = []
        self._strips: dict[int, Strip] = {}

    def put(self, y: int, pieces: Iterable[Piece], fill: Style) -> None:
        """Set line ``y``."""
        blank = ((), fill)
        while len(self._pieces) <= y:
            self._pieces.append(blank)
        new = (tuple(pieces), fill)
        if new != self._pieces[y]:
            self._pieces[y] = new
            self._strips.pop(y, None)
            self.refresh(Region(0, y, max(1, self.size.width), 1))

    def text(self, y: int = 0) -> str:
        """The text of line ``y``."""
        return "".join(text for text, _ in self._pieces[y][0]) if y < len(self._pieces) else ""

    def restyle(self) -> None:
        self._strips.clear()
        self.compose_lines()
        super().restyle()

    def compose_lines(self) -> None:
        """Put every line again, for a new width or new colours."""

    def on_resize(self) -> None:
        self._strips.clear()
        self.compose_lines()

    def line(self, y: int) -> Strip:
        strip = self._strips.get(y)
        if strip is None or strip.cell_length != self.size.width:
            pieces, fill = self._pieces[y] if y < len(self._pieces) else ((), self.look.style("text"))
            strip = self._strips[y] = self.strip(pieces, fill)
        return strip
