# SPDX-License-Identifier: Apache-2.0
"""A capture and the host around it, watched as `ringscope record` does: a moment at a time, and the verdict on all."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from ringscope.capture.session import LiveSession
from ringscope.host.reader import HostReader
from ringscope.weather.feeders import Feeder
from ringscope.weather.judge import judge
from ringscope.weather.model import Finding, Path, Verdict
from ringscope.weather.moment import Moment, setup_of, take
from ringscope.weather.path import path
from ringscope.weather.traffic import recent
from ringscope.weather.trial import Trial, try_cures
from ringscope.weather.verdict import Tally, verdict


class Watching:
    """From now on. A context manager."""

    def __init__(self, session: LiveSession) -> None:
        self._session = session
        self._reader = HostReader(tuple(source.name for source in session.sources()))
        self.tally = Tally()
        self.first = self.before = self.now = take(self._reader, session)

    def look(self, *, missed: int = 0) -> tuple[Finding, ...]:
        """What was lost since the last look."""
        self.before, self.now = self.now, take(self._reader, self._session, missed=missed)
        found = judge(self.before, self.now)
        self.tally = self.tally.plus(found)
        return found

    def verdict(self, *, ended: bool = True, trial: Trial | None = None) -> Verdict:
        """On everything so far."""
        return verdict(setup_of(self._session), self.tally, self.first, self.now, ended=ended, trial=trial)

    def replay(self, feeder: Feeder | None = None) -> Trial:
        """The last minute, queue 0 closer."""
        packets = recent(self._session)
        setup = setup_of(self._session)
        return try_cures(packets.now / 1e9, packets.queues(), setup, queue=0, cpus=2, feeder=feeder)

    def path(self) -> Path:
        """The account so far."""
        return path(setup_of(self._session), self.first, self.before, self.now)

    def moment(self) -> Moment:
        """The last look."""
        return self.now

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._reader.close()
