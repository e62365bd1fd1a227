# SPDX-License-Identifier: Apache-2.0
"""Sorting: by any column, a still picture that says what came since, off the screen's thread."""

from __future__ import annotations

from support.fake_session import FakeSession, dns, tcp
from support.screen import Driven, driven

WIDE = (140, 36)


async def _sort(d: Driven, column: str, *keys: str) -> None:
    await d.press("o", "ctrl+u", "ctrl+k")
    await d.write(column)
    await d.press(*keys, "enter")
    await d.settle()


def _numbers(d: Driven) -> list[int]:
    rows = d.app.packets.list
    return [d.app.packets._viewing.rows.number(row) for row in range(rows.top, rows.top + 6)]


async def test_the_list_is_sorted_either_way_and_back() -> None:
    async with driven(size=WIDE) as d:
        await d.grow(1000)
        await _sort(d, "length")
        assert _numbers(d)[:2] == [8, 18] and "Lengt▲" in d.lines[2] and "by Length ▲, 1 000 packets" in d.lines[-1]
        await _sort(d, "length", "down")
        assert _numbers(d)[:2] == [105, 115] and "Lengt▼" in d.lines[2]
        await _sort(d, "none")
        assert d.app.packets.list.number == 105 and d.app.packets.list.count == 1000
        assert "▼" not in d.lines[2] and "in the order of packet numbers" in d.lines[-1]


async def test_what_comes_while_it_is_sorted_is_counted_and_comes_in_when_it_is_sorted_again() -> None:
    async with driven(size=WIDE) as d:
        await d.grow(1000)
        await _sort(d, "number", "down")
        assert _numbers(d)[0] == 1000
        await d.grow(500)
        assert d.app.packets.list.count == 1000 and "1 000 at " in d.lines[2] and "500 newer" in d.lines[2]
        await d.press("end")
        assert d.app.packets.list.number == 1 and not d.app.packets.list.following
        await d.press("o", "enter")
        await d.settle()
        assert _numbers(d)[0] == 1500 and "newer" not in d.lines[2]


async def test_a_field_is_sorted_as_a_number_and_packets_without_it_come_last_either_way() -> None:
    session = FakeSession()
    session.frames = {1: tcp(10), 2: dns(2), 3: tcp(9), 4: tcp(100)}
    async with driven(session, size=WIDE) as d:
        await d.grow(4)
        await _sort(d, "tcp.Sequence number")
        assert _numbers(d)[:4] == [3, 1, 4, 2] and "1 without it last" in d.lines[-1]
        await _sort(d, "tcp.sequence number", "down")
        assert _numbers(d)[:4] == [4, 1, 3, 2]


async def test_addresses_are_sorted_by_their_numbers() -> None:
    async with driven(size=WIDE) as d:
        await d.grow(300)
        await _sort(d, "source")
        rows = d.app.packets._viewing.rows
        rows.ensure(1, 300)
        sources = [row.source for n in range(1, 301) if (row := rows.get(n))]
        four = [tuple(map(int, source.split("."))) for source in sources if "." in source]
        assert four == sorted(four) and len(four) > 200 and ":" in sources[-1]


async def test_a_click_on_a_heading_sorts_by_it_then_the_other_way_then_not() -> None:
    async with driven(size=WIDE) as d:
        await d.grow(1000)
        for shown in ("Lengt▲", "Lengt▼", "Length"):
            await d.pilot.click("#heading", offset=(d.lines[2].index("Lengt"), 0))
            await d.settle()
            assert shown in d.lines[2]


async def test_only_what_the_view_shows_is_sorted_and_another_view_is_not() -> None:
    async with driven(size=WIDE) as d:
        await d.grow(1000)
        await _view(d, "arp")
        await _sort(d, "number", "down")
        assert _numbers(d)[:2] == [998, 988] and d.app.packets.list.count == 100
        await _view(d, "udp")
        assert d.app.packets.list.count == 400 and "▼" not in d.lines[2]


async def _view(d: Driven, expression: str) -> None:
    await d.press("v", "ctrl+u")
    await d.write(expression)
    await d.press("enter")
    await d.pilot.pause(0.2)
    await d.settle()


async def test_the_screen_goes_on_while_packets_are_sorted_and_escape_ends_it() -> None:
    async with driven(size=WIDE) as d:
        await d.grow(1000)
        d.session.searching.clear()
        await d.press("o", "ctrl+u")
        await d.write("info")
        await d.press("enter")
        await d.pilot.pause(0.05)
        await d.press("up", "up")
        assert "sorting 1 000 packets by Info" in d.lines[-1] and d.app.packets.list.number == 998
        await d.press("escape")
        await d.settle()
        assert "sorting was ended" in d.lines[-1] and d.app.packets._viewing.picture is None


async def test_marks_numbers_searches_and_files_mean_the_same_in_a_sorted_list() -> None:
    async with driven(size=WIDE) as d:
        await d.grow(1000)
        await _sort(d, "number", "down")
        await d.go("500")
        assert d.app.packets.list.number == 500
        await d.press("m", "down")
        assert d.app.packets.list.number == 499
        await d.press("slash")
        await d.write("GET /index/505 ")
        await d.press("enter")
        await d.settle()
        assert d.app.packets.list.number == 505
        await d.press("apostrophe")
        assert d.app.packets.list.number == 500
        await d.grow(10)
        await d.go("1005")
        assert d.app.packets.list.number == 1000 and "not among those sorted" in d.lines[-1]
        await d.press("s")
        assert "all kept, 1 010 packets" in d.text


async def test_what_is_evicted_stays_as_a_gap_in_the_picture() -> None:
    async with driven(FakeSession(capacity=1000), size=WIDE) as d:
        await d.grow(1000)
        await _sort(d, "number")
        await d.grow(500)
        await d.press("pagedown", "pagedown", "pagedown")
        assert f"{d.app.packets.list.number} evicted" in d.text and d.app.packets.list.count == 1000


async def test_what_is_no_column_is_explained_and_nothing_to_sort_is_said() -> None:
    async with driven() as d:
        await d.press("o")
        assert "nothing to sort yet" in d.lines[-1]
        await d.grow(10)
        await d.press("o")
        await d.write("sorce")
        await d.press("enter")
        assert "✗" in d.text and "did you mean source?" in d.text
