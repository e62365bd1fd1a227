# SPDX-License-Identifier: Apache-2.0
"""What each cure would have saved: the last minute replayed as it would have been with it.

Beside the table of other rings (`ringscope.weather.whatif`), which is for all queues, one queue is looked at closer: it
is replayed without the flow that feeds it most, with a reader that is never late, and so on. Each replay is the
model's, so all of them are estimates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from ringscope.frozen import frozen
from ringscope.weather.feeders import Feeder
from ringscope.weather.moment import Setup
from ringscope.weather.traffic import IN_RING, Arrivals, Traffic
from ringscope.weather.whatif import Geometry, WhatIf, replay, whatif

REPLAYED: Final = ("small", "late", "starved", "busy")
"""The causes of loss in a ring that the model knows."""
PROMPT, SPREAD, IN_TURN, HEADERS, LEFT_OUT = "prompt", "spread", "in turn", "headers", "left out"
"""Ways in which it would have been otherwise: the reader is never late; more queues share the packets, by flow; all
queues get the same share; only the headers of packets come into the ring; one flow stays out."""
HEADERS_KEPT: Final = 128
"""Bytes of a packet that are its headers."""
_MANY: Final = 4
_MOST: Final = 60_000
"""Arrivals that are replayed at most for all queues in turn: each of them meets those of all."""


@frozen
class Trial:
    """``table`` is of all queues in the minute up to ``time``, in seconds since 1970. ``queue`` is the one that was
    looked at closer: it really lost ``lost`` packets, and ``ways`` has what it would have lost in each way. ``feeder``
    is the flow that was left out, None: none was."""

    time: float
    table: WhatIf
    queue: int
    lost: int
    ways: Mapping[str, int]
    feeder: Feeder | None = None


def try_cures(
    time: float, queues: Sequence[Traffic], setup: Setup, *, queue: int, cpus: int, feeder: Feeder | None = None
) -> Trial:
    """Replays all of it: it takes as long as the table once more. ``cpus`` are those of the host, ``feeder`` is the
    flow with most packets of the queue."""
    table = whatif(queues)
    if queue >= len(queues) or not queues[queue].lost:
        return Trial(time, table, queue, 0, {})
    mine, have = queues[queue], setup.config.queues
    ring = Geometry(mine.blocks, mine.block_size)
    ways = {PROMPT: replay(replace(mine, away=()), ring), HEADERS: replay(only_headers(mine), ring)}
    if (many := more_queues(have, cpus)) > have:
        ways[SPREAD] = _spread(mine, ring, many / have, feeder.packets if feeder else 0.0)
    every = len(queues) * sum(len(one.arrivals) for one in queues)
    if setup.config.fanout == "hash" and have == len(queues) > 1 and every <= _MOST:
        # Queues that lost something, too, would have lost another number: that is laid to this one.
        others = table.lost - mine.lost
        ways[IN_TURN] = max(sum(replay(one, ring) for one in in_turn(queues)) - others, 0)
    if feeder is not None:
        ways[LEFT_OUT] = replay(scaled(mine, 1 - feeder.packets, 1 - feeder.bytes), ring)
    return Trial(time, table, queue, mine.lost, ways, feeder)


def more_queues(have: int, cpus: int) -> int:
    """How many queues an interface is worth trying: twice as many, as long as there are CPUs for their workers."""
    return max(have, min(cpus, max(2, have * 2), _MANY))


def _spread(traffic: Traffic, ring: Geometry, rings: float, flow: float) -> int:
    """What is lost when ``rings`` rings take what one did, by flow: flows are even but for the largest, which has the
    share ``flow`` and stays together."""
    largest, others = max(1 / rings, flow), rings - 1
    rest = (1 - largest) / others
    return replay(scaled(traffic, largest, largest), ring) + round(others * replay(scaled(traffic, rest, rest), ring))


def scaled(traffic: Traffic, packets: float, wire: float) -> Traffic:
    """With these shares of its packets and of their bytes on the wire, and the same reader."""
    arrivals, owed = [], 0.0
    for some in traffic.arrivals:
        owed += some.packets * packets
        count = round(owed)
        owed -= count  # or of many short times with a packet each none would be left
        octets = max(some.octets - IN_RING * some.packets, 0) * wire + IN_RING * count
        arrivals.append(replace(some, packets=count, octets=round(octets)))
    return replace(traffic, arrivals=tuple(arrivals))


def only_headers(traffic: Traffic) -> Traffic:
    """With packets cut to their headers, and a reader that is no faster with each of them than it was."""

    def one(some: Arrivals) -> Arrivals:
        return replace(some, octets=min(some.octets, some.packets * (HEADERS_KEPT + IN_RING)))

    cut = tuple(map(one, traffic.arrivals))
    before, after = (sum(some.octets for some in arrivals) for arrivals in (traffic.arrivals, cut))
    return replace(traffic, arrivals=cut, pace=traffic.pace * before / max(after, 1))


def in_turn(queues: Sequence[Traffic]) -> tuple[Traffic, ...]:
    """With the packets of all queues shared out evenly, and the reader of each."""
    every = sorted((some for queue in queues for some in queue.arrivals), key=lambda some: (some.begin, some.end))
    share = 1 / max(len(queues), 1)
    return tuple(scaled(replace(queue, arrivals=tuple(every)), share, share) for queue in queues)
