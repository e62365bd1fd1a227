# SPDX-License-Identifier: Apache-2.0
"""The watch: when it looks, what it remembers, and that nothing it cannot read ends anything."""

from __future__ import annotations

import struct
from dataclasses import replace

from ringscope.app.watch import OFTEN, REPLAY_OFTEN, REPLAY_SELDOM, SELDOM, Watch
from support.fake_moments import FakeMoments
from support.fake_session import BEGAN, QUIET, FakeSession


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def _watch(session: FakeSession) -> tuple[Watch, FakeMoments, Clock]:
    moments, clock = FakeMoments(session), Clock()
    return Watch(lambda: moments, clock), moments, clock


def _look(watch: Watch, session: FakeSession) -> None:
    snapshot = session.snapshot()
    watch.note(snapshot)
    watch.look(watch.sample(session, snapshot))


def test_it_looks_seldom_by_itself_and_often_while_a_screen_wants_it_or_packets_are_lost() -> None:
    session = FakeSession()
    watch, _, clock = _watch(session)

    def due_after(seconds: float) -> bool:
        clock.now += seconds
        watch.note(session.snapshot())
        if due := watch.due():
            assert not watch.due(), "one look at a time"
            watch.look(watch.sample(session, session.snapshot()))
        return due

    assert not due_after(0) and due_after(OFTEN), "the first frames come first"
    assert not due_after(OFTEN) and due_after(SELDOM - OFTEN)
    watch.wanted = True
    assert due_after(OFTEN) and due_after(OFTEN)
    watch.wanted = False
    assert not due_after(OFTEN)
    session.lose(1)
    assert due_after(OFTEN)
    assert not due_after(OFTEN), "it is over"
    session.fill(0.8)
    assert due_after(OFTEN) and due_after(OFTEN)


def test_what_was_lost_is_in_the_verdict_for_good() -> None:
    session = FakeSession()
    watch, _, _ = _watch(session)
    _look(watch, session)
    session.grow(1000, 1)
    session.lose(7)
    _look(watch, session)
    session.grow(1000, 1)
    _look(watch, session)
    assert watch.sight is not None
    said = watch.sight.verdict
    assert (said.severity, said.stage, said.total, said.now) == ("lost", "ring", 7, False)
    assert watch.sight.path().stage("ring").lost == 7


def test_what_was_lost_before_the_first_look_is_in_the_verdict_too() -> None:
    session = FakeSession()
    watch, _, _ = _watch(session)
    session.grow(1000)
    session.lose(7)
    _look(watch, session)
    assert watch.sight is not None
    said = watch.sight.verdict
    assert (said.stage, said.total, said.now) == ("ring", 7, False) and "7 of 1 007 packets" in said.sentence


def test_who_fed_a_ring_when_it_was_full_is_kept_when_it_is_not_any_more() -> None:
    session = FakeSession()
    watch, _, _ = _watch(session)
    session.grow(2000)
    _look(watch, session)
    assert watch.sight is not None and not watch.sight.fed, "nobody asked, and nothing is full"
    session.stand(*[replace(QUIET, fill=fill, peak=fill) for fill in (0.1, 0.9)])
    _look(watch, session)
    filled = watch.sight.filled
    assert set(filled) == {1} and filled[1].filled and 0 < filled[1].feeders[0].packets <= 1
    session.stand(QUIET, QUIET)
    session.grow(5000, 60)
    watch.sampling = True
    _look(watch, session)
    assert watch.sight.filled == filled and not watch.sight.fed[1].filled
    assert watch.sight.fed[1].time > filled[1].time


def test_a_host_that_cannot_be_read_is_told_and_looked_at_again() -> None:
    session = FakeSession()
    watch, moments, _ = _watch(session)
    moments.refusal = PermissionError(1, "Operation not permitted")
    _look(watch, session)
    assert watch.sight is None and watch.fault == "the host cannot be read: Operation not permitted"
    moments.refusal = None
    _look(watch, session)
    assert watch.sight is not None and not watch.fault


def test_after_the_end_nothing_is_opened_any_more() -> None:
    session = FakeSession()
    watch, moments, _ = _watch(session)
    _look(watch, session)
    watch.close()
    assert moments.closed and not watch.due()


def test_a_file_has_nothing_to_watch() -> None:
    session = FakeSession(kind="file")
    watch = Watch.of(session)
    watch.note(session.snapshot())
    assert not watch.due() and watch.sight is None


def test_while_packets_are_lost_the_last_minute_is_replayed_now_and_then_and_what_it_told_stays() -> None:
    session = FakeSession()
    watch, _, clock = _watch(session)

    def replayed_after(seconds: float) -> bool:
        clock.now += seconds
        before = watch.trial
        _look(watch, session)
        return watch.trial is not before

    assert not replayed_after(0), "nothing is lost"
    at = BEGAN * 10**9
    session.slices = struct.pack("=9Q", at, at + 10**7, 0, at + 2 * 10**7, at + 10**8, 10**7, 1000, 1000 << 10, 0)
    session.grow(1000, 0.5)
    session.lose(70_000)
    assert replayed_after(OFTEN) and watch.trial is not None and watch.trial.table.lost == 70_000
    assert watch.sight is not None and "70 000 were lost" in watch.sight.verdict.replayed
    assert not replayed_after(SELDOM), "nothing was lost since"
    session.lose(5)
    assert not replayed_after(SELDOM) and replayed_after(REPLAY_SELDOM - SELDOM)
    watch.wanted = True
    session.lose(5)
    assert replayed_after(REPLAY_SELDOM)
    session.lose(5)
    assert not replayed_after(OFTEN) and replayed_after(REPLAY_OFTEN)
    kept, session.slices = watch.trial, b""
    session.grow(10, 3600.0)
    assert not replayed_after(3600) and watch.trial is kept and "were lost" in watch.sight.verdict.replayed
