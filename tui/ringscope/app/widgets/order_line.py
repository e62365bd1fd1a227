# SPDX-License-Identifier: Apache-2.0
"""The line that asks what the packet list is to be sorted by."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from ringscope.app import choice
from ringscope.app.choice import MORE, USUAL, Column, WrongColumns
from ringscope.app.commands import bindings
from ringscope.app.look import Look
from ringscope.app.units import packets
from ringscope.app.widgets.prompt import Prompt, PromptInput

NONE = "none"
"""What is typed for a list that is not sorted."""


class OrderInput(PromptInput):
    """The column being typed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("order")


class OrderLine(Prompt):
    """Up and down choose the direction, Tab the column."""

    LABEL = "sort by"
    INPUT = OrderInput
    PLACEHOLDER = "a column: length, source, tcp.Window"

    class Chosen(Message):
        """Sort by this column; None: not at all."""

        def __init__(self, column: Column | None, *, falling: bool) -> None:
            super().__init__()
            self.column = column
            self.falling = falling

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._columns: tuple[Column, ...] = ()
        self._falling = False
        self._sorted = False
        self._count = 0

    def ask(self, columns: tuple[Column, ...], now: Column | None, count: int, *, falling: bool) -> None:
        """Open; the list has these columns and ``count`` packets, and is sorted by ``now``; None: it is not."""
        self._columns, self._count, self._sorted, self._falling = columns, count, now is not None, falling
        self.open(choice.written(now) if now else "")
        self.input.select_all()
        self._explain()

    def _offered(self) -> list[Column]:
        first = [Column(NONE)] if self._sorted else []
        shown = [each.what for each in self._columns]
        return [*first, *self._columns, *(Column(what) for what in (*USUAL, *MORE) if what not in (*shown, "bytes"))]

    def _typed_column(self) -> Column | None:
        """None: not sorted. Raises WrongColumns."""
        text = self.input.value.strip()
        if text.lower() in ("", NONE):
            return None
        named = next((each for each in self._columns if text.casefold() == each.title.casefold()), None)
        return named or choice.column(text)

    def _explain(self) -> None:
        try:
            column = self._typed_column()
        except WrongColumns as error:
            self.answer.say(f" … {error}")
            return
        if column is None and self._sorted:
            self.answer.say(" ⏎ as they came; Tab: a column")
        elif column is None:
            names = "  ".join(each.what for each in self._offered()[:7])
            self.answer.say(f" Tab: {names}")
        else:
            ways = "▼ the greatest first (↑ the least)" if self._falling else "▲ the least first (↓ the greatest)"
            self.answer.say(f" {ways}; sorts {packets(self._count)} as they are now")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._explain()

    def turn(self, by: int) -> None:
        """Another column."""
        offered = [choice.written(Column(each.what)) for each in self._offered()]
        text = self.input.value.strip()
        at = (offered.index(text) + by) % len(offered) if text in offered else (0 if by > 0 else -1)
        self.input.value = offered[at]
        self.input.cursor_position = len(offered[at])
        self._explain()

    def recall(self, by: int) -> None:
        """Up or down: the least first, or the greatest."""
        self._falling = by > 0
        self._explain()

    def enter(self) -> None:
        try:
            column = self._typed_column()
        except WrongColumns as error:
            self.answer.say(f" ✗ {error}", "bad")
            return
        self.close()
        if column is not None or self._sorted:
            self.post_message(self.Chosen(column, falling=self._falling))
