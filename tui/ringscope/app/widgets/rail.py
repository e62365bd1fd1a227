# SPDX-License-Identifier: Apache-2.0
"""The rail at the right edge of a pane: a line that is also its scroll bar."""

from __future__ import annotations

from textual import events
from textual.strip import Strip

from ringscope.app.look import Look
from ringscope.app.widgets.lines import Lines
from ringscope.app.widgets.rows import RowView


class Rail(Lines):
    """One cell wide. ``ground`` is the role of the pane beside it."""

    def __init__(self, look: Look, ground: str, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._ground = ground
        self._view: RowView | None = None
        self._thumb = range(0)
        self._grabbed = False
        self._strips: dict[bool, Strip] = {}

    def restyle(self) -> None:
        self._strips.clear()
        super().restyle()

    def follow(self, view: RowView) -> None:
        """Show where ``view`` is; draws only when the thumb moves."""
        self._view = view
        thumb = self._place(view)
        if thumb != self._thumb:
            self._thumb = thumb
            self.refresh()

    def _place(self, view: RowView) -> range:
        lines, height = view.high - view.low + 1, self.size.height
        if lines <= view.page or height < 1:
            return range(0)
        length = max(1, height * view.page // lines)
        span = max(1, view.bottom_top - view.low)
        start = round((height - length) * min(1.0, max(0, view.top - view.low) / span))
        return range(start, start + length)

    def on_resize(self) -> None:
        if self._view is not None:
            self.follow(self._view)

    def line(self, y: int) -> Strip:
        on_thumb = y in self._thumb
        strip = self._strips.get(on_thumb)
        if strip is None:
            style = self.look.style("accent" if on_thumb else "rule", self._ground)
            strip = self._strips[on_thumb] = self.strip([("┃" if on_thumb else "│", style)], style)
        return strip

    def on_mouse_down(self, event: events.MouseDown) -> None:
        event.stop()
        self._grabbed = True
        self.capture_mouse()
        self._go(event.y)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._grabbed:
            self._go(event.y)

    def on_mouse_up(self) -> None:
        self._grabbed = False
        self.release_mouse()

    def _go(self, y: int) -> None:
        view = self._view
        if view is None or view.last < view.first:
            return
        share = min(1.0, max(0.0, y / max(1, self.size.height - 1)))
        top = view.low + round(share * max(0, view.bottom_top - view.low))
        view.wheel(top - view.top)
