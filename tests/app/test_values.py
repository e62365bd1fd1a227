# SPDX-License-Identifier: Apache-2.0
"""The full values of a row: nothing of it is cut."""

from __future__ import annotations

import pytest

from support.fake_session import FakeSession, dns
from support.screen import Driven, driven

NAME = b"a-name-that-is-much-too-long-for-a-column.of-a-list.in-any-terminal.example.net"


def _shown(d: Driven) -> str:
    return "".join(line[:-1].strip() for line in d.lines)


async def test_x_shows_every_column_whole_and_gives_the_list_back() -> None:
    session = FakeSession()
    session.frames = {7: dns(7, NAME)}
    async with driven(session) as d:
        await d.grow(100)
        await d.go("7")
        assert NAME.decode() not in _shown(d)
        await d.press("x")
        assert NAME.decode() in _shown(d) and "Destination" in d.text and "AAAA" in d.text
        assert "2030-03-17" in d.text or "2030-03-18" in d.text
        await d.press("x")
        assert d.app.packets.list.has_focus and NAME.decode() not in _shown(d)
        await d.press("x", "escape")
        assert d.app.packets.list.has_focus and "No." in d.lines[2]


@pytest.mark.parametrize("size", [(40, 8), (80, 24), (200, 50)])
async def test_it_fits_every_size_and_scrolls(size: tuple[int, int]) -> None:
    session = FakeSession()
    session.frames = {7: dns(7, NAME)}
    async with driven(session, size=size) as d:
        await d.grow(100)
        await d.go("7")
        await d.press("x", "end")
        assert "AAAA" in d.text
        await d.press("home")
        assert "No." in d.text and {len(line) for line in d.lines} == {size[0]}
        await d.press("pagedown", "j", "k", "tab")
        assert d.app.packets.list.display and not d.app.packets.values_shown


async def test_it_goes_along_with_the_cursor() -> None:
    async with driven() as d:
        await d.grow(100)
        await d.go("10")
        await d.press("m")
        await d.go("20")
        await d.press("m", "x")
        assert "No.            20" in d.text
        await d.press("apostrophe")
        assert "No.            10" in d.text


async def test_columns_of_ones_own_and_those_without_room_are_among_them() -> None:
    async with driven(size=(60, 24)) as d:
        await d.grow(100)
        await d.go("1")
        await d.press("C", "ctrl+u", "ctrl+k")
        await d.write("number, tcp.Window as Win, since mark, eth.Source, eth.Destination, info")
        await d.press("enter", "m", "x")
        assert "Win          64128" in d.text and "s from mark  0.000000" in d.text
        assert "02:fc:00:00:00:01" in d.text
