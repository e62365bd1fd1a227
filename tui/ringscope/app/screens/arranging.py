# SPDX-License-Identifier: Apache-2.0
"""How the list shows packets: its columns, the format of its times, a row in full, the distance to the mark."""

from __future__ import annotations

import asyncio
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.widget import Widget

from ringscope.app import kept_choice
from ringscope.app.clocks import FORMATS, elapsed, following
from ringscope.app.full_values import full_values
from ringscope.app.glance import Glance
from ringscope.app.kept_choice import KeptWrong
from ringscope.app.listing import Chosen
from ringscope.app.look import Look
from ringscope.app.marks import Marks
from ringscope.app.pieces import Span
from ringscope.app.screens.going import Going
from ringscope.app.units import group, packets
from ringscope.app.values import layers_for, offered
from ringscope.app.widgets.rail import Rail
from ringscope.app.widgets.values_pane import ValuesPane
from ringscope.capture.session import Snapshot

if TYPE_CHECKING:
    from ringscope.app.widgets.columns_line import ColumnsLine

_ENOUGH = 20
"""Lines of a screen that has room for the full values of a row and a pane below them."""


class Arranging(Going):
    """What a person chooses outlasts the session where there is a file for it."""

    def __init__(self, look: Look, glance: Glance, kept_in: Path | None) -> None:
        super().__init__(look, glance)
        self._memory = glance.memory
        self._kept_in = kept_in
        self._before: Chosen = self.listing.chosen
        self._unwritten: Chosen | None = None
        self._told_for: tuple[int, int] | None = None
        self._values_of = 0
        self._asked_in: Widget | None = None
        self.values_pane = ValuesPane(look, id="values")
        self._rails[self.values_pane] = Rail(look, "background", id="values-rail")

    @cached_property
    def columns_line(self) -> ColumnsLine:
        from ringscope.app.widgets.columns_line import ColumnsLine

        return ColumnsLine(self.look, id="columns")

    def compose_list(self) -> ComposeResult:
        yield self.values_pane
        yield self._rails[self.values_pane]

    def keep_up(self, snapshot: Snapshot) -> None:
        """The tick: what times are counted from, and what is said about the row under the cursor."""
        moments, mark = self.listing.moments, self.marks.last
        if moments.first_ns is None and snapshot.head:
            moments.first_ns = next((each.time_ns for each in self._session.read(snapshot.tail, 1, 1)), None)
        if moments.mark_ns != (mark[1] if mark else None):
            moments.mark_ns = mark[1] if mark else None
            self._values_of = 0
            if self.listing.shows_mark():
                self.list.redraw()
        told_for = (mark[0] if mark else 0, self.list.number_shown)
        if told_for != self._told_for:
            self._told_for = told_for
            self.name_panes()
        if self.values_shown and self._values_of != self.list.number_shown:
            self._show_values()

    # -- columns

    def action_columns(self) -> None:
        self.say("")
        self._before = self.listing.chosen
        found = self._session.read(self.list.number_shown, 1) if self.list.count else []
        fields = offered(layers_for(found[0], self._session, self._memory)) if found else {}
        self._asked_in = self.focused
        node = self.layers_pane.node if self.focused is self.layers_pane else None
        new = f"{node.path[0].partition('#')[0]}.{node.name}" if node is not None and node.depth else ""
        self.columns_line.ask(self.listing.columns, fields, new)

    def home(self) -> Widget:
        """Where the keys go when a prompt has closed: to the layers, where one of their fields was to be a column."""
        back, self._asked_in = self._asked_in, None
        if self.values_shown:
            return self.values_pane
        return self.layers_pane if back is self.layers_pane and self.layers_pane.display else self.list

    def on_columns_line_tried(self, event: ColumnsLine.Tried) -> None:
        if self.columns_line.is_open:
            self._choose(Chosen(event.columns, self.listing.time))

    def on_columns_line_kept(self, event: ColumnsLine.Kept) -> None:
        self._choose(Chosen(event.columns, self.listing.time))
        if self.listing.chosen != self._before:
            self.say(f"{len(event.columns)} columns: {', '.join(each.title for each in event.columns)}")
            self._keep()

    def on_columns_line_given_up(self) -> None:
        self._choose(self._before)

    def _choose(self, chosen: Chosen) -> None:
        if chosen != self.listing.chosen:
            self.listing.choose(chosen)
            self.list.replan()
            self.list.redraw()
            self.heading.compose_lines()

    def _keep(self) -> None:
        """Write the file; what is chosen while it is being written is written after that."""
        if self._kept_in is None:
            return
        idle, self._unwritten = self._unwritten is None, self.listing.chosen
        if idle:
            self.run_worker(self._write(self._kept_in), group="keep")

    async def _write(self, path: Path) -> None:
        try:
            while (chosen := self._unwritten) is not None:
                await asyncio.to_thread(kept_choice.write, path, chosen)
                if chosen == self._unwritten:
                    self._unwritten = None
        except KeptWrong as error:
            self._unwritten = None
            self.say(str(error), "warning", stay=15)

    # -- times

    def action_time_format(self) -> None:
        if not self.listing.has("time"):
            self.say("the list has no column of times; C adds one: time")
            return
        name = following(self.listing.time)
        self._choose(Chosen(self.listing.columns, name))
        at, said = list(FORMATS).index(name) + 1, FORMATS[name].said
        if name == "mark" and not len(self.marks):
            said = "seconds since the mark; m marks a packet"
        self.say(f"times, {at} of {len(FORMATS)}: {said}")
        self._keep()

    def distance(self) -> list[Span]:
        return [(f"  {words}", "mark") for words in self.distance_words()[:1]]

    def distance_words(self) -> tuple[str, ...]:
        """How far the cursor is from the packet that was marked last, ever shorter; empty: none is."""
        mark, row = self.marks.last, self._viewing.rows.get(self.list.cursor)
        if mark is None or row is None:
            return ()
        number, time_ns = mark
        here, since = f"{Marks.GLYPH} {group(number)}", f"Δ {elapsed(row.time_ns - time_ns)}"
        if row.number == number:
            return (f"at {here}",)
        apart, where = abs(row.number - number), "after" if row.number > number else "before"
        return f"{since}, {packets(apart)} {where} {here}", f"{since} from {here}", since

    # -- full values

    @property
    def lower_shown(self) -> bool:
        return super().lower_shown and not (self.values_shown and self.size.height < _ENOUGH)

    @property
    def values_shown(self) -> bool:
        """Whether the full values of a row stand in place of the list."""
        return self.has_class("-values")

    def action_values(self) -> None:
        if self.values_shown:
            self.close_values()
        elif self.list.count:
            self.say("")
            self.list.hold()
            self.add_class("-values")
            self.lay_out(*self.size)
            self._show_values()
            self.set_focus(self.values_pane)
            self.name_keys()
        else:
            self.say("there is no row to show the values of")

    def close_values(self) -> None:
        """Back to the list."""
        if self.values_shown:
            self.remove_class("-values")
            self.lay_out(*self.size)
            self.set_focus(self.list)
            self.name_keys()

    def _show_values(self) -> None:
        self._values_of = number = self.list.number_shown
        found, known = self._session.read(number, 1), self._viewing.rows.get(self.list.cursor)
        if not found:
            self.values_pane.show([("No.", f"{group(number)}, which is not kept any more")])
            return
        before_ns = known.before_ns if known else None
        self.values_pane.show(full_values(found[0], self.listing, self._session, self._memory, before_ns))

    def go_to_pane(self, name: str) -> None:
        self.close_values()
        super().go_to_pane(name)

    def action_pane(self, by: int) -> None:
        self.close_values()
        super().action_pane(by)
