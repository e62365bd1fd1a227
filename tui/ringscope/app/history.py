# SPDX-License-Identifier: Apache-2.0
"""What the rings did in the last ten seconds, minute and ten minutes, in bounded memory. No Textual here."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ringscope.capture.session import Snapshot
from ringscope.frozen import frozen
from ringscope.native import Counters


@frozen
class Span:
    """A time that can be looked back on, in buckets of ``bucket`` seconds."""

    title: str
    seconds: float
    bucket: float

    @property
    def buckets(self) -> int:
        return round(self.seconds / self.bucket)


SPANS: Final = (Span("10 s", 10, 0.1), Span("1 min", 60, 0.5), Span("10 min", 600, 5))
"""The shortest has a bucket a tick."""


@dataclass(slots=True)
class Bucket:
    """``packets`` are those stored, ``bytes`` theirs on the wire, ``dropped`` those for which the ring had no room, all
    three a second; ``fill`` is the most that the ring was full, 0 to 1."""

    packets: float = 0.0
    bytes: float = 0.0
    dropped: float = 0.0
    fill: float = 0.0


class Track:
    """One ring, or all together: a deque of finished buckets a span, the newest last."""

    def __init__(self) -> None:
        self._past: dict[Span, deque[Bucket]] = {span: deque(maxlen=span.buckets) for span in SPANS}
        self._open = {span: Bucket() for span in SPANS}
        self._index: dict[Span, int] = {}
        self._then: tuple[float, Counters] | None = None

    def note(self, time: float, now: Counters) -> None:
        """Take the counters of a moment. What came since the one before is spread evenly over the time between."""
        before, self._then = self._then, (time, now)
        if before is None or time <= before[0]:
            self._index = {span: int(time / span.bucket) for span in SPANS}
            return
        then, old = before
        counted = (now.stored - old.stored, now.bytes - old.bytes, now.dropped - old.dropped)
        grown = tuple(max(0, value) / (time - then) for value in counted)
        seen = max(now.fill, old.fill)
        for span in SPANS:
            # The peak is of a whole second: in shorter buckets it would stand beside what it was the peak of.
            self._spread(span, then, time, grown, seen if span is SPANS[0] else max(seen, now.peak))

    def _spread(self, span: Span, then: float, time: float, grown: Sequence[float], fill: float) -> None:
        if time - then > span.seconds:  # nobody looked for longer than is remembered, or the clock was set
            self._past[span].clear()
            then = time - span.bucket
            self._index[span], self._open[span] = int(then / span.bucket), Bucket()
        last = int(time / span.bucket)
        while True:
            index, bucket = self._index[span], self._open[span]
            end = min(time, (index + 1) * span.bucket)
            share = max(0.0, end - then) / span.bucket
            bucket.packets += grown[0] * share
            bucket.bytes += grown[1] * share
            bucket.dropped += grown[2] * share
            bucket.fill = max(bucket.fill, fill)
            if index >= last:
                return
            then = end
            self._past[span].append(bucket)
            self._index[span], self._open[span] = index + 1, Bucket()

    def past(self, span: Span) -> Sequence[Bucket]:
        """The finished buckets of a span, oldest first; fewer as long as it is not over."""
        return self._past[span]

    def index(self, span: Span) -> int:
        """The number of the bucket that is open, counted in buckets since 1970; it grows by one with each that is
        finished."""
        return self._index.get(span, 0)

    def peak(self, span: Span) -> float:
        """The highest fill within the span, what has not finished included."""
        return max((bucket.fill for bucket in (*self._past[span], self._open[span])), default=0.0)


class History:
    """All rings. Fed one snapshot a tick."""

    def __init__(self) -> None:
        self.total = Track()
        self.queues: list[Track] = []

    def note(self, snapshot: Snapshot) -> None:
        """Take the counters of a moment."""
        while len(self.queues) < len(snapshot.queues):
            self.queues.append(Track())
        self.total.note(snapshot.time, snapshot.total)
        for track, counters in zip(self.queues, snapshot.queues, strict=False):
            track.note(snapshot.time, counters)
