# SPDX-License-Identifier: Apache-2.0
"""A line for a filter expression, whatever it is for: compiles while it is typed, and remembers what was entered.

Compiling runs in threads; what comes back late, for a text that has changed, is ignored.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod

from textual import on
from textual.timer import Timer
from textual.widgets import Input

from ringscope.app.look import Look
from ringscope.app.programs import Programs, compile_all
from ringscope.app.widgets.prompt import Prompt
from ringscope.capture.session import Session
from ringscope.filter import Compiler, FilterError, UnresolvedName

TYPING, ENTERED = 2.0, 20.0
"""Seconds that libpcap may take: for what is being typed, for what is entered (500 hosts need five)."""

PAUSE = 0.12
"""Seconds without a key after which what was typed is compiled."""


class ExpressionLine(Prompt):
    """Subclasses say what is in force, what a right expression that is being typed leads to, and what Enter does."""

    DOING = ""
    """What is said while Enter is at work."""

    def __init__(self, look: Look, session: Session, compiler: Compiler, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._session = session
        self._compiler = compiler
        self._pause: Timer | None = None
        self._busy = False
        self._entered: str | None = None
        self._history: list[str] = []
        self._place = 0

    @abstractmethod
    def in_force(self) -> str:
        """The expression to begin with."""

    @abstractmethod
    def compiled(self, programs: Programs) -> None:
        """What is typed now has been compiled."""

    @abstractmethod
    async def put_in_force(self, programs: Programs) -> bool:
        """Enter: use it. False when that failed, which has been said; then the line stays open."""

    def edit(self, proposed: str | None = None) -> None:
        """Open with the expression in force, or with one that is proposed in its place."""
        current = self.in_force()
        if not self._history:
            self._history.append(current)
        self._place = len(self._history)
        self._entered = None
        self.answer.say(" ")
        self.open(current if proposed is None else proposed)
        self._check_soon()

    # -- while typing

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        # Behind Enter comes the news of the last letter when both were delivered at once: Enter answers for it.
        if self.is_open and event.value == self.input.value and event.value != self._entered:
            self._entered = None
            self._check_soon()

    def _check_soon(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        # What was said was about the text before.
        self.answer.say(" … compiling")
        self._pause = self.set_timer(PAUSE, self._check)

    def _check(self) -> None:
        if self.is_open and not self._busy:
            self.run_worker(self._try(self.input.value), group="check", exclusive=True)

    async def _try(self, expression: str) -> None:
        # Half a name is nobody's business: nothing is sent to a resolver before Enter.
        programs = await self._compile(expression, TYPING, look_up=False)
        if programs is not None and self.is_open and expression.strip() == self.input.value.strip():
            self.compiled(programs)

    async def _compile(self, expression: str, seconds: float, *, look_up: bool = True) -> Programs | None:
        """The programs; None when there are none, which has been said."""
        try:
            return await asyncio.to_thread(
                compile_all, self._compiler, self._session, expression, timeout=seconds, look_up=look_up
            )
        except UnresolvedName as error:
            if expression.strip() == self.input.value.strip():
                self.answer.say(f" ✓ compiles; on Enter looks up {', '.join(error.names)}", "good")
            return None
        except FilterError as error:
            if expression.strip() == self.input.value.strip():
                self.answer.say(f" ✗ {error}", "bad")
            return None

    # -- Enter

    def enter(self) -> None:
        if not self._busy:
            self._busy = True
            self._entered = self.input.value
            # A check that comes back later would talk over what Enter has to say.
            if self._pause is not None:
                self._pause.stop()
            self.workers.cancel_group(self, "check")
            self.answer.say(f" … {self.DOING}")
            self.run_worker(self._enter(self.input.value.strip()), group="enter")

    async def _enter(self, expression: str) -> None:
        try:
            programs = await self._compile(expression, ENTERED)
            if programs is None or not await self.put_in_force(programs):
                return
        finally:
            self._busy = False
        if expression in self._history:
            self._history.remove(expression)
        self._history.append(expression)
        self.close()

    # -- history

    def recall(self, by: int) -> None:
        place = self._place + by
        if 0 <= place < len(self._history):
            self._place = place
            self.input.value = self._history[place]
            self.input.cursor_position = len(self.input.value)
