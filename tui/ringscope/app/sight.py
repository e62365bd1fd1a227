# SPDX-License-Identifier: Apache-2.0
"""What is known of host and rings after a look at both: frozen values for the screens. No Textual here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from ringscope.app.watch import is_high
from ringscope.capture.session import LiveSession, Snapshot
from ringscope.frozen import frozen
from ringscope.host.reader import HostReader
from ringscope.native import Packet
from ringscope.weather.feeders import Feeder, feeders
from ringscope.weather.judge import judge
from ringscope.weather.model import Path, Verdict
from ringscope.weather.moment import Moment, Setup, setup_of, take
from ringscope.weather.path import path
from ringscope.weather.rings import RingView, rings
from ringscope.weather.traffic import Recent, recent
from ringscope.weather.trial import REPLAYED, Trial, try_cures
from ringscope.weather.verdict import Tally, verdict


class Moments(Protocol):
    """Where moments come from. Called in a thread, one call at a time."""

    def take(self, *, hidden: int | None) -> Moment:
        """Now. ``hidden`` are packets that a view hides. Raises OSError."""

    def setup(self) -> Setup:
        """What the capture is now. Raises OSError."""

    def recent(self) -> Recent:
        """The last minute of packets."""

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

    def recent(self) -> Recent:
        return recent(self._session)

    def close(self) -> None:
        self._reader.close()


@frozen
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
        return path(self.setup, self.first, self.before, self.now, begin=self.begin)

    def rings(self, snapshot: Snapshot) -> tuple[RingView, ...]:
        """How the rings stand at a later tick; what only the host knows is of the last look."""
        return rings(self.setup, self.before, replace(self.now, capture=snapshot))


def look(
    moments: Moments, old: Sight | None, sample: Sequence[Packet], hidden: int | None, trial: Trial | None = None
) -> Sight:
    """What is known now, after ``old`` (None: nothing was). ``sample`` are the newest packets, ``trial`` is what was
    last replayed. Raises OSError."""
    setup, now = moments.setup(), moments.take(hidden=hidden)
    if old is None:
        begin = _begin(now)
        # What was lost before the first look is in the sums, but nobody can say that it goes on.
        blank = Tally().plus(judge(begin, now)).plus(())
        old = Sight(setup, begin, now, now, now, blank, verdict(setup, blank, begin, now))
        tally = blank
    else:
        tally = old.tally.plus(judge(old.now, now))
    new = _fed(old.now, now, sample)
    filled = {**old.filled, **{queue: one for queue, one in new.items() if one.filled}}
    seen = Sight(setup, old.begin, old.first, old.now, now, tally, old.verdict, {**old.fed, **new}, filled)
    return judged(seen, trial)


def judged(sight: Sight, trial: Trial | None) -> Sight:
    """With a verdict on all that was seen, and its cures by what was replayed."""
    said = verdict(sight.setup, sight.tally, sight.begin, sight.now, trial=trial)
    if said.stage == "ring" and (by := sight.filled.get(_queue_of(said))):
        said = verdict(sight.setup, sight.tally, sight.begin, sight.now, sample=by.feeders, trial=trial)
    return replace(sight, verdict=said)


def replays(sight: Sight) -> bool:
    """Whether the verdict is on a loss of which a replay could tell what would have saved it."""
    return sight.verdict.stage == "ring" and sight.verdict.cause in REPLAYED


def tried(sight: Sight, packets: Recent) -> Trial:
    """The last minute replayed, the queue of the verdict closer than the others. It may take a second."""
    queue = _queue_of(sight.verdict) if sight.verdict.stage == "ring" else 0
    by = sight.filled.get(queue)
    feeder = by.feeders[0] if by and by.feeders else None
    cpus = max(len(sight.now.host.cpus), 1)
    return try_cures(packets.now / 1e9, packets.queues(), sight.setup, queue=queue, cpus=cpus, feeder=feeder)


def _queue_of(said: Verdict) -> int:
    return int(said.place.removeprefix("queue "))


def _begin(now: Moment) -> Moment:
    """Before anything had come: the counters of a capture begin at 0, those of its host do not."""
    total = replace(
        now.capture.total,
        stored=0,
        dropped=0,
        early_drops=0,
        frozen_drops=0,
        freezes=0,
        delivered=0,
        truncated=0,
        snapped=0,
        arena_drops=0,
        unaccounted=0,
    )
    capture = replace(now.capture, time=now.time - 1, total=total, queues=(), head=0, tail=1, evicted=0)
    return replace(now, capture=capture)


def _fed(before: Moment, now: Moment, sample: Sequence[Packet]) -> dict[int, Fed]:
    found = {}
    for index, queue in enumerate(now.capture.queues):
        then = before.capture.queues[index] if index < len(before.capture.queues) else queue
        if mine := feeders(sample, queue=index):
            found[index] = Fed(now.time, is_high(queue) or queue.dropped > then.dropped, mine)
    return found
