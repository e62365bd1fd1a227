# SPDX-License-Identifier: Apache-2.0
"""The lines in the packet list where the capture filter was changed."""

from __future__ import annotations

import random
import re
from itertools import pairwise
from unittest.mock import patch

import pytest
from textual.screen import Screen

from support.fake_session import FakeSession
from support.screen import Driven, driven


def _rows(d: Driven) -> list[str]:
    """The list as it is drawn, a word a line: a packet's number, ``═`` and an epoch, or nothing."""
    view = d.app.packets.list
    region = view.region
    found = []
    for line in d.lines[region.y : region.bottom]:
        text = line[: region.width]
        note, row = re.match(r"═+ .*epoch (\d+)", text), re.match(r"[▌ ] *(\d+) ", text)
        found.append(f"═{note[1]}" if note else row[1] if row else "")
    return found


def _line(d: Driven) -> str:
    return next(line for line in d.lines if line.startswith("═"))


async def _changed(d: Driven) -> None:
    """Ten packets, a change, ten packets, two changes at once, ten packets."""
    await d.grow(10)
    d.session.change("udp", rechecked=311)
    await d.grow(10)
    d.session.change("arp")
    d.session.change("tcp port 443")
    await d.grow(10)


# -- where it is and what it says


async def test_a_change_of_the_filter_is_a_line_before_the_first_packet_it_holds_for() -> None:
    async with driven() as d:
        await d.grow(3)
        d.session.withhold = True
        d.session.change("tcp port 443")
        await d.grow(2)
        assert "═" not in d.text, "where it holds from is not known yet"
        d.session.settle(rechecked=2)
        await d.grow(2)
        assert _rows(d)[:8] == ["1", "2", "3", "4", "5", "═2", "6", "7"]
        assert "filter: tcp port 443" in _line(d) and "epoch 2 from 6  (2 re-checked" in _line(d)


async def test_a_line_is_drawn_as_soon_as_it_is_known_also_before_a_packet_comes() -> None:
    async with driven() as d:
        await d.grow(3)
        d.session.change("udp")
        await d.tick()
        assert _rows(d)[:5] == ["1", "2", "3", "═2", ""]
        await d.grow(1)
        assert _rows(d)[:5] == ["1", "2", "3", "═2", "4"]


async def test_with_no_packet_at_all_there_is_no_line() -> None:
    async with driven() as d:
        d.session.change("udp")
        await d.tick()
        assert "═" not in d.text and "Nothing has matched yet" in d.text


async def test_changes_between_which_nothing_came_are_one_line_that_says_how_many() -> None:
    async with driven(size=(120, 40)) as d:
        await _changed(d)
        drawn = [row for row in _rows(d) if row.startswith("═")]
        assert drawn[-1] == "═4" and "═3" not in drawn
        line = [line for line in d.lines if line.startswith("═")][-1]
        assert "epoch 4 from 21" in line and "(1 change in between)" in line


async def test_a_time_without_capture_is_said_on_the_line_in_words() -> None:
    async with driven(size=(120, 40)) as d:
        await d.grow(3)
        d.session.change("udp", gap=0.012)
        await d.grow(1)
        assert "▲ nothing captured for 12 ms: no room for both filters" in _line(d)


@pytest.mark.parametrize("size", [(40, 8), (60, 16), (80, 24), (200, 50)])
async def test_a_line_fits_every_screen(size: tuple[int, int]) -> None:
    async with driven(size=size) as d:
        await d.grow(2)
        d.session.change("tcp port 443 and not host 10.20.30.40" * 5, rechecked=311, gap=1.5, settled=False)
        await d.grow(1)
        await d.press("tab", "tab")
        assert {sum(segment.cell_length for segment in line) for line in d.segments()} == {size[0]}
        assert "epoch 2" in _line(d) and "311 re-checked" in _line(d)


async def test_without_colours_a_line_is_told_by_its_glyphs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with driven(theme=None) as d:
        await d.grow(2)
        d.session.change("udp", gap=0.012)
        await d.grow(1)
        assert _line(d).startswith("════ ") and "▲" in _line(d)
        styles = [segment.style for line in d.segments() for segment in line if segment.style]
        assert {style.color.name for style in styles if style.color} == {"default"}


