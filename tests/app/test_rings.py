# SPDX-License-Identifier: Apache-2.0
"""Screen 2: what it says of the rings is what their blocks say, at every size, with colours and without."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from ringscope.capture.config import CaptureConfig
from ringscope.native import Counters
from support.fake_moments import FakeMoments
from support.fake_session import QUIET, FakeSession
from support.moments import worker
from support.screen import Driven, driven

FOUR = CaptureConfig(("eth0",), queues=4, fanout="hash")


def ring(ready: int = 0, *, blocks: int = 64, **changes: object) -> Counters:
    """A ring with so many blocks that wait for the reader."""
    frozen = ready == blocks
    stands = {
        "ready_blocks": ready,
        "blocks": blocks,
        "headroom": max(0, blocks - ready - 1),
        "fill": ready / blocks,
        "peak": ready / blocks,
        "frozen": frozen,
        "pressed": ready * 4 >= blocks * 3,
        "interface": "eth0",
    }
    return replace(QUIET, **{**stands, **changes})  # type: ignore[arg-type]


@asynccontextmanager
async def rings(
    *queues: Counters, size: tuple[int, int] = (80, 24), config: CaptureConfig = FOUR, theme: str | None = "midnight"
) -> AsyncIterator[Driven]:
    """The screen of the rings, after two looks a second apart; what the queues have lost was lost between them."""
    session = FakeSession()
    moments = FakeMoments(session, config, [worker(index, on=index) for index in range(len(queues))])
    async with driven(session, size=size, moments=moments, theme=theme) as d:
        session.grow(5000)
        session.stand(*[replace(queue, dropped=0, early_drops=0, freezes=0, longest_lag=0.0) for queue in queues])
        await d.look()
        session.grow(5000, 1)
        session.stand(*[replace(queue, stored=2000, delivered=2000, bytes=240_000) for queue in queues])
        await d.look()
        await d.press("2")
        yield d


async def test_every_ring_has_a_row_with_the_strip_of_its_blocks_and_its_figures() -> None:
    async with rings(ring(2), ring(62, dropped=1204, freezes=2, oldest=0.31), ring(1), ring()) as d:
        assert "4 queues on eth0" in d.lines[2] and "64 x 1 MiB each" in d.lines[2]
        assert "queue 1 loses 1 204/s" in d.lines[2]
        assert " ".join(d.lines[3].split()) == "q blocks now peak head to full dropped freezes oldest"
        first, second, _, fourth = d.lines[4:8]
        assert first.startswith("▌ 0 ▚" + "·" * 21 + "   3 %") and fourth.startswith("  3 ▖···")
        assert second.startswith("  1 ▜" + "█" * 20 + "▖  97 %") and "1 204       2  310 ms" in second


async def test_a_frozen_ring_is_one_bar_and_says_that_it_is_full() -> None:
    async with rings(ring(64), ring()) as d:
        assert "████████" in d.lines[4] and "·" not in d.lines[4] and "FULL" in d.lines[4] and "100 %" in d.lines[4]
        assert "queue 0" in d.lines[2] and "FULL" in d.lines[2]
        await d.press("enter")
        assert "none: all 64 blocks wait for the reader" in d.text


async def test_the_verdict_the_blame_and_the_cures_are_told_and_the_cures_can_be_copied() -> None:
    async with rings(ring(2), ring(60, dropped=1204, freezes=2, longest_lag=0.4), size=(120, 40)) as d:
        assert "You lose 1 204 packets/s in RING 1: its reader is late (it came 400 ms late)." in d.text
        assert "queue 1 was fed by many flows" in d.text and "--blocks" in d.text
        await d.press("b")
        assert "Who feeds queue 0" in d.text
        await d.press("down")
        await d.look()
        assert "queue 1 was nearly full at" in d.text and "% of bytes  tcp 10.0." in d.text and " ↔ 10.1.0." in d.text
        await d.press("c")
        assert "would have saved ~all 1 204" in d.text and "y copies" in d.text
        await d.press("y")
        assert "copied 1 of" in d.lines[-1]
        await d.app.workers.wait_for_complete()
        assert "copied 1 of" in d.lines[-1] and "; " in d.lines[-1], "and why it may not arrive"
        assert d.app.clipboard.startswith("--blocks")
        await d.press("y")
        assert "copied 2 of" in d.lines[-1] and not d.app.clipboard.startswith("--blocks")
        await d.press("escape", "escape")
        assert "─ Verdict ─" in d.text


async def test_details_are_of_the_ring_under_the_cursor_and_so_is_the_past() -> None:
    lossy = ring(60, dropped=1204, early_drops=4, frozen_drops=200, freezes=2, longest_lag=0.4, cpu=1)
    async with rings(ring(), lossy, size=(120, 40)) as d:
        assert "Last 1 min, all queues" in d.text
        await d.press("enter", "down")
        assert "Last 1 min, queue 1" in d.text and "─ Queue 1 " in d.text
        told = " ".join(d.text.split())
        assert "1 204, 1 204 a second now, 2 freezes: 1 000 slow reader, 200 still frozen, 4 early drop above" in told
        assert "full because its reader came late" in told
        assert "60 blocks ready, 1 being filled, 3 free" in d.text and "3 of 64 blocks" in d.text
        assert "on CPU 1, pinned to CPU 1" in d.text and "CPU 0, by IRQ 40" in d.text
        await d.press("up")
        assert "0, 0 freezes" in d.text and "nothing fills it" in d.text
        await d.press("enter")
        assert "─ Verdict ─" in d.text


async def test_the_worst_ring_can_be_had_on_top_and_the_cursor_stays_on_its_ring() -> None:
    async with rings(ring(2), ring(1), ring(60, dropped=9), size=(120, 40)) as d:
        await d.press("down", "enter", "o")
        assert d.lines[4].startswith("  2 ") and "─ Queue 1 " in d.text and "is on top" in d.lines[-1]
        assert next(line for line in d.lines if line.startswith("▌"))[:4] == "▌ 1 "
        await d.press("o")
        assert [line[2:3] for line in d.lines[4:7]] == ["0", "1", "2"]


async def test_one_key_turns_the_past_from_ten_seconds_to_ten_minutes() -> None:
    async with rings(ring()) as d:
        for span in ("10 min", "10 s", "1 min"):
            await d.press("z")
            assert f"Last {span}, all queues" in d.text
        assert all(name in d.text for name in ("packets/s", "bits/s", "dropped/s", "fill"))


async def test_under_pressure_fewer_frames_are_drawn_and_that_is_said() -> None:
    async with rings(ring(), size=(160, 40)) as d:
        drawn = []
        d.app.screen.show, real = lambda snapshot: (drawn.append(snapshot), real(snapshot)), d.app.screen.show
        for _ in range(10):
            await d.grow(10)
        assert len(drawn) == 10 and "slowed" not in d.text
        d.session.stand(ring(60))
        for _ in range(10):
            await d.grow(10)
        assert 12 <= len(drawn) <= 13 and "frames/s: a ring is nearly full" in d.lines[0]
        assert "slowed down, so that the capture comes first" in d.text


async def test_what_looking_costs_is_told() -> None:
    async with rings(ring(), size=(160, 40)) as d:
        assert "ringscope itself takes" in d.text and "of memory" in d.text and "kB/s to the terminal" in d.text


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (40, 8), (60, 16), (80, 24), (120, 30), (200, 50), (300, 90)])
async def test_every_size_has_its_rings_and_nothing_is_wider_than_the_screen(size: tuple[int, int]) -> None:
    queues = [ring(ready, blocks=1024, dropped=10**10, freezes=10**7) for ready in (1, 300, 1023, 1024)]
    async with rings(*queues, *queues * 3, size=size) as d:
        for key in ("down", "enter", "b", "c", "z", "end", "escape"):
            await d.press(key)
            assert {sum(segment.cell_length for segment in line) for line in d.segments()} == {size[0]}
        if size >= (40, 8):
            assert " 15 " in d.text and "100 %" in d.text and d.lines[-1].rstrip().endswith(("q", "q quit"))


async def test_without_colour_the_screen_says_the_same_in_the_same_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    for theme in ("midnight", "terminal", None):
        if theme is None:
            monkeypatch.setenv("NO_COLOR", "1")
        async with rings(ring(2), ring(62, dropped=1204), ring(64), theme=theme) as d:
            said.append(d.lines[1:])
            colours = {segment.style.color.name for line in d.segments() for segment in line if segment.style.color}
            assert (colours == {"default"}) == (theme is None)
    assert said[0] == said[1] == said[2]
