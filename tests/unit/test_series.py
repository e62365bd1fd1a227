# SPDX-License-Identifier: Apache-2.0
"""Files one after another: their names, where one ends and the next begins, and what becomes of one that cannot be
written.
"""

from __future__ import annotations

import errno
import os
from itertools import chain
from pathlib import Path

import pytest

from ringscope.capture.errors import CaptureError
from ringscope.capture.saving import format_of
from ringscope.capture.series import Plan, Series, named, numbered

EPOCH = 1_700_000_000.0


class FakeSaver:
    """A file of packet numbers; every packet counts as one byte."""

    def __init__(self, session: FakeSession, path: str, first: int, size_limit: int) -> None:
        self._session, self.path, self.next, self._limit = session, path, first, size_limit
        self.numbers: list[int] = []
        self.missed = 0
        self.full = self.published = self.moved = self.closed = False
        self.fault: CaptureError | None = None

    @property
    def written(self) -> int:
        return len(self.numbers)

    def follow(self, last: int, *, complete: bool = False) -> None:
        self.full = False
        while self.next <= min(last, self._session.newest()):
            if self.fault:
                raise self.fault
            if self._limit and len(self.numbers) > self._limit:
                self.full = True
                return
            self.numbers.append(self.next)
            self.next += 1

    def publish(self) -> None:
        self.published = True

    def close(self) -> None:
        self.closed = True
        Path(self.path).touch()


class FakeSession:
    """A packet for every moment in ``times``, seconds from EPOCH on."""

    def __init__(self) -> None:
        self.now = 0.0
        self.times: list[float] = []
        self.savers: list[FakeSaver] = []
        self.refusal: CaptureError | None = None

    def clock(self) -> float:
        return EPOCH + self.now

    def steady(self) -> float:
        return self.now

    def newest(self) -> int:
        return len(self.times)

    def find_time(self, time_ns: int) -> int:
        early = [moment for moment in self.times if round((EPOCH + moment) * 1e9) < time_ns]
        return len(early) + 1

    def saver(self, path: str, *, format: str = "pcap", first: int = 1, size_limit: int = 0) -> FakeSaver:
        if self.refusal:
            raise self.refusal
        self.savers.append(FakeSaver(self, path, first, size_limit))
        return self.savers[-1]

    def series(self, plan: Plan) -> Series:
        return Series(self, plan, clock=self.clock, steady=self.steady)  # type: ignore[arg-type]  # a fake Saver

    def run(self, series: Series, until: float, *, each: float = 0.05, follow: float = 0.1) -> None:
        """Packets come, and the series is asked to follow."""
        while self.now < until - 1e-9:
            self.now = round(self.now + each, 6)
            self.times.append(self.now - each / 2)
            if round(self.now / follow, 6) % 1 == 0:
                series.follow()

    @property
    def numbers(self) -> list[list[int]]:
        return [saver.numbers for saver in self.savers]


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSession:
    monkeypatch.chdir(tmp_path)
    return FakeSession()


def _names(session: FakeSession) -> list[str]:
    return [saver.path for saver in session.savers]


@pytest.mark.parametrize(
    ("path", "asked", "format"),
    [
        ("out.pcap", None, "pcap"),
        ("out.PCAPNG", None, "pcapng"),
        ("out", None, "pcap"),
        ("-", None, "pcap"),
        ("out.cap", None, "pcap"),
        ("out.pcap", "pcapng", "pcapng"),
    ],
)
def test_a_format_is_what_was_asked_for_or_what_the_name_ends_in(path: str, asked: str | None, format: str) -> None:
    assert format_of(path, asked) == format


def test_names_are_made_as_tcpdump_makes_them() -> None:
    assert [numbered("x", index, 0) for index in range(3)] == ["x", "x1", "x2"]
    assert [numbered("x", index, 2) for index in (0, 9, 10)] == ["x00", "x09", "x10"]
    assert named("out.pcap", EPOCH) == "out.pcap"
    assert named("%Y-%%.pcap", EPOCH) == "2023-%.pcap"


def test_one_file_has_everything(session: FakeSession) -> None:
    series = session.series(Plan("out"))
    session.run(series, 10)
    series.finish()
    assert session.numbers == [list(range(1, 201))] and session.savers[0].closed
    assert (series.written, series.missed, series.finished, series.done) == (200, 0, 1, True)


def test_by_size_files_are_counted_and_no_packet_is_in_two(session: FakeSession) -> None:
    series = session.series(Plan("out", size_limit=60))
    session.run(series, 10)
    series.finish()
    assert _names(session) == ["out", "out1", "out2", "out3"]
    assert (
        list(chain(*session.numbers)) == list(range(1, 201)) and [len(some) for some in session.numbers[:3]] == [61] * 3
    )


def test_by_size_with_a_count_the_oldest_file_makes_room(session: FakeSession, tmp_path: Path) -> None:
    series = session.series(Plan("out", size_limit=9, count=11))
    session.run(series, 10)
    assert _names(session)[:13] == [*(f"out{n:02d}" for n in range(11)), "out00", "out01"]
    # The one that is written has no name yet, and the one that it replaces is gone.
    assert len(list(tmp_path.iterdir())) == 10
    series.finish()
    assert len(list(tmp_path.iterdir())) == 11


