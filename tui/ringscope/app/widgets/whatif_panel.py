# SPDX-License-Identifier: Apache-2.0
"""The table of other rings: what each would have lost. Hidden until opened; Enter says that one of them is wanted."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.strip import Strip

from ringscope.app import whatif_words
from ringscope.app.commands import bindings
from ringscope.app.look import Look
from ringscope.app.pieces import Form
from ringscope.app.ring_words import wrapped
from ringscope.app.widgets.rows import RowView
from ringscope.app.widgets.told import Told
from ringscope.weather.whatif import Geometry, WhatIf


class WhatIfTable(RowView):
    """Rows are outcomes, by their place in the table."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("rows", "whatif")

    class Chosen(Message):
        """Have rings like this one."""

        def __init__(self, geometry: Geometry) -> None:
            super().__init__()
            self.geometry = geometry

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self.table: WhatIf | None = None
        self._forms: list[Form] = []

    def show(self, table: WhatIf | None, now: Geometry, rings: int) -> None:
        """Show another table; None: it is not known yet. The cursor goes to what is advised."""
        rows = table.rows if table else ()
        if table is not None and table is not self.table:
            wanted = table.best or next((row for row in rows if row.present), None)
            self.cursor = rows.index(wanted) if wanted in rows else 0
        self.table, self.first, self.last = table, 0, len(rows) - 1
        self._forms = [whatif_words.row(one, table, now, rings) for one in rows] if table else []
        self.redraw()

    def row_strip(self, row: int) -> Strip:
        look, here = self.look, row == self.cursor
        ground = ("cursor" if self.has_focus else "cursor-away") if here else "background"
        plain = look.style("text", ground)
        pieces = [("▌ " if here else "  ", plain)]
        pieces += [(text, look.style(role, ground)) for text, role in self._forms[row]]
        return self.strip(pieces, plain)

    def action_choose(self) -> None:
        if self.table is not None and self.table.rows:
            self.post_message(self.Chosen(self.table.rows[self.cursor].geometry))


class WhatIfPanel(Vertical):
    """The table with what is said above and below it."""

    DEFAULT_CSS = """
    WhatIfPanel { display: none; height: 1fr; }
    WhatIfPanel.-open { display: block; }
    WhatIfPanel #whatif-head { height: 3; }
    WhatIfPanel #whatif-table { height: 1; width: 1fr; }
    WhatIfPanel #whatif-foot { height: 1fr; }
    """

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._head = Told(look, id="whatif-head")
        self.table = WhatIfTable(look, id="whatif-table")
        self._foot = Told(look, id="whatif-foot")

    def compose(self) -> ComposeResult:
        yield self._head
        yield self.table
        yield self._foot

    @property
    def is_open(self) -> bool:
        """Whether it is on the screen."""
        return self.has_class("-open")

    def open(self) -> None:
        """Show it, with nothing known yet, and take the keys."""
        self.add_class("-open")
        self.tell(None, Geometry(1, 1), 1)
        self.screen.set_focus(self.table)

    def close(self) -> None:
        """Hide it."""
        self.remove_class("-open")

    def tell(self, table: WhatIf | None, now: Geometry, rings: int) -> None:
        """Show what came out."""
        width = self.app.size.width
        said = whatif_words.headline(table) if table else "Replaying the last minute of packets in other rings ..."
        lines = wrapped(said, "bad" if table and table.lost else "text", width)[:2]
        self._head.tell([*lines, *[()] * (2 - len(lines)), ((whatif_words.HEADING, "dim"),)])
        self.table.styles.height = max(1, len(table.rows)) if table else 1
        self.table.show(table, now, rings)
        self._foot.tell([(), *wrapped(whatif_words.footnote(table), "dim", width)] if table else [])
