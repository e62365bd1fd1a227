# SPDX-License-Identifier: Apache-2.0
"""The line between the list and the panes below it: names them, and says where the selected field is."""

from __future__ import annotations

from collections.abc import Sequence

from ringscope.app import cells
from ringscope.app.look import Look
from ringscope.app.pieces import Span
from ringscope.app.widgets.lines import FixedLines, Piece


class Rule(FixedLines):
    """One line of stretches, each with a title."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._titles: tuple[tuple[int, Sequence[Span]], ...] = ()

    def divide(self, *titles: tuple[int, Sequence[Span]]) -> None:
        """Set the stretches: for each the column where it ends, and the spans of its title."""
        self._titles = titles
        self.compose_lines()

    def compose_lines(self) -> None:
        look = self.look
        rule = look.style("rule", "surface")
        pieces: list[Piece] = []
        at = 0
        for end, spans in self._titles:
            pieces.append(("┬─ " if at else "─ ", rule))
            at += 3 if at else 2
            for text, role in spans:
                shown = cells.cut(text, max(0, end - at - 1))
                pieces.append((shown, look.style(role, "surface", bold=role == "accent")))
                at += cells.width(shown)
            if at < end:
                pieces.append((" " + "─" * (end - at - 1), rule))
                at = end
        self.put(0, pieces, rule)
