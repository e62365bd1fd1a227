# SPDX-License-Identifier: Apache-2.0
"""The packet list: growing, following, forgetting, pausing."""

from __future__ import annotations

from unittest.mock import patch

from textual.screen import Screen

from support.fake_session import FakeSession
from support.screen import driven


async def test_the_list_grows_to_fifty_million_rows_without_a_single_layout() -> None:
    session = FakeSession(capacity=60_000_000)
    async with driven(session) as d:
        await d.grow(1)
        with patch.object(Screen, "_refresh_layout") as layout:
            for _ in range(10):
                await d.grow(5_000_000)
                await d.press("up", "end")
            assert layout.call_count == 0
            await d.press("tab")
            assert layout.call_count > 0, "a change of the panes must have been noticed"
        assert d.app.packets.list.count == 50_000_001
        assert "50000001" in d.text


async def test_only_the_rows_on_the_screen_are_read() -> None:
    async with driven() as d:
        await d.grow(1_000_000)
        d.session.reads.clear()
        await d.grow(500_000)
        rows = [count for _, count in d.session.reads]
        assert len(rows) <= 2 and sum(rows) <= 24


async def test_a_tick_asks_once_for_counters_and_once_for_rows() -> None:
    async with driven() as d:
        await d.grow(1000)
        await d.rest()
        await d.press("home")
        await d.rest()
        d.session.reads.clear()
        d.session.snapshots = 0
        await d.press("pagedown")
        assert d.session.snapshots == 1
        assert len([count for _, count in d.session.reads if count > 1]) <= 1


async def test_it_follows_the_newest_packet_until_the_cursor_moves() -> None:
    async with driven() as d:
        await d.grow(1000)
        assert d.app.packets.list.cursor == 1000
        await d.grow(500)
        assert d.app.packets.list.cursor == 1500
        await d.press("up")
        await d.grow(500)
        assert d.app.packets.list.cursor == 1499
        assert "   1499 " in d.text and "   2000 " not in d.text
        assert "+500 newer" not in d.text
        assert "End: live" in d.lines[0]


async def test_end_follows_again() -> None:
    async with driven() as d:
        await d.grow(1000)
        await d.press("k", "k")
        await d.grow(100)
        await d.press("end")
        assert d.app.packets.list.following
        assert "live" in d.lines[0] and "End: live" not in d.lines[0]
        await d.grow(1)
        assert d.app.packets.list.cursor == 1101


async def test_new_rows_appear_below_while_the_page_is_not_full() -> None:
    async with driven() as d:
        await d.grow(2)
        await d.press("home")
        await d.grow(3)
        assert all(f" {number} " in d.text for number in range(1, 6))
        assert d.app.packets.list.cursor == 1


async def test_an_eviction_moves_nothing_on_the_screen() -> None:
    session = FakeSession(capacity=100)
    async with driven(session) as d:
        await d.grow(100)
        await d.press("home", "down", "down", "down")
        before = [line for line in d.lines if "evicted" not in line][3:13]
        await d.grow(2)
        after = d.lines[3:13]
        assert after[2:] == before[2:]
        assert "1 evicted" in after[0] and "2 evicted" in after[1]
        assert d.app.packets.list.cursor == 4


async def test_a_cursor_whose_packet_is_evicted_goes_to_the_oldest_kept_and_says_so() -> None:
    session = FakeSession(capacity=100)
    async with driven(session) as d:
        await d.grow(100)
        await d.press("home")
        await d.grow(50)
        assert d.app.packets.list.cursor == 51
        assert "packet 1 was evicted" in d.lines[-1] and "51" in d.lines[-1]
        assert "▌     51" in d.text


async def test_evicted_rows_are_gone_once_scrolled_away() -> None:
    session = FakeSession(capacity=100)
    async with driven(session) as d:
        await d.grow(100)
        await d.press("home", "down", "down", "down")
        await d.grow(2)
        await d.press("end")
        await d.press("home")
        assert "evicted" not in "".join(d.lines[:-1])
        assert d.app.packets.list.cursor == 3


async def test_space_holds_the_list_still_while_the_capture_goes_on() -> None:
    async with driven() as d:
        await d.grow(1000)
        await d.press("space")
        assert "the capture goes on" in d.lines[-1]
        await d.grow(500)
        assert d.app.packets.list.last == 1000
        assert "PAUSED" in d.lines[0] and "+500 newer" in d.lines[0]
        assert "stored   1 500" in d.lines[1]
        await d.press("space")
        assert d.app.packets.list.cursor == 1500
        assert "PAUSED" not in d.lines[0]


async def test_g_goes_to_a_packet_by_number_by_distance_and_by_share() -> None:
    async with driven() as d:
        await d.grow(10_000)
        for typed, there in (("4 321", 4321), ("+9", 4330), ("-30", 4300), ("50%", 5000), ("99999999", 10_000)):
            await d.press("g")
            await d.write(typed)
            await d.press("enter")
            assert d.app.packets.list.cursor == there
            assert f"▌{there:>8}"[-5:] in d.text
        assert "there is no packet 99 999 999; kept are 1 to 10 000" in d.lines[-1]
        await d.press("g")
        await d.write("nonsense")
        await d.press("enter")
        assert "a packet number, +100" in d.text
        await d.press("escape")
        assert d.app.packets.list.cursor == 10_000


async def test_pages_first_and_last_row_are_a_key_away() -> None:
    async with driven() as d:
        await d.grow(1000)
        packets = d.app.packets.list
        await d.press("home")
        assert packets.cursor == 1
        await d.press("pagedown")
        assert packets.cursor == packets.page
        await d.press("pageup")
        assert packets.cursor == 1


async def test_the_wheel_scrolls_and_takes_the_cursor_along_only_at_the_edge() -> None:
    async with driven() as d:
        await d.grow(1000)
        packets = d.app.packets.list
        packets.wheel(-3)
        await d.tick()
        assert not packets.following
        assert packets.cursor == packets.top + packets.page - 1
        top = packets.top
        packets.wheel(3)
        await d.tick()
        assert packets.top == top + 3 and packets.cursor == 997


async def test_a_click_selects_the_row_under_it() -> None:
    async with driven() as d:
        await d.grow(1000)
        packets = d.app.packets.list
        top = packets.top
        await d.pilot.click("#list", offset=(5, 4))
        assert packets.cursor == top + 4 and not packets.following


async def test_addresses_shortened_in_the_list_are_whole_under_the_cursor() -> None:
    async with driven() as d:
        await d.grow(6)
        whole = "2001:db8:0:1:a0b:c0d:e0f:1011"
        await d.press("home")
        listed = "\n".join(d.lines[3:9])
        assert whole not in listed and "2001:db…" in listed
        await d.press("g", "6", "enter")
        assert whole in "\n".join(d.lines[3:9])


async def test_a_list_held_still_goes_on_when_all_it_shows_has_been_evicted() -> None:
    session = FakeSession(capacity=100)
    async with driven(session) as d:
        await d.grow(100)
        await d.press("space")
        await d.grow(50)
        assert "PAUSED" in d.lines[0] and d.app.packets.list.last == 100
        await d.grow(500)
        assert "PAUSED" not in d.lines[0] and d.app.packets.list.cursor == 650
        assert "has been evicted" in d.lines[-1]