def test_by_time_every_packet_is_in_the_file_of_its_time(session: FakeSession) -> None:
    series = session.series(Plan("out-%S", seconds=2))
    session.run(series, 7)
    series.finish()
    assert _names(session) == ["out-20", "out-22", "out-24", "out-26"]  # EPOCH is 20 seconds past a minute
    assert session.numbers == [list(range(1, 41)), list(range(41, 81)), list(range(81, 121)), list(range(121, 141))]


def test_by_time_a_file_ends_also_when_nothing_comes(session: FakeSession) -> None:
    series = session.series(Plan("out", seconds=1))
    for tenth in range(1, 36):
        session.now = tenth / 10
        series.follow()
    assert _names(session) == ["out", "out1", "out2", "out3"] and session.savers[2].closed


def test_by_time_with_a_count_the_last_file_is_the_end(session: FakeSession) -> None:
    series = session.series(Plan("out", seconds=1, count=2))
    session.run(series, 5)
    assert series.done and _names(session) == ["out", "out1"]
    series.finish()
    assert session.numbers == [list(range(1, 21)), list(range(21, 41))]


def test_late_packets_are_in_the_file_of_their_time(session: FakeSession) -> None:
    series = session.series(Plan("out", seconds=1, lateness=0.3))
    session.now = 1.1
    session.times = [0.5, 0.9, 1.05]
    series.follow()
    session.now = 1.2
    session.times = [0.5, 0.9, 0.95, 1.05]  # numbers are given by time, and this one came late
    series.follow()
    session.now = 1.35
    series.follow()
    assert session.numbers == [[1, 2, 3], [4]]


def test_a_pause_of_several_turns_makes_one_file(session: FakeSession) -> None:
    series = session.series(Plan("out-%S", seconds=1))
    session.now = 5.6
    session.times = [0.5, 4.5, 5.55]
    series.follow()
    assert _names(session) == ["out-20", "out-25"] and session.numbers == [[1], [2, 3]]


def test_by_size_and_time_the_count_begins_again_with_each_time(session: FakeSession) -> None:
    series = session.series(Plan("out-%S.", size_limit=25, seconds=2))
    session.run(series, 5)
    series.finish()
    assert _names(session) == ["out-20.", "out-20.1", "out-22.", "out-22.1", "out-24."]
    assert list(chain(*session.numbers)) == list(range(1, 101))


def test_a_flush_gives_the_file_its_name_and_goes_on(session: FakeSession) -> None:
    series = session.series(Plan("out"))
    session.run(series, 1)
    session.times.append(1.0)
    series.flush()
    assert session.savers[0].published and session.numbers == [list(range(1, 22))] and not session.savers[0].closed
    session.run(series, 2)
    series.finish()
    assert session.numbers == [list(range(1, 42))]


def test_a_flush_begins_a_new_file_where_the_old_one_was_moved_away(session: FakeSession) -> None:
    series = session.series(Plan("out"))
    session.run(series, 1)
    session.savers[0].moved = True
    series.flush()
    session.run(series, 2)
    series.finish()
    assert _names(session) == ["out", "out"] and session.numbers == [list(range(1, 21)), list(range(21, 41))]


@pytest.mark.parametrize("plan", [Plan("out", size_limit=1000), Plan("out", seconds=100)])
def test_a_flush_begins_the_next_file_where_there_is_one(session: FakeSession, plan: Plan) -> None:
    series = session.series(plan)
    session.run(series, 1)
    series.flush()
    series.finish()
    assert _names(session) == ["out", "out1"] and session.savers[0].closed and not session.savers[0].published


def test_a_file_that_cannot_be_written_is_ended_and_said_once(session: FakeSession) -> None:
    series = session.series(Plan("out"))
    session.run(series, 1)
    session.savers[0].fault = CaptureError(os.strerror(errno.ENOSPC))
    session.run(series, 2)
    series.finish()
    assert series.failed and session.savers[0].closed
    assert series.news == ["No space left on device; the file ends with packet 20; counting goes on"]
    assert (series.written, series.missed) == (20, 20)


def test_by_time_the_next_file_is_tried_again(session: FakeSession) -> None:
    series = session.series(Plan("out", seconds=1))
    session.run(series, 0.5)
    session.savers[0].fault = CaptureError("full")
    session.refusal = CaptureError("still full")
    session.run(series, 2.7)
    session.refusal = None
    session.run(series, 4)
    series.finish()
    assert series.failed and [news.split(";")[0] for news in series.news] == ["full", "still full", "still full"]
    assert all("the next file begins at" in news for news in series.news)
    assert session.numbers == [list(range(1, 11)), list(range(61, 81))]
    assert series.written + series.missed == 80


def test_what_cannot_be_begun_is_said_at_once(session: FakeSession) -> None:
    session.refusal = CaptureError("no such folder")
    with pytest.raises(CaptureError, match="no such folder"):
        session.series(Plan("nowhere/out"))