async def test_lines_are_drawn_again_in_another_theme_and_at_another_width() -> None:
    async with driven() as d:
        await d.grow(2)
        d.session.change("udp")
        await d.grow(1)
        before = d.segments()[5]
        await d.press("T")
        assert [segment.text for segment in d.segments()[5]] == [segment.text for segment in before]
        assert [segment.style for segment in d.segments()[5]] != [segment.style for segment in before]
        await d.pilot.resize_terminal(120, 24)
        await d.tick()
        assert _line(d).startswith("════════ ") and len(_line(d)) == 120


# -- moving


async def test_the_cursor_passes_lines_by() -> None:
    async with driven(size=(80, 50)) as d:
        await _changed(d)
        packets = d.app.packets.list
        await d.press("home")
        visited = [packets.cursor]
        for _ in range(29):
            await d.pilot.press("j")
            visited.append(packets.cursor)
        assert visited == list(range(1, 31))
        await d.tick()
        assert all(not line.startswith("▌═") for line in d.lines)
        for _ in range(29):
            await d.pilot.press("k")
            visited.append(packets.cursor)
        assert visited[30:] == list(range(29, 0, -1))


async def test_the_wheel_brings_every_row_and_every_line_past_in_order() -> None:
    async with driven() as d:
        await _changed(d)
        packets = d.app.packets.list
        page = [str(row) for row in range(1, 31)]
        page.insert(10, "═2")
        page.insert(21, "═4")
        await d.press("home")
        for top in range(len(page) - packets.page + 1):
            assert _rows(d) == page[top : top + packets.page]
            assert f"▌{packets.cursor:>8}"[-4:] in d.text, "the cursor has left the screen"
            packets.wheel(1)
            await d.tick()
        for top in reversed(range(len(page) - packets.page + 1)):
            assert _rows(d) == page[top : top + packets.page]
            packets.wheel(-1)
            await d.tick()


async def test_pages_leave_out_nothing_and_end_at_the_ends() -> None:
    async with driven() as d:
        for _ in range(40):
            await d.grow(3)
            d.session.change("udp")
        await d.tick()
        packets = d.app.packets.list
        for key, end in (("pageup", "1"), ("pagedown", "120")):
            seen = set(_rows(d))
            for _ in range(20):
                before = _rows(d)
                await d.press(key)
                assert set(before) & set(_rows(d)), "a page must leave a row of the page before"
                seen |= set(_rows(d))
            assert seen >= {str(row) for row in range(1, 121)} | {f"═{epoch}" for epoch in range(2, 42)}
            assert str(packets.cursor) == end


async def test_the_first_and_the_last_row_bring_the_lines_beside_them() -> None:
    session = FakeSession(capacity=30)
    async with driven(session) as d:
        await d.grow(20)
        session.change("udp")
        await d.grow(30)
        session.change("arp")
        await d.tick()
        assert _rows(d)[-2:] == ["50", "═3"]
        await d.press("home")
        assert _rows(d)[:2] == ["═2", "21"] and d.app.packets.list.cursor == 21
        await d.press("end")
        assert _rows(d)[-2:] == ["50", "═3"]


async def test_a_click_on_a_line_does_nothing_and_one_beside_it_selects_what_is_there() -> None:
    async with driven(size=(80, 36)) as d:
        await _changed(d)
        packets = d.app.packets.list
        line = _rows(d).index("═4")
        await d.pilot.click("#list", offset=(5, line))
        assert packets.cursor == 30 and packets.following
        await d.pilot.click("#list", offset=(5, line + 1))
        assert packets.cursor == 21
        await d.pilot.click("#list", offset=(5, line - 1))
        assert packets.cursor == 20


# -- following, growing and forgetting


async def test_following_stays_at_the_end_across_changes() -> None:
    async with driven() as d:
        await d.grow(100)
        for epoch in range(2, 12):
            d.session.change("udp")
            await d.tick()
            assert _rows(d)[-1] == f"═{epoch}"
            await d.grow(1)
            assert _rows(d)[-2:] == [f"═{epoch}", str(99 + epoch)]
            await d.grow(0)
        assert d.app.packets.list.following


