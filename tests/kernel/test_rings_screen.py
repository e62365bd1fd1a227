# SPDX-License-Identifier: Apache-2.0
"""The fill that the screen shows is the fill of the blocks: against those of a ring beside ours, which nobody reads."""

from __future__ import annotations

import asyncio
import struct

from ringscope.app import RingscopeApp
from ringscope.app.units import percent
from ringscope.app.watch import Watch
from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import LiveSession
from ringscope.filter import Compiler
from support.namespaces import Net, in_namespace
from support.ring_twin import RingTwin

EVERYTHING = struct.pack("HBBI", 0x06, 0, 0, 262144)
RING = CaptureConfig(("rs0",), block_size=128 << 10, blocks=16, block_timeout_ms=10_000)
ATTEMPTS = 3


async def _row(session: LiveSession, compiler: Compiler) -> str:
    """The row of the ring, as it stands on the screen."""
    watch = Watch.of(session)
    watch.look()
    app = RingscopeApp(session, compiler, tick_hz=0.001, watch=watch)
    async with app.run_test(size=(200, 50)) as pilot:
        await pilot.press("2")
        app.tick()
        await pilot.pause()
        strips = app.screen._compositor.render_strips()
        return "".join(segment.text for segment in strips[4])


def _ours(session: LiveSession) -> tuple[int, float]:
    total = session.snapshot().total
    return total.ready_blocks, total.fill


@in_namespace(limit=60)
def test_the_fill_on_the_screen_is_the_fill_of_the_blocks_of_a_ring_that_nobody_reads(net: Net) -> None:
    twin = RingTwin("rs0", block_size=RING.block_size, blocks=RING.blocks, block_timeout_ms=RING.block_timeout_ms)
    with LiveSession.prepare(RING) as session, Compiler() as compiler:
        session.start("", EVERYTHING)
        session.hold(True)
        for frames in (0, 300, 300, 450, 5000):
            net.send_frames(frames, size=1000)
            for _ in range(ATTEMPTS):
                closed, fill = twin.fill()
                before, row, after = _ours(session), asyncio.run(_row(session, compiler)), _ours(session)
                if before == after and twin.fill() == (closed, fill):
                    break  # the retire timeout closed no block meanwhile
            assert after == (closed, fill)
            strip = row[4:36]  # two cells a block
            assert row[36:42].strip() == percent(fill)
            assert strip.count("▀") + strip.count("█") == 2 * closed
            assert strip.count("▄") == 2 * (closed < RING.blocks)
        assert fill == 1.0 and strip == "█" * 32 and "FULL" in row
