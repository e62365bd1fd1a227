# SPDX-License-Identifier: Apache-2.0
"""The numbered screens: reached from everywhere, under the same two lines, and only the one in front costs anything."""

from __future__ import annotations

import pytest

from support.fake_moments import FakeMoments
from support.fake_session import FakeSession
from support.screen import driven

LOSS = "#c22f3c"


@pytest.mark.parametrize("size", [(40, 8), (80, 24), (200, 50)])
async def test_every_screen_has_the_two_lines_on_top_and_the_screens_at_the_bottom(size: tuple[int, int]) -> None:
    async with driven(size=size) as d:
        d.session.filter_expression = "tcp"
        await d.grow(1000)
        for key in "21":
            await d.press(key)
            assert "eth0 up" in d.lines[0] and "capture" in d.lines[0]
            assert "stored" in d.lines[1] and "1 000" in d.lines[1] and "dropped" in d.lines[1]
            assert d.lines[-1].startswith(" 1 ") and " 2 " in d.lines[-1]
            assert ("Rings" in d.lines[-1]) == (size[0] >= 120 or key == "2")
            assert ("Path" in d.lines[-1]) == (size[0] >= 120), "of the others all names, or none"
            assert d.lines[-1].rstrip().endswith(("q", "q quit"))


async def test_the_numbers_work_from_the_help_and_in_any_order() -> None:
    async with driven() as d:
        await d.grow(10)
        for keys, title in (("2", "Rings"), ("?1", "Packets"), ("?2", "Rings"), ("?2", "Rings"), ("12121", "Packets")):
            for key in keys:
                await d.press("question_mark" if key == "?" else key)
            assert d.app.screen is d.app.frames[title.lower()] and len(d.app.screen_stack) <= 2
        assert "No." in d.text


async def test_a_number_that_is_typed_into_a_line_is_text() -> None:
    async with driven() as d:
        await d.grow(1000)
        await d.press("g", "2", "enter")
        assert d.app.screen is d.app.packets and d.app.packets.list.number == 2


async def test_only_the_screen_in_front_reads_packets() -> None:
    async with driven() as d:
        await d.grow(1000)
        await d.press("2")
        d.session.reads.clear()
        for _ in range(5):
            await d.grow(1000)
        assert not d.session.reads and "6 000" in d.lines[1]
        await d.press("1")
        assert d.session.reads and "6000" in d.text


async def test_a_loss_that_was_seen_on_one_screen_has_been_seen_on_all() -> None:
    async with driven() as d:
        await d.grow(10)
        d.session.lose(3)
        await d.press("2")
        assert LOSS in d.backgrounds(1)
        await d.press("escape")
        assert LOSS not in d.backgrounds(1) and "has been seen" in d.lines[-1]
        await d.press("1")
        assert LOSS not in d.backgrounds(1)


async def test_news_of_a_screen_behind_are_told_on_the_one_in_front() -> None:
    async with driven() as d:
        await d.grow(10)
        await d.press("2")
        d.app.packets.say("10 packets written")
        await d.tick()
        assert "10 packets written" in d.lines[-1]
        await d.press("T")
        assert "theme: " in d.lines[-1]


async def test_no_key_is_silent() -> None:
    async with driven() as d:
        await d.grow(10)
        for key, said in (
            ("2", "? help"),
            ("f", "f (filter) works on 1 Packets"),
            ("Z", "Z does nothing here; ? lists the keys"),
            ("f5", "f5 does nothing here"),
            ("2", "this screen is in front already"),
            ("e", "e (explain) works on 4 Path"),
            ("1", "? help"),
            ("c", "c (cures) works on 2 Rings and 4 Path"),
            ("?", "? help"),
            ("v", "v (view) works on 1 Packets"),
            ("i", "there is no number here"),
        ):
            await d.press("question_mark" if key == "?" else key)
            assert said in d.lines[-1]


async def test_before_the_first_packet_every_key_says_why_it_does_nothing() -> None:
    async with driven() as d:
        for key, said in (
            ("enter", "there is no packet to open"),
            ("m", "there is no packet to mark"),
            ("space", "there is nothing to hold still"),
            ("F", "there is no packet to follow"),
            ("full_stop", "there is no packet"),
            ("o", "there is nothing to sort"),
            ("x", "there is no row"),
            ("s", "there is no packet to save"),
            ("escape", "nothing is open here; q quits"),
        ):
            await d.press(key)
            assert said in d.lines[-1]


@pytest.mark.parametrize(("kind", "said"), [("file", "trace.pcapng is a file"), ("pipe", "standard input is a pipe")])
async def test_what_is_read_from_a_file_has_no_ring_and_one_sentence_says_so(kind: str, said: str) -> None:
    async with driven(FakeSession(kind=kind)) as d:
        await d.grow(10)
        await d.press("2")
        assert said in d.text and "ring elsewhere" in d.text
        assert "packets 10" in d.lines[1]


async def test_drops_that_a_file_tells_of_do_not_slow_the_screen_down() -> None:
    async with driven(FakeSession(kind="file")) as d:
        for _ in range(5):
            d.session.lose(10)
            await d.grow(10)
        assert "packets 50" in d.lines[1] and "dropped 50" in d.lines[1] and "frames/s" not in d.lines[0]


async def test_a_host_that_cannot_be_read_is_told_on_the_screen() -> None:
    session = FakeSession()
    moments = FakeMoments(session)
    moments.refusal = PermissionError(1, "Operation not permitted")
    async with driven(session, moments=moments) as d:
        await d.press("2")
        await d.look()
        assert "the host cannot be read: Operation not permitted" in d.text
        moments.refusal = None
        await d.look()
        assert "1 queue on eth0" in d.text and "Nothing is lost" in d.text
    assert moments.closed
