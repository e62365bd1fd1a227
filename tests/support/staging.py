# SPDX-License-Identifier: Apache-2.0
"""Losses that are staged the same way in rings of any geometry: a reader that is held while frames come."""

from __future__ import annotations

import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass

from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import LiveSession
from ringscope.weather.traffic import recent
from ringscope.weather.whatif import Geometry, WhatIf, whatif
from support.namespaces import Net, wait_until

_EVERYTHING = struct.pack("HBBI", 0x06, 0, 0, 262144)


@dataclass(frozen=True, slots=True)
class Burst:
    """Frames that come while nobody reads: how many, how long each is, how many a second (None: as fast as it goes)."""

    count: int
    size: int = 1000
    rate: float | None = None


def staged(
    net: Net, geometry: Geometry, bursts: Sequence[Burst], tried: Sequence[Geometry] = (), timeout_ms: int = 10
) -> tuple[int, WhatIf]:
    """How many frames a ring of this geometry really loses, and what the model says of it and of others."""
    config = CaptureConfig(
        ("rs0",),
        blocks=geometry.blocks,
        block_size=geometry.block_size,
        block_timeout_ms=timeout_ms,
        direction="in",
    )
    session = LiveSession.prepare(config)
    session.start("", _EVERYTHING)
    with session:
        came = 0
        for burst in bursts:
            net.send_frames(200, size=burst.size)  # what the reader's pace is known from
            session.hold(True)
            net.send_frames(burst.count, burst.rate, burst.size)
            session.hold(False)
            came += burst.count + 200
            wait_until(lambda: session.snapshot().total.ready_blocks == 0)
            time.sleep(0.25)  # for the kernel's counter to be read between two losses
        session.stop()
        total = session.snapshot().total
        assert total.stored + total.dropped == came
        return total.dropped, whatif(recent(session).queues(), tried)
