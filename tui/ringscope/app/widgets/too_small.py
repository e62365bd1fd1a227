# SPDX-License-Identifier: Apache-2.0
"""What is shown when the terminal is too small for anything else."""

from __future__ import annotations

from textual.strip import Strip

from ringscope.app import cells
from ringscope.app.look import Look
from ringscope.app.widgets.lines import Lines


class TooSmall(Lines):
    """One sentence."""

    def __init__(self, look: Look, least: tuple[int, int], *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._least = least

    def line(self, y: int) -> Strip:
        look = self.look
        width, height = self._least
        words = f"ringscope needs {width}x{height} cells, this is {self.size.width}x{self.size.height}. q quits."
        room = max(1, self.size.width)
        lines: list[str] = [""]
        for word in words.split():
            if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
                lines.append("")
            lines[-1] = f"{lines[-1]} {word}".strip()
        text = cells.cut(lines[y], room) if y < len(lines) else ""
        return self.strip([(text, look.style("text"))], look.style("text"))
