# SPDX-License-Identifier: Apache-2.0
"""The bottom line: the screens by number, then the keys that matter here; now and then a notice in their place."""

from __future__ import annotations

from ringscope.app import cells
from ringscope.app.commands import Command, bar, key_name, screens
from ringscope.app.look import Look
from ringscope.app.pieces import Fact, Form, Span, fit, form_width, spaced
from ringscope.app.units import gauge, percent
from ringscope.app.widgets.lines import FixedLines, Piece

_ALWAYS = ("app.help", "app.quit")
_NAME = 1000
"""How long the name of the screen in front stays."""


class KeyBar(FixedLines):
    """Labels give way before keys, keys from the end; the names of the screens that are not in front go together; help
    and quit stay whatever the width.
    """

    def __init__(self, look: Look, *, front: str = "", id: str | None = None) -> None:
        """``front`` is the command of the screen that it stands on."""
        super().__init__(look, id=id)
        self._front = front
        self._places: tuple[str, ...] = ("packets", "list", "everywhere")
        self._hidden: frozenset[str] = frozenset()
        self._titles: dict[str, str] = {}
        self._typing = False
        self._notice: Span | None = None
        self._progress: tuple[str, float | None] | None = None

    def at(self, *places: str, hidden: frozenset[str], titles: dict[str, str], typing: bool = False) -> None:
        """The keys of ``places`` matter now, but for ``hidden``; ``titles`` replaces labels, by command id.

        While typing, keys that are letters do not work and are not shown.
        """
        self._places, self._hidden, self._titles, self._typing = places, hidden, titles, typing
        self.compose_lines()

    def say(self, text: str, role: str = "text") -> None:
        """Show a notice in place of the keys; an empty one brings the keys back."""
        self._notice = (text, role) if text else None
        self.compose_lines()

    def progress(self, done: tuple[str, float | None] | None) -> None:
        """Show what is being done and how far it is (None: nobody knows), in place of the keys; None: nothing is."""
        if done != self._progress:
            self._progress = done
            self.compose_lines()

    def compose_lines(self) -> None:
        look, width = self.look, self.size.width
        right = [self._fact(command) for command in bar("everywhere") if command.id in _ALWAYS]
        if self._typing:
            right = [Fact(((("Ctrl+C", "key"), (" quit", "dim")), (("Ctrl+C", "key"),)))]
        tail = spaced(fit(right, 15 if width >= 60 else 5, 2), 2)
        room = max(0, width - form_width(tail) - 3)
        if self._notice:
            middle = self._notice_spans(room)
        elif self._progress and not self._typing:
            middle = self._progress_spans(*self._progress, room)
        else:
            middle = self._keys(room)
        pad: Span = (" " * max(1, width - 2 - form_width(middle) - form_width(tail)), "text")
        spans: list[Span] = [(" ", "text"), *middle, pad, *tail]
        pieces: list[Piece] = [(text, look.style(role, "surface")) for text, role in spans]
        self.put(0, pieces, look.style("text", "surface"))

    def _notice_spans(self, room: int) -> Form:
        assert self._notice is not None
        text, role = self._notice
        return ((cells.cut(text, room), role),)

    def _progress_spans(self, text: str, share: float | None, room: int) -> Form:
        stop: Form = (("Esc", "key"), (" stop", "dim"))
        left = max(0, room - form_width(stop) - 2)
        shown = cells.cut(text, left)
        if share is None or left - cells.width(shown) < 12:
            return ((shown, "text"), ("  ", "text"), *stop)
        wide = min(30, left - cells.width(shown) - 8)
        done: Form = ((f"  {gauge(share, wide)} ", "accent"), (percent(share).rjust(5), "text"))
        return ((shown, "text"), *done, ("  ", "text"), *stop)

    def _keys(self, room: int) -> Form:
        numbered = [] if self._typing else [self._screen(command) for command in screens()]
        shown = [command for command in bar(*self._places) if command.id not in {*self._hidden, *_ALWAYS}]
        if self._typing:
            shown = [command for command in shown if len(command.keys.split(",")[0]) > 1]
        keys: list[Fact] = []
        for index, command in enumerate(shown):
            stays = len(shown) - index
            # Before the screen in front loses its name, the last keys go.
            keys.append(Fact((*self._fact(command).forms, ()), (stays, _NAME - len(shown) + stays - 1)))
        for gap in (3, 2):
            forms = fit([*numbered, *keys], room, gap)
            if all(form == fact.forms[0] for form, fact in zip(forms, (*numbered, *keys), strict=True)):
                return spaced(forms, gap)
        if any(form != fact.forms[0] for form, fact in zip(forms, numbered, strict=False)):
            # A row of numbers of which some have names reads as if the others led nowhere.
            short = [fact if fact.stays == _NAME else Fact(fact.forms[-1:]) for fact in numbered]
            forms = fit([*short, *keys], room, 2)
        return spaced(_drop_last(forms, room), 2)

    def _screen(self, command: Command) -> Fact:
        front = command.id == self._front
        key, title = (command.keys, "key"), (f" {command.title}", "accent" if front else "text")
        return Fact(((key, title), (key,)), _NAME if front else 6)

    def _fact(self, command: Command) -> Fact:
        key: Span = (key_name(command.keys.split(",")[0]), "key")
        title = self._titles.get(command.id, command.title)
        return Fact(((key, (" " + title, "dim")), (key,)))


def _drop_last(forms: list[Form], room: int) -> list[Form]:
    while forms and form_width(spaced(forms, 2)) > room:
        forms = forms[:-1]
    return forms
