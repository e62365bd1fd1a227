# SPDX-License-Identifier: Apache-2.0
"""Lines of text in roles, as many as there is room for; where there is not, the last one says how many are missing."""

from __future__ import annotations

from collections.abc import Sequence

from ringscope.app.look import Look
from ringscope.app.pieces import Form, clip
from ringscope.app.widgets.lines import FixedLines


class Told(FixedLines):
    """Shows what it was told last."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._forms: tuple[Form, ...] = ()

    def tell(self, forms: Sequence[Form]) -> None:
        """Show these lines."""
        if tuple(forms) != self._forms:
            self._forms = tuple(forms)
            self.compose_lines()

    def compose_lines(self) -> None:
        look, height = self.look, self.size.height
        shown = list(self._forms[:height])
        if (missing := len(self._forms) - height + 1) > 1 and height > 0:
            shown[-1] = ((f" ... {missing} more lines; a taller window shows them", "dim"),)
        plain = look.style("text")
        for y in range(height):
            form = clip(shown[y], self.size.width) if y < len(shown) else ()
            self.put(y, [(text, look.style(role, bold=role == "accent")) for text, role in form], plain)
