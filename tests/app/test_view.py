# SPDX-License-Identifier: Apache-2.0
"""The view: hides what does not pass while it is typed, loses nothing, and is never taken for the capture filter."""

from __future__ import annotations

import pytest

from support.fake_session import FakeSession
from support.screen import Driven, driven


async def _settle(d: Driven) -> None:
    await d.pilot.pause(0.2)
    await d.app.workers.wait_for_complete()
    await d.tick()


async def _view(d: Driven, expression: str) -> None:
    await d.press("v", "ctrl+u")
    await d.write(expression)
    await d.press("enter")
    await _settle(d)


def _numbers(d: Driven) -> list[int]:
    rows = [line[1:].split() for line in d.lines[3 : 3 + d.app.packets.list.size.height]]
    return [int(words[0]) for words in rows if words and words[0].isdecimal()]


async def test_only_what_passes_is_listed_while_it_is_typed_and_the_numbers_stay_those_of_the_packets() -> None:
    async with driven() as d:
        await d.grow(10_000)
        await d.press("v")
        await d.write("port 53")
        await _settle(d)
        assert d.app.packets.view_line.is_open
        assert {number % 10 for number in _numbers(d)} == {2, 6}
        assert d.app.packets.list.last == 2000


async def test_count_and_share_are_told_while_it_runs() -> None:
    async with driven() as d:
        d.session.held = 756_000
        await d.grow(1_200_000)
        d.session.capacity = 10**9
        await d.tick()
        await d.press("v")
        await d.write("http")
        await _settle(d)
        kept = "✓ 75 600 of 756 000, 10 %, 63 % looked at"
        assert kept in d.text
        d.session.held = 10**9
        await d.tick()
        assert "✓ 120 000 of 1 200 000, 10 %" in d.text and "looked at" not in d.text


async def test_enter_keeps_it_and_the_top_line_says_which_filter_loses_and_which_hides() -> None:
    async with driven() as d:
        d.session.filter_expression = "tcp or udp"
        await d.grow(1000)
        await _view(d, "port 53")
        assert "capture filter: tcp or udp" in d.lines[0] and "view: port 53" in d.lines[0]
        assert "what does not pass is hidden, not lost" in d.lines[-1]
        assert d.app.packets.list.has_focus and d.session.filter_expression == "tcp or udp"


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)])
async def test_both_filters_are_always_on_the_screen(size: tuple[int, int]) -> None:
    async with driven(size=size) as d:
        await d.grow(10)
        assert "capture" in d.lines[0] and "view: all" in d.lines[0]
        d.session.filter_expression = "tcp port 443 and host 10.0.0.7 and not port 22 and greater 100"
        await _view(d, "host 10.0.0.7 and host 10.0.0.8 and tcp port 443 and less 1000")
        assert "capture" in d.lines[0] and "tcp port" in d.lines[0]
        assert "view: host" in d.lines[0] and "live" in d.lines[0]


async def test_escape_goes_back_to_the_view_before() -> None:
    async with driven() as d:
        await d.grow(1000)
        await _view(d, "udp")
        await d.press("v", "ctrl+u")
        await d.write("arp")
        await _settle(d)
        assert {number % 10 for number in _numbers(d)} == {8}
        await d.press("escape")
        assert {number % 10 for number in _numbers(d)} <= {2, 4, 6, 9} and "view: udp" in d.lines[0]
        assert d.app.packets.list.last == 400


async def test_an_empty_view_is_none_and_asks_the_core_for_nothing() -> None:
    async with driven() as d:
        await d.grow(1000)
        assert not d.session.views
        await _view(d, "udp")
        await _view(d, "")
        assert "view: all" in d.lines[0] and d.app.packets.list.last == 1000
        assert all(view.closed for view in d.session.views)


async def test_the_next_key_restarts_the_view_that_is_being_typed_and_opens_no_other() -> None:
    async with driven() as d:
        await d.grow(1000)
        await d.press("v")
        for letters in ("t", "c", "p"):
            await d.write(letters)
            await _settle(d)
        assert [view.started for view in d.session.views] == [["t", "tc", "tcp"]]


async def test_an_expression_that_is_wrong_says_so_and_leaves_the_list_as_it_is() -> None:
    async with driven() as d:
        await d.grow(1000)
        await _view(d, "udp")
        await d.press("v", "ctrl+u")
        await d.write("wrong")
        await d.press("enter")
        await _settle(d)
        assert "✗ can't parse" in d.text and d.app.packets.view_line.is_open
        await d.press("escape")
        assert "view: udp" in d.lines[0] and d.app.packets.list.last == 400


