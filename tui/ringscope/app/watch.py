# SPDX-License-Identifier: Apache-2.0
"""Watches host and capture together, in the background: moments, what was lost between them, who fed the rings.

Reading the host waits for procfs and drivers, so it is done in a thread: once a second while a screen wants it, or
while a ring is nearly full or loses packets, else every ten seconds, since the verdict must know what happened before
somebody came to look. What comes out is one frozen value, `Sight`. No Textual here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Final, Protocol

from ringscope.app.history import History
from ringscope.capture.session import LiveSession, Session, Snapshot
from ringscope.host.reader import HostReader
from ringscope.native import Counters, Packet
from ringscope.weather.feeders import ENOUGH, Feeder, feeders
from ringscope.weather.judge import judge
from ringscope.weather.model import Path, Verdict
from ringscope.weather.moment import Moment, Setup, setup_of, take
from ringscope.weather.path import path
from ringscope.weather.rings import RingView, rings
from ringscope.weather.verdict import Tally, verdict

OFTEN, SELDOM = 1.0, 10.0
"""Seconds between two looks while they are wanted, and else."""
HIGH: Final = 0.75
"""Share of a ring from which on it is worth knowing who fills it."""
_SAMPLE: Final = 1000
"""Packets that are looked at for who feeds the rings."""


class Moments(Protocol):
    """Where moments come from. Called in a thread, one call at a time."""

    def take(self, *, hidden: int | None) -> Moment:
        """Now. ``hidden`` are packets that a view hides. Raises OSError."""

    def setup(self) -> Setup:
        """What the capture is now. Raises OSError."""

    def close(self) -> None:
        """The last call. Idempotent."""


class LiveMoments:
    """Of a capture of this host."""

    def __init__(self, session: LiveSession) -> None:
        """Raises OSError where there is not even rtnetlink."""
        self._session = session
        self._reader = HostReader(tuple(source.name for source in session.sources()))

    def take(self, *, hidden: int | None) -> Moment:
        return take(self._reader, self._session, hidden=hidden)

    def setup(self) -> Setup:
        return setup_of(self._session)

    def close(self) -> None:
        self._reader.close()


@dataclass(frozen=True, slots=True)
class Fed:
    """Who fed a ring, by a sample of its newest packets. ``time`` is when it was taken, in seconds since 1970;
    ``filled`` is true where the ring was nearly full or lost packets then."""

    time: float
    filled: bool
    feeders: tuple[Feeder, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything that is known after a look. ``begin`` is that of the capture, as if the host had been read then;
    ``first`` is the moment that totals of the host count from, ``before`` and ``now`` are those that rates are of.
    ``fed`` is by queue: who fed it when it was last sampled; ``filled`` is when that was last done while it was nearly
    full."""

    setup: Setup
    begin: Moment
    first: Moment
    before: Moment
    now: Moment
    tally: Tally
    verdict: Verdict
    fed: Mapping[int, Fed] = field(default_factory=dict)
    filled: Mapping[int, Fed] = field(default_factory=dict)

    def path(self) -> Path:
        """The account by stages."""
        return path(self.setup, self.first, self.before, self.now)

    def rings(self, snapshot: Snapshot) -> tuple[RingView, ...]:
        """How the rings stand at a later tick; what only the host knows is of the last look."""
        return rings(self.setup, self.before, replace(self.now, capture=snapshot))


class Watch:
    """``history`` and ``sight`` are for the screens; ``sight`` is None until the first look is done, and for ever where
    there is no ring. ``fault`` says why the last look came to nothing, empty: it did not."""

    def __init__(self, moments: Callable[[], Moments] | None, clock: Callable[[], float] = monotonic) -> None:
        """``moments`` opens what is read, at the first look; None: there is nothing to watch."""
        self.history = History()
        self.sight: Sight | None = None
        self.fault = ""
        self.wanted = False
        """Whether a screen that shows it is in front."""
        self.sampling = False
        """Whether somebody wants to know who feeds the rings although none is full."""
        self._make = moments
        self._moments: Moments | None = None
        self._clock = clock
        self._looked = -SELDOM
        self._dropped = 0
        self._looking = self._high = self._closed = False

    @classmethod
    def of(cls, session: Session) -> Watch:
        """The watch of a session. Nothing is opened before the first look."""
        return cls((lambda: LiveMoments(session)) if isinstance(session, LiveSession) else None)

    # -- in the thread that draws

    def note(self, snapshot: Snapshot) -> None:
        """Once a tick."""
        if self._make is None:
            return
        self.history.note(snapshot)
        self._high = self._high or snapshot.total.dropped > self._dropped or any(map(_is_high, snapshot.queues))
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

    def sample(self, session: Session, snapshot: Snapshot) -> list[Packet]:
        """The newest packets for the look that is due; none where nobody asks who sent them."""
        wanted, self._high = self.sampling or self._high, False
        if not wanted or not snapshot.head:
            return []
        return session.read(max(snapshot.head - _SAMPLE + 1, 1), _SAMPLE, ENOUGH)

    # -- in a thread

    def look(self, sample: Sequence[Packet] = (), *, hidden: int | None = None) -> None:
        """One look. ``hidden``: see `Moments.take`."""
        try:
            if self._moments is None:
                if self._make is None:
                    return
                self._moments = self._make()
            self.sight = self._next(self._moments, sample, hidden)
            self.fault = ""
        except OSError as error:
            self.fault = f"the host cannot be read: {error.strerror or error}"
        finally:
            self._looking = False
            if self._closed:
                self.close()

    def _next(self, moments: Moments, sample: Sequence[Packet], hidden: int | None) -> Sight:
        setup, now, old = moments.setup(), moments.take(hidden=hidden), self.sight
        first, before = (old.first, old.now) if old else (now, now)
        begin = old.begin if old else _begin(now)
        # What was lost before the first look is in the sums, but nobody can say that it goes on.
        tally = old.tally.plus(judge(before, now)) if old else Tally().plus(judge(begin, now)).plus(())
        new = _fed(before, now, sample)
        fed = {**(old.fed if old else {}), **new}
        filled = {**(old.filled if old else {}), **{queue: one for queue, one in new.items() if one.filled}}
        told = verdict(setup, tally, begin, now)
        if told.stage == "ring" and (by := filled.get(int(told.place.removeprefix("queue ")))):
            told = verdict(setup, tally, begin, now, sample=by.feeders)
        return Sight(setup, begin, first, before, now, tally, told, fed, filled)

    def close(self) -> None:
        """No more looks. One that is under way is done first, and closes what it has read from."""
        self._closed, self._make = True, None
        if self._moments is not None and not self._looking:
            self._moments.close()


def _begin(now: Moment) -> Moment:
    """Before anything had come: the counters of a capture begin at 0, those of its host do not."""
    total = replace(now.capture.total, stored=0, dropped=0, arena_drops=0, snapped=0, unaccounted=0)
    capture = replace(now.capture, time=now.time - OFTEN, total=total, queues=(), head=0, tail=1, evicted=0)
    return replace(now, capture=capture)


def _is_high(queue: Counters) -> bool:
    return queue.pressed or max(queue.fill, queue.peak) >= HIGH


def _fed(before: Moment, now: Moment, sample: Sequence[Packet]) -> dict[int, Fed]:
    found = {}
    for index, queue in enumerate(now.capture.queues):
        then = before.capture.queues[index] if index < len(before.capture.queues) else queue
        if mine := feeders(sample, queue=index):
            found[index] = Fed(now.time, _is_high(queue) or queue.dropped > then.dropped, mine)
    return found
