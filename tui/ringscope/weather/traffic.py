# SPDX-License-Identifier: Apache-2.0
"""What came to each queue in the last minute, lost or not, and when its reader was away."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import Snapshot
from ringscope.frozen import frozen
from ringscope.native import Loss

MINUTE: Final = 60.0
"""Seconds that are looked back."""
IN_RING: Final = 98
"""Bytes that a packet takes in a block beside its own (TPACKET3_HDRLEN, the place of the network header, alignment)."""
_SLICE: Final = struct.Struct("=9Q")
"""rs_slice of csrc/ringscope.h."""
_REMEMBERED: Final = 8000
"""Losses of a queue; of one that has more the core has forgotten some (RS_LOSSES_KEPT)."""
_DENSE_NS: Final = 1_000_000
"""Packets without a pause of so long come in a burst, which goes on into a loss as it was ..."""
_BURST: Final = 10
"""... if no more than so many times as many were lost as are known of it."""
_NEAR: Final = 3
"""Else what comes within so many retire timeouts of one another tells how fast it comes ..."""
_MOST: Final = 16
"""... so many slices at most."""
_LATE_NS: Final = 20_000
"""A reader that begins so long after it could have is away; within it lie waking up and a look at the clock."""


class Remembering(Protocol):
    """What is asked of a capture."""

    config: CaptureConfig

    def snapshot(self) -> Snapshot: ...

    def losses(self, first: int, last: int) -> list[Loss]: ...

    def timeline(self, queue: int, since_ns: int) -> bytes: ...


@frozen
class Arrivals:
    """Packets that came between two times (nanoseconds since 1970), evenly; ``octets`` is what they take in a ring."""

    begin: int
    end: int
    packets: int
    octets: int


@frozen
class Traffic:
    """One queue. ``away`` are the times, in order, in which its reader did not read although it could have; it takes
    ``pace`` nanoseconds for an octet of the ring. ``lost`` packets are among the arrivals: really lost, in a ring of
    ``blocks`` of ``block_size``, of which some closed by themselves every ``timeout`` nanoseconds.
    """

    arrivals: tuple[Arrivals, ...]
    away: tuple[tuple[int, int], ...]
    pace: float
    lost: int
    blocks: int
    block_size: int
    timeout: int


@frozen
class Recent:
    """The last minute of a capture as the core tells it, not worked through yet: that takes its time and belongs in a
    thread where a screen is running."""

    slices: tuple[bytes, ...]
    losses: tuple[Loss, ...]
    dropped: tuple[int, ...]
    shapes: tuple[tuple[int, int], ...]
    timeout: int
    now: int

    def queues(self) -> tuple[Traffic, ...]:
        """What came to each queue."""
        return tuple(self._queue(index) for index in range(len(self.slices)))

    def _queue(self, index: int) -> Traffic:
        slices = list(_SLICE.iter_unpack(self.slices[index]))
        since = self.now - round(MINUTE * 1e9)
        mine = [loss for loss in self.losses if loss.queue == index]
        stored = [Arrivals(first, last, packets, octets) for first, last, *_, packets, octets, _ in slices]
        away = tuple(_away(slices, self.timeout))
        holes = [
            (_began(loss), loss.room_ns, loss.lost)
            for loss in mine
            if loss.lost and loss.seconds is not None and loss.time_ns >= since
        ]
        behind = self.dropped[index] - sum(loss.lost for loss in mine)
        if stored and behind > 0 and len(mine) < _REMEMBERED:
            holes.append((*self._uncounted(mine, stored[-1].end, away), behind))
        missing = [_filled(*hole, stored, self.timeout) for hole in holes]
        blocks, block_size = self.shapes[index]
        busy = sum(one[5] for one in slices)
        return Traffic(
            arrivals=tuple(sorted([*stored, *missing], key=lambda one: (one.begin, one.end))),
            away=away,
            pace=busy / max(sum(one.octets for one in stored), 1),
            lost=sum(lost for _, _, lost in holes),
            blocks=blocks,
            block_size=block_size,
            timeout=self.timeout,
        )

    def _uncounted(self, losses: Sequence[Loss], last: int, away: Sequence[tuple[int, int]]) -> tuple[int, int]:
        """When that was lost of which nobody knows yet where: before the packets behind the losses that are still being
        counted, or else behind the last one that came, until the reader was back."""
        counting = [loss for loss in losses if loss.known == "counting"]
        if counting:
            return _began(counting[0]), counting[-1].room_ns
        at = bisect_right(away, (last, self.now))
        return last, away[at - 1][1] if at and away[at - 1][1] > last else max(self.now, last)


def recent(session: Remembering) -> Recent:
    """The last minute of a capture; returns at once."""
    now = session.snapshot()
    time_ns = round(now.time * 1e9)
    losses: list[Loss] = []
    while found := session.losses(losses[-1].number + 1 if losses else 1, now.head):
        losses += found
    return Recent(
        slices=tuple(session.timeline(index, time_ns - round(MINUTE * 1e9)) for index in range(len(now.queues))),
        losses=tuple(losses),
        dropped=tuple(queue.dropped for queue in now.queues),
        shapes=tuple((queue.blocks, queue.block_size) for queue in now.queues),
        timeout=session.config.block_timeout_ms * 1_000_000,
        now=time_ns,
    )


def _began(loss: Loss) -> int:
    """The time of the packet before it."""
    return loss.time_ns - round((loss.seconds or 0.0) * 1e9)


def _filled(begin: int, end: int, lost: int, stored: Sequence[Arrivals], timeout: int) -> Arrivals:
    """Lost packets, of the size that those right before them had, and coming as fast as these did; but all of them
    before ``end``, when the ring had room again."""
    last = bisect_right(stored, begin, key=lambda one: one.begin)
    near = _before(stored, last, _DENSE_NS)
    if lost > _BURST * sum(one.packets for one in near):
        near = _before(stored, last, _NEAR * timeout)
    packets, octets = sum(one.packets for one in near), sum(one.octets for one in near)
    if packets and begin > near[0].begin:
        end = min(end, begin + round(lost * (begin - near[0].begin) / packets))
    return Arrivals(begin, end, lost, round(lost * octets / max(packets, 1)))


def _before(stored: Sequence[Arrivals], last: int, gap: int) -> Sequence[Arrivals]:
    """The newest of the first ``last`` that follow one another, without a pause as long as ``gap``."""
    first = last
    while first > 0 and last - first < _MOST and (first == last or stored[first].begin - stored[first - 1].end < gap):
        first -= 1
    return stored[first:last]


def _away(slices: Sequence[tuple[int, ...]], timeout: int) -> Iterator[tuple[int, int]]:
    """When the reader was away. It could have begun with a block when that was closed, and it was done with the one
    before. A block that was full is closed by its last packet; one that its timeout closed was closed later, and when
    is not known: the reader is late for it only if it comes later than that can have been."""
    done = 0
    for _first, last, left, begun, finished, _busy, _packets, _octets, timeouts in slices:
        due = max(last, done)
        late = _LATE_NS + (timeout if timeouts else 0)
        if left:
            yield max(left, done), max(begun, left, done)
        elif begun > due + late:
            yield due, begun
        done = finished
