# SPDX-License-Identifier: Apache-2.0
"""What all numbered screens have in common: the two lines on top, the bottom line, and the tick.

To add one: a subclass here in ``screens`` with ``compose_body``, ``show_body`` and ``name_keys``; its line in
``numbered.py``; in ``app/commands.py`` the row ``screen.NAME`` of its key, and those of its own in a place NAME.
"""

from __future__ import annotations

import asyncio
import os
from abc import abstractmethod
from collections.abc import Sequence
from time import monotonic
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from ringscope.app import cells, clipboard
from ringscope.app.commands import elsewhere, key_name
from ringscope.app.glance import Glance
from ringscope.app.look import Look
from ringscope.app.numbers import Number
from ringscope.app.status_numbers import status_numbers
from ringscope.app.widgets.file_status import FileStatusBar
from ringscope.app.widgets.key_bar import KeyBar
from ringscope.app.widgets.status import Mode, StatusBar
from ringscope.app.widgets.too_small import TooSmall
from ringscope.capture.session import Snapshot

NOTICE = 6.0
"""Seconds a notice stays."""

LEAST = (40, 8)
"""Below this size one sentence is shown instead."""


class Telling(Screen[None], inherit_bindings=False):
    """Says in its bottom line what happens, and answers every key."""

    def __init__(self, look: Look, *, front: str = "") -> None:
        """``front``: the command that brings it there."""
        super().__init__()
        self.look = look
        self.bar = KeyBar(look, front=front, id="keys")
        self._notice_until = 0.0

    def say(self, text: str, role: str = "text", stay: float = NOTICE) -> None:
        """Show a notice in the bottom line for a while; also in that of the screen which is in front of this one."""
        self._notice_until = monotonic() + stay if text else 0.0
        self.bar.say(text, role)
        front = self.app.screen
        if text and front is not self and isinstance(front, Telling):
            front.say(text, role, stay)

    def age(self) -> None:
        """To be called with every tick: a notice that has been there long enough goes."""
        if self._notice_until and monotonic() > self._notice_until:
            self.say("")

    def answer(self, event: events.Key) -> None:
        """A key that does nothing here was pressed: say so, and where it does something."""
        shown = event.character if event.is_printable and event.character else key_name(event.key)
        self.say(elsewhere(event.key, cells.safe(shown)))


class Framed(Telling, inherit_bindings=False):
    """Gets one snapshot a tick by ``show``, and only while it is in front."""

    NAME: ClassVar[str]
    """As in the row ``screen.NAME`` of the commands."""
    WATCHES: ClassVar[bool] = False
    """Whether it shows what ``app.lookout`` sees, so that this is to be no older than a second."""

    def __init__(self, look: Look, glance: Glance) -> None:
        super().__init__(look, front=f"screen.{self.NAME}")
        self.glance = glance
        self.status = (StatusBar if glance.is_live else FileStatusBar)(look, glance, id="status")
        self.too_small = TooSmall(look, LEAST, id="too-small")

    def compose(self) -> ComposeResult:
        yield self.status
        yield from self.compose_body()
        yield self.bar
        yield self.too_small

    @abstractmethod
    def compose_body(self) -> ComposeResult:
        """What stands between the lines on top and the bottom line."""

    @abstractmethod
    def show_body(self, snapshot: Snapshot) -> None:
        """Show the counters of a moment. The lines on top have their own."""

    @abstractmethod
    def name_keys(self) -> None:
        """Say in the bottom line which keys matter now."""

    def lay_out(self, width: int, height: int) -> None:
        """The screen has this size now."""

    def mode(self, snapshot: Snapshot) -> Mode:
        """What the first line says at its right end."""
        return Mode()

    # -- the tick

    def show(self, snapshot: Snapshot) -> None:
        """Show the counters of a moment."""
        self.show_body(snapshot)
        self.status.show(snapshot, self.mode(snapshot))
        self.age()

    def on_screen_resume(self) -> None:
        if self.glance.snapshot is not None:
            self.show(self.glance.snapshot)
        self.name_keys()

    def on_resize(self, event: events.Resize) -> None:
        width, height = event.size
        self.set_class(width < LEAST[0] or height < LEAST[1], "-small")
        self.lay_out(width, height)

    def numbers(self) -> tuple[Sequence[Number], int]:
        """Every number that is shown, with where it is from, and the place of the one under the cursor."""
        return status_numbers(self.glance), 0

    # -- commands

    def copy(self, text: str, told: str = "copied", *, quiet: bool = False) -> None:
        """Send text to the terminal's clipboard. Why it may not arrive there is told once, behind ``told``, unless
        ``quiet``: what is said already matters more."""
        self.app.copy_to_clipboard(text)
        if not (self.glance.told_of_clipboard or quiet):
            self.glance.told_of_clipboard = True
            self.run_worker(self._doubt_copy(told), group="clipboard")

    async def _doubt_copy(self, told: str) -> None:
        if doubt := await asyncio.to_thread(clipboard.doubt, os.environ):
            self.say(f"{told}; {doubt}", "warning", stay=12)

    def action_back(self) -> None:
        said = self.glance.seen()
        if said:
            self.status.compose_lines()
            self.say(said)
        else:
            self.back()

    def back(self) -> None:
        """Come back from what was opened last."""
