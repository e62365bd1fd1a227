# SPDX-License-Identifier: Apache-2.0
"""Moments of a fake session on a host that is as quiet as a test leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ringscope.capture.config import CaptureConfig
from ringscope.host.process import Thread
from ringscope.weather.moment import Moment, Setup
from ringscope.weather.traffic import Recent, recent
from support.fake_session import FakeSession
from support.moments import moment


class FakeMoments:
    """``config`` says how the fake captures, ``threads`` are those of the process."""

    def __init__(
        self, session: FakeSession, config: CaptureConfig | None = None, threads: Sequence[Thread] = ()
    ) -> None:
        self._session = session
        self.config = config or CaptureConfig(("eth0",))
        self.threads = threads
        self.taken = 0
        self.refusal: OSError | None = None
        self.closed = False

    def take(self, *, hidden: int | None) -> Moment:
        if self.refusal is not None:
            raise self.refusal
        self.taken += 1
        snapshot = self._session.snapshot()
        taken = moment(snapshot.time, threads=self.threads, hidden=hidden)
        return replace(taken, capture=snapshot)

    def setup(self) -> Setup:
        return Setup(self.config, self._session.filter_expression, self._session.link_type)

    def recent(self) -> Recent:
        return recent(self._session)

    def close(self) -> None:
        self.closed = True
