# SPDX-License-Identifier: Apache-2.0
"""The line in which the columns of the packet list are chosen: the list shows them while they are typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from ringscope.app import cells, choice
from ringscope.app.choice import MORE, USUAL, Column, WrongColumns
from ringscope.app.commands import bindings
from ringscope.app.look import Look
from ringscope.app.widgets.prompt import Prompt, PromptInput

_OFFERED = 40
"""Candidates that Tab goes round."""


class ColumnsInput(PromptInput):
    """The columns being typed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("columns")


def candidates(typed: str, fields: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a column that is half typed may become, and what it shows: what begins so first, then what has it inside.

    ``fields``: those of the packet under the cursor with their values.
    """
    typed = typed.casefold()
    known = {what: kind.help for what, kind in (*USUAL.items(), *MORE.items())}
    # Fields first: what else there is, is soon known.
    every = [(what, said) for what, said in (*fields.items(), *known.items()) if what.casefold() != typed]
    begins = [each for each in every if each[0].casefold().startswith(typed)]
    if not typed:
        return begins[:_OFFERED]
    inside = [each for each in every if typed in each[0].casefold() and each not in begins]
    return [*begins, *inside][:_OFFERED]


class ColumnsLine(Prompt):
    """``Tried`` while it is typed, ``Kept`` at Enter, ``GivenUp`` at Escape."""

    LABEL = "columns"
    INPUT = ColumnsInput
    PLACEHOLDER = "empty: the usual ones"

    class Tried(Message):
        """What is typed means these columns."""

        def __init__(self, columns: tuple[Column, ...]) -> None:
            super().__init__()
            self.columns = columns

    class Kept(Message):
        """Enter: these are the columns from now on."""

        def __init__(self, columns: tuple[Column, ...]) -> None:
            super().__init__()
            self.columns = columns

    class GivenUp(Message):
        """Escape: the columns before come back."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._fields: Mapping[str, str] = {}
        self._turned: tuple[int, list[tuple[str, str]], int] | None = None
        """What Tab goes round: in which column, the candidates, and the one it is at."""
        self._kept = False
        self._opened = ""
        """The text it was opened with, until something is typed."""

    def ask(self, chosen: tuple[Column, ...], fields: Mapping[str, str], new: str = "") -> None:
        """Open with the columns in force; ``fields`` are those of the packet under the cursor, ``new`` is one of them
        that shall become a column: it stands before the info.
        """
        self._fields, self._turned, self._kept = fields, None, False
        columns = list(chosen)
        at = len(columns)
        if new and all(each.what != new for each in columns):
            at = next((index for index, each in enumerate(columns) if each.what == "info"), len(columns))
            columns.insert(at, Column(new))
        elif new:
            at = next(index for index, each in enumerate(columns) if each.what == new)
        text = choice.line(columns)
        self.open(text)
        # What is added comes before the info, which takes what room there is.
        before = next((index for index, each in enumerate(columns) if each.what == "info"), 0) - 1
        self.input.cursor_position = choice.pieces(text)[at if new else before][1]
        self._opened = text
        self._typed_now()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.is_open and event.value == self.input.value:
            self._turned = None
            self._begin_another(event.value)
            self._typed_now()

    def _begin_another(self, text: str) -> None:
        """What is typed first, behind a column that was there, is another one: nobody makes a name longer."""
        if text == self._opened:
            return
        opened, self._opened = self._opened, ""
        end = self.input.cursor_position
        begin = end - (len(text) - len(opened))
        if opened and begin < end and text[:begin] + text[end:] == opened and text[begin].isalnum():
            with self.prevent(Input.Changed):
                self.input.value = f"{text[:begin]}, {text[begin:]}"
            self.input.cursor_position = end + 2

    def _typed_now(self) -> None:
        try:
            columns = choice.columns(self.input.value)
        except WrongColumns as error:
            self._explain(str(error))
            return
        self._explain()
        self.post_message(self.Tried(columns))

    def _piece(self) -> tuple[int, str]:
        text = self.input.value
        index = choice.piece_at(text, self.input.cursor_position)
        start, end = choice.pieces(text)[index]
        return index, text[start:end].strip()

    def _explain(self, fault: str = "") -> None:
        _, typed = self._piece()
        found = candidates(typed, self._fields)
        if fault and not (typed and found):
            self.answer.say(f" ✗ {fault}", "bad")
        elif not self._is_finished(typed):
            offered = " · ".join(f"{what} {cells.cut(said, 16)}" if "." in what else what for what, said in found[:8])
            self.answer.say(f" Tab: {offered}" if found else f" {self._of_field(typed)}")
        elif "." in typed:
            self.answer.say(f" {self._of_field(typed)}")
        else:
            self.answer.say(
                " Tab adds one, ↑ ↓ move the one at the cursor; tcp.Window as Win names it; empty: as usual"
            )

    def _is_finished(self, typed: str) -> bool:
        """Whether what stands there is a column, and not the beginning of one."""
        what = typed.casefold()
        if " as " in typed or what in (*USUAL, *MORE) or what.startswith("bytes "):
            return True
        return any(what == each.casefold() for each in self._fields)

    def _of_field(self, typed: str) -> str:
        what = choice.column(typed).what
        here = next((said for each, said in self._fields.items() if each.casefold() == what.casefold()), None)
        shown = "this packet has no such field; others may" if here is None else cells.cut(here, 40)
        return f"{what}: {shown}; ↑ ↓ moves it; {typed} as NAME names it" if " as " not in typed else f"{what}: {shown}"

    # -- keys

    def turn(self, by: int) -> None:
        """Tab: the next candidate in place of the column at the cursor."""
        index, typed = self._piece()
        if self._turned is not None and self._turned[0] == index:
            _, found, at = self._turned
            at = (at + by) % len(found)
        elif self._is_finished(typed):
            _, end = choice.pieces(self.input.value)[index]
            index, found, at = index + 1, candidates("", self._fields), 0 if by > 0 else -1
            self._put(self.input.value[:end] + ", " + self.input.value[end:], end + 2)
        else:
            found = candidates(typed, self._fields)
            if not found:
                self.answer.say(f" nothing is called {typed}, and no field of this packet", "warning")
                return
            at = 0 if by > 0 else len(found) - 1
        self._turned = (index, found, at)
        what, said = found[at]
        others = " · ".join(each for each, _ in [*found[at + 1 :], *found[:at]][:6])
        self._put(*choice.replace_piece(self.input.value, index, choice.written(Column(what))))
        self.answer.say(f" {what}: {cells.cut(said, 40)}" + (f"; Tab: {others}" if others else ""))

    def recall(self, by: int) -> None:
        """Up or down: the column at the cursor goes to the left, or to the right."""
        index, _ = self._piece()
        self._put(*choice.move_piece(self.input.value, index, by))

    def _put(self, text: str, cursor: int) -> None:
        self._opened = ""
        with self.prevent(Input.Changed):
            self.input.value = text
        self.input.cursor_position = cursor
        try:
            self.post_message(self.Tried(choice.columns(text)))
        except WrongColumns as error:
            self.answer.say(f" ✗ {error}", "bad")

    def enter(self) -> None:
        try:
            columns = choice.columns(self.input.value.strip().rstrip(","))
        except WrongColumns as error:
            self.answer.say(f" ✗ {error}", "bad")
            return
        self._kept = True
        self.close()
        self.post_message(self.Kept(columns))

    def close(self) -> None:
        if self.is_open and not self._kept:
            self.post_message(self.GivenUp())
        super().close()
