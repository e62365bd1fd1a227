# SPDX-License-Identifier: Apache-2.0
"""What every line that writes a file has: the name, a choice of what by Tab, and the news of how it ended."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from ringscope.app.commands import bindings
from ringscope.app.widgets.prompt import Prompt, PromptInput


class FileInput(PromptInput):
    """The name being typed."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("save")


class FileLine(Prompt):
    """Asks for a name; subclasses write."""

    LABEL = "save to"
    INPUT = FileInput

    class Ended(Message):
        """A file is whole, or there is none: ``said`` tells."""

        def __init__(self, said: str, role: str) -> None:
            super().__init__()
            self.said = said
            self.role = role

    @abstractmethod
    def explain(self) -> None:
        """Say what would be written, and what else could be."""

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.explain()
