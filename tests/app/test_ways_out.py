# SPDX-License-Identifier: Apache-2.0
"""Quitting, being ended, being suspended; and the help that says how."""

from __future__ import annotations

import os
import signal

import pytest

from ringscope.app.commands import screens
from ringscope.app.driver import HANG_UP, TerminalGone
from support.screen import driven


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_q_and_ctrl_c_quit_at_once(key: str) -> None:
    async with driven() as d:
        await d.pilot.press(key)
        assert not d.app.is_running or d.app._exit
    assert d.app.return_code == 0


@pytest.mark.parametrize("prompt", ["f", "g"])
async def test_ctrl_c_quits_while_typing_too(prompt: str) -> None:
    async with driven() as d:
        await d.pilot.press(prompt)
        await d.pilot.press("ctrl+c")
        assert d.app._exit


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_a_signal_ends_it_cleanly_with_128_and_its_number(number: signal.Signals) -> None:
    async with driven() as d:
        assert signal.getsignal(number) not in (signal.SIG_DFL, None)
        os.kill(os.getpid(), number)
        await d.pilot.pause(0.05)
        assert d.app._exit
    assert d.app.return_code == 128 + number


async def test_a_terminal_that_hangs_up_ends_it() -> None:
    async with driven() as d:
        d.app.post_message(TerminalGone())
        await d.pilot.pause(0.05)
    assert d.app.return_code == HANG_UP == 129


async def test_coming_back_from_a_suspension_says_what_was_kept_and_what_was_lost_meanwhile() -> None:
    async with driven(size=(120, 30)) as d:
        await d.grow(100)
        await d.pilot.press("ctrl+z")
        d.session.grow(1234)
        d.session.lose(56)
        d.app.app_resume_signal.publish(d.app)
        await d.pilot.pause(0.5)
        assert "nobody emptied the ring meanwhile: 1 234 packets kept, 56 lost" in d.lines[-1]


async def test_help_is_a_key_away_and_a_key_back() -> None:
    async with driven() as d:
        await d.grow(100)
        await d.press("question_mark")
        assert "Change the capture filter of the running capture." in d.text
        await d.press("end")
        assert "Mouse: the wheel scrolls" in d.text
        await d.press("escape")
        assert "stored" in d.lines[1]
        await d.press("question_mark", "question_mark")
        assert "stored" in d.lines[1]


async def test_only_screens_that_exist_are_advertised() -> None:
    async with driven(size=(200, 50)) as d:
        await d.grow(1)
        numbers = [word for word in d.lines[-1].split("?")[0].split() if word.isdecimal()]
        assert numbers == [command.keys for command in screens()]
        for key in numbers:
            await d.press(key)
        assert {command.id.removeprefix("screen.") for command in screens()} == set(d.app.frames)
