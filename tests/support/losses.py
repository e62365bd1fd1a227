# SPDX-License-Identifier: Apache-2.0
"""The eight losses that the kernel lets a test stage, as moments: before and after a second of each."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ringscope.capture.config import CaptureConfig
from ringscope.weather.moment import Moment, Setup
from support.moments import QUEUE, SETUP, cpu, device, moment, worker


@dataclass(frozen=True)
class Staged:
    """A loss at a stage, for a cause; ``mark`` is how the screen marks the stage."""

    stage: str
    cause: str
    mark: str
    before: Moment
    now: Moment
    setup: Setup = SETUP

    @property
    def start(self) -> Moment:
        """A second earlier, when everything was quiet."""
        return replace(self.before, capture=replace(self.before.capture, time=self.before.time - 1))


def _of_ring(cause: str, *, ran: float = 0.2, mark: str = "▲", stored: int = 78_897, **ring: object) -> Staged:
    before = moment(1, QUEUE, devices=[device(kind="veth")], threads=[worker()])
    queue = replace(QUEUE, stored=stored, delivered=stored, bytes=80_000_000, **ring)  # type: ignore[arg-type]
    came = stored + queue.dropped
    now = moment(2, queue, devices=[device(kind="veth", rx_packets=came)], threads=[worker(ran=ran)], head=stored)
    return Staged("ring", cause, mark, before, now)


def _quiet(**more: object) -> Moment:
    return moment(2, replace(QUEUE, stored=5000, delivered=5000), **more)  # type: ignore[arg-type]


STAGED = {
    "slow reader": _of_ring("late", dropped=1204, freezes=2, lag=0.31, longest_lag=0.31),
    "small ring": _of_ring("small", dropped=1204, freezes=40, lag=0.012, longest_lag=0.012),
    "frozen ring": _of_ring("frozen", stored=0, dropped=1204, freezes=1, frozen=True, oldest=3.0, ready_blocks=64),
    "early drop": _of_ring("early drop", dropped=104, early_drops=104, highest=0.81, peak=0.81),
    "block size": _of_ring("block size", mark="△", truncated=62, block_size=1 << 17),
    "backlog": Staged(
        "softirq",
        "backlog",
        "▲",
        moment(1, devices=[device(kind="veth")]),
        _quiet(devices=[device(kind="veth", rx_packets=5000, rx_dropped=300)], cpus=[cpu(0), cpu(1, dropped=300)]),
    ),
    "snaplen": Staged(
        "filter",
        "snaplen",
        "▽",
        moment(1),
        moment(2, replace(QUEUE, stored=5000, delivered=5000, snapped=300)),
        Setup(CaptureConfig(("eth0",), snaplen=64)),
    ),
    "evicted store": Staged("store", "evicted", "▽", moment(1), _quiet(head=5000, tail=4001, evicted=4000)),
}
