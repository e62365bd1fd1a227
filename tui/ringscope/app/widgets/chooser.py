# SPDX-License-Identifier: Apache-2.0
"""The line that waits for one letter: what it is about, and below it, in place of the keys, the choices.

The choices are the commands of a place of the one table. Any key that is none of them gives up.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.widget import Widget

from ringscope.app import cells
from ringscope.app.commands import Command, bar, key_name
from ringscope.app.look import Look
from ringscope.app.pieces import Fact, Span, clip, fit, form_width, spaced
from ringscope.app.widgets.lines import FixedLines

ASKING = "-asking"
"""Class of the screen while a letter is waited for; the bottom line gives way then."""

_GIVE_UP = Fact(((("Esc", "key"), (" give up", "dim")), (("Esc", "key"),)), -1)


class Chooser(FixedLines, can_focus=True):
    """Hidden until asked. The keys go back to where they were before the answer is told."""

    DEFAULT_CSS = "Chooser { display: none; height: 2; } Chooser.-open { display: block; }"

    def __init__(self, look: Look, *, id: str | None = None) -> None:
        super().__init__(look, id=id)
        self._about: tuple[Span, ...] = ()
        self._choices: list[Command] = []
        self._reply: Callable[[str], None] = _nobody
        self._before: Widget | None = None

    @property
    def is_open(self) -> bool:
        """Whether a letter is waited for."""
        return self.has_class("-open")

    def ask(self, place: str, reply: Callable[[str], None], *about: Span, hidden: frozenset[str] = frozenset()) -> None:
        """Wait for a key of one of the commands of ``place``, but for the ``hidden``.

        ``reply`` is given what the command's action names, or "" when the user gave up.
        """
        self._choices = [command for command in bar(place) if command.id not in hidden]
        self._about, self._reply = about, reply
        self._before = self.screen.focused
        self.add_class("-open")
        self.screen.add_class(ASKING)
        self.compose_lines()
        # Not by focus(), which comes after the keys that are waiting already.
        self.screen.set_focus(self)

    async def take(self, key: str) -> None:
        """A key was pressed, whichever; one that ends the program does not come here."""
        chosen = next((command for command in self._choices if key in command.keys.split(",")), None)
        if chosen is None:
            self.action_choose("")
        else:
            await self.run_action(chosen.action)

    def action_choose(self, what: str) -> None:
        """The answer."""
        before, self._before = self._before, None
        self._close()
        self.screen.set_focus(before)
        self._reply(what)

    def on_blur(self) -> None:
        if self.is_open:  # a click elsewhere
            self._close()
            self._reply("")

    def _close(self) -> None:
        self.remove_class("-open")
        self.screen.remove_class(ASKING)

    def compose_lines(self) -> None:
        look, width = self.look, self.size.width or self.screen.size.width
        ground = look.style("text", "surface")
        about: list[Span] = [(" ", "text"), *((cells.safe(text), role) for text, role in self._about)]
        facts = [_fact(command, len(self._choices) - index) for index, command in enumerate(self._choices)]
        *forms, give_up = fit([*facts, _GIVE_UP], max(0, width - 3), 2)
        choices = spaced(forms, 2)
        pad: Span = (" " * max(1, width - 2 - form_width(choices) - form_width(give_up)), "text")
        for y, spans in enumerate((clip(tuple(about), width), ((" ", "text"), *choices, pad, *give_up))):
            self.put(y, [(text, look.style(role, "surface")) for text, role in spans], ground)


def _fact(command: Command, stays: int) -> Fact:
    key: Span = (key_name(command.keys.split(",")[0]), "key")
    return Fact(((key, (" " + command.title, "dim")), (key,)), stays)


def _nobody(_: str) -> None:
    """Who is told before anything was asked."""
