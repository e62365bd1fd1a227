# SPDX-License-Identifier: Apache-2.0
"""The capture filter line: compiles while it is typed, attaches on Enter, and never breaks the filter in force."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from ringscope.app.commands import bindings
from ringscope.app.look import Look
from ringscope.app.widgets.prompt import Prompt, PromptInput
from ringscope.capture.session import CaptureError, Session
from ringscope.filter import Compiler, FilterError, Program, UnresolvedName

ETHERNET = 1
"""LINKTYPE_ETHERNET (pcap-linktype(7))."""

TYPING, ENTERED = 2.0, 20.0
"""Seconds that libpcap may take: for what is being typed, for what is to be attached (500 hosts need five)."""

PAUSE = 0.12
"""Seconds without a key after which what was typed is compiled."""


class FilterInput(PromptInput):
    """The expression being typed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("filter")


class FilterLine(Prompt):
    """Compiling and attaching run in threads; what comes back late, for a text that has changed, is ignored."""

    LABEL = "filter"
    INPUT = FilterInput
    PLACEHOLDER = "as for tcpdump: tcp port 443 and host 10.0.0.7; none: every packet"

    class Attached(Message):
        """A new filter is in force from ``epoch`` on."""

        def __init__(self, expression: str, epoch: int) -> None:
            super().__init__()
            self.expression = expression
            self.epoch = epoch

    def __init__(self, look: Look, session: Session, compiler: Compiler, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._session = session
        self._compiler = compiler
        self._pause: Timer | None = None
        self._attaching = False
        self._entered: str | None = None
        self._history: list[str] = []
        self._place = 0

    def edit(self) -> None:
        """Open with the filter in force."""
        current = self._session.filter_expression
        if not self._history:
            self._history.append(current)
        self._place = len(self._history)
        self._entered = None
        self.answer.say(" ")
        self.open(current)
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
        if self.is_open and not self._attaching:
            self.run_worker(self._try(self.input.value), group="check", exclusive=True)

    async def _try(self, expression: str) -> None:
        # Half a name is nobody's business: nothing is sent to a resolver before Enter.
        program = await self._compiled(expression, TYPING, look_up=False)
        if program is not None and expression.strip() == self.input.value.strip():
            count = program.instructions
            size = f"{count} instruction" + ("s" if count != 1 else "")
            what = "every packet" if not expression.strip() else "compiles"
            if program.mode == "offline" and self._session.link_type == ETHERNET:
                # This system let the compiler have no live handle; its code looks for tags only in the bytes.
                self.answer.say(f" ✓ {what}, {size}; VLAN tags that the kernel takes out are not seen", "warning")
            else:
                self.answer.say(f" ✓ {what}, {size}", "good")

    async def _compiled(self, expression: str, seconds: float, *, look_up: bool = True) -> Program | None:
        """The program; None when there is none, which has been said."""
        session = self._session
        try:
            return await asyncio.to_thread(
                self._compiler.compile,
                expression,
                link_type=session.link_type,
                snaplen=session.snaplen,
                timeout=seconds,
                look_up=look_up,
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
        if not self._attaching:
            self._attaching = True
            self._entered = self.input.value
            # A check that comes back later would talk over what attaching has to say.
            if self._pause is not None:
                self._pause.stop()
            self.workers.cancel_group(self, "check")
            self.answer.say(" … attaching")
            self.run_worker(self._put_in_force(self.input.value.strip()), group="attach")

    async def _put_in_force(self, expression: str) -> None:
        try:
            program = await self._compiled(expression, ENTERED)
            if program is None:
                return
            try:
                epoch = await asyncio.to_thread(self._session.set_filter, expression, program.code)
            except CaptureError as error:
                self.answer.say(f" ✗ {error}; the filter in force stays", "bad")
                return
        finally:
            self._attaching = False
        if expression in self._history:
            self._history.remove(expression)
        self._history.append(expression)
        self.close()
        self.post_message(self.Attached(expression, epoch))

    # -- history

    def recall(self, by: int) -> None:
        place = self._place + by
        if 0 <= place < len(self._history):
            self._place = place
            self.input.value = self._history[place]
            self.input.cursor_position = len(self.input.value)
