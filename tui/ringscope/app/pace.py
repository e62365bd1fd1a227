# SPDX-License-Identifier: Apache-2.0
"""How often the screen is drawn: at every tick, unless the capture or the machine needs the CPU more. No Textual here.

Losing a frame costs nothing, losing a packet is what this program is there to avoid. Keys are answered at once all the
same.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Final

from ringscope.app.strips import PRESSED
from ringscope.capture.session import Snapshot

EVERY: Final = 5
"""Of so many ticks one is drawn while it is slowed down."""
CALM: Final = 3.0
"""Seconds without pressure after which every tick is drawn again."""
_LATE: Final = 0.1
"""Seconds by which a tick that came on a busy machine is late."""
_OFTEN_LATE: Final = 0.5


class Pace:
    """Asked once a tick. ``why`` says why it is slowed down, empty: it is not."""

    def __init__(self, hertz: float, clock: Callable[[], float] = monotonic) -> None:
        self.hertz = hertz
        self.why = ""
        self._clock = clock
        self._last: float | None = None
        self._late = 0.0
        self._until = 0.0
        self._ticks = 0
        self._dropped: int | None = None

    @property
    def rate(self) -> float:
        """Frames a second, where the terminal takes them all."""
        return self.hertz / EVERY if self.why else self.hertz

    def due(self, snapshot: Snapshot) -> bool:
        """Whether this tick is to be drawn."""
        now, before = self._clock(), self.why
        if why := self._pressure(snapshot) or self._lateness(now):
            self.why, self._until = why, now + CALM
        elif now >= self._until:
            self.why = ""
        self._ticks += 1
        # The first one shows what the pressure is.
        return not before or not self.why or self._ticks % EVERY == 0

    def _pressure(self, snapshot: Snapshot) -> str:
        before, self._dropped = self._dropped, snapshot.total.dropped
        if before is not None and snapshot.total.dropped > before:
            return "packets are being dropped"
        if any(queue.pressed or queue.fill >= PRESSED for queue in snapshot.queues):
            return "a ring is nearly full"
        return ""

    def _lateness(self, now: float) -> str:
        last, self._last = self._last, now
        if last is None:
            return ""
        late = now - last - 1 / self.hertz > _LATE
        self._late += (late - self._late) / 5
        return "the machine is busy" if self._late > _OFTEN_LATE else ""
