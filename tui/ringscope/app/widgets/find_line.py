# SPDX-License-Identifier: Apache-2.0
"""The line that searches a followed stream; next and previous."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from ringscope.app.commands import bindings
from ringscope.app.finding import NothingToFind, Wanted, named_mode
from ringscope.app.look import Look
from ringscope.app.sought import MODES, StreamSearch, sought
from ringscope.app.unrolled import Unrolled
from ringscope.app.widgets.prompt import Prompt, PromptInput


class FindInput(PromptInput):
    """The text being typed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("search")


class FindLine(Prompt):
    """Goes on behind the end at the other one, once, and says so. A new search ends the one under way."""

    LABEL = "search"
    INPUT = FindInput

    class Found(Message):
        """Buffer[at:stop] has it; ``around``: behind the end, from the other one again."""

        def __init__(self, at: int, stop: int, what: Wanted, *, around: bool, forward: bool) -> None:
            super().__init__()
            self.at, self.stop_at = at, stop
            self.what = what
            self.around = around
            self.forward = forward

    class Nothing(Message):
        """It is not there."""

        def __init__(self, what: Wanted) -> None:
            super().__init__()
            self.what = what

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._mode = "text"
        self._what: Wanted | None = None
        self._search_now: StreamSearch | None = None
        self._page, self._at = Unrolled(), 0
        self._history: list[str] = []
        self._place = 0

    def ask(self, page: Unrolled, at: int) -> None:
        """Open; the cursor is on buffer[at] of the page."""
        self._page, self._at = page, at
        self._place = len(self._history)
        self.open(self._history[-1] if self._history else "")
        self.input.select_all()
        self._explain()

    def turn(self, by: int) -> None:
        """Another mode."""
        names = list(MODES)
        self._mode = names[(names.index(self._mode) + by) % len(names)]
        self.input.value = named_mode(self.input.value)[1]
        self.input.cursor_position = len(self.input.value)
        self._explain()

    def _explain(self) -> None:
        mode = named_mode(self.input.value)[0] or self._mode
        others = ", ".join(name for name in MODES if name != mode)
        self.answer.say(f" {MODES.get(mode, mode)} in the bytes of either side, also across packets; Tab: {others}")

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

    def enter(self) -> None:
        text = self.input.value
        if not text.strip():
            self.close()
            return
        try:
            self._what = sought(text, self._mode)
        except NothingToFind as error:
            self.answer.say(f" ✗ {error}", "bad")
            return
        self._mode = self._what.mode
        if text in self._history:
            self._history.remove(text)
        self._history.append(text)
        self.close()
        self.again(self._page, self._at, forward=True)

    def again(self, page: Unrolled, at: int, *, forward: bool) -> bool:
        """Search on from buffer[at] of the page. False: nothing was ever searched for."""
        if self._what is None:
            return False
        self.cancel()
        self._search_now = running = StreamSearch(page, self._what)
        self.run_worker(self._search(running, at, forward=forward), group="find")
        return True

    async def _search(self, running: StreamSearch, at: int, *, forward: bool) -> None:
        hit = await running.find(at, forward=forward)
        if self._search_now is not running:
            return
        self._search_now = None
        if hit is None:
            self.post_message(self.Nothing(running.what))
        else:
            begin, stop, around = hit
            self.post_message(self.Found(begin, stop, running.what, around=around, forward=forward))

    def cancel(self) -> bool:
        """End the search under way. Whether there was one."""
        running, self._search_now = self._search_now, None
        if running is not None:
            running.cancel()
        return running is not None

    def told(self) -> tuple[str, float | None] | None:
        """What is being done and how far it is, while a search is under way."""
        running = self._search_now
        return None if running is None else (f"searching for {running.what.text}", running.progress)
