# SPDX-License-Identifier: Apache-2.0
"""Lines that scroll and have no cursor: the keys of every list move what is shown of them."""

from __future__ import annotations

from ringscope.app.widgets.rows import RowView


class ScrolledLines(RowView):
    """A page to be read. Whoever fills it sets ``last``."""

    def move_to(self, row: int) -> None:
        self.scroll_top(self.top + row - self.cursor)

    def action_page(self, by: int) -> None:
        self.scroll_top(self.top + by * max(1, self.page - 1))

    def action_first(self) -> None:
        self.scroll_top(self.first)

    def action_last(self) -> None:
        self.scroll_top(self.bottom_top)

    def wheel(self, by: int) -> None:
        self.scroll_top(self.top + by)
