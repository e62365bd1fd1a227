# SPDX-License-Identifier: Apache-2.0
"""Screen 2, Rings: how full they are, what they lose, why, and what would help."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from ringscope.app import ring_words
from ringscope.app.commands import bindings
from ringscope.app.glance import Glance
from ringscope.app.history import SPANS
from ringscope.app.look import Look
from ringscope.app.pieces import Form
from ringscope.app.ring_columns import RingRow
from ringscope.app.screens.base import Framed
from ringscope.app.sight import Sight
from ringscope.app.watch import Watch
from ringscope.app.widgets.rail import Rail
from ringscope.app.widgets.ring_table import RingHeading, RingTable
from ringscope.app.widgets.rows import RowView
from ringscope.app.widgets.told import Told
from ringscope.capture.session import Snapshot


class RingsScreen(Framed, inherit_bindings=False):
    """The table of rings, and below it what is told of them."""

    NAME = "rings"
    WATCHES = True
    BINDINGS: ClassVar[list[BindingType]] = bindings("rings")
    AUTO_FOCUS = "#ring-table"

    def __init__(self, look: Look, glance: Glance, watch: Watch) -> None:
        super().__init__(look, glance)
        self._watch = watch
        self.heading = RingHeading(look, id="ring-heading")
        self.table = RingTable(look, id="ring-table")
        self._rail = Rail(look, "background")
        self.panel = Told(look, id="ring-panel")

    def compose_body(self) -> ComposeResult:
        if self.glance.is_live:
            yield self.heading
            with Horizontal(id="ring-box"):
                yield self.table
                yield self._rail
        yield self.panel

    def show_body(self, snapshot: Snapshot) -> None:
        sight = self._watch.sight
        if not self.glance.is_live:
            self.panel.tell(self._no_ring())
        elif sight is None:
            self.panel.tell([((f" {self._watch.fault or 'Looking at the host and the rings.'}", "dim"),)])
        else:
            self._show_rings(sight, snapshot)

    def _no_ring(self) -> list[Form]:
        what = "a file" if self.glance.reading.is_file else "a pipe"
        said = f"{self.glance.session.interface} is {what}: what is read from it passed a ring elsewhere, if any."
        return ring_words.wrapped(said, "text", self.size.width)

    def _show_rings(self, sight: Sight, snapshot: Snapshot) -> None:
        views = sight.rings(snapshot)
        tracks = self._watch.history.queues
        rows = [RingRow(view, track.peak(SPANS[1])) for view, track in zip(views, tracks, strict=False)]
        if len(rows) != len(self.table.rows):
            self._give_room(len(rows))
        self.table.show(rows)
        width = self.size.width
        self.heading.show(ring_words.about(sight.setup, views, self.glance.session.interface, width), self.table.plan)
        self.panel.tell(ring_words.overview(sight, width))

    def lay_out(self, width: int, height: int) -> None:
        self._give_room(len(self.table.rows))

    def _give_room(self, rings: int) -> None:
        """A line of the table for each ring, as long as half of the screen is left for the rest."""
        for box in self.query("#ring-box"):
            box.styles.height = max(1, min(rings, (self.size.height - 5) // 2))

    @on(RowView.Scrolled)
    def _scrolled(self, event: RowView.Scrolled) -> None:
        self._rail.follow(event.view)

    def name_keys(self) -> None:
        self.bar.at("rings", "everywhere", hidden=frozenset(), titles={})
