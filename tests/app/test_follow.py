# SPDX-License-Identifier: Apache-2.0
"""Following a stream: what both sides said, with what is missing; to a packet and back; search, parts and files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ringscope.app.screens.follow import FollowScreen
from support.fake_session import EVIL, FakeSession
from support.packets import IPV4, ethernet, ipv4, tcp
from support.screen import Driven, driven

STEP = 100
"""The fake's view passes every hundredth packet: those are of the stream."""

ENDS = ("10.0.0.1", "10.0.0.2"), ("10.0.0.2", "10.0.0.1")
_FIN, _SYN, _ACK = 0x11, 0x02, 0x10


def said(side: int, sequence: int, data: bytes = b"", acknowledged: int = 1, flags: int = _ACK) -> bytes:
    """A segment of the client (0) or the server (1)."""
    ports = (40000, 80) if side == 0 else (80, 40000)
    segment = tcp(data, ports=ports, sequence=sequence, acknowledged=acknowledged, flags=flags)
    return ethernet(ipv4(segment, 6, source=ENDS[side][0], destination=ENDS[side][1]), IPV4)


ASK, ANSWER = b"GET /secret HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\nthe answer"
CALL = (
    said(0, 0, flags=_SYN),
    said(1, 0, flags=_SYN | _ACK),
    said(0, 1, ASK),
    said(1, 1, ANSWER[:10], 1 + len(ASK)),
    said(1, 11, ANSWER[10:], 1 + len(ASK)),
)


@asynccontextmanager
async def followed(
    frames: Sequence[bytes] = CALL, *, at: int = 1, size: tuple[int, int] = (80, 24), kind: str = "live"
) -> AsyncIterator[Driven]:
    """The stream of these packets, ``F`` pressed on the one of this place."""
    session = FakeSession(kind=kind)
    session.frames = {STEP * place: frame for place, frame in enumerate(frames, 1)}
    async with driven(session, size=size) as d:
        await d.grow(STEP * len(frames))
        await d.press("g", *str(STEP * at), "enter")
        await d.press("F")
        await settled(d)
        yield d


def screen(d: Driven) -> FollowScreen:
    assert isinstance(d.app.screen, FollowScreen)
    return d.app.screen


async def settled(d: Driven) -> None:
    """Everything that has come was taken."""
    for _ in range(200):
        await d.tick()
        following = screen(d).following
        if following.finished or (following.looked == d.session.head and not following.left):
            break
        await d.pilot.pause(0.01)
    await d.tick()


async def done(d: Driven, group: str) -> None:
    """Nothing of this kind is under way any more. (What follows a live stream never ends.)"""
    for _ in range(200):
        await d.pilot.pause(0.01)
        if not any(worker.group == group and not worker.is_finished for worker in d.app.workers):
            break
    await d.tick()


async def test_both_sides_are_shown_in_order_with_an_arrow_and_a_colour_each() -> None:
    async with followed() as d:
        shown = [line.rstrip("│┃ ") for line in d.lines[3:8]]
        assert shown == ["▌→ GET /secret HTTP/1.1", " → Host: a", " →", " ← HTTP/1.1 200 OK", " ←"]
        assert "the answer" in d.lines[8]
        assert "10.0.0.1:40000 → 10.0.0.2:80" in d.lines[2] and "← 29 B" in d.lines[2]
        colours = {line[2].style.color.name for line in (d.segments()[3], d.segments()[6]) if line[2].style}
        assert len(colours) == 2
        assert "eth0 up" in d.lines[0] and "stored" in d.lines[1]


async def test_a_stream_grows_while_it_is_live_and_the_end_is_followed() -> None:
    async with followed() as d:
        await d.press("end")
        d.session.frames[600] = said(1, 1 + len(ANSWER), b"\r\nand more")
        await d.grow(STEP)
        await settled(d)
        assert "and more" in d.text and screen(d).view.number == 600
        assert "grows" in d.lines[2] or "live" in d.lines[2]
        await d.press("enter")
        assert d.app.packets.list.number == 600, "also a packet that came while the list was not in front"


async def test_a_file_is_whole_when_all_of_it_was_looked_at() -> None:
    async with followed(kind="file") as d:
        assert "  whole" in d.lines[2] and screen(d).following.finished


