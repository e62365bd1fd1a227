# SPDX-License-Identifier: Apache-2.0
"""Saving from the screen: what, where to, with progress, and never half a file under the name of a whole one."""

from __future__ import annotations

import asyncio

import pytest

from support.fake_session import FakeSession
from support.screen import Driven, driven


async def _settle(d: Driven) -> None:
    for _ in range(3):
        await d.pilot.pause(0.05)
        await d.app.workers.wait_for_complete()
        await d.tick()


async def _save(d: Driven, name: str, *, turns: int = 0) -> None:
    await d.press("s", *["tab"] * turns, "ctrl+u")
    await d.write(name)
    await d.press("enter")
    await _settle(d)


async def _view(d: Driven, expression: str) -> None:
    await d.press("v", "ctrl+u")
    await d.write(expression)
    await d.press("enter")
    await _settle(d)


async def test_all_that_is_kept_is_written_and_counted() -> None:
    async with driven(FakeSession(capacity=100_000)) as d:
        await d.grow(101_234)
        await _save(d, "out.pcapng")
        (file,) = d.session.saved
        assert (file.path, file.format, file.ended) == ("out.pcapng", "pcapng", "closed")
        assert file.found == list(range(1235, 101_235))
        assert "100 000 packets written to out.pcapng" in d.lines[-1]


@pytest.mark.parametrize(
    ("name", "format_"), [("a.pcap", "pcap"), ("a.cap", "pcap"), ("a.pcapng", "pcapng"), ("a", "pcapng")]
)
async def test_the_end_of_the_name_says_the_format(name: str, format_: str) -> None:
    async with driven() as d:
        await d.grow(10)
        await _save(d, name)
        assert d.session.saved[0].format == format_


async def test_a_name_is_proposed() -> None:
    async with driven() as d:
        await d.grow(10)
        await d.press("s")
        assert "ringscope-" in d.text and ".pcapng" in d.text and "all kept, 10 packets" in d.text
        await d.press("enter")
        await _settle(d)
        assert d.session.saved[0].ended == "closed"


async def test_with_a_view_what_it_shows_is_the_first_choice() -> None:
    async with driven() as d:
        await d.grow(100_000)
        await _view(d, "port 53")
        await d.press("s")
        assert "what the view shows, 20 000 packets" in d.text
        await d.press("escape")
        await _save(d, "dns.pcap")
        assert d.session.saved[0].found == [n for n in range(1, 100_001) if n % 10 in (2, 6)]
        await _save(d, "all.pcap", turns=1)
        assert len(d.session.saved[1].found) == 100_000


async def test_marked_packets_are_written() -> None:
    async with driven() as d:
        await d.grow(1000)
        for number in (30, 10, 20):
            await d.press("g", *str(number), "enter", "m")
        await _save(d, "marked.pcapng", turns=1)
        assert d.session.saved[0].found == [10, 20, 30]


async def test_a_range_is_named_behind_the_file() -> None:
    async with driven() as d:
        await d.grow(1000)
        await _save(d, "my file.pcapng 100-200", turns=2)
        assert d.session.saved[0].path == "my file.pcapng" and d.session.saved[0].found == list(range(100, 201))
        await _save(d, "my file.pcapng", turns=2)
        assert "say which packets behind the name" in d.text and len(d.session.saved) == 1
        await d.press("escape")
        await _save(d, "a 990-2 000", turns=2)
        assert d.session.saved[1].found == list(range(990, 1001))


async def test_the_flow_of_the_packet_under_the_cursor_is_found_and_written() -> None:
    async with driven() as d:
        await d.grow(1000)
        await d.press("g", "1", "enter")
        await _save(d, "flow.pcapng", turns=1)
        flow = "tcp and ((src host 10.0.3.1 and src port 40001 and dst host 10.1.0.27 and dst port 443)" \
               " or (src host 10.1.0.27 and src port 443 and dst host 10.0.3.1 and dst port 40001))"  # fmt: skip
        assert d.session.views[0].started == [flow] and d.session.views[0].closed
        assert d.session.saved[0].found == [n for n in range(1, 1001) if n % 100 == 0]
        assert "view: all" in d.lines[0]


async def test_the_screen_goes_on_while_a_file_is_written_and_escape_leaves_it_as_it_was() -> None:
    async with driven() as d:
        await d.grow(100_000)
        d.session.saving.clear()
        await d.press("s", "ctrl+u")
        await d.write("out.pcapng")
        await d.press("enter")
        await d.pilot.pause(0.05)
        await d.tick()
        assert "writing out.pcapng" in d.lines[-1] and "Esc stop" in d.lines[-1]
        await d.press("up")
        assert d.app.packets.list.number == 99_999
        await d.press("escape")
        d.session.saving.set()
        await _settle(d)
        assert d.session.saved[0].ended == "abandoned"
        assert "out.pcapng is as it was" in d.lines[-1]


async def test_a_full_disk_is_said_and_the_file_abandoned() -> None:
    async with driven(size=(120, 30)) as d:
        await d.grow(100)
        d.session.full_disk = "no space left on the device; make room"
        await _save(d, "out.pcapng")
        assert "out.pcapng was not written: no space left on the device; make room" in d.lines[-1]
        assert d.session.saved[0].ended == "abandoned"


@pytest.mark.parametrize(
    ("name", "said"),
    [("/nowhere/a.pcap", "no such folder"), ("/tmp", "/tmp is a folder"), ("a.pcap.gz", "leave out .gz"),
     ("", "needs a name")],
)  # fmt: skip
async def test_a_name_that_cannot_be_is_refused_before_anything_is_written(name: str, said: str) -> None:
    async with driven() as d:
        await d.grow(10)
        await _save(d, name)
        assert "✗" in d.text and said in d.text and d.app.packets.save_line.is_open


async def test_packets_that_come_after_enter_are_not_written() -> None:
    async with driven() as d:
        await d.grow(100)
        await d.press("s", "ctrl+u")
        await d.write("out.pcapng")
        await d.grow(50)
        await d.press("enter")
        await _settle(d)
        assert d.session.saved[0].found[-1] == 100


async def test_a_view_that_is_replaced_while_it_is_written_is_written_to_its_end() -> None:
    async with driven() as d:
        await d.grow(1_000_000)
        await _view(d, "udp")
        d.session.saving.clear()
        await d.press("s", "ctrl+u")
        await d.write("udp.pcapng")
        await d.press("enter")
        await d.press("v", "ctrl+u", "enter")
        await d.pilot.pause(0.2)
        assert not d.session.views[0].closed
        d.session.saving.set()
        await _settle(d)
        assert len(d.session.saved[0].found) == 400_000 and d.session.views[0].closed


async def test_leaving_while_a_file_is_written_leaves_no_half_file_under_its_name() -> None:
    async with driven() as d:
        await d.grow(100_000)
        d.session.saving.clear()
        await d.press("s", "ctrl+u")
        await d.write("out.pcapng")
        await d.press("enter")
        await d.pilot.pause(0.05)
        await d.pilot.press("q")
        d.session.saving.set()
    await asyncio.get_running_loop().shutdown_default_executor()  # as the program does before it ends
    assert d.session.saved[0].ended == "abandoned"
