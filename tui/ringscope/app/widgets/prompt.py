# SPDX-License-Identifier: Apache-2.0
"""A line to type in at the bottom of the screen, with a line below it that answers."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from ringscope.app import cells
from ringscope.app.look import Look
from ringscope.app.widgets.lines import FixedLines

ANSWER_LINES = 3
"""What an answer may take of the screen: libpcap's and the resolver's sentences are long, and end with the cure."""


class Answer(FixedLines):
    """One sentence in a role, on as many lines as it needs."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._said = ("", "dim")

    def say(self, text: str, role: str = "dim") -> None:
        """Show ``text``."""
        self._said = (text, role)
        self.compose_lines()

    def compose_lines(self) -> None:
        text, role = self._said
        look = self.look
        # On a low screen the line itself must be seen.
        most = max(1, min(ANSWER_LINES, (self.screen.size.height - 6) // 2))
        lines = cells.wrap(text, self.size.width, most)
        self.styles.height = len(lines)
        for y, line in enumerate(lines):
            self.put(y, [(line, look.style(role, "surface"))], look.style("text", "surface"))


class PromptInput(Input):
    """The field of a prompt; its keys act on the prompt."""

    ALLOW_SELECT = False

    def __init__(self, owner: Prompt, *, placeholder: str = "") -> None:
        super().__init__(placeholder=placeholder, compact=True, select_on_focus=False)
        self.cursor_blink = False
        self._owner = owner

    def _on_paste(self, event: events.Paste) -> None:
        # Before Textual's own handler, which would keep the first line only: that may well be another filter.
        event.text = " ".join(event.text.split())

    def take(self, character: str) -> None:
        """Insert a character where the cursor is, in place of what is selected."""
        self.delete_selection()
        self.insert_text_at_cursor(character)

    def action_attach(self) -> None:
        self._owner.enter()

    def action_give_up(self) -> None:
        self._owner.close()

    def action_recall(self, by: int) -> None:
        self._owner.recall(by)

    def action_turn(self, by: int) -> None:
        self._owner.turn(by)


class Prompt(Vertical):
    """Hidden until opened. Subclasses say what typing and Enter do."""

    DEFAULT_CSS = """
    Prompt { display: none; height: auto; background: $role-surface; }
    Prompt.-open { display: block; }
    Prompt Horizontal { height: 1; }
    Prompt #label { width: 9; height: 1; }
    Prompt Input, Prompt Input:focus { background: $role-surface; color: $role-text; background-tint: transparent 0%; }
    """
    LABEL = ""
    INPUT: type[PromptInput] = PromptInput
    PLACEHOLDER = ""

    class Closed(Message):
        """The prompt has closed and the keys go back to ``before``, where they were."""

        def __init__(self, before: Widget | None) -> None:
            super().__init__()
            self.before = before

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._before: Widget | None = None
        self._label = Answer(look, id="label")
        self.input = self.INPUT(self, placeholder=self.PLACEHOLDER)
        self.answer = Answer(look, id="answer")

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self._label
            yield self.input
        yield self.answer

    @property
    def is_open(self) -> bool:
        """Whether it is on the screen."""
        return self.has_class("-open")

    def open(self, text: str) -> None:
        """Show it with ``text`` to edit, and take the keys."""
        self._label.say(f" {self.LABEL}", "accent")
        self.input.value = text
        self.input.cursor_position = len(text)
        self.add_class("-open")
        self._before = self.screen.focused
        # Not by focus(), which comes after the keys that are waiting already.
        self.screen.set_focus(self.input)

    def close(self) -> None:
        """Hide it; nothing is changed."""
        if self.is_open:
            self.remove_class("-open")
            self.screen.set_focus(None)
            self.post_message(self.Closed(self._before))

    def enter(self) -> None:
        """Enter was pressed."""

    def recall(self, by: int) -> None:
        """Up or down was pressed."""

    def turn(self, by: int) -> None:
        """Tab was pressed, or Shift+Tab."""
