# SPDX-License-Identifier: Apache-2.0
"""What every line that searches has: kinds of search by Tab, what was searched for before, one search at a time."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Protocol

from textual import on
from textual.binding import BindingType
from textual.widgets import Input

from ringscope.app.commands import bindings
from ringscope.app.finding import NothingToFind, Wanted, named_mode
from ringscope.app.look import Look
from ringscope.app.widgets.prompt import Prompt, PromptInput


class WantedInput(PromptInput):
    """The text being typed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("search")


class Running(Protocol):
    """A search under way."""

    def cancel(self) -> None:
        """It finds nothing any more."""


class WantedLine(Prompt):
    """Goes on behind the end at the other one, once, and says so. A new search ends the one under way.

    MODES: the kinds of search and what they mean, in the order in which Tab goes round; WHERE: said behind that.
    """

    LABEL = "search"
    INPUT = WantedInput
    MODES: ClassVar[Mapping[str, str]] = {}
    WHERE = ""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self.what: Wanted | None = None
        """What was searched for last."""
        self.running: Running | None = None
        self._mode = next(iter(self.MODES))
        self._history: list[str] = []
        self._place = 0

    @abstractmethod
    def understood(self, text: str, mode: str) -> Wanted:
        """What ``text`` means in this mode, or in the one it names. Raises NothingToFind."""

    @abstractmethod
    def begin(self) -> None:
        """Search from where the line was opened."""

    def open_with_last(self) -> None:
        """Show it with what was searched for last, which the first letter replaces."""
        self._place = len(self._history)
        self.open(self._history[-1] if self._history else "")
        self.input.select_all()
        self._explain()

    def cancel(self) -> bool:
        """End the search under way. Whether there was one."""
        running, self.running = self.running, None
        if running is not None:
            running.cancel()
        return running is not None

    # -- while typing

    def turn(self, by: int) -> None:
        names = list(self.MODES)
        self._mode = names[(names.index(self._mode) + by) % len(names)]
        self._write(named_mode(self.input.value)[1])
        self._explain()

    def recall(self, by: int) -> None:
        place = self._place + by
        if 0 <= place < len(self._history):
            self._place = place
            self._write(self._history[place])

    def _write(self, text: str) -> None:
        self.input.value = text
        self.input.cursor_position = len(text)

    def _explain(self) -> None:
        mode = named_mode(self.input.value)[0] or self._mode
        others = ", ".join(name for name in self.MODES if name != mode)
        self.answer.say(f" {self.MODES.get(mode, mode)}{self.WHERE}; Tab: {others}")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._explain()

    def enter(self) -> None:
        text = self.input.value
        if not text.strip():
            self.close()
            return
        try:
            self.what = self.understood(text, self._mode)
        except NothingToFind as error:
            self.answer.say(f" ✗ {error}", "bad")
            return
        self._mode = self.what.mode
        if text in self._history:
            self._history.remove(text)
        self._history.append(text)
        self.close()
        self.begin()
