# SPDX-License-Identifier: Apache-2.0
"""``ringscope record``: capture without a screen.

Counters go to standard output once a second, as text or JSON lines; tcpdump's closing lines go to standard error.
Ends on ctrl+c, SIGTERM, or by one of the rules for it; what the rings hold then is still read. An interface that goes
down or away is said once and waited for, and a file that cannot be written any more does not end the capture. Neither
does whoever reads the counters hold it up.
"""

from __future__ import annotations

import argparse
import os
import stat
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from typing import Any

from ringscope.capture.recorder import AFTER, BEFORE, Memory, Recorder
from ringscope.capture.saving import format_of
from ringscope.capture.series import Plan, Series
from ringscope.capture.session import CaptureError, LiveSession, Snapshot, state_in_words
from ringscope.cli.errors import Failure, WrongUsage, say
from ringscope.cli.lines import Lines
from ringscope.cli.opening import chosen_interfaces, configuration, running
from ringscope.cli.report import closing_lines, counted, json_line, news_of, saved_lines, text_line
from ringscope.cli.signals import END, FLUSH, TRIGGER, Signals
from ringscope.cli.weather import Weather, say_lines
from ringscope.native import SNAPLEN_MAX

_FOLLOW = 0.1
"""Seconds between two looks at the store when there is a file, or a rule for the end, to keep up with."""

_LOOK = 0.25
"""Seconds between two looks at the interfaces, and at the store when nothing has to keep up with it."""

_LATEST = 1.0
"""Seconds that a file waits at most, when its time is over, for packets that are still to come."""

_LAST = 2**64 - 1


class _Recording:
    """One recording: follows the store into files and prints a line a second."""

    def __init__(
        self,
        session: LiveSession,
        options: argparse.Namespace,
        series: Series | None,
        recorder: Recorder | None,
        weather: Weather | None = None,
    ) -> None:
        self._session = session
        self._limit: int = options.count or _LAST
        self._deadline = time.monotonic() + options.seconds if options.seconds else None
        self._until_drop: bool = options.until_drop
        self._json: bool = options.json
        self._silent = options.write == "-" and not options.json
        self._series = series
        self._first_path = series.path if series else ""
        self._recorder = recorder
        self._keeps_up = bool(series or recorder or options.count or options.seconds or options.until_drop)
        self._weather = weather
        self._report: bool = options.report
        self._seen = session.sources()
        self._fault = ""
        self._lines = Lines()
        self._held_back = 0  # lines that were not printed because the one before had not been taken
        self._told_fault = False

    def until(self, signals: Signals) -> None:
        """Runs until told to end, a rule says so, or reading fails for good."""
        for source in self._seen:
            _say_all(news_of(None, source))
        before, print_at, look_at = self._session.snapshot(), time.monotonic() + 1, 0.0
        while END not in (heard := signals.wait(self._pause())):
            self._save(heard)
            if self._is_over():
                return
            if time.monotonic() < look_at:
                continue
            look_at = time.monotonic() + _LOOK
            self._tell()
            if time.monotonic() >= print_at:
                now = self._session.snapshot()
                if self._print(before, now):
                    before = now
                if self._lines.lost:
                    return  # nobody reads them any more, which is the end, with all files whole
                print_at += 1
            for source in self._seen:
                if source.state == "error":
                    self._fault = self._fault or state_in_words(source)
                    return

    def finish(self, signals: Signals) -> int:
        """Stops, writes what is left, prints the closing lines; returns the exit code."""
        self._tell()
        self._session.stop()
        now = self._session.snapshot()
        if self._series is not None:
            self._series.finish(self._limit)
        if self._recorder is not None:
            self._recorder.look(now.total.dropped)  # what was dropped since the last look
            self._recorder.finish()
        self._say_news()
        if self._json:
            files = [*(self._series.files if self._series else ()), *(self._recorder.files if self._recorder else ())]
            line = json_line(self._session, now, self._series, final=True, files=files, weather=self._look(ended=True))
            self._print_last(line, signals)
        else:
            self._wait_for_reader(signals)
            if self._weather:
                self._look(ended=True)
        closing_lines(min(now.head, self._limit), now)
        if self._series is not None:
            saved_lines(self._series.written, self._series.finished, self._first_path, self._series.path)
        if self._weather and self._report:
            say_lines(self._weather.report())
        failed = any(writer and writer.failed for writer in (self._series, self._recorder))
        if self._series is not None and self._series.missed and not (self._fault or failed):
            self._fault = (
                f"{counted(self._series.missed, 'packet')} evicted before they could be written; use a larger --store"
            )
        if self._fault:
            say(self._fault)
        return 1 if self._fault or failed or self._lines.fault else 0

    def _pause(self) -> float:
        """How long to wait for a signal."""
        pause = _FOLLOW if self._keeps_up else _LOOK
        return pause if self._deadline is None else max(0.0, min(pause, self._deadline - time.monotonic()))

    def _is_over(self) -> bool:
        """Does a rule say that this is the end?"""
        if self._session.newest() >= self._limit or (self._series is not None and self._series.done):
            return True
        if self._deadline is not None and time.monotonic() >= self._deadline:
            return True
        if self._silent and self._series is not None and self._series.failed:
            return True  # nobody reads it any more
        if self._until_drop and self._session.snapshot().total.dropped:
            return self._recorder is None or not self._recorder.active
        return False

    def _save(self, heard: frozenset[str]) -> None:
        if self._series is not None:
            if FLUSH in heard:
                self._series.flush()
            self._series.follow(self._limit)
        if self._recorder is not None:
            if FLUSH in heard:
                self._recorder.flush()
            if TRIGGER in heard:
                self._recorder.trigger()
            self._recorder.look(self._session.snapshot().total.dropped)
        self._say_news()

    def _say_news(self) -> None:
        for teller in (self._series, self._recorder):
            if teller is not None:
                _say_all(teller.news)
                teller.news.clear()

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
        self._weather.look(missed=self._series.missed if self._series else 0, ended=ended)
        return self._weather.json() if self._json else None

    def _print(self, before: Snapshot, now: Snapshot) -> bool:
        """A line of counters, if whoever reads them has taken the one before; whether there was one."""
        weather = self._look()
        if self._silent:
            return True
        self._tell_output("; the capture goes on without its lines")
        if not self._lines.ready:
            self._held_back += 1
            return False
        self._lines.put(
            json_line(self._session, now, self._series, final=False, weather=weather)
            if self._json
            else text_line(before, now)
        )
        return True

    def _print_last(self, line: str, signals: Signals) -> None:
        if self._wait_for_reader(signals):
            self._lines.put(line)
            self._wait_for_reader(signals)

    def _tell_output(self, meaning: str = "") -> None:
        """Says once that the lines cannot be written, and what that means."""
        if self._lines.fault and not self._told_fault:
            self._told_fault = True
            say(f"standard output cannot be written: {self._lines.fault}{meaning}")

    def _wait_for_reader(self, signals: Signals) -> bool:
        """Waits until all lines have been taken, or until one is told once more to end; whether they have been."""
        taken = self._lines.wait(_LATEST)
        if not taken:
            say("waiting for whoever reads standard output; ctrl+c ends without that")
        while not taken and END not in signals.wait(_FOLLOW):
            taken = self._lines.ready
        if self._held_back:
            say(f"{counted(self._held_back, 'line')} left out: standard output was read too slowly")
            self._held_back = 0
        self._tell_output()
        return taken