async def test_who_reads_keeps_the_row_under_the_cursor_where_it_is() -> None:
    async with driven() as d:
        await d.grow(100)
        d.session.withhold = True
        d.session.change("udp")
        await d.grow(100)
        await d.press("up", "up", "up")
        before = _rows(d)
        d.session.account(clean_from=int(before[2]))
        await d.tick()
        after = _rows(d)
        cursor = before.index("197")
        assert after[cursor:] == before[cursor:] and "═2" in after[:cursor]
        assert d.app.packets.list.cursor == 197


async def test_rows_that_come_while_the_cursor_rests_appear_below_the_line() -> None:
    async with driven() as d:
        await d.grow(2)
        await d.press("home")
        d.session.change("udp")
        await d.grow(0)
        await d.grow(2)
        assert _rows(d)[:6] == ["1", "2", "═2", "3", "4", ""]
        assert d.app.packets.list.cursor == 1


async def test_a_list_held_still_shows_no_line_for_what_it_does_not_show() -> None:
    async with driven() as d:
        await d.grow(3)
        await d.press("space")
        await d.grow(2)
        d.session.change("udp")
        await d.grow(2)
        assert _rows(d)[:4] == ["1", "2", "3", ""]
        await d.press("space")
        assert _rows(d)[:8] == ["1", "2", "3", "4", "5", "═2", "6", "7"]


async def test_an_eviction_moves_neither_rows_nor_lines_and_lines_go_with_their_rows() -> None:
    session = FakeSession(capacity=20)
    async with driven(session) as d:
        await d.grow(3)
        session.change("udp")
        await d.grow(17)
        await d.press("home", "j", "j", "j", "j")
        before = _rows(d)
        await d.grow(4)
        assert _rows(d) == before and before[3] == "═2"
        await d.press("end", "home")
        assert _rows(d)[0] == "5" and "═" not in d.text


async def test_with_lines_too_fifty_million_rows_cost_no_layout_and_only_what_is_visible_is_read() -> None:
    session = FakeSession(capacity=60_000_000)
    async with driven(session) as d:
        await d.grow(1)
        with patch.object(Screen, "_refresh_layout") as layout:
            for _ in range(10):
                session.change("udp", rechecked=5)
                await d.grow(5_000_000)
                await d.press("up", "end")
            session.reads.clear()
            await d.press("home")
            d.app.packets.list.move_to(5_000_002)
            await d.tick()
            assert layout.call_count == 0
        rows = [count for _, count in session.reads if count > 1]
        assert "═3" in _rows(d) and sum(rows) <= 2 * d.app.packets.list.page
        assert d.app.packets.list.count == 50_000_001


async def test_a_storm_of_changes_growth_keys_and_sizes_leaves_a_sound_list() -> None:
    chance = random.Random(11)
    session = FakeSession(capacity=400)
    async with driven(session) as d:
        packets = d.app.packets.list
        await d.grow(5)
        for _ in range(90):
            match chance.randrange(6):
                case 0:
                    session.change(chance.choice(("udp", "", "arp or tcp")), rechecked=chance.randrange(3))
                case 1 | 2:
                    session.grow(chance.choice((0, 1, 2, 30)))
                case 3:
                    await d.pilot.press(chance.choice(("j", "k", "pageup", "pagedown", "home", "end", "space", "tab")))
                case 4:
                    packets.wheel(chance.choice((-3, 3)))
                case 5:
                    await d.pilot.resize_terminal(chance.randint(40, 130), chance.randint(8, 40))
            await d.tick()
            rows = _rows(d)
            before = {f"═{epoch.number}": epoch.clean_from for epoch in session.epochs()}
            numbers = [int(row) for row in rows if row.isdigit()]
            assert numbers == list(range(numbers[0], numbers[-1] + 1))
            assert packets.cursor in numbers, (rows, packets.cursor)
            for above, below in pairwise(rows):
                if above.startswith("═") and below.isdigit():
                    assert before[above] == int(below)
