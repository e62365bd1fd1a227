# SPDX-License-Identifier: Apache-2.0
"""The line that searches a followed stream; next and previous."""

from __future__ import annotations

from textual.message import Message

from ringscope.app.finding import Wanted
from ringscope.app.look import Look
from ringscope.app.sought import MODES, StreamSearch, sought
from ringscope.app.unrolled import Unrolled
from ringscope.app.widgets.wanted_line import WantedLine


class FindLine(WantedLine):
    """Searches the page that it was opened for."""

    MODES = MODES
    WHERE = " in the bytes of either side, also across packets"

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
        self.running: StreamSearch | None = None
        self._page, self._at = Unrolled(), 0

    def ask(self, page: Unrolled, at: int) -> None:
        """Open; the cursor is on buffer[at] of the page."""
        self._page, self._at = page, at
        self.open_with_last()

    def understood(self, text: str, mode: str) -> Wanted:
        return sought(text, mode)

    def begin(self) -> None:
        self.again(self._page, self._at, forward=True)

    def again(self, page: Unrolled, at: int, *, forward: bool) -> bool:
        """Search on from buffer[at] of the page. False: nothing was ever searched for."""
        if self.what is None:
            return False
        self.cancel()
        self.running = running = StreamSearch(page, self.what)
        self.run_worker(self._search(running, at, forward=forward), group="find")
        return True

    async def _search(self, running: StreamSearch, at: int, *, forward: bool) -> None:
        hit = await running.find(at, forward=forward)
        if self.running is not running:
            return
        self.running = None
        if hit is None:
            self.post_message(self.Nothing(running.what))
        else:
            begin, stop, around = hit
            self.post_message(self.Found(begin, stop, running.what, around=around, forward=forward))

    def told(self) -> tuple[str, float | None] | None:
        """What is being done and how far it is, while a search is under way."""
        running = self.running
        return None if running is None else (f"searching for {running.what.text}", running.progress)