async def test_nothing_is_called_whole_whose_beginning_was_not_captured() -> None:
    async with followed(CALL[2:], kind="file") as d:
        assert "the beginning was not captured" in d.text and "not whole" in d.lines[2]


async def test_enter_goes_to_the_packet_that_brought_the_byte_and_escape_comes_back_where_one_was() -> None:
    async with followed(at=3) as d:
        assert screen(d).view.number == 300
        await d.press("G", "enter")
        assert d.app.screen is d.app.packets and d.app.packets.list.number == 500
        await d.press("F")
        await settled(d)
        assert screen(d).view.number == 500, "the cursor is on the bytes of the packet it was pressed on"
        await d.press("home", "escape")
        assert d.app.screen is d.app.packets and d.app.packets.list.number == 500


async def test_for_a_packet_without_bytes_the_cursor_is_on_what_came_before() -> None:
    async with followed((*CALL, said(0, 1 + len(ASK), acknowledged=30)), at=6) as d:
        assert screen(d).view.number == 500


async def test_a_hole_says_how_large_it_is_and_why() -> None:
    cases = (
        ((said(1, 40, b"later"),), " 29 bytes have not come yet "),
        (
            (said(1, 40, b"later"), said(0, 1 + len(ASK), acknowledged=45)),
            " 29 bytes not captured, though acknowledged ",
        ),
    )
    for frames, words in cases:
        async with followed((*CALL[:4], *frames), at=5) as d:
            assert words in d.text and screen(d).view.number == 500
            d.session.frames[600 + STEP * len(frames)] = said(1, 11, ANSWER[10:] + b"ABCDEFGHIJ")
            await d.grow(STEP * (len(frames) + 2))
            await settled(d)
            assert words not in d.text and "ABCDEFGHIJlater" in d.text
            assert screen(d).view.number == 500, "the cursor stays on its byte"


async def test_a_loss_of_the_kernel_is_told_where_it_was() -> None:
    session = FakeSession()
    session.frames = {STEP * place: frame for place, frame in enumerate(CALL, 1)}
    session.lose_before(400)
    async with driven(session) as d:
        await d.grow(500)
        await d.press("g", *"300", "enter", "F")
        await settled(d)
        assert "▲─ packets were lost before packet 400, queue 0, in 310 ms" in d.lines[6]


async def test_comments_of_a_file_stand_in_the_stream_and_a_loss_is_loud() -> None:
    session = FakeSession(kind="file")
    session.frames = {STEP * place: frame for place, frame in enumerate(CALL, 1)}
    session.comments = {300: "look here", 400: "12 packets were lost before this one in queue 2"}
    async with driven(session) as d:
        await d.grow(500)
        await d.press("g", *"300", "enter", "F")
        await settled(d)
        assert " ·─ ✎ look here ─" in d.text
        assert " ▲─ ✎ 12 packets were lost before this one in queue 2 ─" in d.text


async def test_tab_turns_to_bytes_and_back_and_the_cursor_stays_on_its_byte() -> None:
    async with followed(at=5) as d:
        await d.press("right", "right", "tab")
        assert screen(d).view.number == 500 and "65 72 3d" not in d.text
        assert " ← 0010  0a 0d 0a 74 68 65 20 61" in d.text
        place = screen(d).view.at
        await d.press("tab")
        assert screen(d).view.at == place and "the answer" in d.text
        await d.pilot.resize_terminal(200, 50)
        await d.tick()
        assert screen(d).view.at == place


async def test_a_search_finds_across_packets_and_goes_round() -> None:
    async with followed() as d:
        await d.press("slash")
        await d.write("200 ok")
        await d.press("enter")
        await done(d, "find")
        view = screen(d).view
        assert (view.lit, view.number) == (range(len(ASK) + 9, len(ASK) + 15), 400)
        await d.press("slash", "ctrl+u")
        await d.write("hex: 0d0a0d0a")
        await d.press("enter")
        found = []
        for key in ("", "n", "n", "N"):
            if key:
                await d.press(key)
            await done(d, "find")
            found.append(view.at)
        first, second = len(ASK) - 4, len(ASK) + ANSWER.index(b"\r\n\r\n")
        assert found == [second, first, second, first]
        await d.press("slash", "ctrl+u")
        await d.write("text: nowhere")
        await d.press("enter")
        await done(d, "find")
        assert "not found: nowhere" in d.text


