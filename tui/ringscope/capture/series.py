# SPDX-License-Identifier: Apache-2.0
"""Files that follow a capture: one, or one after another by size or by time, named as tcpdump names them (tcpdump(1):
-C, -G, -W).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from ringscope.capture.errors import CaptureError
from ringscope.capture.saving import Saver
from ringscope.frozen import frozen

_LAST: Final = 2**64 - 1


class Following(Protocol):
    """What is asked of a session whose packets go to files."""

    def newest(self) -> int:
        """The newest packet number."""

    def find_time(self, time_ns: int) -> int:
        """Number of the first packet that is not before that time."""

    def saver(self, path: str, *, format: str = ..., first: int = ..., size_limit: int = ...) -> Saver:
        """A file for its packets."""


@frozen
class Plan:
    """Where packets go: ``pattern`` is a file name with the words of strftime(3) in it, if wanted.

    The next file begins when one is larger than ``size_limit`` bytes, or after so many ``seconds`` (0: never, for
    both). ``count`` (0: any) is how many files there are: by size they are written over, the oldest first; by time it
    is the end. ``lateness`` is how many seconds after its time a packet may come.
    """

    pattern: str
    format: str = "pcap"
    size_limit: int = 0
    seconds: float = 0.0
    count: int = 0
    lateness: float = 0.3

    @property
    def rotates(self) -> bool:
        """Is there more than one file?"""
        return bool(self.size_limit or self.seconds)


@frozen
class Written:
    """A file that is finished."""

    path: str
    written: int
    missed: int


def named(pattern: str, when: float) -> str:
    """The pattern with the words of strftime(3) in it replaced, for that time (seconds since 1970)."""
    return time.strftime(pattern, time.localtime(when)) if "%" in pattern else pattern


def numbered(name: str, index: int, width: int) -> str:
    """The name of file ``index`` (from 0), as tcpdump makes it: digits at its end, none for the first if ``width`` is
    0.
    """
    return f"{name}{index:0{width}d}" if index or width else name


class Series:
    """Files that follow a session. For one thread; ``follow`` is to be called some ten times a second.

    A file that cannot be written is ended, with a sentence in ``news``, and ``failed`` is true from then on. By time,
    the next file is tried again; else nothing more is written.
    """

    def __init__(
        self,
        session: Following,
        plan: Plan,
        *,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """Creates the first file. Raises CaptureError. ``clock`` is that of packets, nobody sets ``steady``."""
        self._session = session
        self._plan = plan
        self._clock = clock
        self._steady = steady
        self._width = len(str(plan.count - 1)) if plan.size_limit and plan.count > 1 else 0
        self._used: dict[str, int] = {}
        self._kept: list[str] = []
        self._opened = 0
        self._begun = clock()
        self._due = steady() + plan.seconds
        self._saver: Saver | None = None
        self.files: Final[list[Written]] = []
        """Those that are finished, the last hundred."""
        self.finished = 0
        """How many are."""
        self.news: Final[list[str]] = []
        """Sentences on what went wrong; who reads them takes them away."""
        self.failed = False
        self.done = False
        """All files that were wanted are written."""
        self._written = self._missed = 0
        self._unwritten = 0  # nothing has been written from this number on, 0: a file is open
        self._open(1)

    @property
    def written(self) -> int:
        """Packets in all files."""
        return self._written + (self._saver.written if self._saver else 0)

    @property
    def missed(self) -> int:
        """Packets that were evicted before they could be written, or lost to an error of a file."""
        return self._missed + (self._saver.missed if self._saver else 0)

    @property
    def path(self) -> str:
        """The file that is being written, else the last one."""
        return self._saver.path if self._saver else self.files[-1].path if self.files else ""

    def follow(self, last: int = _LAST) -> None:
        """Writes what has come, up to number ``last``, and begins the next file when it is time."""
        if self.done:
            return
        late = self._steady() - self._due if self._plan.seconds else -1.0
        if late < 0:
            self._fill(last)
            return
        # Packets from before the turn are still coming in; those from behind it are for the next file.
        turn = self._clock() - late
        following = self._session.find_time(round(turn * 1e9))
        over = late >= self._plan.lateness and following <= last
        self._fill(min(last, following - 1), complete=over)
        if over:
            self._turn(turn, following)
            if not self.done:
                self.follow(last)

    def flush(self) -> None:
        """What is there goes to disk and can be found under its name. With rotation the next file begins; without, a
        file that was moved away (logrotate(8)) is finished, and one of its name begun.
        """
        if self.done or self._saver is None:
            return
        self.follow()
        if self._saver is None or self.done:
            return
        if self._plan.rotates or self._saver.moved:
            following = self._saver.next
            self._close()
            self._begin(following, anew=True)
            return
        try:
            self._saver.publish()
        except CaptureError as error:
            self._fail(error)

    def finish(self, last: int = _LAST) -> None:
        """Writes what is left, up to number ``last``, and ends the file."""
        if not self.done:
            self.follow(last)
        if not self.done:
            self._fill(last, complete=True)
            self._skip_to(min(last, self._session.newest()) + 1)
        self._close()
        self.done = True

    # -- files --------------------------------------------------------------------------------------------------------

    def _fill(self, last: int, *, complete: bool = False) -> None:
        """Writes up to this number, into as many files as it takes."""
        while self._saver is not None:
            try:
                self._saver.follow(last, complete=complete)
            except CaptureError as error:
                self._fail(error)
                return
            if not self._saver.full:
                return
            following = self._saver.next
            self._close()
            self._begin(following)

    def _turn(self, when: float, following: int) -> None:
        """The time of a file is over."""
        self._close()
        # Where nobody looked for a long time, a file has all of it.
        turns = 1 + int((self._steady() - self._due) // self._plan.seconds)
        self._due += turns * self._plan.seconds
        self._begun = when + (turns - 1) * self._plan.seconds
        if self._plan.count and not self._plan.size_limit and self._opened >= self._plan.count:
            self.done = True
            return
        self._begin(following)

    def _begin(self, first: int, *, anew: bool = False) -> None:
        """The next file; one that cannot be had is said."""
        try:
            self._open(first, anew=anew)
        except CaptureError as error:
            self.failed = True
            self._unwritten = self._unwritten or first
            self.news.append(f"{error}; counting goes on{self._next_try()}")

    def _open(self, first: int, *, anew: bool = False) -> None:
        path = self._next_name(anew)
        self._saver = self._session.saver(path, format=self._plan.format, first=first, size_limit=self._plan.size_limit)
        self._opened += 1
        self._skip_to(first)

    def _skip_to(self, number: int) -> None:
        """What came while no file could be written is missed."""
        if self._unwritten:
            self._missed += max(0, number - self._unwritten)
            self._unwritten = 0

    def _next_name(self, anew: bool) -> str:
        plan = self._plan
        name = named(plan.pattern, self._clock() if anew and plan.seconds else self._begun)
        if anew and not plan.rotates:
            return name
        index = self._used.get(name, 0)
        self._used[name] = index + 1
        if not plan.size_limit or not plan.count:
            return numbered(name, index, 0)
        path = numbered(name, index % plan.count, self._width)
        if path in self._kept:  # the oldest of the ring: from now on there is one fewer, as if it were written over
            self._kept.remove(path)
            with suppress(OSError):
                os.unlink(path)
        self._kept.append(path)
        return path

    def _close(self) -> None:
        saver, self._saver = self._saver, None
        if saver is None:
            return
        try:
            saver.close()
        except CaptureError as error:
            self.failed = True
            self.news.append(str(error))
        self._note(saver)

    def _fail(self, error: CaptureError) -> None:
        saver, self._saver = self._saver, None
        assert saver is not None
        self.failed = True
        self._unwritten = saver.next
        ending = f"; the file ends with packet {saver.written}" if saver.written else "; the file has no packet"
        self.news.append(f"{error}{ending}; counting goes on{self._next_try()}")
        with suppress(CaptureError):  # of a full disk it was told already
            saver.close()
        self._note(saver)

    def _next_try(self) -> str:
        if not self._plan.seconds:
            return ""
        when = self._clock() + max(0.0, self._due - self._steady())
        return f", and the next file begins at {time.strftime('%H:%M:%S', time.localtime(when))}"

    def _note(self, saver: Saver) -> None:
        self._written += saver.written
        self._missed += saver.missed
        self.finished += 1
        self.files.append(Written(saver.path, saver.written, saver.missed))
        del self.files[:-100]
