# SPDX-License-Identifier: Apache-2.0
"""Whatever a packet holds, nothing of it acts on the terminal."""

from __future__ import annotations

import pytest

from ringscope.filter import FilterError
from support.fake_session import EVIL, FakeSession, dns, http, udp
from support.screen import Driven, driven


def _harmless(d: Driven) -> None:
    for line in d.lines:
        assert line.isprintable(), ascii(line)
        assert "\x1b" not in line and "\u202e" not in line and "\x9b" not in line


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_escape_sequences_from_the_wire_never_reach_the_terminal_raw(size: tuple[int, int]) -> None:
    session = FakeSession()
    session.frames = {
        1: dns(1, b"a" + EVIL + b".internal"),
        2: http(2).replace(b"/index/2", EVIL),
        3: udp(3, EVIL, 514),
        4: udp(4, b"<34>" + EVIL, 514),
    }
    async with driven(session, size=size) as d:
        session.interface, session.detail = "eth0\x1b[2J", "10\u202e Gb/s"
        session.filter_expression = "tcp \x9b31m"
        session.grow(4)
        for number in range(1, 5):
            d.app.packets.list.move_to(number)
            await d.rest()
            _harmless(d)
            for _ in range(3):
                await d.press("tab")
                _harmless(d)
        session.state, session.state_text = "error", "read failed: \x1b]52;c;aGk=\x07"
        await d.tick()
        _harmless(d)
        assert "\\x1b" in d.text or "\\x9b" in d.text


async def test_a_message_of_the_compiler_is_escaped_too() -> None:
    async with driven() as d:
        d.compiler.compile = lambda *_, **__: (_ for _ in ()).throw(FilterError("no \x1b[2J"))  # type: ignore[method-assign]
        await d.press("f")
        await d.write("x")
        await d.pilot.pause(0.25)
        await d.app.workers.wait_for_complete()
        assert "✗ no \\x1b[2J" in d.text
        _harmless(d)


async def test_wide_characters_are_counted_in_cells() -> None:
    session = FakeSession()
    session.frames = {1: http(1).replace(b"/index/1", "/日本語/パケット/の/とても/長い/道".encode())}
    async with driven(session) as d:
        await d.grow(1)
        await d.rest()
        assert {sum(segment.cell_length for segment in line) for line in d.segments()} == {80}
