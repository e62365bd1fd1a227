# SPDX-License-Identifier: Apache-2.0
"""The two lines on top: always there, true, and loud about a loss."""

from __future__ import annotations

from dataclasses import replace

import pytest

from support.fake_session import FakeSession
from support.screen import driven

LOSS = "#c22f3c"


async def test_a_loss_is_loud_at_once_and_until_it_has_been_seen() -> None:
    async with driven() as d:
        await d.grow(1000)
        assert LOSS not in d.backgrounds(1)
        d.session.lose(1204)
        await d.tick()
        assert LOSS in d.backgrounds(1) and "▲ LOST " in d.lines[1] and "Esc: seen" in d.lines[1]
        assert "dropped 1 204" in d.lines[1]
        await d.press("up", "end", "space", "space")
        assert LOSS in d.backgrounds(1)
        await d.press("escape")
        assert LOSS not in d.backgrounds(1) and "dropped 1 204" in d.lines[1]
        d.session.lose(1)
        await d.tick()
        assert LOSS in d.backgrounds(1) and "LOST 1 " in d.lines[1] and "dropped 1 205" in d.lines[1]


async def test_escape_means_seen_before_it_means_back() -> None:
    async with driven() as d:
        await d.grow(100)
        await d.rest()
        await d.press("enter")
        d.session.lose(5)
        await d.tick()
        await d.press("escape")
        assert LOSS not in d.backgrounds(1) and d.app.packets.layers_pane.has_focus


@pytest.mark.parametrize("size", [(40, 8), (60, 16), (80, 24), (120, 36), (200, 50)])
async def test_stored_dropped_and_the_filter_are_on_every_screen(size: tuple[int, int]) -> None:
    async with driven(size=size) as d:
        d.session.filter_expression = "tcp port 443"
        await d.grow(1204)
        assert "stored" in d.lines[1] and "1 204" in d.lines[1] and "dropped" in d.lines[1]
        assert "eth0 up" in d.lines[0]
        assert "capture: tcp" in d.lines[0] or "capture filter: tcp" in d.lines[0]
        assert "?" in d.lines[-1] and "q" in d.lines[-1]


async def test_a_large_screen_also_has_rates_ring_freezes_and_the_kept_range() -> None:
    session = FakeSession(capacity=100_000)
    async with driven(session, size=(200, 50)) as d:
        session.fill(0.03)
        for _ in range(20):
            await d.grow(20_000)
        line = d.lines[1]
        assert "200 000 pkt/s" in line and "192 Mb/s" in line
        assert "3 %" in line and "peak 3 %" in line and "▁" in line
        assert "freezes 0" in line and "kept 300 001 to 400 000" in line


async def test_numbers_that_grow_by_a_digit_or_lose_one_move_nothing_after_them() -> None:
    async with driven(size=(120, 36)) as d:
        for _ in range(20):
            await d.grow(99)
        before = d.lines[1].index("ring")
        for _ in range(20):
            await d.grow(1)
        assert d.lines[1].index("ring") == before


@pytest.mark.parametrize("state", ["down", "gone", "reopening", "error", "stopped"])
async def test_an_interface_that_gives_nothing_any_more_says_so_in_words(state: str) -> None:
    async with driven(size=(120, 36)) as d:
        await d.grow(10)
        d.session.state, d.session.state_text = state, "eth0 does not answer since 12:03:04"
        await d.tick()
        assert "eth0 does not answer since 12:03:04" in d.lines[0]
        assert " up " not in d.lines[0]


async def test_with_no_packet_yet_it_says_what_it_waits_for() -> None:
    async with driven() as d:
        d.session.filter_expression = "tcp port 443"
        await d.tick()
        d.session.now = 12.0
        await d.tick()
        assert "Listening on eth0 with the capture filter: tcp port 443" in d.text
        assert "Nothing has matched yet for 12 s." in d.text
        d.session.filter_expression = ""
        await d.tick()
        assert "no capture filter" in d.text and "Nothing has arrived yet for 12 s." in d.text
        await d.grow(1)
        assert "Nothing has arrived" not in d.text


async def test_a_loss_behind_the_ring_has_its_own_name() -> None:
    session = FakeSession()
    async with driven(session, size=(120, 36)) as d:
        await d.grow(10)
        session.counters = replace(session.counters, arena_drops=33)
        await d.tick()
        assert LOSS in d.backgrounds(1) and "LOST 33 behind the ring" in d.lines[1]
        assert "dropped 0" in d.lines[1]


