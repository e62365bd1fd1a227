# SPDX-License-Identifier: Apache-2.0
"""What another ring would have lost: the last minute of traffic, and of its reader, replayed through a model of a ring.

The model is TPACKET_V3 as net/packet/af_packet.c has it. Packets fill a block until the next one does not fit; the
retire timeout closes a block that has packets. The next block is opened at once if it was given back; else the ring is
frozen, and packets are lost until it is. The reader takes the closed blocks in order and gives each back when it is
done with it. It was away when it really was, and reads as fast as it really did. Not in the model: the early drops of
several CPUs at one ring (`ringscope.native.Counters`).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from typing import Final

from ringscope.frozen import frozen
from ringscope.weather.traffic import Arrivals, Traffic

_BLOCK_HEADER: Final = 48
"""Bytes at the beginning of a block (BLK_PLUS_PRIV(0))."""
_LARGEST: Final = 4 << 30
"""Bytes of a ring that nobody would want to have."""
_SMALLEST_BLOCK: Final = 128 << 10
WORTH: Final = 0.1
"""A share of what was lost: to save less is not worth a larger ring."""
ROUGH: Final = 0.1
"""A model that is so far off is worth a word."""
_ENOUGH: Final = 0.5
"""A share of its time: a reader that needs less of it for all there is keeps up."""


@frozen
class Geometry:
    """Of the ring of each queue."""

    blocks: int
    block_size: int

    @property
    def octets(self) -> int:
        """Bytes of a ring."""
        return self.blocks * self.block_size

    def __str__(self) -> str:
        size = self.block_size
        return f"{self.blocks} x {f'{size >> 20} MiB' if size % (1 << 20) == 0 else f'{size >> 10} KiB'}"


@frozen
class Outcome:
    """What a geometry would have lost in the last minute, in all queues together; ``more`` are bytes beyond what all
    rings take now. ``present``: it is the one in force, which really lost what `WhatIf.lost` says."""

    geometry: Geometry
    lost: int
    more: int
    present: bool


@frozen
class WhatIf:
    """``lost`` packets were really lost in the last minute, of ``came``. ``rows`` are in the order of their memory."""

    came: int
    lost: int
    rows: tuple[Outcome, ...]

    @property
    def enough(self) -> Outcome | None:
        """The smallest ring, larger than the present one, that would have lost nothing; None: none of those tried, or
        nothing was lost."""
        return next((row for row in self.rows if not row.lost and row.more > 0), None) if self.lost else None

    @property
    def best(self) -> Outcome | None:
        """What is advised: what would have been enough, or else the smallest of the larger rings that would have saved
        about as much as any; None: no larger ring would have saved a tenth of it, or nothing was lost."""
        larger = [row for row in self.rows if row.more > 0]
        if self.enough is not None or not self.lost or not larger:
            return self.enough
        some = WORTH * self.lost
        least = min(row.lost for row in larger)
        found = next(row for row in larger if row.lost <= least + some)
        return found if self.saved(found) >= some else None

    def saved(self, row: Outcome) -> int:
        """How many of those that were lost this ring would have saved."""
        return max(self.lost - row.lost, 0)

    @property
    def off(self) -> float:
        """By what share of the loss the model is wrong about the ring that was in force."""
        modelled = next((row.lost for row in self.rows if row.present), 0)
        return abs(modelled - self.lost) / max(self.lost, 1)


def whatif(queues: Sequence[Traffic], geometries: Sequence[Geometry] = ()) -> WhatIf:
    """The table. Without ``geometries`` those that lie near the present one. Takes some tenths of a second."""
    now = Geometry(queues[0].blocks, queues[0].block_size) if queues else Geometry(1, 1)
    tried = sorted({*(geometries or around(now)), now}, key=lambda one: (one.octets, one.block_size))
    rows = []
    for geometry in tried:
        lost = sum(replay(queue, geometry) for queue in queues)
        more = (geometry.octets - now.octets) * len(queues)
        rows.append(Outcome(geometry, lost, more, geometry == now))
    came = sum(one.packets for queue in queues for one in queue.arrivals)
    return WhatIf(came, sum(queue.lost for queue in queues), tuple(rows))


def around(now: Geometry) -> tuple[Geometry, ...]:
    """Half the blocks, twice, four times ... as many; and the present ring cut into more blocks and into fewer."""
    found = [Geometry(max(2, round(now.blocks * times)), now.block_size) for times in (0.5, 2, 4, 8, 16)]
    if now.block_size % (4 * _SMALLEST_BLOCK) == 0:
        found.append(Geometry(now.blocks * 4, now.block_size // 4))
    if now.blocks % 4 == 0 and now.blocks >= 8:
        found.append(Geometry(now.blocks // 4, now.block_size * 4))
    return tuple(one for one in dict.fromkeys(found) if one.octets <= _LARGEST)


def replay(traffic: Traffic, geometry: Geometry) -> int:
    """How many packets a ring of this geometry would have lost."""
    ring = _Ring(traffic, geometry)
    for one in traffic.arrivals:
        if one.packets:
            ring.take(one)
    return round(ring.lost)


class _Ring:
    """A ring and its reader at one moment. Blocks are measured in shares of their room, times in nanoseconds since the
    first packet: those since 1970 are too many for a float to count."""

    def __init__(self, traffic: Traffic, geometry: Geometry) -> None:
        self.lost = 0.0
        self._began = traffic.arrivals[0].begin if traffic.arrivals else 0
        self._geometry = geometry
        self._timeout = traffic.timeout
        self._cost = traffic.pace * geometry.block_size
        self._away = deque((float(begin - self._began), float(end - self._began)) for begin, end in traffic.away)
        self._now = 0.0
        self._open = 0.0
        self._closed: deque[float] = deque()
        self._done = math.inf
        """When the reader is done with the first of the closed blocks; infinite: it is not at it."""
        self._frozen = False

    def take(self, some: Arrivals) -> None:
        """What has come goes in, evenly in its time."""
        self._pass(float(some.begin - self._began), 0.0, 1.0)
        end = max(float(some.end - self._began), self._now + 1.0)
        room = max(1.0, (self._geometry.block_size - _BLOCK_HEADER - 1) // max(some.octets / some.packets, 1.0))
        if self._keeps_up(end, some.packets / room):
            self._now, self._open, self._done = end, 0.0, math.inf
            self._closed.clear()
        else:
            self._pass(end, some.packets / (end - self._now), room)

    def _keeps_up(self, end: float, blocks: float) -> bool:
        """Whether all that comes until then, and what waits already, has room without being read, and is read by then:
        not worth a closer look."""
        if self._frozen:
            return False
        waiting = len(self._closed) + blocks
        if waiting + (end - self._now) / self._timeout + 2 > self._geometry.blocks:
            return False
        self._forget_past()
        back = self._now
        for begin, over in self._away:
            if begin >= end:
                break
            back = over
        return waiting * self._cost < _ENOUGH * (end - back)

    def _forget_past(self) -> None:
        while self._away and self._away[0][1] <= self._now:
            self._away.popleft()

    def _pass(self, end: float, rate: float, room: float) -> None:
        """Time passes until ``end``, with ``rate`` packets a nanosecond, ``room`` of them to a block."""
        share = rate / room
        if not rate and not self._closed and not self._open:
            self._now = max(self._now, end)
            return
        while self._now < end:
            self._begin_reading()
            full = self._now + (1.0 - self._open) / share if share and not self._frozen else math.inf
            tick = (math.floor(self._now / self._timeout) + 1) * self._timeout
            back = self._back()
            until = min(end, full, tick, self._done, back)
            passed = until - self._now
            if self._frozen:
                self.lost += rate * passed
            else:
                self._open += share * passed
            self._now = until
            if until == self._done:
                self._give_back()
            if until == full:
                self._close(1.0)
            elif until == tick and self._open > 0.0 and not self._frozen:
                self._close(self._open)

    def _begin_reading(self) -> None:
        """The reader, if it is there and has nothing at hand, takes the next block; times away interrupt it."""
        if self._done < math.inf or not self._closed:
            return
        self._forget_past()
        if self._away and self._away[0][0] <= self._now:
            return
        self._done = self._now + max(1.0, self._closed[0] * self._cost)
        for begin, end in self._away:
            if begin >= self._done:
                break
            self._done += end - begin

    def _back(self) -> float:
        """When a reader that is away, and is waited for, comes back."""
        if self._done < math.inf or not self._closed or not self._away:
            return math.inf
        return self._away[0][1]

    def _give_back(self) -> None:
        self._closed.popleft()
        self._done = math.inf
        self._frozen = False

    def _close(self, content: float) -> None:
        self._closed.append(content)
        self._open = 0.0
        self._frozen = len(self._closed) >= self._geometry.blocks
