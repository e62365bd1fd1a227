# SPDX-License-Identifier: Apache-2.0
"""The search line: what to look for and where; the search itself, off the screen's thread; next and previous."""

from __future__ import annotations

import asyncio

from textual.message import Message

from ringscope.app.finding import MODES, InfoSearch, Wanted, wanted
from ringscope.app.look import Look
from ringscope.app.packets import Rows
from ringscope.app.units import packets
from ringscope.app.viewing import Viewing
from ringscope.app.widgets.wanted_line import WantedLine
from ringscope.capture.session import CaptureError, Session
from ringscope.capture.views import Search, ViewError


class SearchLine(WantedLine):
    """Searches the packets that the list shows."""

    MODES = MODES

    class Found(Message):
        """A packet has it; ``around``: behind the end, from the other one again."""

        def __init__(self, number: int, sought: Wanted, *, around: bool, forward: bool) -> None:
            super().__init__()
            self.number = number
            self.sought = sought
            self.around = around
            self.forward = forward

    class Nothing(Message):
        """It was not found: ``said`` is why."""

        def __init__(self, said: str) -> None:
            super().__init__()
            self.said = said

    def __init__(self, look: Look, session: Session, viewing: Viewing, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self.running: Search | InfoSearch | None = None
        self._session = session
        self._viewing = viewing
        self._from = (1, 1, 0)
        self._total = 0

    def ask(self, cursor: int, first: int, last: int) -> None:
        """Open; the cursor is on row ``cursor`` of ``first`` to ``last``, as the list is when it is not sorted."""
        self._from = (cursor, first, last)
        self.open_with_last()

    def understood(self, text: str, mode: str) -> Wanted:
        return wanted(text, mode)

    def begin(self) -> None:
        self.again(*self._from, forward=True)

    def again(self, cursor: int, first: int, last: int, *, forward: bool) -> bool:
        """Search on from row ``cursor`` of ``first`` to ``last``. False: nothing was ever searched for."""
        if self.what is None:
            return False
        self.cancel()
        self.run_worker(self._search(self.what, cursor, first, last, forward=forward), group="search")
        return True

    async def _search(self, sought: Wanted, cursor: int, first: int, last: int, *, forward: bool) -> None:
        rows = self._viewing.in_order
        self._total = max(0, last - first + 1)
        try:
            running = InfoSearch() if sought.pattern is None else self._session.search()
        except CaptureError as error:
            self.post_message(self.Nothing(str(error)))
            return
        self.running = running
        legs = [(cursor + 1, last), (first, cursor)] if forward else [(first, cursor - 1), (cursor, last)]
        around = False
        try:
            for low, high in legs:
                number = await self._leg(running, sought, rows, low, high, forward=forward)
                if self.running is not running:
                    return  # another search is under way, or Esc was pressed
                if number is not None:
                    self.post_message(self.Found(number, sought, around=around, forward=forward))
                    return
                around = True
            self.post_message(self.Nothing(f"not found: {sought.text}  ({packets(self._total)} looked at)"))
        except ViewError as error:
            self.post_message(self.Nothing(str(error)))
        finally:
            if not isinstance(running, InfoSearch):
                running.close()
            if self.running is running:
                self.running = None

    async def _leg(
        self, running: Search | InfoSearch, sought: Wanted, rows: Rows, low: int, high: int, *, forward: bool
    ) -> int | None:
        if low > high:
            return None
        if isinstance(running, InfoSearch) or sought.pattern is None:
            assert isinstance(running, InfoSearch)
            return await running.find(sought, rows, low, high, forward=forward)
        start = rows.number(low if forward else high)
        lent = self._viewing.lent
        if lent is None:
            return await asyncio.to_thread(running.find, sought.pattern, start, forward=forward)
        with lent:
            return await asyncio.to_thread(running.find, sought.pattern, start, forward=forward, view=lent.view)

    def told(self) -> tuple[str, float | None] | None:
        """What is being done and how far it is, while a search is under way."""
        if self.running is None or self.what is None:
            return None
        done = min(1.0, self.running.progress / self._total) if self._total else None
        return f"searching {packets(self._total)} for {self.what.text}", done
