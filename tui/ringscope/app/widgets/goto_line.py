# SPDX-License-Identifier: Apache-2.0
"""The line that asks where to go: to a packet number, to a time, or to where packets are missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from ringscope.app.commands import bindings
from ringscope.app.look import Look
from ringscope.app.units import group
from ringscope.app.widgets.prompt import Prompt, PromptInput


def target(text: str, here: int, first: int, last: int) -> int | None:
    """The packet number that ``text`` means, of those kept (``first`` to ``last``); None when it means none.

    A number (spaces, commas and underscores allowed), ``+N`` or ``-N`` from ``here``, or ``N%`` of what is kept.
    """
    match = re.fullmatch(r"([+-]?)(\d{1,18})(%?)", re.sub(r"[\s,_]", "", text))
    if match is None:
        return None
    sign, digits, share = match.groups()
    number = int(digits)
    if share:
        return None if sign or number > 100 else first + (last - first) * number // 100
    return here + number if sign == "+" else here - number if sign == "-" else number


class GotoInput(PromptInput):
    """The number being typed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("goto")


class GotoLine(Prompt):
    """Knows the range of packets it may go to."""

    LABEL = "go to"
    INPUT = GotoInput
    PLACEHOLDER = "a packet number, +100, 50%, a time: 12:04:31, -30s, or the next gap: gap, -gap"

    class Chosen(Message):
        """Go to this packet, one of those kept; ``told`` says why it is not the one that was asked for."""

        def __init__(self, number: int, told: str = "") -> None:
            super().__init__()
            self.number, self.told = number, told

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._here, self._first, self._last = 0, 1, 0
        self._find: Callable[[str], int | str | None] = lambda text: None

    def ask(self, here: int, first: int, last: int, find: Callable[[str], int | str | None]) -> None:
        """Open; the cursor is at ``here``, and ``first`` to ``last`` are kept. ``find``: the packet that a text means
        which is no number, or why there is none; None where it means none.
        """
        self._here, self._first, self._last, self._find = here, first, last, find
        self._explain()
        self.open("")

    def _explain(self) -> None:
        kept = f"kept: {group(self._first)} to {group(self._last)}" if self._last >= self._first else "no packet yet"
        self.answer.say(f" {kept}")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._explain()

    def enter(self) -> None:
        if not self.input.value.strip():
            self.close()
            return
        number: int | str | None = target(self.input.value, self._here, self._first, self._last)
        if number is None and self._last >= self._first:
            number = self._find(self.input.value)
        if isinstance(number, str):
            self.answer.say(f" {number}")
            return
        if number is None or self._last < self._first:
            self.answer.say(" ✗ a packet number, +100, -100 or 50%; a time: 12:04:31, -30s; gap, -gap", "bad")
            return
        self.close()
        nearest = max(self._first, min(number, self._last))
        missed = f"there is no packet {group(number)}; kept are {group(self._first)} to {group(self._last)}"
        self.post_message(self.Chosen(nearest, missed if nearest != number else ""))
