# SPDX-License-Identifier: Apache-2.0
"""``ringscope record``: capture without a screen.

Counters go to standard output once a second, as text or JSON lines; tcpdump's closing lines go to standard error.
Ends on ctrl+c, SIGTERM, SIGHUP or after ``-c`` packets; what the rings hold then is still read. An interface that goes
down or away is said once and waited for.
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from types import FrameType
from typing import Any

from ringscope.capture.session import CaptureError, LiveSession, Snapshot, state_in_words
from ringscope.cli.errors import Failure, say
from ringscope.cli.opening import chosen_interfaces, configuration, running
from ringscope.cli.report import closing_lines, counted, json_line, news_of, text_line
from ringscope.cli.weather import Weather, say_lines
from ringscope.native import SNAPLEN_MAX, Savefile

_FOLLOW = 0.1
"""Seconds between two looks at the store when there is a file, or a number of packets, to keep up with."""

_LOOK = 0.25
"""Seconds between two looks at the interfaces, and at the store when nothing has to keep up with it."""


class _End:
    """The signals that end a recording. Not an Event: a handler that runs within its wait() waits for the same lock."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._tell)

    def _tell(self, number: int, frame: FrameType | None) -> None:
        with suppress(BlockingIOError):  # it has been told sixty thousand times
            os.write(self._writing, b"!")

    def wait(self, seconds: float) -> bool:
        """Waits so long at most; whether it is time to end."""
        return bool(select.select([self._reading], [], [], seconds)[0])


class _Recorder:
    """One recording: follows the store into the file and prints a line a second."""

    def __init__(
        self,
        session: LiveSession,
        options: argparse.Namespace,
        file: Savefile | None,
        weather: Weather | None = None,
    ) -> None:
        self._session = session
        self._limit: int | None = options.count
        self._json: bool = options.json
        self._silent = options.write == "-" and not options.json
        self._file = file
        self._weather = weather
        self._report: bool = options.report
        self._seen = session.sources()
        self._fault = ""

    def until(self, end: _End) -> None:
        """Runs until told to end, the limit is reached, or reading fails for good."""
        for source in self._seen:
            _say_all(news_of(None, source))
        before, print_at, look_at = self._session.snapshot(), time.monotonic() + 1, 0.0
        pause = _FOLLOW if self._file or self._limit else _LOOK
        while not end.wait(pause):
            self._save()
            if self._limit is not None and self._session.newest() >= self._limit:
                return
            if time.monotonic() < look_at:
                continue
            look_at = time.monotonic() + _LOOK
            self._tell()
            if time.monotonic() >= print_at:
                now = self._session.snapshot()
                self._print(before, now)
                before, print_at = now, print_at + 1
            for source in self._seen:
                if source.state == "error":
                    self._fault = self._fault or state_in_words(source)
                    return

    def finish(self) -> int:
        """Stops, writes what is left, prints the closing lines; returns the exit code."""
        self._tell()
        self._session.stop()
        now = self._session.snapshot()
        self._save()
        if self._json:
            print(json_line(self._session, now, self._file, final=True, weather=self._look(ended=True)), flush=True)
        elif self._weather:
            self._look(ended=True)
        closing_lines(now.head if self._limit is None else min(now.head, self._limit), now)
        if self._weather and self._report:
            say_lines(self._weather.report())
        if self._file is not None and self._file.missed and not self._fault:
            self._fault = (
                f"{counted(self._file.missed, 'packet')} evicted before they could be written; use a larger --store"
            )
        if self._fault:
            say(self._fault)
        return 1 if self._fault else 0

    def _save(self) -> None:
        if self._file is None or self._fault:
            return
        try:
            self._session.follow(self._file, self._limit or 2**64 - 1)
        except CaptureError as error:
            self._fault = f"{error}; the file ends with packet {self._file.written}"
            say(f"{self._fault}; counting goes on")

    def _tell(self) -> None:
        """Says what happened to the interfaces since the last look."""
        now = self._session.sources()
        for before, source in zip(self._seen, now, strict=True):
            _say_all(news_of(before, source))
        self._seen = now

    def _look(self, *, ended: bool = False) -> dict[str, Any] | None:
        """What the weather has to say, if it is asked."""
        if self._weather is None:
            return None
        self._weather.look(missed=self._file.missed if self._file else 0, ended=ended)
        return self._weather.json() if self._json else None

    def _print(self, before: Snapshot, now: Snapshot) -> None:
        weather = self._look()
        if self._json:
            print(json_line(self._session, now, self._file, final=False, weather=weather), flush=True)
        elif not self._silent:
            print(text_line(before, now), flush=True)


def run(options: argparse.Namespace) -> int:
    """Records until told to end."""
    if options.write == "-" and options.json:
        raise Failure("-w - and --json both want standard output; write the packets to a file")
    if options.write == "-" and sys.stdout.isatty():
        raise Failure("-w - would write packets to this terminal; send them to a file or a program: | tcpdump -r -")
    end = _End()
    config = configuration(options, chosen_interfaces(options))
    with ExitStack() as stack:
        session, _ = stack.enter_context(running(config, options.filter))
        file = None
        if options.write is not None:
            try:
                file = stack.enter_context(session.save(options.write))
            except CaptureError as error:
                raise Failure(str(error)) from error
        weather = stack.enter_context(Weather(session)) if options.json or options.report else None
        recorder = _Recorder(session, options, file, weather)
        say(f"listening on {session.interface}, {_described(session)}")
        if session.note:
            say(session.note)
        recorder.until(end)
        return recorder.finish()


def _say_all(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        say(sentence)


def _described(session: LiveSession) -> str:
    config = session.config
    told = [f"filter {session.filter_expression!r}" if session.filter_expression else "no filter"]
    if session.snaplen < SNAPLEN_MAX:
        told.append(f"{session.snaplen} bytes a frame")
    if config.direction != "inout":
        told.append(f"only what {'comes in' if config.direction == 'in' else 'goes out'}")
    if config.queues > 1:
        told.append(f"{config.queues} queues{' each' * (len(config.interfaces) > 1)} by {config.fanout}")
    return ", ".join(told)
