# SPDX-License-Identifier: Apache-2.0
"""Sorting the list by a column: a still picture of the packets that are there, made in a thread."""

from __future__ import annotations

import asyncio
import time
from contextlib import nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on

from ringscope.app.choice import Column
from ringscope.app.glance import Glance
from ringscope.app.look import Look
from ringscope.app.screens.arranging import Arranging
from ringscope.app.sorted_rows import Picture, SortedRows
from ringscope.app.sorting import Key, key_of
from ringscope.app.units import clock, group, packets
from ringscope.app.viewing import Lent
from ringscope.app.widgets.list_heading import ListHeading
from ringscope.app.widgets.prompt import PromptInput
from ringscope.capture.ordering import Ordering, OrderingError, Sorted
from ringscope.capture.session import CaptureError, Snapshot

if TYPE_CHECKING:
    from ringscope.app.widgets.order_line import OrderLine


class Sorting(Arranging):
    """What comes while the list is sorted is counted in the heading, and comes in when it is sorted again."""

    def __init__(self, look: Look, glance: Glance, kept_in: Path | None) -> None:
        super().__init__(look, glance, kept_in)
        self._ordering: tuple[Ordering, Column, int] | None = None

    @cached_property
    def order_line(self) -> OrderLine:
        from ringscope.app.widgets.order_line import OrderLine

        return OrderLine(self.look, id="order")

    def keep_up(self, snapshot: Snapshot) -> None:
        rows = self._viewing.picture
        if rows is None and self.listing.sorted_by and not isinstance(self.focused, PromptInput):
            self.say("no longer sorted: other packets are shown", "view")
        self.listing.sorted_by = rows.picture.what if rows else ""
        self.listing.falling = rows is not None and rows.picture.falling
        super().keep_up(snapshot)
        # Where no pane below the list has a title, the distance to the mark stands in the heading.
        self.heading.tell(self._picture_words(rows) if rows else () if self.lower_shown else self.distance_words())

    def _picture_words(self, rows: SortedRows) -> tuple[str, ...]:
        """What the heading says, from the longest to the shortest."""
        picture = rows.picture
        by = f"{'▼' if picture.falling else '▲'} {picture.title}"
        many, at = group(len(picture.order)), clock(round(picture.time * 1e9), 8)
        newer = f", {group(rows.newer)} newer" if rows.newer else ""
        return (
            f"sorted by {by}: {many} packets at {at}{newer}  o: again",
            f"by {by}: {many} at {at}{newer}",
            f"{by}, {many}{newer}",
            f"{by} {f'+{group(rows.newer)}' if rows.newer else many}",
            by,
            by[:1],
        )

    def action_sort(self) -> None:
        self.say("")
        if not self.list.count:
            self.say("there is nothing to sort yet")
            return
        _, first, last = self.rows_in_order()
        rows = self._viewing.picture
        now = Column(rows.picture.what) if rows else None
        self.order_line.ask(self.listing.columns, now, last - first + 1, falling=self.listing.falling)

    @on(ListHeading.Clicked)
    def _heading_clicked(self, event: ListHeading.Clicked) -> None:
        """By this column; once more the other way round; once more not at all."""
        if not self.list.count:
            return
        again = self.listing.sorted_by == event.what
        self.sort_by(None if again and self.listing.falling else Column(event.what), falling=again)

    def on_order_line_chosen(self, event: OrderLine.Chosen) -> None:
        self.sort_by(event.column, falling=event.falling)

    def sort_by(self, column: Column | None, *, falling: bool) -> None:
        """Sort what is shown; None: show it in the order of packet numbers again."""
        self.cancel_sort()
        if column is None:
            self.listing.sorted_by = ""
            self._viewing.sort(None)
            self.show_now()
            self.say("in the order of packet numbers")
            return
        shown = next((each.title for each in self.listing.columns if each.what == column.what), "")
        title = shown or (column.what if column.is_field else column.title)
        self.run_worker(self._sort(Column(column.what, title), falling=falling), group="sort")

    async def _sort(self, column: Column, *, falling: bool) -> None:
        _, first, last = self.rows_in_order()
        base, lent, then = self._viewing.in_order, self._viewing.lent, time.time()
        try:
            ordering = self._session.ordering()
        except CaptureError as error:
            self.say(f"✗ {error}", "bad")
            return
        self._ordering = (ordering, column, last - first + 1)
        try:
            made = await self._sorted(ordering, key_of(column, self._session), lent, first, last, falling=falling)
        except OrderingError as error:
            self.say(f"✗ not sorted: {error}", "bad", stay=15)
            return
        finally:
            ordering.close()
            current = self._ordering is not None and self._ordering[0] is ordering
            if current:
                self._ordering = None
        if made is None or not current or self._viewing.in_order is not base:
            return
        order, having = made
        picture = Picture(column.what, column.title, falling, order, having, last, then)
        self.list.hold()
        self._viewing.sort(SortedRows(self._session, self._memory, self.listing, base, picture))
        self.show_now()
        self.list.move_to(1)
        self.heading.compose_lines()
        self.say(_done(picture, live=self._session.kind != "file"), "view", stay=12)

    async def _sorted(
        self, ordering: Ordering, key: Key, lent: Lent | None, first: int, last: int, *, falling: bool
    ) -> tuple[Sorted, int] | None:
        """The order, and how many packets have what is sorted by; None: it was cancelled."""
        with lent or nullcontext():
            view = lent.view if lent else None
            if key.value is None:
                order = await asyncio.to_thread(ordering.by_header, key.header, first, last, view=view, falling=falling)
                return None if order is None else (order, len(order))
            return await asyncio.to_thread(
                ordering.by_value, key.value, first, last, view=view, falling=falling, limit=key.limit
            )

    def cancel_sort(self) -> bool:
        """End the sort under way. Whether there was one."""
        running, self._ordering = self._ordering, None
        if running is not None:
            running[0].cancel()
        return running is not None

    def sort_told(self) -> tuple[str, float | None] | None:
        """What is being done and how far it is, while packets are being sorted."""
        if self._ordering is None:
            return None
        ordering, column, total = self._ordering
        share = min(1.0, ordering.progress / total) if total else None
        return f"sorting {packets(total)} by {column.title}", share


def _done(picture: Picture, *, live: bool) -> str:
    many = len(picture.order)
    told = f"by {picture.title} {'▼' if picture.falling else '▲'}, {packets(many)}"
    if picture.having < many:
        told += f", {group(many - picture.having)} without it last"
    return f"{told}, a still picture; again: o Enter" if live else told