@pytest.mark.parametrize(
    ("turns", "name", "content"),
    [(0, "stream-300.bin", ASK + ANSWER), (2, "stream-300-server.bin", ANSWER),
     (3, "stream-300.txt", b"> GET /secret HTTP/1.1\n> Host: a\n> \n< HTTP/1.1 200 OK\n< \n< the answer\n")],
)  # fmt: skip
async def test_saving_writes_what_was_chosen(
    turns: int, name: str, content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with followed(at=3) as d:
        await d.press("s", *["tab"] * turns, "enter")
        await done(d, "save")
        assert f"written to {name}" in d.text
    assert (tmp_path / name).read_bytes() == content and len(list(tmp_path.iterdir())) == 1


async def test_a_file_that_is_being_written_is_not_left_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with followed(at=3) as d:
        d.session.held = 400
        await d.press("s", "enter")
        await d.press("enter")
        assert "a file is still being written" in d.text and isinstance(d.app.screen, FollowScreen)
        await d.press("1")
        for _ in range(100):
            await d.pilot.pause(0.01)
            if "is not written: its stream was left" in d.text:
                break
        assert d.app.screen is d.app.packets and "is not written: its stream was left" in d.text
    assert not list(tmp_path.iterdir())


async def test_ports_that_are_used_again_are_another_part() -> None:
    again = (said(0, 70_000, flags=_SYN), said(1, 90_000, b"", 70_001, _SYN | _ACK), said(0, 70_001, b"second call"))
    async with followed((*CALL, *again), at=3) as d:
        assert "the next begins at packet 600" in d.lines[2] or screen(d).following.later == 600
        await d.press("right_square_bracket")
        await settled(d)
        assert "second call" in d.text and "secret" not in d.text
        await d.press("right_square_bracket")
        assert "there is nothing behind this" in d.text
        await d.press("left_square_bracket")
        await settled(d)
        assert "secret" in d.text and "second call" not in d.text


async def test_text_from_the_wire_cannot_act_on_the_terminal() -> None:
    async with followed((*CALL[:3], said(1, 1, EVIL + "grüße 漢字".encode() + b"\0\t!"))) as d:
        assert "\x1b" not in d.text and "\u202e" not in d.text and "grüße 漢字· !" in d.text


async def test_what_the_store_has_let_go_is_told() -> None:
    session = FakeSession(capacity=320)
    session.frames = {STEP * place: frame for place, frame in enumerate(CALL, 1)}
    async with driven(session) as d:
        await d.grow(500)
        await d.press("g", *"400", "enter", "F")
        await settled(d)
        assert "1 packet of these ports evicted before being read" in d.text
        assert "HTTP/1.1 200 OK" in d.text and "secret" in d.text
        await d.press("home", "down", "down")
        await d.grow(200)
        await d.press("enter")
        assert "is not kept any more" in d.text and isinstance(d.app.screen, FollowScreen)


async def test_escape_ends_a_long_search_for_packets_and_then_leaves() -> None:
    session = FakeSession(kind="file")
    session.frames = {STEP * place: frame for place, frame in enumerate(CALL, 1)}
    session.held = 400
    async with driven(session) as d:
        await d.grow(300_000)
        await d.press("g", *"300", "enter", "F")
        for _ in range(100):
            await d.tick()
            if "HTTP/1.1" in d.text:
                break
            await d.pilot.pause(0.01)
        assert "following, 4 packets" in d.text and "Esc stop" in d.text and "GET /secret" in d.text
        await d.press("escape")
        assert "reading was ended; what follows is not here" in d.text and isinstance(d.app.screen, FollowScreen)
        assert "not whole" in d.lines[2]
        await d.press("escape")
        assert d.app.screen is d.app.packets
        await done(d, "follow")
        assert all(view.closed for view in session.views)


async def test_what_has_no_stream_is_told_and_every_key_answers() -> None:
    async with driven() as d:
        await d.press("F")
        assert "there is no packet to follow yet" in d.text
        await d.grow(8)
        await d.press("F")
        assert "has no TCP or UDP header" in d.text and d.app.screen is d.app.packets
    async with followed() as d:
        await d.press("n")
        assert "nothing was searched for so far" in d.text
        await d.press("m")
        assert "m " in d.lines[-1]
