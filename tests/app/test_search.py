# SPDX-License-Identifier: Apache-2.0
"""Searching: bytes and infos, forwards and back, off the screen's thread, with the hit lit."""

from __future__ import annotations

import pytest

from support.fake_session import FakeSession, http, udp
from support.screen import Driven, driven


async def _settle(d: Driven) -> None:
    await d.app.workers.wait_for_complete()
    await d.tick()


async def _search(d: Driven, text: str, *, turns: int = 0) -> None:
    await d.press("slash", "ctrl+u", *["tab"] * turns)
    await d.write(text)
    await d.press("enter")
    await _settle(d)


async def _at(d: Driven, number: int, count: int = 1000) -> None:
    await d.grow(count)
    await d.press("g", *str(number), "enter")


@pytest.mark.parametrize(
    "text",
    ["GET /index/15 ", "get /index/15 ", "hex: 47 45 54 20 2f 69 6e 64 65 78 2f 31 35 20", r"re: index/\d5 ",
     "hex:4745:5420:2f69:6e64:6578:2f31:3520"],
)  # fmt: skip
async def test_bytes_are_found_as_text_in_hexadecimal_or_by_a_regular_expression(text: str) -> None:
    async with driven() as d:
        await _at(d, 1)
        await _search(d, text)
        assert d.app.packets.list.number == 15


async def test_tab_turns_to_another_kind_of_search() -> None:
    async with driven() as d:
        await _at(d, 1)
        await d.press("slash")
        assert "text in the bytes" in d.text
        await d.press("tab")
        assert "bytes in hexadecimal" in d.text
        await d.press("escape")
        await _search(d, "2f 69 6e 64 65 78 2f 32 35")
        assert d.app.packets.list.number == 25
        await _search(d, r"index/3\d", turns=1)
        assert d.app.packets.list.number == 35


async def test_the_info_column_is_searched_too() -> None:
    async with driven() as d:
        await _at(d, 1)
        await _search(d, "info: who has 10.1.0.18")
        assert d.app.packets.list.number == 18
        await _search(d, "info: who has 10.1.0.8?")
        assert d.app.packets.list.number == 8, "round the end"


async def test_n_goes_to_the_next_and_shift_n_to_the_one_before() -> None:
    async with driven() as d:
        await _at(d, 1)
        await _search(d, "GET /index")
        assert d.app.packets.list.number == 5
        for key, there in (("n", 15), ("n", 25), ("N", 15), ("N", 5)):
            await d.press(key)
            await _settle(d)
            assert d.app.packets.list.number == there
        await _search(d, "info: GET /index/")
        await d.press("N")
        await _settle(d)
        assert d.app.packets.list.number == 5


async def test_behind_the_end_it_goes_on_at_the_other_one_and_says_so() -> None:
    async with driven() as d:
        await _at(d, 990)
        await _search(d, "GET /index")
        assert d.app.packets.list.number == 995 and "went round" not in d.lines[-1]
        await d.press("n")
        await _settle(d)
        assert d.app.packets.list.number == 5 and "went round the end" in d.lines[-1]
        await d.press("N")
        await _settle(d)
        assert d.app.packets.list.number == 995 and "went round the beginning" in d.lines[-1]


async def test_what_is_nowhere_is_said_to_be_nowhere() -> None:
    async with driven() as d:
        await _at(d, 500)
        for text in ("no such text", "info: no such info", "hex: ff ee dd cc bb"):
            await _search(d, text)
            assert "not found" in d.lines[-1] and "1 000 packets looked at" in d.lines[-1]
            assert d.app.packets.list.number == 500


async def test_the_bytes_of_the_hit_are_lit() -> None:
    session = FakeSession()
    session.frames = {7: udp(7, b"here is a big needle in it")}
    async with driven(session, size=(200, 50)) as d:
        await _at(d, 1)
        await _search(d, "needle")
        await d.rest()
        lit = d.app.packets.hex.lit
        assert session.packet(7).data[lit.start : lit.stop] == b"needle"
        assert "[6e 65 65 64 6c 65]" in d.text


async def test_nothing_is_lit_for_a_hit_in_the_info() -> None:
    async with driven(size=(200, 50)) as d:
        await _at(d, 1)
        await _search(d, "info: who has")
        await d.rest()
        assert d.app.packets.list.number == 8 and len(d.app.packets.hex.lit) > 6


async def test_only_what_the_view_shows_is_found() -> None:
    session = FakeSession()
    session.frames = {n: udp(n, b"needle") for n in (10, 13, 18, 21)}
    async with driven(session) as d:
        await _at(d, 1)
        await d.press("v")
        await d.write("arp")
        await d.press("enter")
        await d.pilot.pause(0.2)
        await _settle(d)
        for text in ("needle", "info: 9000"):
            await d.press("g", "1", "enter")
            await _search(d, text)
            assert d.app.packets.list.number == 18


async def test_the_screen_goes_on_while_a_search_runs_and_escape_ends_it() -> None:
    async with driven() as d:
        await _at(d, 1, 10_000)
        d.session.searching.clear()
        await d.press("slash")
        await d.write("GET /index/9")
        await d.press("enter")
        await d.pilot.pause(0.05)
        await d.tick()
        assert "searching 10 000 packets for GET" in d.lines[-1] and "Esc stop" in d.lines[-1]
        await d.press("down")
        assert d.app.packets.list.number == 2
        await d.press("escape")
        await _settle(d)
        assert "the search was ended" in d.lines[-1] and d.app.packets.list.number == 2
        assert d.app.packets.list.has_focus


async def test_a_new_search_ends_the_one_under_way() -> None:
    async with driven() as d:
        await _at(d, 1)
        d.session.searching.clear()
        await _press_search(d, "GET /index/995")
        d.session.searching.set()
        await _press_search(d, "GET /index/15 ")
        await _settle(d)
        assert d.app.packets.list.number == 15


async def _press_search(d: Driven, text: str) -> None:
    await d.press("slash", "ctrl+u")
    await d.write(text)
    await d.press("enter")


async def test_what_cannot_be_searched_for_is_explained_and_the_line_stays_open() -> None:
    async with driven() as d:
        await _at(d, 1)
        for text, said in (("hex: zz", "hexadecimal"), ("re: (", "regular expression")):
            await d.press("slash", "ctrl+u")
            await d.write(text)
            await d.press("enter")
            assert "✗" in d.text and said in d.text and d.app.packets.search_line.is_open
            await d.press("escape")


async def test_next_without_a_search_says_how_to_begin_one() -> None:
    async with driven() as d:
        await _at(d, 1)
        await d.press("n")
        assert "/ searches" in d.lines[-1]


async def test_leaving_while_a_search_runs_does_not_wait_for_it() -> None:
    async with driven() as d:
        await _at(d, 1)
        d.session.searching.clear()
        await _press_search(d, "no such text")
        await d.pilot.press("q")
    assert not d.app.is_running


async def test_only_one_hit_is_said_to_be_the_only_one() -> None:
    session = FakeSession()
    session.frames = {5: http(5).replace(b"/index/5", b"/needle/")}
    async with driven(session) as d:
        await _at(d, 1)
        await _search(d, "needle")
        await d.press("n")
        await _settle(d)
        assert d.app.packets.list.number == 5 and "only packet 5 has it" in d.lines[-1]
