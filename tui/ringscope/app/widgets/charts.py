# SPDX-License-Identifier: Apache-2.0
"""The charts of the rings' past, drawn when a bucket of the span on show is finished."""

from __future__ import annotations

from ringscope.app.charts import charts
from ringscope.app.history import SPANS, Span, Track
from ringscope.app.look import Look
from ringscope.app.widgets.lines import FixedLines


class Charts(FixedLines):
    """Of one ring, or of all together."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._track: Track | None = None
        self._span: Span = SPANS[0]
        self._drawn: tuple[object, ...] = ()

    def show(self, track: Track, span: Span) -> None:
        """Show the past of a track. Values are written anew twice a second at most, so that they can be read."""
        state = (track, span, track.index(span), track.index(SPANS[1]))
        if state != self._drawn:
            self._drawn, self._track, self._span = state, track, span
            self.compose_lines()

    def compose_lines(self) -> None:
        look, width, height = self.look, self.size.width, self.size.height
        if self._track is None:
            return
        plain = look.style("text")
        for y, form in enumerate(charts(self._track, self._span, width, height)):
            self.put(y, [(text, look.style(role)) for text, role in form], plain)
