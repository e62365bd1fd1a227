# SPDX-License-Identifier: Apache-2.0
"""Where a number is from: over any screen, for each of its numbers, with their values as they are now."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from ringscope.app.commands import bindings
from ringscope.app.look import Look
from ringscope.app.numbers import Number
from ringscope.app.screens.base import Framed
from ringscope.app.way.told import choices, told
from ringscope.app.widgets.lines import FixedLines
from ringscope.app.widgets.page import PageView
from ringscope.app.widgets.rail import Rail
from ringscope.app.widgets.rows import RowView
from ringscope.app.widgets.rule import Rule
from ringscope.app.widgets.way import pieces
from ringscope.capture.session import Snapshot

_LEAST_LIST = 3


class Told(FixedLines):
    """What is told of one number."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._number: Number | None = None

    def show(self, number: Number) -> None:
        """Tell of this one."""
        self._number = number
        self.compose_lines()

    def compose_lines(self) -> None:
        if self._number is None:
            return
        forms = list(told(self._number, self.size.width))
        for y in range(max(self.size.height, len(forms))):
            form = forms[y] if y < len(forms) else ()
            self.put(y, pieces(self.look, form), self.look.style("text"))


class ProvenanceScreen(Framed, inherit_bindings=False):
    """Of the numbers of another screen, which stays as it is below."""

    NAME = "provenance"
    BINDINGS: ClassVar[list[BindingType]] = bindings("number")
    AUTO_FOCUS = "#numbers"

    def __init__(self, origin: Framed) -> None:
        super().__init__(origin.look, origin.glance)
        self._origin = origin
        self._numbers, at = origin.numbers()
        self.told = Told(origin.look, id="told")
        self.rule = Rule(origin.look, id="numbers-rule")
        self.list = PageView(origin.look, id="numbers")
        self.list.cursor = at
        self._rail = Rail(origin.look, "background")

    def compose_body(self) -> ComposeResult:
        yield self.told
        yield self.rule
        with Horizontal(id="numbers-box"):
            yield self.list
            yield self._rail

    def show_body(self, snapshot: Snapshot) -> None:
        if self._origin.WATCHES:
            self._origin.show_body(snapshot)  # nobody else does while it is below
        here, (numbers, _) = self._numbers[self.list.cursor], self._origin.numbers()
        self._numbers = numbers
        titles = [one.title for one in numbers]
        self.list.show(choices(numbers, self.size.width - 1))
        if here.title in titles and titles[min(self.list.cursor, len(titles) - 1)] != here.title:
            self.list.put_cursor(titles.index(here.title))
        self._tell()

    def _tell(self) -> None:
        at = min(self.list.cursor, len(self._numbers) - 1)
        self.told.show(self._numbers[at])
        count = f"  {at + 1} of {len(self._numbers)} on this screen, ↑ ↓ for the others"
        self.rule.divide((self.size.width, [("Numbers", "accent"), (count, "dim")]))

    def lay_out(self, width: int, height: int) -> None:
        room = height - 3
        wanted = max(len(list(told(one, width))) for one in self._numbers)
        with_list = room - wanted - 1 >= _LEAST_LIST
        self.told.styles.height = wanted if with_list else "1fr"
        self.rule.display = with_list
        self.query_one("#numbers-box").styles.height = "1fr" if with_list else 1
        self._tell()

    def name_keys(self) -> None:
        self.bar.at("number", "everywhere", hidden=frozenset({"app.provenance"}), titles={})

    @on(PageView.Moved)
    def _chosen(self) -> None:
        self._tell()

    @on(RowView.Scrolled)
    def _scrolled(self, event: RowView.Scrolled) -> None:
        self._rail.follow(event.view)