async def test_a_link_without_carrier_is_not_called_up() -> None:
    async with driven(size=(120, 30)) as d:
        await d.grow(10)
        d.session.state = "no carrier"
        d.session.state_text = "eth0 has no carrier since 03:04:05: see the cable or the other end"
        await d.tick()
        assert "▼ eth0 has no carrier since 03:04:05" in d.lines[0]
        assert "eth0 up" not in d.text


async def test_the_peak_of_the_ring_is_shown_at_80_columns() -> None:
    async with driven() as d:
        d.session.fill(0.31)
        await d.grow(20_000)
        assert "(peak 31 %)" in d.lines[1]


async def test_an_interface_that_is_back_and_not_yet_read_is_not_called_up() -> None:
    async with driven() as d:
        await d.grow(10)
        d.session.state, d.session.state_text = "reopening", ""
        await d.tick()
        assert "▼ eth0 REOPENING" in d.lines[0] and " up " not in d.lines[0]


@pytest.mark.parametrize("state", ["", "half open", "x" * 300, "\x1b[2J", "日本" * 50])
@pytest.mark.parametrize("size", [(40, 8), (80, 24), (200, 50)])
async def test_a_state_nobody_knows_is_shown_and_breaks_nothing(state: str, size: tuple[int, int]) -> None:
    async with driven(size=size) as d:
        await d.grow(10)
        d.session.state, d.session.state_text = state, ""
        await d.tick()
        assert "▼ eth0" in d.lines[0] and d.lines[0].isprintable() and " up " not in d.lines[0]
        assert {sum(segment.cell_length for segment in line) for line in d.segments()} == {size[0]}


async def test_names_of_many_interfaces_leave_the_filter_its_room() -> None:
    async with driven() as d:
        d.session.interface, d.session.filter_expression = "eth0+eth1+eth2+veth123456+wlan0+wlan1", "tcp port 443"
        await d.grow(10)
        assert "eth0+eth1+eth2+" in d.lines[0] and "up" in d.lines[0] and "capture: tcp port 443" in d.lines[0]


async def test_counters_that_do_not_add_up_are_loud_and_stay_on_the_line_after_they_were_seen() -> None:
    async with driven() as d:
        await d.grow(10)
        d.session.counters = replace(d.session.counters, unaccounted=12)
        await d.tick()
        assert LOSS in d.backgrounds(1) and "▲ counters do not add up: 12  Esc: seen" in d.lines[1]
        assert "stored      10" in d.lines[1] and "dropped 0" in d.lines[1]
        await d.press("escape")
        assert LOSS not in d.backgrounds(1) and "counters do not add up: 12" in d.lines[1]
        d.session.lose(3)
        await d.tick()
        assert "▲ LOST" in d.lines[1] and "counters do not add up: 12" in d.lines[1]
        await d.press("escape")
        d.session.counters = replace(d.session.counters, unaccounted=13)
        await d.tick()
        assert LOSS in d.backgrounds(1) and "▲ counters do not add up: 13" in d.lines[1]


@pytest.mark.parametrize("size", [(40, 8), (60, 16), (200, 50)])
async def test_counters_that_do_not_add_up_are_told_on_every_screen(size: tuple[int, int]) -> None:
    async with driven(size=size) as d:
        await d.grow(10)
        d.session.lose(1_000_000)
        d.session.counters = replace(d.session.counters, unaccounted=12, arena_drops=7)
        await d.tick()
        assert "counters do not add up: 12" in d.lines[1]


async def test_a_change_of_the_filter_is_under_way_until_it_is_known_from_where_on_it_holds() -> None:
    async with driven(size=(120, 36)) as d:
        await d.grow(100)
        d.session.withhold = True
        d.session.change("udp")
        await d.grow(5)
        assert "(epoch 2, changing)" in d.lines[0]
        d.session.settle(rechecked=5)
        await d.tick()
        assert "(epoch 2, nothing yet)" in d.lines[0]
        await d.grow(1)
        assert "(epoch 2, from 106)" in d.lines[0], "not from 101, the first packet that passed it"


async def test_a_tick_asks_for_the_epochs_only_while_a_change_is_under_way() -> None:
    async with driven() as d:
        await d.grow(10)
        d.session.withhold = True
        d.session.change("udp")
        d.session.asked_for_epochs = 0
        for _ in range(3):
            await d.grow(1)
        assert d.session.asked_for_epochs == 3
        d.session.settle()
        for _ in range(5):
            await d.grow(1)
        assert d.session.asked_for_epochs == 4
