# SPDX-License-Identifier: Apache-2.0
"""A file on the screen: what it is, how far it is read, whether it is whole; and a pipe, which is like a capture."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from ringscope.capture.session import Loading
from support.fake_session import FakeSession
from support.screen import Driven, driven

LOSS = "#c22f3c"
FAULT = "at byte 123 456: a record claims 4 294 967 295 bytes; the 1 000 packets before it are shown"


def _file(count: int = 1000, **fields: object) -> FakeSession:
    session = FakeSession(kind="file")
    session.grow(count)
    for name, value in fields.items():
        setattr(session, name, value)
    return session


async def test_a_file_begins_at_its_first_packet_and_says_what_it_is() -> None:
    session = _file(filter_expression="tcp or udp", link_types=(1, 113))
    async with driven(session, size=(160, 36)) as d:
        assert d.app.packets.list.number == 1 and not d.app.packets.list.following
        for said in ("trace.pcapng", "pcapng", "Ethernet + Linux cooked", "captured with: tcp or udp", "view: all"):
            assert said in d.lines[0]
        assert "packets 1 000" in d.lines[1] and "dropped 0" in d.lines[1]
        assert "2030-03-17" in d.lines[1] and "ring" not in d.lines[1]
        await d.grow(500)
        assert d.app.packets.list.number == 1


async def test_what_a_file_does_not_tell_is_said_to_be_untold() -> None:
    async with driven(_file(counts_drops=False), size=(160, 36)) as d:
        assert "capture filter: not told" in d.lines[0] and "dropped: not told" in d.lines[1]


async def test_drops_that_the_file_tells_of_are_loud_until_seen() -> None:
    session = _file()
    session.lose(12)
    async with driven(session, size=(160, 36)) as d:
        assert LOSS in d.backgrounds(1) and "packets were lost when this was captured" in d.lines[1]
        await d.press("escape")
        assert LOSS not in d.backgrounds(1) and "dropped 12" in d.lines[1]


async def test_cut_packets_are_counted() -> None:
    session = _file()
    session.counters = replace(session.counters, snapped=3)
    async with driven(session, size=(120, 36)) as d:
        assert "cut short 3" in d.lines[1]


async def test_rows_are_there_while_the_rest_is_read_behind_a_bar() -> None:
    session = _file(progress=Loading(0.63, 1000, "reading", ""))
    async with driven(session) as d:
        assert "reading 63 %" in d.lines[0]
        assert "reading trace.pcapng, 1 000 packets" in d.lines[-1] and "63 %" in d.lines[-1] and "█" in d.lines[-1]
        assert "▌      1" in d.text
        session.progress = None
        await d.tick()
        assert "reading" not in d.text and "v view" in d.lines[-1]


async def test_reading_can_be_ended_and_the_screen_says_that_there_is_more() -> None:
    session = _file(progress=Loading(0.63, 1000, "reading", ""))
    async with driven(session) as d:
        await d.press("escape")
        assert session.progress is not None and session.progress.state == "cancelled"
        assert "what follows in the file is not here" in d.lines[-1]
        assert "STOPPED at 1 000" in d.lines[0]


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50)])
async def test_damage_is_loud_with_its_place_until_seen_and_stays_on_the_line(size: tuple[int, int]) -> None:
    session = _file(progress=Loading(1.0, 1000, "failed", FAULT))
    async with driven(session, size=size) as d:
        assert LOSS in d.backgrounds(1) and "at byte 123 456" in d.lines[1] and "Esc: seen" in d.lines[1]
        await d.press("down", "end", "tab")
        assert LOSS in d.backgrounds(1)
        await d.press("escape")
        assert LOSS not in d.backgrounds(1) and "at byte 123 456" in d.lines[1]
        assert "packets 1 000" in d.lines[1]


async def test_f_says_that_a_file_has_no_capture_filter_and_opens_the_view() -> None:
    async with driven(_file()) as d:
        await d.press("f")
        assert d.app.packets.view_line.is_open and not d.app.packets.filter_line.is_open
        assert "nothing can be kept out any more" in d.lines[-1]


async def test_a_file_offers_no_pause_and_the_key_says_why() -> None:
    async with driven(_file()) as d:
        assert "Space" not in d.lines[-1] and "f filter" not in d.lines[-1]
        await d.press("space")
        assert "stands still by itself" in d.lines[-1]


async def test_comments_of_the_file_have_a_glyph_in_the_list_and_stand_in_the_frame_layer() -> None:
    session = _file(comments={3: "retransmitted here\nsee ticket\x1b[2J 12"})
    async with driven(session, size=(200, 50)) as d:
        assert sum("✎" in line for line in d.lines) == 1
        await d.press("g", "3", "enter")
        await d.rest()
        assert "Frame 3: " in d.text and "✎ retransmitted here" in d.text
        await d.press("enter")
        pane = d.app.packets.layers_pane
        pane.move_to(0)
        await d.press("l")
        assert "Comment: retransmitted here" in d.text and "see ticket\\x1b[2J 12" in d.text


async def test_a_file_without_a_packet_says_so() -> None:
    async with driven(_file(0)) as d:
        assert "trace.pcapng has no packet." in d.text


async def test_a_pipe_is_followed_like_a_capture_and_says_when_it_has_ended() -> None:
    session = FakeSession(kind="pipe")
    session.progress = Loading(None, 0, "waiting", "")
    async with driven(session) as d:
        assert "Nothing has come yet" in d.text
        await d.grow(100)
        assert d.app.packets.list.number == 100 and d.app.packets.list.following
        assert "standard input" in d.lines[0] and "live" in d.lines[0]
        await d.press("up")
        await d.grow(10)
        assert d.app.packets.list.number == 99 and "End: newest" in d.lines[0]
        await d.press("space")
        await d.grow(10)
        assert "PAUSED" in d.lines[0] and "+10 newer" in d.lines[0]
        await d.press("space")
        session.progress = None
        await d.tick()
        assert "ended" in d.lines[0]


async def test_a_loss_before_a_packet_is_a_line_in_the_list() -> None:
    session = FakeSession()
    session.lose_before(95)
    async with driven(session) as d:
        await d.grow(100)
        await d.tick()
        line = next(at for at, line in enumerate(d.lines) if "packets were lost here, queue 3" in line)
        assert " 94 " in d.lines[line - 1] and " 95 " in d.lines[line + 1]


async def test_g_gap_goes_to_the_next_loss_round_the_end_and_says_how_many_are_missing() -> None:
    session = FakeSession()
    session.lose_before(10, 7)
    session.lose_before(500, 1204)
    async with driven(session) as d:
        await d.grow(1000)
        await d.tick()
        for typed, at, lost in (("gap", 10, "7"), ("gap", 500, "1 204"), ("-loss", 10, "7")):
            await d.press("g", *("minus" if letter == "-" else letter for letter in typed), "enter")
            assert d.app.packets.list.number == at
            assert f"before this packet {lost} packets are missing" in d.lines[-1]
        session.lost.clear()
        await d.press("g", "g", "a", "p", "enter")
        assert "no packet is missing among those that are kept" in "".join(d.lines[-3:])


async def test_capital_w_writes_the_last_minute_of_a_capture_and_what_follows() -> None:
    session = FakeSession()
    async with driven(session) as d:
        await d.grow(20_000)
        session.now = 120.0 + 0.1
        await d.press("W")
        assert f"last 60 s + 10 s (W ends): {session.saved[0].path} " in d.lines[-1], "the name is told whole"
        await d.grow(10)
        await _written(d, 20_010)
        assert session.saved[0].path.startswith("last-minute-")
        await d.press("escape")  # somebody has seen a loss, which is no reason to lose the file
        await d.grow(10)
        await _written(d, 20_020)
        d.app.packets.save_line.cancel(lasting=True)  # as leaving does
        await d.app.workers.wait_for_complete()
        assert session.saved[0].ended == "closed"
        assert f"20 020 packets written to {session.saved[0].path} " in d.lines[-1], "the name is told whole"


async def test_capital_w_again_ends_the_file_of_the_last_minute_with_what_is_there() -> None:
    session = FakeSession()
    async with driven(session) as d:
        await d.grow(20_000)
        session.now = 120.0
        await d.press("W")
        await d.grow(10)
        await d.press("W")
        await d.app.workers.wait_for_complete()
        await d.tick()
        assert session.saved[0].ended == "closed" and len(session.saved) == 1
        assert f"20 010 packets written to {session.saved[0].path} " in d.lines[-1]
        await d.press("W")
        assert len(session.saved) == 2, "the next one begins anew"


async def test_leaving_while_the_last_minute_is_written_closes_its_file() -> None:
    session = FakeSession()
    async with driven(session) as d:
        await d.grow(100)
        await d.press("W")
        await _written(d, 100)
        await d.press("q")
    await asyncio.get_running_loop().shutdown_default_executor()  # as the program does before it ends
    assert session.saved[0].ended == "closed"


async def _written(d: Driven, count: int) -> None:
    for _ in range(100):
        await d.pilot.pause(0.02)
        if d.session.saved[0].written == count:
            return
    raise AssertionError(d.session.saved[0].found)


async def test_a_file_has_no_last_minute() -> None:
    async with driven(_file()) as d:
        await d.press("W")
        assert "only a capture has a last minute" in d.lines[-1]
