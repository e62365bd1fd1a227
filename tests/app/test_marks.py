# SPDX-License-Identifier: Apache-2.0
"""Marks, and going to a time."""

from __future__ import annotations

import re
import time

from ringscope.app import themes
from support.fake_session import BEGAN, FakeSession
from support.screen import Driven, driven


async def _at(d: Driven, number: int, count: int = 1000) -> None:
    await d.grow(count)
    await _go(d, str(number))


async def _go(d: Driven, text: str) -> None:
    await d.press("g")
    await d.write(text)
    await d.press("enter")


def _row(d: Driven, number: int) -> str:
    return next(line for line in d.lines[3:] if re.match(rf". *{number}[ ◆]", line))


async def test_m_marks_a_packet_and_takes_the_mark_away() -> None:
    async with driven() as d:
        await _at(d, 500)
        await d.press("m")
        assert "500◆" in _row(d, 500) and "packet 500 is marked; 1 in all" in d.lines[-1]
        await d.press("down")
        assert "500◆" in _row(d, 500) and "501◆" not in _row(d, 501)
        await d.press("up", "m")
        assert "◆" not in "".join(d.lines[3:12]) and "no longer marked" in d.lines[-1]


async def test_the_mark_has_a_colour_of_its_own() -> None:
    async with driven() as d:
        await _at(d, 500)
        await d.press("m", "down")
        role = themes.load(themes.shipped())[0]["midnight"].roles["mark"]
        styles = [segment.style for line in d.segments() for segment in line if segment.text == "◆"]
        assert [style.color.name for style in styles if style and style.color] == [role]


async def test_the_marks_are_gone_round_in_either_direction() -> None:
    async with driven() as d:
        await d.grow(1000)
        for number in (100, 300, 200):
            await _go(d, str(number))
            await d.press("m")
        for key, there in (("apostrophe", 300), ("apostrophe", 100), ("quotation_mark", 300), ("quotation_mark", 200)):
            await d.press(key)
            assert d.app.packets.list.number == there
            assert f"mark: packet {there} at" in d.lines[-1]


async def test_a_mark_that_the_view_hides_is_passed_by() -> None:
    async with driven() as d:
        await d.grow(1000)
        for number in (101, 108, 201):
            await _go(d, str(number))
            await d.press("m")
        await d.press("v")
        await d.write("arp")
        await d.press("enter")
        await d.pilot.pause(0.2)
        await d.app.workers.wait_for_complete()
        await d.tick()
        await d.press("home", "apostrophe", "apostrophe")
        assert d.app.packets.list.number == 108


async def test_without_a_mark_it_is_said_how_to_make_one() -> None:
    async with driven() as d:
        await _at(d, 5)
        await d.press("apostrophe")
        assert "m marks a packet" in d.lines[-1]


async def test_marks_of_evicted_packets_are_forgotten() -> None:
    async with driven(FakeSession(capacity=100)) as d:
        await _at(d, 5, 100)
        await d.press("m")
        await d.grow(100)
        assert len(d.app.packets.marks) == 0


async def test_g_goes_to_a_time_of_day_or_so_far_from_here() -> None:
    async with driven() as d:
        await d.grow(1_000_000)  # ten seconds
        clock = time.strftime("%H:%M:%S", time.localtime(BEGAN + 3))
        for typed, there in ((clock, 300_000), ("+2s", 500_000), ("-1.5s", 350_000), ("-500ms", 300_000)):
            await _go(d, typed)
            assert d.app.packets.list.number == there
        await _go(d, f"{clock}.25")
        assert d.app.packets.list.number == 325_000


async def test_a_time_outside_what_is_kept_is_the_nearest_end() -> None:
    async with driven() as d:
        await d.grow(1_000_000)
        await _go(d, "-1h")
        assert d.app.packets.list.number == 1
        await _go(d, "+1h")
        assert d.app.packets.list.number == 1_000_000
