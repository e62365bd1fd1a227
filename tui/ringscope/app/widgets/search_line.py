# SPDX-License-Identifier: Apache-2.0
"""The search line: what to look for and where; the search itself, off the screen's thread; next and previous."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from ringscope.app.commands import bindings
from ringscope.app.finding import MODES, InfoSearch, NothingToFind, Wanted, named_mode, wanted
from ringscope.app.look import Look
from ringscope.app.packets import Rows
from ringscope.app.units import packets
from ringscope.app.viewing import Viewing
from ringscope.app.widgets.prompt import Prompt, PromptInput
from ringscope.capture.session import CaptureError, Session
from ringscope.capture.views import Search, ViewError


class SearchInput(PromptInput):
    """The text being typed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("search")


class SearchLine(Prompt):
    """Goes on behind the end at the other one, once, and says so. A new search ends the one under way."""

    LABEL = "search"
    INPUT = SearchInput

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
        self._session = session
        self._viewing = viewing
        self._mode = "text"
        self._sought: Wanted | None = None
        self._from = (1, 1, 0)
        self._search_now: Search | InfoSearch | None = None
        self._total = 0
        self._history: list[str] = []
        self._place = 0

    def ask(self, cursor: int, first: int, last: int) -> None:
        """Open; the cursor is on row ``cursor`` of ``first`` to ``last``, as the list is when it is not sorted."""
        self._from = (cursor, first, last)
        self._place = len(self._history)
        self.open(self._history[-1] if self._history else "")
        self.input.select_all()
        self._explain()

    def turn(self, by: int) -> None:
        """Another mode."""
        names = list(MODES)
        self._mode = names[(names.index(self._mode) + by) % len(names)]
        _, text = named_mode(self.input.value)
        self.input.value = text
        self.input.cursor_position = len(text)
        self._explain()

    def _explain(self) -> None:
        mode = named_mode(self.input.value)[0] or self._mode
        others = ", ".join(name for name in MODES if name != mode)
        self.answer.say(f" {MODES[mode]}; Tab: {others}")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._explain()

    def recall(self, by: int) -> None:
        place = self._place + by
        if 0 <= place < len(self._history):
            self._place = place
            self.input.value = self._history[place]
            self.input.cursor_position = len(self.input.value)

    # -- searching

    def enter(self) -> None:
        text = self.input.value
        if not text.strip():
            self.close()
            return
        try:
            sought = wanted(text, self._mode)
        except NothingToFind as error:
            self.answer.say(f" ✗ {error}", "bad")
            return
        self._mode = sought.mode
        if text in self._history:
            self._history.remove(text)
        self._history.append(text)
        self._sought = sought
        self.close()
        self.again(*self._from, forward=True)

    def again(self, cursor: int, first: int, last: int, *, forward: bool) -> bool:
        """Search on from row ``cursor`` of ``first`` to ``last``. False: nothing was ever searched for."""
        if self._sought is None:
            return False
        self.cancel()
        self.run_worker(self._search(self._sought, cursor, first, last, forward=forward), group="search")
        return True

    async def _search(self, sought: Wanted, cursor: int, first: int, last: int, *, forward: bool) -> None:
        rows = self._viewing.in_order
        self._total = max(0, last - first + 1)
        try:
            running = InfoSearch() if sought.pattern is None else self._session.search()
        except CaptureError as error:
            self.post_message(self.Nothing(str(error)))
            return
        self._search_now = running
        legs = [(cursor + 1, last), (first, cursor)] if forward else [(first, cursor - 1), (cursor, last)]
        around = False
        try:
            for low, high in legs:
                number = await self._leg(running, sought, rows, low, high, forward=forward)
                if self._search_now is not running:
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
            if self._search_now is running:
                self._search_now = None

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

    def cancel(self) -> bool:
        """End the search under way. Whether there was one."""
        running, self._search_now = self._search_now, None
        if running is not None:
            running.cancel()
        return running is not None

    def told(self) -> tuple[str, float | None] | None:
        """What is being done and how far it is, while a search is under way."""
        if self._search_now is None or self._sought is None:
            return None
        done = min(1.0, self._search_now.progress / self._total) if self._total else None
        return f"searching {packets(self._total)} for {self._sought.text}", done
