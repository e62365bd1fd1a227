# SPDX-License-Identifier: Apache-2.0
"""Driving the screens in a test: start the app on a fake session, tick by hand, read what is on the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from rich.segment import Segment
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from ringscope.app import RingscopeApp
from ringscope.app.watch import Watch
from support.fake_moments import FakeMoments
from support.fake_session import FakeCompiler, FakeSession


@dataclass
class Driven:
    """A running app, its session and its pilot."""

    app: RingscopeApp
    session: FakeSession
    compiler: FakeCompiler
    pilot: Pilot[None]

    async def tick(self) -> None:
        """One tick of the app, and everything it leads to."""
        self.app.tick()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        """Keys, then a tick."""
        await self.pilot.press(*keys)
        await self.tick()

    async def write(self, text: str) -> None:
        """Type text, as fast as a slow link delivers it: in one piece."""
        driver = self.app._driver
        assert driver is not None
        for character in text[:-1]:
            key = events.Key(_character_to_key(character), character)
            key.set_sender(self.app)
            driver.send_message(key)
        await self.pilot.press(*("space" if character == " " else character for character in text[-1:]))

    async def grow(self, count: int) -> None:
        """Packets come in, then a tick."""
        self.session.grow(count)
        await self.tick()

    async def look(self) -> None:
        """The watch looks once, a tick shows what it saw."""
        watch, snapshot = self.app.lookout, self.session.snapshot()
        watch.note(snapshot)
        watch.look(watch.sample(self.session, snapshot), hidden=self.app.glance.hidden)
        await self.tick()

    async def settle(self) -> None:
        """What was begun in threads has ended, then a tick."""
        await self.app.workers.wait_for_complete()
        await self.tick()

    async def go(self, where: str) -> None:
        """To a packet, or to a time, by typing it."""
        await self.press("g")
        await self.write(where)
        await self.press("enter")

    async def rest(self) -> None:
        """Let the cursor lie still for as long as it takes to be decoded."""
        for _ in range(200):
            await self.tick()
            packets = self.app.packets.list
            if self.app.packets.shown_in_detail == packets.number:
                return
            await self.pilot.pause(0.01)
        raise AssertionError("the packet under the cursor was never decoded")

    def segments(self) -> list[list[Segment]]:
        """What is on the screen: segments a line."""
        strips = self.app.screen._compositor.render_strips()
        return [list(strip) for strip in strips]

    @property
    def lines(self) -> list[str]:
        """What is on the screen: text a line."""
        return ["".join(segment.text for segment in line) for line in self.segments()]

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(self.lines)

    def backgrounds(self, line: int) -> set[str]:
        """The names of the colours behind a line's text."""
        styles = [segment.style for segment in self.segments()[line]]
        return {style.bgcolor.name for style in styles if style and style.bgcolor}


@asynccontextmanager
async def driven(
    session: FakeSession | None = None,
    *,
    size: tuple[int, int] = (80, 24),
    theme: str | None = "midnight",
    user_themes: Path | None = None,
    columns: Path | None = None,
    compiler: FakeCompiler | None = None,
    moments: FakeMoments | None = None,
) -> AsyncIterator[Driven]:
    """The app on a fake session, ticking only when told to, and looking at the host only with ``moments``."""
    session, compiler = session or FakeSession(), compiler or FakeCompiler()
    # Its clock runs backwards: it looks when it is told to.
    watch = Watch((lambda: moments) if moments else None, clock=count(0, -1000).__next__)
    app = RingscopeApp(
        session, compiler, theme=theme, user_themes=user_themes, columns=columns, tick_hz=0.001, watch=watch
    )
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Driven(app, session, compiler, pilot)
