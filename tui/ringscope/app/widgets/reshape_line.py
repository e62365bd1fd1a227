# SPDX-License-Identifier: Apache-2.0
"""The line that asks for other rings: a geometry, a fanout mode, a retire timeout, or several of them."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from ringscope.app.commands import bindings
from ringscope.app.look import Look
from ringscope.app.reshaping import HOW, Shape, parse
from ringscope.app.units import size
from ringscope.app.widgets.prompt import Prompt, PromptInput


class ReshapeInput(PromptInput):
    """What is being typed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("reshape")


class ReshapeLine(Prompt):
    """Says while it is typed what it would mean."""

    LABEL = "rings"
    INPUT = ReshapeInput
    PLACEHOLDER = HOW

    class Wanted(Message):
        """Have rings of this shape."""

        def __init__(self, shape: Shape) -> None:
            super().__init__()
            self.shape = shape

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._now = Shape(0, 0, "", 0)
        self._queues = 1

    def ask(self, now: Shape, queues: int) -> None:
        """Open; the rings of that many queues are like this."""
        self._now, self._queues = now, queues
        self._explain("")
        self.open("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._explain(event.value)

    def _explain(self, text: str) -> None:
        shape = parse(text, self._now) if text.strip() else self._now
        if isinstance(shape, str):
            self.answer.say(f" {shape}")
            return
        in_all = size(shape.blocks * shape.block_size * self._queues)
        fanout = f", fanout {shape.fanout}" if self._queues > 1 else ""
        word = "now" if shape == self._now else "that is"
        like = f"{shape.geometry()}{fanout}, timeout {shape.timeout_ms} ms"
        self.answer.say(f" {word}: {like}, {in_all} in all; no gap in the capture")

    def enter(self) -> None:
        if not self.input.value.strip():
            self.close()
            return
        shape = parse(self.input.value, self._now)
        if isinstance(shape, str):
            self.answer.say(f" ✗ {shape}", "bad")
            return
        self.close()
        self.post_message(self.Wanted(shape))
