# SPDX-License-Identifier: Apache-2.0
"""What the counters mean over time: rates, the recent ring fill, what is wrong and not seen yet. No Textual here."""

from __future__ import annotations

from collections import deque

from ringscope.capture.session import Snapshot

WINDOW = 1.0
"""Seconds over which rates are smoothed."""

SETTLE = 0.5
"""Seconds for which a shown rate stays, so that it can be read."""

MINUTE = 60
"""Seconds the peak of the ring is remembered."""


class Meters:
    """Fed one snapshot a tick. Rates are per second; fills are shares, 0 to 1, one a second, the newest last."""

    def __init__(self) -> None:
        self.packet_rate = 0.0
        self.bit_rate = 0.0
        self.fills: deque[float] = deque([0.0], maxlen=MINUTE)
        self.began = 0.0
        self.now = 0.0
        self._samples: deque[tuple[float, int, int]] = deque()
        self._settled = 0.0
        self._second = 0
        self._dropped = self._dropped_seen = 0
        self._arena = self._arena_seen = 0
        self.unaccounted = 0
        self._unaccounted_seen = 0

    def update(self, snapshot: Snapshot) -> None:
        """Take the counters of a moment."""
        total, self.now = snapshot.total, snapshot.time
        if not self._samples:
            self.began = snapshot.time
            self._settled = snapshot.time
            self._second = int(snapshot.time)
        self._samples.append((snapshot.time, total.stored, total.bytes))
        while len(self._samples) > 2 and self._samples[1][0] <= snapshot.time - WINDOW:
            self._samples.popleft()
        if snapshot.time - self._settled >= SETTLE:
            self._settled = snapshot.time
            self._measure()
        self._fill(int(snapshot.time), max(total.fill, total.peak))
        self._dropped, self._arena, self.unaccounted = total.dropped, total.arena_drops, total.unaccounted

    def _measure(self) -> None:
        (then, packets, octets), (now, packets_now, octets_now) = self._samples[0], self._samples[-1]
        if now > then:
            self.packet_rate = (packets_now - packets) / (now - then)
            self.bit_rate = 8 * (octets_now - octets) / (now - then)

    def _fill(self, second: int, fill: float) -> None:
        if second == self._second:
            self.fills[-1] = max(self.fills[-1], fill)
        else:
            self._second = second
            self.fills.append(fill)

    @property
    def peak(self) -> float:
        """The highest fill of the last minute."""
        return max(self.fills)

    @property
    def lost(self) -> int:
        """Packets the ring has lost since somebody looked."""
        return self._dropped - self._dropped_seen

    @property
    def lost_arena(self) -> int:
        """Packets lost behind the ring, for want of arena, since somebody looked."""
        return self._arena - self._arena_seen

    @property
    def inexact(self) -> bool:
        """Whether the counters do not add up by a number of packets, ``unaccounted``, that nobody has seen."""
        return self.unaccounted not in (0, self._unaccounted_seen)

    @property
    def loud(self) -> bool:
        """Whether there is a loss, or a fault of the counters, that nobody has seen."""
        return self.lost > 0 or self.lost_arena > 0 or self.inexact

    def seen(self) -> bool:
        """Somebody has seen what is loud. Returns whether anything was."""
        was = self.loud
        self._dropped_seen, self._arena_seen = self._dropped, self._arena
        self._unaccounted_seen = self.unaccounted
        return was
