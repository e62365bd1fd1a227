# SPDX-License-Identifier: Apache-2.0
"""Screen 2, Rings: how full they are, what they lose, why, and what would help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from ringscope.app import ring_words
from ringscope.app.commands import bindings
from ringscope.app.glance import Glance
from ringscope.app.history import SPANS
from ringscope.app.look import Look
from ringscope.app.numbers import Number
from ringscope.app.pieces import Form, Span
from ringscope.app.ring_columns import RingRow
from ringscope.app.ring_numbers import ring_numbers
from ringscope.app.screens.other_rings import OtherRings
from ringscope.app.sight import Sight
from ringscope.app.watch import Watch
from ringscope.app.widgets.charts import Charts
from ringscope.app.widgets.rail import Rail
from ringscope.app.widgets.ring_table import RingHeading, RingTable
from ringscope.app.widgets.rows import RowView
from ringscope.app.widgets.rule import Rule
from ringscope.app.widgets.told import Told
from ringscope.capture.session import Snapshot
from ringscope.weather.rings import RingView, urgency

SETTLE: Final = 0.5
"""Seconds for which rates and sentences stay, so that they can be read."""
_FRAME: Final = 5
"""Lines of the screen that are always the same: two on top, two of the heading, one at the bottom."""

Panel = Callable[[Sight, RingRow, int], list[Form]]
"""What stands below the charts: lines made from what was seen, the ring under the cursor, and a width."""

PANELS: Final[dict[str, tuple[str, Panel]]] = {
    "verdict": ("Verdict", lambda sight, row, width: ring_words.overview(sight, width)),
    "queue": ("Queue {index}", ring_words.details),
    "blame": ("Who feeds queue {index}", lambda sight, row, width: ring_words.blame(sight, row.settled, width)),
    "cures": (
        "What would help; y copies, w tries other rings",
        lambda sight, row, width: ring_words.cures(sight, width),
    ),
}
"""By name, each with its title."""


class RingsScreen(OtherRings, inherit_bindings=False):
    """The table of rings; below it their past, and below that what is told of them."""

    NAME = "rings"
    WATCHES = True
    BINDINGS: ClassVar[list[BindingType]] = bindings("rings")
    AUTO_FOCUS = "#ring-table"

    def __init__(self, look: Look, glance: Glance, watch: Watch) -> None:
        super().__init__(look, glance, watch)
        self.heading = RingHeading(look, id="ring-heading")
        self.table = RingTable(look, id="ring-table")
        self.charts = Charts(look, id="ring-charts")
        self.panel = Told(look, id="ring-panel")
        self._rail = Rail(look, "background")
        self._charts_rule = Rule(look, id="charts-rule")
        self._panel_rule = Rule(look, id="panel-rule")
        self._span = 1
        self._shown = "verdict"
        self._worst_first = False
        self._copied = -1
        self._settled: tuple[RingView, ...] = ()
        self._settled_at = 0.0
        self._about: Form = ()

    def compose_body(self) -> ComposeResult:
        if self.glance.is_live:
            yield self.heading
            with Horizontal(id="ring-box"):
                yield self.table
                yield self._rail
            yield self._charts_rule
            yield self.charts
            yield self._panel_rule
        yield self.panel
        yield from self.compose_others()

    # -- the tick

    def show_body(self, snapshot: Snapshot) -> None:
        sight = self._lookout.sight
        if not self.glance.is_live:
            self.panel.tell(ring_words.wrapped(self.no_ring(), "text", self.size.width))
        elif sight is None:
            self.panel.tell([((f" {self._lookout.fault or 'Looking at the host and the rings.'}", "dim"),)])
        else:
            self._show_rings(sight, snapshot)

    def no_ring(self) -> str:
        what = "a file" if self.glance.reading.is_file else "a pipe"
        return f"{self.glance.session.interface} is {what}: what is read from it passed a ring elsewhere, if any."

    def _show_rings(self, sight: Sight, snapshot: Snapshot) -> None:
        views, history = sight.rings(snapshot), self._lookout.history
        settles = not 0 <= snapshot.time - self._settled_at < SETTLE or len(views) != len(self._settled)
        if settles:
            self._settled, self._settled_at = views, snapshot.time
        rows = [
            RingRow(view, settled, max(view.fill, track.peak(SPANS[1])))
            for view, settled, track in zip(views, self._settled, history.queues, strict=False)
        ]
        if self._worst_first:
            rows.sort(key=lambda row: urgency(row.settled), reverse=True)
        if len(rows) != len(self.table.rows):
            self._share_out(len(rows))
        row = self.table.show(rows)
        track = history.queues[row.view.index] if self._shown == "queue" else history.total
        self.charts.show(track, SPANS[self._span])
        if settles:
            self._tell(sight, row)

    def _tell(self, sight: Sight, row: RingRow) -> None:
        width, setup = self.size.width, sight.setup
        self._about = ring_words.about(setup, self._settled, self.glance.session.interface, width)
        self.heading.show(self._about, self.table.plan)
        title, made = PANELS[self._shown]
        self._name_rules(row, title)
        lines = made(sight, row, width)
        if self._shown == "verdict":
            lines += self._told_change(width)
            lines += ring_words.observer(sight, self.glance.pace, self.glance.sent, width)
        self.panel.tell(lines)

    def _told_change(self, width: int) -> list[Form]:
        """The change of the rings that was made last, and what has come of it."""
        last, now = self.reshaping.last if self.reshaping else None, self.glance.snapshot
        return ring_words.wrapped(last.told(now), "text", width, hang=3) if last and now else []

    def show_again(self) -> None:
        self._share_out(len(self.table.rows))
        self._again()

    def focus_rings(self) -> None:
        self.set_focus(self.table)

    def _name_rules(self, row: RingRow, title: str) -> None:
        width, span = self.size.width, SPANS[self._span]
        of = f"queue {row.view.index}" if self._shown == "queue" else "all queues"
        after = SPANS[(self._span + 1) % len(SPANS)].title
        past: list[Span] = [(f"Last {span.title}, {of}", "text"), (f"  z: {after}", "dim")]
        self._charts_rule.divide((width, past))
        told: list[Span] = [(title.format(index=row.view.index), "text")]
        self._panel_rule.divide((width, told if self._shown == "verdict" else [*told, ("  Esc: verdict", "dim")]))

    # -- layout

    def lay_out(self, width: int, height: int) -> None:
        self._share_out(len(self.table.rows))
        self._settled_at = 0.0

    def _share_out(self, rings: int) -> None:
        """A line for each ring, up to a third of the screen; the charts get most of the rest, but not from what is said
        below them."""
        if not self.glance.is_live:
            return
        width, height = self.size
        table = max(1, min(rings, max(3, (height - _FRAME) // 3)))
        left = height - _FRAME - table
        down = 4 if width < 110 else 2 if width < 220 else 1
        lines = min(9, max(1, (left - 2) * 9 // 20 // down)) * down
        fits = left - 2 - lines >= 4 and not self.whatif.is_open
        for box in self.query("#ring-box"):
            box.styles.height = table
        self.charts.styles.height = lines if fits else 0
        self.charts.display = self._charts_rule.display = fits
        self._panel_rule.display = left >= 4 and not self.whatif.is_open
        self.panel.display = left > 0 and not self.whatif.is_open

    @on(RowView.Scrolled)
    def _scrolled(self, event: RowView.Scrolled) -> None:
        self._rail.follow(event.view)
        self.heading.show(self._about, self.table.plan)

    @on(RingTable.Moved)
    def _moved(self) -> None:
        self._again()

    def name_keys(self) -> None:
        if not self.glance.is_live:
            self.bar.at("everywhere", hidden=frozenset(), titles={})
            return
        if self.name_other_keys():
            return
        titles = {
            "rings.span": SPANS[(self._span + 1) % len(SPANS)].title,
            "rings.order": "by number" if self._worst_first else "worst first",
        }
        hidden = {f"rings.{self._shown}"} | ({"rings.copy"} if self._shown != "cures" else set())
        self.bar.at("rings", "everywhere", hidden=frozenset(hidden), titles=titles)

    # -- commands

    def action_panel(self, name: str) -> None:
        """Show something below the charts; asked for again, the verdict."""
        if not self.glance.is_live:
            self.say(self.no_ring())
            return
        if self.whatif.is_open:
            self.close_what_if()
        self._shown = "verdict" if name == self._shown else name
        self._copied = -1
        self._lookout.sampling = self._shown == "blame"
        if self._shown == "blame":
            self._lookout.hurry()
        self._again()

    def back(self) -> None:
        if self.whatif.is_open:
            self.close_what_if()
        elif self._shown != "verdict":
            self.action_panel("verdict")
        else:
            self.say("nothing is open here; 1 shows the packets")

    def action_span(self) -> None:
        if not self.glance.is_live:
            self.say(self.no_ring())
            return
        self._span = (self._span + 1) % len(SPANS)
        self._again()

    def action_order(self) -> None:
        if not self.glance.is_live:
            self.say(self.no_ring())
            return
        self._worst_first = not self._worst_first
        self._again()
        self.say("the ring that needs looking at first is on top" if self._worst_first else "rings by their number")

    def action_copy(self) -> None:
        sight = self._lookout.sight
        found = sight.verdict.cures if sight else ()
        if not found:
            self.say("there is no cure to copy")
            return
        if self._shown != "cures":
            self.action_panel("cures")
        self._copied = (self._copied + 1) % len(found)
        command = found[self._copied].command
        told = f"copied {self._copied + 1} of {len(found)}"
        self.say(f"{told}: {command}")
        self.copy(command, told)

    def _again(self) -> None:
        self._settled_at = 0.0
        self.name_keys()
        if self.glance.snapshot is not None:
            self.show_body(self.glance.snapshot)

    def numbers(self) -> tuple[Sequence[Number], int]:
        rows, sight, above = self.table.rows, self._lookout.sight, super().numbers()[0]
        if sight is None or not rows:
            return above, 0
        return (*ring_numbers(rows[min(self.table.cursor, len(rows) - 1)], sight, self.glance.sent.rate), *above), 0
