# SPDX-License-Identifier: Apache-2.0
"""Frames are paced by the terminal's answers: the screens as a program in a pseudo terminal that a test holds back."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

QUESTION, ANSWER = b"\x1b[6n", b"\x1b[1;1R"
TESTS = Path(__file__).resolve().parents[1]


class SlowTerminal:
    """Reads what the program draws and answers only when told to."""

    def __init__(self, *, deaf: bool = False) -> None:
        """deaf: no SIGHUP reaches the program."""
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            if deaf:
                signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
            paths = [str(TESTS), os.environ.get("PYTHONPATH", "")]
            os.environ.update(TERM="xterm-256color", PYTHONPATH=os.pathsep.join(paths))
            os.execv(sys.executable, [sys.executable, "-m", "support.fake_screen"])
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.seen = b""

    @property
    def questions(self) -> int:
        return self.seen.count(QUESTION)

    def read(self, seconds: float, until_questions: int = 10**9) -> None:
        """Drain for so long, or until so many questions have come."""
        end = time.monotonic() + seconds
        while self.questions < until_questions and (left := end - time.monotonic()) > 0:
            if not select.select([self._file], [], [], left)[0]:
                return
            try:
                self.seen += os.read(self._file, 1 << 16)
            except OSError:
                return

    def write(self, data: bytes) -> None:
        os.write(self._file, data)

    def hang_up(self) -> None:
        os.close(self._file)

    def runs(self) -> bool:
        return os.waitpid(self.pid, os.WNOHANG)[0] == 0

    def ended(self) -> int:
        """The exit code, once it has ended."""
        for _ in range(500):
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        raise AssertionError("it does not end")


@contextmanager
def slow_terminal(*, deaf: bool = False) -> Iterator[SlowTerminal]:
    slow = SlowTerminal(deaf=deaf)
    yield slow
    if slow.pid:
        os.kill(slow.pid, signal.SIGKILL)
        os.waitpid(slow.pid, 0)


@pytest.fixture
def terminal() -> Iterator[SlowTerminal]:
    with slow_terminal() as slow:
        yield slow


def test_no_third_frame_is_sent_while_two_are_unanswered_not_even_for_a_key(terminal: SlowTerminal) -> None:
    terminal.read(20, until_questions=2)
    terminal.write(b"kkkk")
    terminal.read(0.8)
    assert terminal.questions == 2
    drawn = len(terminal.seen)
    terminal.write(ANSWER)
    terminal.read(20, until_questions=3)
    assert terminal.questions >= 3 and len(terminal.seen) > drawn


def test_a_terminal_that_never_answers_gets_its_frames_all_the_same(terminal: SlowTerminal) -> None:
    terminal.read(20, until_questions=3)
    drawn = len(terminal.seen)
    terminal.read(1.0)
    assert len(terminal.seen) > drawn
    assert terminal.questions == 3, "it is not asked for ever"


def test_bytes_that_are_no_text_do_not_end_it(terminal: SlowTerminal) -> None:
    terminal.read(20, until_questions=1)
    terminal.write(b"\x1b[M \xff\xfe\xc3" + ANSWER)
    terminal.read(0.5)
    assert terminal.runs()
    terminal.write(b"q")
    terminal.read(5)
    assert terminal.ended() == 0 and b"UnicodeDecodeError" not in terminal.seen


def test_a_terminal_that_goes_away_ends_it_with_the_code_of_a_hang_up(terminal: SlowTerminal) -> None:
    terminal.read(20, until_questions=1)
    terminal.write(ANSWER)
    terminal.hang_up()
    assert terminal.ended() == 128 + signal.SIGHUP


def test_it_ends_when_the_terminal_goes_away_and_no_signal_tells() -> None:
    with slow_terminal(deaf=True) as terminal:
        terminal.read(20, until_questions=1)
        terminal.write(ANSWER)
        terminal.hang_up()
        assert terminal.ended() == 128 + signal.SIGHUP


def test_to_go_on_without_having_been_stopped_changes_nothing(terminal: SlowTerminal) -> None:
    terminal.read(20, until_questions=1)
    threads = len(list(Path(f"/proc/{terminal.pid}/task").iterdir()))
    os.kill(terminal.pid, signal.SIGCONT)
    terminal.write(ANSWER)
    terminal.read(0.5)
    assert len(list(Path(f"/proc/{terminal.pid}/task").iterdir())) <= threads
    terminal.write(ANSWER + b"q")
    terminal.read(5)
    assert terminal.ended() == 0
