# SPDX-License-Identifier: Apache-2.0
"""Screen 4, Path: the way of a packet by stages, where it is lost, why, and what would help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from ringscope.app.commands import bindings
from ringscope.app.glance import Glance
from ringscope.app.look import Look
from ringscope.app.numbers import Number
from ringscope.app.pieces import Form, Span
from ringscope.app.screens.base import Framed
from ringscope.app.sight import Sight
from ringscope.app.units import clock
from ringscope.app.watch import Watch
from ringscope.app.way import lines
from ringscope.app.way.account import CURES, EXPLAIN, STAGE, Account, lines_of, of_file, of_moment
from ringscope.app.way.briefs import Brief, beside, briefs
from ringscope.app.way.diagram import side_line
from ringscope.app.way.page import Line
from ringscope.app.widgets.page import OpenedPage, PageView, StageList
from ringscope.app.widgets.rail import Rail
from ringscope.app.widgets.rows import RowView
from ringscope.app.widgets.rule import Rule
from ringscope.app.widgets.way import VerdictLines, WayView
from ringscope.capture.session import Snapshot
from ringscope.frozen import frozen

WIDE: Final = (100, 30)
"""From this size on the stages are boxes."""
_FRAME: Final = 4
"""Lines of the frame, and of the rule above what is opened."""
_LEAST_BELOW, _WHOLE = 5, 20
"""Lines from which on what is opened stands below the stages, and not in their place; and from which on why and what
would help are shown without being asked for."""
_FIGURES, _CURES = 4, 1
"""At most so many below the stage that loses, where stages are lines."""
_QUIET: Final = "ring"
"""The stage that is chosen at first when nothing is wrong."""
_NOTHING_YET: Final = "there is no verdict yet: the host is being looked at for the first time"


@frozen
class Below:
    """A line between the stages that cannot be chosen: a figure of the stage above it, or the heading."""

    before: int
    line: Form

    def form(self, width: int) -> Form:
        """As it was made."""
        return self.line


class PathScreen(Framed, inherit_bindings=False):
    """The chosen stage is that of the verdict until somebody chooses another one."""

    NAME = "path"
    WATCHES = True
    BINDINGS: ClassVar[list[BindingType]] = bindings("path")
    AUTO_FOCUS = None

    def __init__(self, look: Look, glance: Glance, watch: Watch) -> None:
        super().__init__(look, glance)
        self._lookout = watch
        self.said = VerdictLines(look, id="said")
        self.way = WayView(look, id="way")
        self.stages = StageList(look, id="stages")
        self.rule = Rule(look, id="opened-rule")
        self.opened = OpenedPage(look, id="opened")
        self._rails: dict[RowView, Rail] = {view: Rail(look, "background") for view in (self.stages, self.opened)}
        self.chosen = ""
        self.page = STAGE
        self._account: Account | None = None
        self._sight: Sight | None = None
        self._fault = ""
        self._made_of: tuple[object, ...] = ()
        self._parts: dict[str, Brief] = {}
        self._by_user = self._deep = False
        self._unfolded: set[str] = set()
        self._wide = self._both = self._whole = False
        self._needed, self._said_lines = 0, 2

    def compose_body(self) -> ComposeResult:
        yield self.said
        yield self.way
        with Horizontal(id="stages-box"):
            yield self.stages
            yield self._rails[self.stages]
        yield self.rule
        with Horizontal(id="opened-box"):
            yield self.opened
            yield self._rails[self.opened]

    def on_mount(self) -> None:
        self._focus()

    # -- what is shown

    def show_body(self, snapshot: Snapshot) -> None:
        if self._renew(snapshot):
            self._draw()

    def _renew(self, snapshot: Snapshot) -> bool:
        """Take what is known now. Whether it is something else than before."""
        return self._renew_of_watch() if self.glance.is_live else self._renew_of_file(snapshot)

    def _renew_of_watch(self) -> bool:
        sight, fault = self._lookout.sight, self._lookout.fault
        if sight is self._sight and fault == self._fault:
            return False
        self._sight, self._fault = sight, fault
        if sight is not None:
            self._account = of_moment(sight.path(), sight.verdict, sight.first, sight.now)
            if fault:
                self.say(f"{fault}; what is shown is older", "warning")
        return True

    def _renew_of_file(self, snapshot: Snapshot) -> bool:
        fault, hidden = self.glance.reading.fault, self.glance.hidden
        made_of = (snapshot.head, snapshot.tail, snapshot.total, fault, hidden)
        if made_of == self._made_of:
            return False
        self._made_of = made_of
        self._account = of_file(self.glance.session, snapshot, fault=fault, hidden=hidden)
        return True

    def _draw(self) -> None:
        account = self._account
        if account is None:
            self.said.show(None, self._lookout.fault or "Looking at the host for the first time.")
            return
        self.said.show(account.said)
        boxes, sides = briefs(account.way, account.said), beside(account.way, account.said)
        self._parts = {part.key: part for part in (*boxes, *sides)}
        if not self._by_user or self.chosen not in self._parts:
            self.chosen = account.said.stage if account.said.stage in self._parts else _QUIET
        self._make_room(boxes, sides)
        self.way.show(boxes, sides, self.chosen)
        rows = [Line(lines.stage_line(box, self.size.width - 1)) for box in boxes]
        rows += [Line(side_line(part, chosen=False)) for part in sides]
        self.stages.show(rows, self._between(account, boxes))
        self.stages.put_cursor(list(self._parts).index(self.chosen))
        self._draw_page()

    def _between(self, account: Account, boxes: Sequence[Brief]) -> list[Below]:
        """The heading above the stages, and below the one that loses the figures that say where, and a cure."""
        width = self.size.width - 1
        between = [Below(0, lines.heading(width))]
        for row, box in enumerate(boxes, 1):
            if box.mark:
                figures = lines.opened(account.way.stage(box.key), _FIGURES)
                between += [Below(row, lines.figure_line(figure, width)) for figure in figures]
                between += [Below(row, lines.cure_line(cure, width)) for cure in account.said.cures[:_CURES]]
        return between

    def _draw_page(self) -> None:
        if self._account is not None:
            name, width = self.glance.session.interface_name, self.size.width - 1
            whole = self._whole and self.chosen == (self._account.said.stage or _QUIET)
            made = lines_of(self._account, self.page, self.chosen, self._unfolded, name, width, whole=whole)
            self.opened.show(tuple(made))
            self._name_page()

    def _name_page(self) -> None:
        role = "accent" if self.opened.has_focus else "dim"
        if self.page == EXPLAIN:
            spans: list[Span] = [("Why", role), ("  e or Esc: back to the stage", "dim")]
        elif self.page == CURES:
            spans = [("What would help", role), ("  c or Esc: back to the stage", "dim")]
        else:
            title = self._parts[self.chosen].title if self.chosen in self._parts else ""
            spans = [(title, role), ("" if self.opened.has_focus else "  Enter: into it", "dim")]
        if self._account is not None and self._account.since:
            spans.append((f"  in all: since {clock(int(self._account.since * 1e9), 8)}", "dim"))
        self.rule.divide((self.size.width, spans))

    # -- where it stands

    def lay_out(self, width: int, height: int) -> None:
        self._wide = width >= WIDE[0] and height >= WIDE[1]
        self.said.styles.height = self._said_lines = 2 if width >= WIDE[0] or height < 14 else 3
        self._draw()
        self._place()

    def _make_room(self, boxes: Sequence[Brief], sides: Sequence[Brief]) -> None:
        """The stages take what they need, and what is opened the rest of it, or all where that is too little."""
        need = len(boxes) + len(sides) + 1 + _FIGURES + _CURES
        if self._wide:
            need = self.way.needs(boxes, sides, self.size.width)
        left = self.size.height - _FRAME - self._said_lines - need
        self._whole = left >= _WHOLE
        if (need, left >= _LEAST_BELOW) != (self._needed, self._both):
            self._needed, self._both = need, left >= _LEAST_BELOW
            for stages in (self.way, self.query_one("#stages-box")):
                stages.styles.height = need if self._both else "1fr"
            self._place()

    def _place(self) -> None:
        stages, below = self._both or not self._deep, self._both or self._deep
        self.way.display = self._wide and stages
        self.query_one("#stages-box").display = not self._wide and stages
        self.rule.display = self.query_one("#opened-box").display = below
        self._focus()

    def _focus(self) -> None:
        self.set_focus(self.opened if self._deep else self.way if self._wide else self.stages)
        self.name_keys()

    def name_keys(self) -> None:
        place = "opened" if self._deep else "stages"
        self.bar.at("path", place, "everywhere", hidden=frozenset(), titles={})
        self._name_page()

    @on(RowView.Scrolled)
    def _scrolled(self, event: RowView.Scrolled) -> None:
        self._rails[event.view].follow(event.view)

    # -- choosing and opening

    @on(WayView.Moved)
    def _stage_chosen(self) -> None:
        self._choose(self.way.chosen)

    @on(PageView.Moved)
    def _line_chosen(self, event: PageView.Moved) -> None:
        if event.page is self.stages and self._parts:
            self._choose(list(self._parts)[self.stages.cursor])

    def _choose(self, key: str) -> None:
        self._by_user = True
        self.chosen, self.page = key, STAGE
        self._draw()
        self.opened.begin()

    @on(WayView.Opened)
    @on(StageList.Opened)
    def _stage_opened(self) -> None:
        if self._account is None:
            self.say(_NOTHING_YET)
        else:
            self._turn_to(STAGE)

    def _turn_to(self, page: str) -> None:
        self.page, self._deep = page, True
        self._draw_page()
        self._place()
        self.opened.begin()

    def back(self) -> None:
        if not self._deep:
            self.say("nothing is opened; 1 goes to the packets")
            return
        self.page, self._deep = STAGE, False
        self._draw()
        self._place()

    def action_explain(self) -> None:
        self._show_page(EXPLAIN)

    def action_cures(self) -> None:
        self._show_page(CURES)

    def _show_page(self, page: str) -> None:
        if self._account is None:
            self.say(_NOTHING_YET)
        elif self.page == page:
            self.back()
        else:
            self._turn_to(page)

    @on(OpenedPage.Entered)
    async def _entered(self, event: OpenedPage.Entered) -> None:
        line = event.line
        if line.copies:
            self._copy(line.copies)
        elif line.unfolds:
            self._unfolded ^= {line.unfolds}
            self._draw_page()
        elif line.number is not None:
            await self.run_action("app.provenance")
        else:
            self.say("nothing is behind this line")

    def action_copy(self) -> None:
        line = self.opened.here
        if line is not None:
            self._copy(line.copies or "".join(text for text, _ in line.form).strip())

    def _copy(self, text: str) -> None:
        self.say(f"copied: {text}")
        self.copy(text)

    # -- provenance

    def numbers(self) -> tuple[Sequence[Number], int]:
        """Those of the opened stage or page, then those of the lines on top. From outside the first that tells of a
        loss is meant."""
        lines = [line for line in self.opened.lines if line.number]
        mine = list(dict.fromkeys(line.number for line in lines if line.number))
        here = self.opened.here if self._deep else next((line for line in lines if line.tells), None)
        at = mine.index(here.number) if here and here.number else 0
        return (*mine, *super().numbers()[0]), at
