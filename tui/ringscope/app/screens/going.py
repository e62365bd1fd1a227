# SPDX-License-Identifier: Apache-2.0
"""Going somewhere in the list: to a number, a time, a gap, a mark, or what is searched for."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING

from ringscope.app.gaps import told
from ringscope.app.glance import Glance
from ringscope.app.look import Look
from ringscope.app.moments import moment
from ringscope.app.screens.panes import Panes
from ringscope.app.units import clock, group
from ringscope.capture.session import Snapshot

if TYPE_CHECKING:
    from ringscope.app.finding import Wanted
    from ringscope.app.widgets.goto_line import GotoLine
    from ringscope.app.widgets.search_line import SearchLine

_BEFORE_A_GAP = 3
"""Rows that are shown before a gap that was gone to."""


class Going(Panes):
    """Where a view hides the packet that was asked for, the nearest one that passes is gone to, and that is said."""

    def __init__(self, look: Look, glance: Glance) -> None:
        super().__init__(look, glance)
        self._session = glance.session
        self._viewing = glance.viewing
        self._snapshot: Snapshot | None = None
        self._hit: tuple[int, Wanted] | None = None

    @cached_property
    def goto_line(self) -> GotoLine:
        from ringscope.app.widgets.goto_line import GotoLine  # as all lines, see `PacketsScreen.complete`

        return GotoLine(self.look, id="goto")

    @cached_property
    def search_line(self) -> SearchLine:
        from ringscope.app.widgets.search_line import SearchLine

        return SearchLine(self.look, self._session, self._viewing, id="search")

    @abstractmethod
    def show_now(self) -> None:
        """Show at once what the next tick would."""

    def go_to(self, number: int) -> None:
        """Put the cursor on a packet."""
        rows = self._viewing.rows
        self.list.move_to(rows.nearest(number))
        here = self.list.number
        if here != number and rows.in_order:
            self.say(f"the view hides packet {group(number)}; the nearest it shows is {group(here)}", "warning")
        elif here != number:
            self.say(f"packet {group(number)} is not among those sorted; the nearest is {group(here)}", "warning")

    def rows_in_order(self) -> tuple[int, int, int]:
        """The row under the cursor, the first and the last, as they are where the list is not sorted."""
        packets, rows = self.list, self._viewing.in_order
        if rows is self._viewing.rows or self._snapshot is None:
            return packets.cursor, packets.first, packets.last
        return rows.nearest(packets.number), *rows.extent(self._snapshot.tail, self._snapshot.head)

    # -- a number, a time or a gap

    def action_goto(self) -> None:
        self.say("")
        if self._snapshot is not None:
            kept = self._snapshot.tail, self._snapshot.head
            self.goto_line.ask(self.list.number, *kept, self._find)

    def _find(self, text: str) -> int | str | None:
        wanted = text.strip().casefold()
        forward = not wanted.startswith("-")
        if wanted.lstrip("+-") in ("gap", "loss"):
            return self._next_gap(forward=forward) or "no packet is missing among those that are kept"
        return self._first_not_before(text)

    def _next_gap(self, *, forward: bool) -> int:
        """The packet behind the next loss, or the one before, round the end of what is kept; 0: there is none."""
        if self._snapshot is None:
            return 0
        tail, head = self._snapshot.tail, self._snapshot.head
        for start in (self.list.number, tail - 1 if forward else head + 1):
            number = self._session.next_loss(start, forward=forward)
            if tail <= number <= head:
                return number
        return 0

    def _first_not_before(self, text: str) -> int | None:
        """The packet that a time means: the first that is not before it, or the last; None: ``text`` is no time."""
        if self._snapshot is None:
            return None
        ends = (self.list.number, self._snapshot.tail, self._snapshot.head)
        times = [packet.time_ns for number in ends for packet in self._session.read(number, 1, 1)]
        at = moment(text, *times) if len(times) == 3 else None
        if at is None:
            return None
        number = self._session.find_time(at)
        return number if 0 < number <= self._snapshot.head else self._snapshot.head

    def on_goto_line_chosen(self, event: GotoLine.Chosen) -> None:
        self.go_to(event.number)
        if event.told:
            self.say(event.told, "warning")
        elif self.list.number == event.number and (losses := self._session.losses(event.number, event.number)):
            self.say(told(losses), "warning")
            # What came before it is of interest, too; the line of the gap, which is not there yet, will stand above it.
            self.list.scroll_top(self.list.places.row(self.list.cursor) - _BEFORE_A_GAP)

    # -- a search

    def action_search(self) -> None:
        self.say("")
        self.search_line.ask(*self.rows_in_order())

    def action_again(self, forward: bool) -> None:
        self.say("")
        if not self.search_line.again(*self.rows_in_order(), forward=forward):
            self.say("nothing was searched for so far; / searches")

    def on_search_line_found(self, event: SearchLine.Found) -> None:
        self._hit = (event.number, event.sought)
        around = event.number == self.list.number
        self.go_to(event.number)
        if around:
            self.say(f"only packet {group(event.number)} has it: {event.sought.text}")
        elif event.around:
            end = "end" if event.forward else "beginning"
            self.say(f"packet {group(event.number)}; went round the {end} of the list", "warning")
        self.light_hit()

    def on_search_line_nothing(self, event: SearchLine.Nothing) -> None:
        self.say(event.said, "warning")

    def light_hit(self) -> None:
        """Light what was searched for, where the packet on show is the one that it was found in."""
        if self._hit is None or self._hit[0] != self.shown_in_detail:
            return
        span = self._hit[1].span(self.hex.data)
        if span is not None:
            self.layers_pane.select_byte(span[0])
            self.hex.light(*span)
            self.name_panes()

    # -- marks

    def action_mark(self) -> None:
        if not self.list.count:
            self.say("there is no packet to mark")
            return
        self.list.hold()
        number = self.list.number
        time_ns = next((packet.time_ns for packet in self._session.read(number, 1, 1)), 0)
        marked = self.marks.toggle(number, time_ns)
        self.list.redraw_rows(self.list.cursor, self.list.cursor)
        word = "marked" if marked else "no longer marked"
        self.say(f"packet {group(number)} is {word}; {group(len(self.marks))} in all", "mark")

    def action_to_mark(self, forward: bool) -> None:
        here, rows = self.list.number, self._viewing.rows
        for number in self.marks.from_here(here, forward=forward):
            if rows.number(rows.nearest(number)) == number:
                self.list.move_to(rows.nearest(number))
                round_ = number <= here if forward else number >= here
                packet = self._session.read(number, 1, 1)
                when = f" at {clock(packet[0].time_ns, 15)}" if packet else ""
                self.say(f"mark: packet {group(number)}{when}{'; went round' if round_ else ''}", "mark")
                return
        self.say("no mark" + (" that the view shows" if len(self.marks) else "; m marks a packet"))
