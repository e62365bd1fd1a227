# SPDX-License-Identifier: Apache-2.0
"""A flight recorder: the store remembers what came lately, and when something happens that is written to a file, with
what follows.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from ringscope.capture.errors import CaptureError
from ringscope.capture.saving import Saver
from ringscope.capture.series import Written, named, numbered
from ringscope.frozen import frozen
from ringscope.native import Packet

BEFORE: Final = 60.0
AFTER: Final = 10.0
"""Seconds before and after what happened that are written, where nothing else is asked for."""

_NOTICED: Final = 0.5
"""Seconds after which a drop has been noticed: so much earlier a file begins."""

_LATE: Final = 0.3
"""Seconds after its time that a packet may come."""

_LAST: Final = 2**64 - 1


class Remembering(Protocol):
    """What is asked of a session whose store is written when something happens."""

    def oldest(self) -> int:
        """The oldest packet number that may still be kept."""

    def find_time(self, time_ns: int) -> int:
        """Number of the first packet that is kept and not before that time."""

    def read(self, first: int, count: int, limit: int = ...) -> list[Packet]:
        """Packets by number."""

    def saver(self, path: str, *, format: str = ..., first: int = ...) -> Saver:
        """A file for its packets."""


@frozen
class Memory:
    """What a recorder writes: to a file of this name (with the words of strftime(3), if wanted), so many seconds from
    before what happened and so many from after it.
    """

    pattern: str
    format: str = "pcapng"
    before: float = BEFORE
    after: float = AFTER


class Recorder:
    """Writes what came before, and what follows, when packets are dropped or somebody asks for it.

    A drop while a file is being written is in that file; the next file begins where it ended at the earliest, so that
    no packet is written twice. A name that is taken already gets a number. For one thread; ``look`` is to be called
    some ten times a second. Sentences on what happened are in ``news``; who reads them takes them away.
    """

    def __init__(self, session: Remembering, memory: Memory, *, clock: Callable[[], float] = time.time) -> None:
        self._session = session
        self._memory = memory
        self._clock = clock
        self._saver: Saver | None = None
        self._until = 0.0
        self._dropped = 0
        self._next = 1
        self._told_short = False
        self.files: Final[list[Written]] = []
        """Those that are finished, the last hundred."""
        self.news: Final[list[str]] = []
        self.failed = False

    @property
    def active(self) -> bool:
        """Is a file being written?"""
        return self._saver is not None

    def look(self, dropped: int) -> None:
        """Goes on, given how many packets have been dropped so far: begins a file at the first and every further drop,
        and ends it in time.
        """
        if self._saver is not None:
            self._go_on()
            # What is dropped after a file's time, while it still waits for late packets, is another file's matter.
            if self._saver is not None and self._clock() < self._until:
                self._dropped = dropped
        if self._saver is not None:
            return
        if (more := dropped - self._dropped) > 0:
            self._dropped = dropped
            self._begin(f"{more} packet{'s were' if more > 1 else ' was'} dropped")
        else:
            self._warn()

    def flush(self) -> None:
        """What is there of a file that is being written goes to disk and can be found under its name."""
        if self._saver is not None and self._fill(self._bound()):
            with suppress(CaptureError):  # its end will say so
                self._saver.publish()

    def trigger(self) -> None:
        """Writes a file because somebody asked for it; one that is being written is written on as long as a new one
        would be.
        """
        if self._saver is None:
            self._begin("asked for")
        else:
            self._until = self._clock() + self._memory.after

    def finish(self) -> None:
        """Ends the file that is being written with what has come; for the end of a capture."""
        if self._saver is not None and self._fill(_LAST, complete=True):
            self._end()

    # -- a file -------------------------------------------------------------------------------------------------------

    def _begin(self, why: str) -> None:
        now = self._clock()
        wanted = now - self._memory.before - _NOTICED
        first = max(self._session.find_time(round(wanted * 1e9)), self._next)
        path = self._free_name(now)
        try:
            self._saver = self._session.saver(path, format=self._memory.format, first=first)
        except CaptureError as error:
            self.failed = True
            self.news.append(f"{why}, but {error}")
            return
        self._until = now + self._memory.after
        short = f" ({self._held(wanted)})" if first > self._next and self._held(wanted) else ""
        self.news.append(f"{why}: writing {path}, from {_clock(wanted)}{short} to {_clock(self._until)}")
        self._fill(_LAST)

    def _go_on(self) -> None:
        over = self._clock() >= self._until + _LATE
        if self._fill(self._bound(), complete=over) and over:
            self._end()

    def _bound(self) -> int:
        """The last number that may be for this file."""
        return _LAST if self._clock() < self._until else self._session.find_time(round(self._until * 1e9)) - 1

    def _fill(self, last: int, *, complete: bool = False) -> bool:
        """Writes up to this number. Whether that was possible."""
        assert self._saver is not None
        try:
            self._saver.follow(last, complete=complete)
        except CaptureError as error:
            self.failed = True
            self.news.append(f"{error}; {self._saver.path} ends with packet {self._saver.written}")
            with suppress(CaptureError):  # of a full disk it was told already
                self._saver.close()
            self._note(self._saver)
            return False
        return True

    def _end(self) -> None:
        assert self._saver is not None
        saver = self._saver
        try:
            saver.close()
        except CaptureError as error:
            self.failed = True
            self.news.append(str(error))
        else:
            lost = f", and {saver.missed} that had gone already are not" if saver.missed else ""
            self.news.append(f"{saver.path} is written: {saver.written} packets{lost}")
        self._note(saver)

    def _note(self, saver: Saver) -> None:
        self._next = saver.next
        self._saver = None
        self.files.append(Written(saver.path, saver.written, saver.missed))
        del self.files[:-100]

    def _free_name(self, now: float) -> str:
        name, index = named(self._memory.pattern, now), 0
        while os.path.lexists(path := numbered(name, index, 0)):
            index += 1
        return path

    # -- what the store holds -----------------------------------------------------------------------------------------

    def _held(self, wanted: float) -> str:
        """What the store holds, where that is less than from this time on; else empty."""
        oldest = self._session.oldest()
        if oldest <= 1 or not (found := self._session.read(oldest, 1, 0)):
            return ""
        begin = found[0].time_ns / 1e9
        if begin <= wanted:
            return ""
        return f"the store holds the last {max(0.0, self._clock() - begin):.1f} s only; a larger one: --store"

    def _warn(self) -> None:
        """Says once that the store is too small for what is to be written."""
        if self._told_short:
            return
        if held := self._held(self._clock() - self._memory.before):
            self._told_short = True
            self.news.append(f"{self._memory.before:g} s cannot be remembered: {held}")


def _clock(seconds: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds))