async def test_the_cursor_stays_on_its_packet_or_goes_to_the_nearest() -> None:
    async with driven() as d:
        await d.grow(10_000)
        await d.press("g", *"5006", "enter")
        await _view(d, "port 53")
        assert d.app.packets.list.number == 5006
        await d.press("g", *"5007", "enter")
        assert d.app.packets.list.number == 5006 and "the view hides packet 5 007" in d.lines[-1]
        await _view(d, "arp")
        assert d.app.packets.list.number == 5008
        await _view(d, "")
        assert d.app.packets.list.number == d.app.packets.list.cursor == 5006, "views that were tried move nobody"


async def test_the_cursor_waits_for_its_packet_until_the_view_has_come_so_far() -> None:
    async with driven() as d:
        await d.grow(10_000)
        await d.press("g", *"5006", "enter")
        d.session.held = 1000
        await _view(d, "port 53")
        assert d.app.packets.list.number == 996
        d.session.held = 10_000
        await d.tick()
        assert d.app.packets.list.number == 5006


async def test_a_view_follows_the_newest_packet_that_passes() -> None:
    async with driven() as d:
        await d.grow(1000)
        await _view(d, "arp")
        assert d.app.packets.list.number == 998 and d.app.packets.list.following
        await d.grow(10)
        assert d.app.packets.list.number == 1008
        await d.press("up")
        await d.grow(10)
        assert d.app.packets.list.number == 998


async def test_the_layers_are_those_of_the_packet_not_of_its_place_in_the_view() -> None:
    async with driven() as d:
        await d.grow(1000)
        await _view(d, "arp")
        await d.press("home")
        await d.rest()
        assert "Layers of 8 " in d.text and "Who has 10.1.0.8?" in d.text


async def test_packets_that_are_evicted_leave_the_view_too() -> None:
    async with driven(FakeSession(capacity=100)) as d:
        await d.grow(100)
        await _view(d, "arp")
        await d.press("home")
        await d.grow(50)
        assert d.app.packets.list.number == 58
        assert "packet 8 was evicted; now at 58" in d.lines[-1]


async def test_a_view_that_nothing_passes_says_how_many_it_hides_and_how_to_see_them() -> None:
    async with driven() as d:
        await d.grow(1000)
        await _view(d, "none")
        assert "Nothing passes the view: none" in d.text and "0 of 1 000, 0 %" in d.text
        assert "an empty one shows all packets" in d.text
        await d.grow(10)
        await _view(d, "")
        assert d.app.packets.list.last == 1010


async def test_paused_the_view_shows_what_there_was() -> None:
    async with driven() as d:
        await d.grow(1000)
        await d.press("space")
        await d.grow(1000)
        await _view(d, "arp")
        assert d.app.packets.list.last == 100 and "PAUSED" in d.lines[0]
        await d.press("space")
        assert d.app.packets.list.last == 200


async def test_a_view_is_compiled_for_every_link_type_and_again_when_one_appears() -> None:
    session = FakeSession(kind="file")
    session.link_types = (1, 113)
    async with driven(session) as d:
        await d.grow(1000)
        await _view(d, "udp")
        assert session.views[-1].link_types == [(1, 113)] and d.compiler.asked_live == {False}
        session.link_types = (1, 113, 101)
        await d.tick()
        await _settle(d)
        assert session.views[-1].link_types == [(1, 113, 101)]
        assert [view.closed for view in session.views] == [True, False]
        assert "view: udp" in d.lines[0]


async def test_a_link_type_that_cannot_be_judged_is_named() -> None:
    session = FakeSession(kind="file")
    session.link_types = (1, 113)
    async with driven(session, size=(120, 36)) as d:
        await d.grow(1000)
        await d.press("v")
        await d.write("ether")
        await _settle(d)
        assert "never of link type 113: no Ethernet there" in d.text


async def test_lines_of_filter_changes_stand_before_the_first_packet_of_the_view_behind_them() -> None:
    async with driven() as d:
        await d.grow(100)
        d.session.change("tcp")
        await d.grow(100)
        await _view(d, "arp")
        await d.press("g", *"101", "enter")
        lines = d.lines[3:]
        note = next(at for at, line in enumerate(lines) if "═" in line)
        assert " 98 " in lines[note - 1] and " 108 " in lines[note + 1]


async def test_a_tick_with_a_view_asks_once_for_rows() -> None:
    async with driven() as d:
        await d.grow(100_000)
        await _view(d, "udp")
        d.session.reads.clear()
        await d.grow(1000)
        rows = [count for _, count in d.session.reads if count > 1]
        assert len(rows) <= 1 and sum(rows) <= 24


async def test_a_view_named_on_the_command_line_is_in_force_from_the_start() -> None:
    from ringscope.app import RingscopeApp
    from support.fake_session import FakeCompiler

    session = FakeSession(kind="file")
    session.grow(1000)
    app = RingscopeApp(session, FakeCompiler(), theme="midnight", tick_hz=0.001, view="arp")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.packets.list.last == 100 and app.packets.list.number == 8
