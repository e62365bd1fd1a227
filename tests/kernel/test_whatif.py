# SPDX-License-Identifier: Apache-2.0
"""What another ring would have lost, held against rings that really are of that geometry, on the same frames."""

from __future__ import annotations

import struct
import time

import pytest

from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import LiveSession
from ringscope.weather.feeders import feeders
from ringscope.weather.trial import LEFT_OUT, PROMPT, SPREAD, Trial
from ringscope.weather.whatif import Geometry
from support.frames import FrameSender
from support.namespaces import Net, in_namespace, wait_until
from support.staging import Burst, staged
from support.watching import Watching

KIB, NEVER = 1024, 1000
BURSTS = (Burst(2500), Burst(9000), Burst(6000))
GEOMETRIES = (
    Geometry(4, 128 * KIB),
    Geometry(8, 128 * KIB),
    Geometry(24, 128 * KIB),
    Geometry(8, 512 * KIB),
    Geometry(40, 128 * KIB),
)


@in_namespace(limit=120)
def test_for_five_geometries_the_model_loses_what_a_ring_really_loses(net: Net) -> None:
    """A block holds some 120 of these frames. The model knows the traffic from a ring that lost half of it. No block is
    closed by its retire timeout, so that it does not matter how fast this machine sends: for that there is
    `bench/bench_whatif.py`."""
    lost, table = staged(net, Geometry(16, 128 * KIB), BURSTS, GEOMETRIES, timeout_ms=NEVER)
    assert table.lost == lost > 5000 and table.came == sum(burst.count for burst in BURSTS) + 600
    model = {row.geometry: row.lost for row in table.rows}
    assert model[Geometry(16, 128 * KIB)] == pytest.approx(lost, rel=0.1)
    for geometry in GEOMETRIES:
        really, _ = staged(net, geometry, BURSTS, timeout_ms=NEVER)
        assert model[geometry] == pytest.approx(really, rel=0.1), str(geometry)


def _code(*steps: tuple[int, int, int, int]) -> bytes:
    return b"".join(struct.pack("HBBI", *step) for step in steps)


ALL = _code((0x06, 0, 0, 262144))
NOT_PORT_9 = _code((0x28, 0, 0, 36), (0x15, 0, 1, 9), (0x06, 0, 0, 0), (0x06, 0, 0, 262144))
"""ldh [36], the port of what `FrameSender` sends."""


@in_namespace(limit=60)
def test_leaving_out_the_flow_that_feeds_a_ring_loses_what_the_replay_says(net: Net) -> None:
    """Seven of ten frames are of one flow. With a filter that leaves it out the ring really loses what the replay of
    the unfiltered traffic said that it would."""

    def send() -> None:
        large, small = FrameSender("rs1", 1000, port=9), FrameSender("rs1", 1000, port=7)
        for _ in range(120):
            large.send(70, alone=False)
            small.send(30, alone=False)

    def run(code: bytes) -> tuple[int, Trial]:
        config = CaptureConfig(
            ("rs0",), blocks=16, block_size=128 * KIB, block_timeout_ms=50, direction="in", store_bytes=64 << 20
        )
        session = LiveSession.prepare(config)
        session.start("", code)
        with session, Watching(session) as watching:
            net.in_peer(send)  # what the reader's pace is known from, and who the flows are
            time.sleep(0.25)  # for the open block to be closed, and the kernel's counter to be read
            (feeder, *_) = feeders(session.read(1, 400, 128), queue=0)
            before = session.snapshot().total.dropped
            session.hold(True)
            net.in_peer(send)
            session.hold(False)
            assert wait_until(lambda: session.snapshot().total.ready_blocks == 0)
            time.sleep(0.25)
            return session.snapshot().total.dropped - before, watching.replay(feeder)

    lost, trial = run(ALL)
    really, _ = run(NOT_PORT_9)
    assert trial.feeder is not None and trial.feeder.packets == pytest.approx(0.7, abs=0.05)
    assert trial.lost >= lost > 5000 and really > 1000
    assert trial.ways[LEFT_OUT] == pytest.approx(really, rel=0.1)
    assert trial.ways[PROMPT] < lost / 10, "a reader that is never late keeps nearly all"
    assert really < trial.ways[SPREAD] < lost, "two rings, of which one gets the flow"
