# SPDX-License-Identifier: Apache-2.0
"""The view line: shows what passes while it is typed; Enter keeps that, Esc goes back to what was shown before."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.message import Message

from ringscope.app.commands import bindings
from ringscope.app.look import Look
from ringscope.app.programs import Programs
from ringscope.app.viewing import Viewing
from ringscope.app.widgets.expression_line import ExpressionLine
from ringscope.app.widgets.prompt import PromptInput
from ringscope.capture.session import Session
from ringscope.filter import Compiler


class ViewInput(PromptInput):
    """The expression being typed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("view")


class ViewLine(ExpressionLine):
    """What it shows hides packets; none is lost by it."""

    LABEL = "view"
    INPUT = ViewInput
    PLACEHOLDER = "hides what does not pass: tcp port 443 and host 10.0.0.7; none: all packets"
    DOING = "looking"

    class Changed(Message):
        """Other packets are shown now."""

    class Kept(Message):
        """A view was entered."""

    def __init__(
        self, look: Look, session: Session, compiler: Compiler, viewing: Viewing, *, id: str | None = None
    ) -> None:
        super().__init__(look, session, compiler, id=id)
        self._viewing = viewing
        self._faults = ""

    def in_force(self) -> str:
        return self._viewing.in_force

    def compiled(self, programs: Programs) -> None:
        self._show(programs)

    def _show(self, programs: Programs) -> None:
        self._faults = "".join(f"; never of link type {number}: {why}" for number, why in programs.faults.items())
        wanted = programs.expression.strip()
        if wanted != self._viewing.expression or not wanted:
            self._viewing.attempt(programs if wanted else None)
            self.post_message(self.Changed())

    def progress(self, tail: int, head: int) -> None:
        """The moment has come to say how many pass; the packets ``tail`` to ``head`` are kept."""
        if self.is_open and self.input.value.strip() == self._viewing.expression and not self._busy:
            told = self._viewing.told(tail, head)
            self.answer.say(f" ✓ {told}{self._faults}", "warning" if self._faults else "good")

    async def put_in_force(self, programs: Programs) -> bool:
        self._show(programs)
        self._viewing.keep()
        self.post_message(self.Kept())
        return True

    def close(self) -> None:
        if self.is_open:
            self._viewing.give_up()
            self.post_message(self.Changed())
        super().close()
