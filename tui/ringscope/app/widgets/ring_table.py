# SPDX-License-Identifier: Apache-2.0
"""The table of rings: a row each, with the strip of its blocks. What has not changed is not drawn again."""

from __future__ import annotations

from collections.abc import Sequence

from textual.message import Message
from textual.strip import Strip

from ringscope.app import cells
from ringscope.app.look import Look
from ringscope.app.pieces import Form
from ringscope.app.ring_columns import Plan, RingRow, heading, lay_out, name_of, plan
from ringscope.app.widgets.lines import FixedLines
from ringscope.app.widgets.rows import RowView


class RingTable(RowView):
    """A row a ring; the cursor stays on its ring, wherever that is."""

    class Moved(Message):
        """The cursor is on another ring."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self.plan: Plan = plan(80, 1, ())
        self.rows: Sequence[RingRow] = ()
        self._forms: list[Form] = []
        self._names: tuple[str, ...] = ()

    def show(self, rows: Sequence[RingRow]) -> RingRow:
        """Show the rings, of which there is at least one, as they are now. The one under the cursor."""
        here = self.rows[self.cursor].view.index if self.cursor < len(self.rows) else 0
        self.rows, self.last = rows, len(rows) - 1
        self._lay_out(rows)
        at = next((row for row, ring in enumerate(rows) if ring.view.index == here), 0)
        self.put_cursor(at)
        return rows[at]

    def _lay_out(self, rows: Sequence[RingRow]) -> None:
        several = len({row.view.interface for row in rows}) > 1
        names = tuple(name_of(row.view, several) for row in rows)
        made = plan(self.size.width, max((row.view.blocks for row in rows), default=1), names)
        forms = [lay_out(row, made, name) for row, name in zip(rows, names, strict=True)]
        if made != self.plan or len(forms) != len(self._forms):
            self.plan, self._forms = made, forms
            self.redraw()
            self.post_message(self.Scrolled(self))
            return
        changed = [row for row, (old, new) in enumerate(zip(self._forms, forms, strict=True)) if old != new]
        self._forms = forms
        for row in changed:
            self.redraw_rows(row, row)

    def cursor_moved(self) -> None:
        self.post_message(self.Moved())

    def row_strip(self, row: int) -> Strip:
        look, here = self.look, row == self.cursor
        ground = ("cursor" if self.has_focus else "cursor-away") if here else "background"
        plain = look.style("text", ground)
        pieces = [("▌ " if here else "  ", plain)]
        pieces += [(text, look.style(role, ground)) for text, role in self._forms[row]]
        return self.strip(pieces, plain)

    def on_resize(self) -> None:
        self._lay_out(self.rows)
        super().on_resize()


class RingHeading(FixedLines):
    """What all rings have in common, and below it the names of the columns."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._about: Form = ()
        self._plan: Plan | None = None

    def show(self, about: Form, made: Plan) -> None:
        """``about`` is the first line."""
        if (about, made) != (self._about, self._plan):
            self._about, self._plan = about, made
            self.compose_lines()

    def compose_lines(self) -> None:
        look = self.look
        plain = look.style("text")
        self.put(0, [(text, look.style(role)) for text, role in self._about], plain)
        if self._plan is not None:
            text = cells.cut(heading(self._plan), self.size.width)
            self.put(1, [(text, look.style("dim"))], look.style("dim"))
