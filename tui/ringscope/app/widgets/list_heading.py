# SPDX-License-Identifier: Apache-2.0
"""The line above the packet list: the names of the columns, and what the list is sorted by."""

from __future__ import annotations

from textual import events
from textual.message import Message

from ringscope.app import cells
from ringscope.app.columns import Columns, heading, plan
from ringscope.app.listing import Listing
from ringscope.app.look import Look
from ringscope.app.widgets.lines import FixedLines


class ListHeading(FixedLines):
    """A click on a name sorts by it."""

    class Clicked(Message):
        """The name of a column was clicked: ``what`` it is of."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    def __init__(self, look: Look, listing: Listing, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._listing = listing
        self._columns = plan(80, 1, listing)
        self._told: tuple[str, ...] = ()

    def name_columns(self, columns: Columns) -> None:
        """Show the names of these columns."""
        self._columns = columns
        self.compose_lines()

    def tell(self, forms: tuple[str, ...]) -> None:
        """Say something about the whole list at the end of the line, in the longest form that has room there."""
        if forms != self._told:
            self._told = forms
            self.compose_lines()

    def compose_lines(self) -> None:
        look, width = self.look, self.size.width
        names = cells.cut(heading(self._columns, self._listing), width)
        room = width - cells.width(names) - 4
        told = next((form for form in self._told if cells.width(form) <= room), "")
        gap = " " * max(0, width - cells.width(names) - cells.width(told) - 1)
        dim = look.style("dim")
        self.put(0, [(names + gap, dim), (told, look.style("view"))] if told else [(names, dim)], dim)

    def on_click(self, event: events.Click) -> None:
        column = self._columns.at(event.x)
        if column is not None:
            self.post_message(self.Clicked(column.what))
