# SPDX-License-Identifier: Apache-2.0
"""On the screen of the rings: what other rings would have lost, and having them while the capture runs."""

from __future__ import annotations

import struct

from support.fake_moments import FakeMoments
from support.fake_session import BEGAN, FakeSession
from support.screen import Driven, driven

MS = 1_000_000


def _lossy() -> FakeSession:
    """Its reader was away for 0.2 s, while 130 000 packets of 1 KiB came, of which the ring of 64 MiB kept a half."""
    session = FakeSession()
    at = BEGAN * 10**9
    stored = struct.pack(
        "=9Q", at, at + 100 * MS, at + MS, at + 200 * MS, at + 220 * MS, 20 * MS, 65_000, 65_000 << 10, 0
    )
    behind = struct.pack("=9Q", at + 300 * MS, at + 301 * MS, 0, at + 301 * MS, at + 302 * MS, MS, 1000, 1000 << 10, 0)
    session.slices = stored + behind
    session.now = 0.5
    session.grow(66_000, 0.0)
    session.lose(65_000)
    return session


async def _settled(d: Driven) -> None:
    await d.app.workers.wait_for_complete()
    await d.tick()


async def test_w_shows_what_other_rings_would_have_lost_and_enter_has_one_of_them() -> None:
    session = _lossy()
    async with driven(session, moments=FakeMoments(session)) as d:
        await d.press("2")
        await d.look()
        await d.press("w")
        await _settled(d)
        assert "131 000 packets came in the last 60 s, 65 000 were lost" in d.text
        assert "128 x 1 MiB would have lost" in " ".join(d.text.split()) and "Verdict" not in d.text
        assert any("64 x 1 MiB" in line and "really 65 000" in line and "in force" in line for line in d.lines)
        assert any(line.startswith("▌ 128 x 1 MiB") and "◀ enough" in line for line in d.lines)
        await d.press("enter")
        await _settled(d)
        assert session.config.blocks == 128
        assert "nothing lost; ring 64 x 1 MiB → 128 x 1 MiB" in d.lines[-1]
        assert any("128 x 1 MiB" in line and "in force" in line for line in d.lines)
        await d.press("escape")
        await d.press("escape")
        assert "would lose" not in d.text and "ring 64 x 1 MiB → 128 x 1 MiB" in d.text


async def test_the_cures_name_the_ring_that_the_table_names() -> None:
    session = FakeSession()
    async with driven(session, moments=FakeMoments(session)) as d:
        await d.press("2")
        await d.look()
        lossy = _lossy()
        session.slices, session.now = lossy.slices, 0.5
        session.grow(66_000, 0.0)
        session.lose(65_000)
        await d.look()
        await d.press("c")
        told = " ".join(d.text.split())
        assert "~ by a replay of the minute before" in told and "in which 65 000 were lost" in told
        assert "1 --blocks 128 a larger ring; would have saved ~65 000 of 65 000, +64 MiB" in told
        await d.press("w")
        await _settled(d)
        assert any(line.startswith("▌ 128 x 1 MiB") and "+64 MiB" in line and "◀ enough" in line for line in d.lines)


async def test_r_has_rings_as_they_are_typed_and_says_why_it_cannot() -> None:
    session = FakeSession()
    session.grow(100)
    async with driven(session, moments=FakeMoments(session)) as d:
        await d.press("2")
        await d.look()
        await d.press("r")
        assert "now: 64 x 1 MiB, timeout 10 ms, 64 MiB in all" in d.text
        await d.write("128 x")
        await d.press("enter")
        assert "✗ write it like 128 x 1M, fanout cpu, timeout 50 ms: one of them or several" in d.text
        await d.write(" 512K, 20 ms")
        await d.tick()
        assert "that is: 128 x 512 KiB, timeout 20 ms, 64 MiB in all" in d.text
        session.refusal = "there is no memory for that"
        await d.press("enter")
        await _settled(d)
        assert "✗ there is no memory for that; the rings stay as they were" in d.lines[-1]
        session.refusal = ""
        await d.press("r")
        await d.write("128 x 512K, 20 ms")
        await d.press("enter")
        await _settled(d)
        config = session.config
        assert (config.blocks, config.block_size, config.block_timeout_ms) == (128, 512 << 10, 20)
        assert "nothing lost; ring 64 x 1 MiB → 128 x 512 KiB, timeout" in d.lines[-1]
        await d.press("r", "escape")
        assert d.app.screen.focused is not None and d.app.screen.focused.id == "ring-table"


async def test_where_there_is_no_ring_both_keys_say_so() -> None:
    async with driven(FakeSession(kind="file")) as d:
        await d.press("2")
        for key in ("w", "r"):
            await d.press(key)
            assert "is a file: what is read from it passed a ring els" in d.lines[-1]