def run(options: argparse.Namespace) -> int:
    """Records until told to end."""
    if options.write == "-" and options.json:
        raise Failure("-w - and --json both want standard output; write the packets to a file")
    if options.write == "-" and sys.stdout.isatty():
        raise Failure("-w - would write packets to this terminal; send them to a file or a program: | tcpdump -r -")
    if (options.file_size or options.file_seconds) and _is_special(options.write):
        raise WrongUsage(f"{options.write} is no regular file, and there cannot be several of it: leave out -C and -G")
    files = options.write is not None or options.on_drop is not None
    signals = Signals(files=files, trigger=options.on_drop is not None)
    config = configuration(options, chosen_interfaces(options))
    with ExitStack() as stack:
        session, _ = stack.enter_context(running(config, options.filter))
        try:
            series = None if options.write is None else Series(session, _plan(options))
        except CaptureError as error:
            raise Failure(str(error)) from error
        recorder = None if options.on_drop is None else Recorder(session, _memory(options))
        for writer in (series, recorder):  # in whatever way it ends, files get their names
            if writer is not None:
                stack.callback(writer.finish)
        weather = stack.enter_context(Weather(session)) if options.json or options.report else None
        recording = _Recording(session, options, series, recorder, weather)
        say(f"listening on {session.interface}, {_described(session)}")
        if session.note:
            say(session.note)
        recording.until(signals)
        return recording.finish(signals)


def _plan(options: argparse.Namespace) -> Plan:
    return Plan(
        pattern=options.write,
        format=format_of(options.write, options.format),
        size_limit=options.file_size or 0,
        seconds=options.file_seconds or 0.0,
        count=options.file_count or 0,
        lateness=min(_LATEST, _FOLLOW + 4 * options.block_timeout / 1000),
    )


def _memory(options: argparse.Namespace) -> Memory:
    return Memory(
        pattern=options.on_drop,
        format=format_of(options.on_drop, options.format),
        before=BEFORE if options.before is None else options.before,
        after=AFTER if options.after is None else options.after,
    )


def _is_special(path: str) -> bool:
    """Is there something of this name that is no regular file, such as a FIFO or a device?"""
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False


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
