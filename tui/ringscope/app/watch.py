# SPDX-License-Identifier: Apache-2.0
"""Watches host and capture together, in the background, and keeps what was seen (`ringscope.app.sight`).

Reading the host waits for procfs and drivers, so it is done in a thread: once a second while a screen wants it, or
while a ring is nearly full or loses packets, else every ten seconds, since the verdict must know what happened before
somebody came to look. What a look needs is imported by the first one, after the first packets are on the screen. No
Textual here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from time import monotonic, thread_time
from typing import TYPE_CHECKING, Final

from ringscope.app.history import History
from ringscope.app.strips import PRESSED
from ringscope.capture.session import LiveSession, Session, Snapshot
from ringscope.native import Counters, Packet

if TYPE_CHECKING:
    from ringscope.app.sight import Moments, Sight
    from ringscope.weather.traffic import Recent
    from ringscope.weather.trial import Trial
    from ringscope.weather.whatif import WhatIf

OFTEN, SELDOM = 1.0, 10.0
"""Seconds between two looks while they are wanted, and else."""
REPLAY_OFTEN, REPLAY_SELDOM = 10.0, 30.0
"""Seconds between two replays of the last minute while packets go on being lost: while a screen wants them, and else.
Less than a minute, so that what was lost is in one of them."""
_DEAR: Final = 20
"""A replay comes at most so often that it takes a twentieth of a CPU."""
_SAMPLE: Final = 1000
"""Packets that are looked at for who feeds the rings."""


class Watch:
    """``history`` and ``sight`` are for the screens; ``sight`` is None until the first look is done, and for ever where
    there is no ring. ``trial`` is the newest replay of a minute in which packets were lost, None: there was none yet.
    ``fault`` says why the last look came to nothing, empty: it did not."""

    def __init__(self, moments: Callable[[], Moments] | None, clock: Callable[[], float] = monotonic) -> None:
        """``moments`` opens what is read, at the first look; None: there is nothing to watch."""
        self.history = History()
        self.sight: Sight | None = None
        self.trial: Trial | None = None
        self.fault = ""
        self.wanted = False
        """Whether a screen that shows it is in front."""
        self.sampling = False
        """Whether somebody wants to know who feeds the rings although none is full."""
        self._make = moments
        self._moments: Moments | None = None
        self._clock = clock
        self._looked = clock() - SELDOM + OFTEN  # the first look is not to be in the way of the first frames
        self._dropped = self._replayed = 0
        self._replay_next = -math.inf
        self._looking = self._high = self._closed = False

    @classmethod
    def of(cls, session: Session) -> Watch:
        """The watch of a session. Nothing is opened before the first look."""
        if not isinstance(session, LiveSession):
            return cls(None)

        def moments() -> Moments:
            from ringscope.app.sight import LiveMoments

            return LiveMoments(session)

        return cls(moments)

    # -- in the thread that draws

    def note(self, snapshot: Snapshot) -> None:
        """Once a tick."""
        if self._make is None:
            return
        self.history.note(snapshot)
        self._high = self._high or snapshot.total.dropped > self._dropped or any(map(is_high, snapshot.queues))
        self._dropped = snapshot.total.dropped

    def due(self) -> bool:
        """Whether `look` is to be called now, in a thread; then it counts as begun."""
        if self._make is None or self._looking:
            return False
        if self._clock() - self._looked < (OFTEN if self.wanted or self._high else SELDOM):
            return False
        self._looked = self._clock()
        self._looking = True
        return True

    def hurry(self) -> None:
        """Look at the next tick."""
        self._looked = -math.inf

    def sample(self, session: Session, snapshot: Snapshot) -> list[Packet]:
        """The newest packets for the look that is due; none where nobody asks who sent them."""
        wanted, self._high = self.sampling or self._high, False
        if not wanted or not snapshot.head:
            return []
        from ringscope.weather.feeders import ENOUGH

        return session.read(max(snapshot.head - _SAMPLE + 1, 1), _SAMPLE, ENOUGH)

    # -- in a thread

    def look(self, sample: Sequence[Packet] = (), *, hidden: int | None = None) -> None:
        """One look. ``hidden``: see `Moments.take`."""
        from ringscope.app import sight

        try:
            if self._moments is None:
                if self._make is None:
                    return
                self._moments = self._make()
            self.sight = sight.look(self._moments, self.sight, sample, hidden, self.trial)
            self.fault = ""
            if self._replays(self.sight):
                self.replay(self._moments.recent())
        except OSError as error:
            self.fault = f"the host cannot be read: {error.strerror or error}"
        finally:
            self._looking = False
            if self._closed:
                self.close()

    def _replays(self, seen: Sight) -> bool:
        from ringscope.app import sight

        lost = seen.now.capture.total.dropped
        if lost == self._replayed or self._clock() < self._replay_next or not sight.replays(seen):
            return False
        self._replayed = lost
        return True

    def replay(self, packets: Recent) -> WhatIf:
        """Find out what other rings, and the cures of the verdict, would have made of the last minute. Afterwards the
        cures say it, also when that minute is over. It may take a second."""
        from ringscope.app import sight
        from ringscope.weather.whatif import whatif

        if self.sight is None:
            return whatif(packets.queues())
        began = thread_time()
        trial = sight.tried(self.sight, packets)
        pause = REPLAY_OFTEN if self.wanted else REPLAY_SELDOM
        self._replay_next = self._clock() + max(pause, _DEAR * (thread_time() - began))
        if trial.table.lost:
            self.trial = trial
            self.sight = sight.judged(self.sight, trial)
        return trial.table

    def close(self) -> None:
        """No more looks. One that is under way is done first, and closes what it has read from."""
        self._closed, self._make = True, None
        if self._moments is not None and not self._looking:
            self._moments.close()


def is_high(queue: Counters) -> bool:
    """Whether a ring is so full that it is worth knowing who fills it."""
    return queue.pressed or max(queue.fill, queue.peak) >= PRESSED
