# SPDX-License-Identifier: Apache-2.0
"""The recorder: what it writes when packets are dropped, and what it says when it cannot write all of it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from ringscope.capture.errors import CaptureError
from ringscope.capture.recorder import Memory, Recorder

EPOCH = 1_700_000_000.0


class FakeSaver:
    def __init__(self, session: FakeSession, path: str, first: int) -> None:
        self._session, self.path, self.next = session, path, first
        self.numbers: list[int] = []
        self.missed = 0
        self.published = False
        self.fault: CaptureError | None = None

    @property
    def written(self) -> int:
        return len(self.numbers)

    def follow(self, last: int, *, complete: bool = False) -> None:
        if self.fault:
            raise self.fault
        upto = min(last, self._session.head)
        self.numbers += range(self.next, upto + 1)
        self.next = max(self.next, upto + 1)

    def publish(self) -> None:
        self.published = True

    def close(self) -> None:
        Path(self.path).touch()


class FakeSession:
    """Ten packets a second from EPOCH on, the last ``kept`` of which are still there."""

    def __init__(self) -> None:
        self.now = 0.0
        self.kept = 10**6
        self.savers: list[FakeSaver] = []

    def clock(self) -> float:
        return EPOCH + self.now

    @property
    def head(self) -> int:
        return round(self.now * 10)

    def oldest(self) -> int:
        return max(1, self.head - self.kept + 1)

    def find_time(self, time_ns: int) -> int:
        number = -(-(time_ns - round(EPOCH * 1e9)) // 10**8)  # packet n comes n tenths after EPOCH
        return min(max(number, self.oldest()), self.head + 1)

    def read(self, first: int, count: int, limit: int) -> list[SimpleNamespace]:
        return [SimpleNamespace(time_ns=round((EPOCH + first / 10) * 1e9))]

    def saver(self, path: str, *, format: str = "pcapng", first: int = 1) -> FakeSaver:
        self.savers.append(FakeSaver(self, path, first))
        return self.savers[-1]

    def recorder(self, **memory: float) -> Recorder:
        return Recorder(self, Memory("drop", **memory), clock=self.clock)  # type: ignore[arg-type]  # a fake Saver

    def run(self, recorder: Recorder, until: float, dropped: int = 0) -> None:
        while self.now < until - 1e-9:
            self.now = round(self.now + 0.1, 6)
            recorder.look(dropped)


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSession:
    monkeypatch.chdir(tmp_path)
    return FakeSession()


def test_without_a_drop_nothing_is_written(session: FakeSession) -> None:
    recorder = session.recorder()
    session.run(recorder, 200)
    recorder.finish()
    assert not session.savers and not recorder.news and not recorder.active


def test_a_drop_writes_what_came_before_and_what_follows(session: FakeSession) -> None:
    recorder = session.recorder(before=60, after=10)
    session.run(recorder, 100)
    session.run(recorder, 105, dropped=7)
    assert recorder.active
    session.run(recorder, 120, dropped=7)
    (saver,) = session.savers
    assert not recorder.active and (saver.path, saver.missed) == ("drop", 0)
    # Noticed at 100.1 s; half a second more than a minute, in which it may have gone unnoticed.
    assert (saver.numbers[0], saver.numbers[-1]) == (396, 1100)
    assert recorder.news[0].startswith("7 packets were dropped: writing drop, from ")
    assert recorder.news[1:] == [f"drop is written: {len(saver.numbers)} packets"]
    assert [(file.path, file.written) for file in recorder.files] == [("drop", len(saver.numbers))]


def test_drops_while_a_file_is_written_are_in_that_file(session: FakeSession) -> None:
    recorder = session.recorder(before=5, after=10)
    session.run(recorder, 100)
    session.run(recorder, 105, dropped=1)
    session.run(recorder, 109.5, dropped=3)
    session.run(recorder, 130, dropped=3)
    assert len(session.savers) == 1


def test_a_later_drop_has_a_file_of_its_own_and_no_packet_is_in_two(session: FakeSession) -> None:
    recorder = session.recorder(before=60, after=10)
    session.run(recorder, 100)
    session.run(recorder, 130, dropped=1)
    session.run(recorder, 150, dropped=2)
    session.run(recorder, 170, dropped=3)
    assert [saver.path for saver in session.savers] == ["drop", "drop1", "drop2"]
    first, second, third = (saver.numbers for saver in session.savers)
    assert second[0] == first[-1] + 1 and third[0] == second[-1] + 1
    assert recorder.news[2].startswith("1 packet was dropped: writing drop1")


def test_a_drop_between_the_end_of_a_file_and_its_closing_is_not_forgotten(session: FakeSession) -> None:
    recorder = session.recorder(before=60, after=10)
    session.run(recorder, 100)
    session.run(recorder, 110.1, dropped=1)
    assert recorder.active
    session.run(recorder, 110.2, dropped=2)
    session.run(recorder, 125, dropped=2)
    assert len(session.savers) == 2


def test_a_file_without_a_time_behind_the_drop_is_one_file(session: FakeSession) -> None:
    recorder = session.recorder(before=60, after=0)
    session.run(recorder, 100)
    session.run(recorder, 130, dropped=1)
    assert len(session.savers) == 1 and not recorder.active


def test_a_name_that_is_taken_gets_a_number(session: FakeSession, tmp_path: Path) -> None:
    (tmp_path / "drop").write_text("of another day")
    (tmp_path / "drop1").symlink_to("nowhere")
    recorder = session.recorder(after=1)
    session.run(recorder, 1)
    session.run(recorder, 5, dropped=1)
    assert [saver.path for saver in session.savers] == ["drop2"]
    assert (tmp_path / "drop").read_text() == "of another day"


def test_who_asks_gets_a_file_too(session: FakeSession) -> None:
    recorder = session.recorder(before=3, after=2)
    session.run(recorder, 10)
    recorder.trigger()
    session.run(recorder, 11)
    recorder.trigger()  # again: it is written on as long as a new one would be
    session.run(recorder, 20)
    (saver,) = session.savers
    assert (saver.numbers[0], saver.numbers[-1]) == (65, 129)
    assert recorder.news[0].startswith("asked for: writing drop")


def test_the_end_of_a_capture_ends_the_file(session: FakeSession) -> None:
    recorder = session.recorder()
    session.run(recorder, 100)
    session.run(recorder, 101, dropped=1)
    session.now = 102
    recorder.finish()
    recorder.finish()
    assert session.savers[0].numbers[-1] == 1020 and not recorder.active


def test_a_store_that_holds_less_is_said_before_anything_happens_and_when_it_does(session: FakeSession) -> None:
    recorder = session.recorder(before=60, after=1)
    session.kept = 120
    session.run(recorder, 100)
    assert recorder.news == ["60 s cannot be remembered: the store holds the last 11.9 s only; a larger one: --store"]
    session.run(recorder, 103, dropped=1)
    assert "(the store holds the last 11.9 s only; a larger one: --store)" in recorder.news[1]
    assert session.savers[0].numbers[0] == 1001 - 119


def test_a_file_that_cannot_be_written_is_said_and_the_next_drop_tries_another(session: FakeSession) -> None:
    recorder = session.recorder(before=5, after=10)
    session.run(recorder, 100)
    session.run(recorder, 102, dropped=1)
    session.savers[0].fault = CaptureError("No space left on device")
    session.run(recorder, 103, dropped=1)
    assert recorder.failed and not recorder.active
    assert recorder.news[1] == f"No space left on device; drop ends with packet {session.savers[0].written}"
    session.run(recorder, 104, dropped=2)
    assert recorder.active and len(session.savers) == 2


def test_a_flush_gives_the_file_its_name(session: FakeSession) -> None:
    recorder = session.recorder()
    recorder.flush()
    session.run(recorder, 100)
    session.run(recorder, 101, dropped=1)
    session.now = 101.5
    recorder.flush()
    assert session.savers[0].published and session.savers[0].numbers[-1] == 1015
