# SPDX-License-Identifier: Apache-2.0
"""``ringscope record``: capture without a screen.

Counters go to standard output once a second, as text or JSON lines; tcpdump's closing lines go to standard error.
Ends on ctrl+c, SIGTERM, SIGHUP, after ``-c`` packets, or when the interface is removed; what the ring holds then is
still read.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
import time
from contextlib import ExitStack

from ringscope.capture.session import CaptureError, LiveSession, Snapshot
from ringscope.cli.errors import Failure, say
from ringscope.cli.opening import chosen_interface, configuration, running
from ringscope.cli.report import closing_lines, json_line, text_line
from ringscope.native import Savefile

_LOOK = 0.05
"""Seconds between two looks at the store: the file is never further behind than this."""


class _Recorder:
    """One recording: follows the store into the file and prints a line a second."""

    def __init__(self, session: LiveSession, options: argparse.Namespace, file: Savefile | None) -> None:
        self._session = session
        self._limit: int | None = options.count
        self._json: bool = options.json
        self._silent = options.write == "-" and not options.json
        self._file = file
        self._said = ""
        self.fault = ""

    def until(self, ended: threading.Event) -> None:
        """Runs until ``ended`` is set, the limit is reached, or the interface is gone."""
        before, due = self._session.snapshot(), time.monotonic() + 1
        while not ended.wait(_LOOK):
            now = self._session.snapshot()
            self._save()
            self._tell(now)
            if time.monotonic() >= due:
                self._print(before, now)
                before, due = now, due + 1
            if now.state in ("gone", "error") or (self._limit is not None and now.head >= self._limit):
                return

    def finish(self) -> int:
        """Stops, writes what is left, prints the closing lines; returns the exit code."""
        self._session.stop()
        now = self._session.snapshot()
        self._save()
        if self._json:
            print(
                json_line(self._session.interface, self._session.filter_expression, now, self._file, final=True),
                flush=True,
            )
        closing_lines(now.head if self._limit is None else min(now.head, self._limit), now)
        if self._file is not None and self._file.missed:
            self.fault = (
                self.fault or f"{self._file.missed} packets were evicted before they could be written; use --store"
            )
        if self.fault:
            say(self.fault)
        return 1 if self.fault else 0

    def _save(self) -> None:
        if self._file is None or self.fault:
            return
        try:
            self._session.follow(self._file, self._limit or 2**64 - 1)
        except CaptureError as error:
            self.fault = f"{error}; the file ends with packet {self._file.written}"
            say(f"{self.fault}; counting goes on")

    def _tell(self, now: Snapshot) -> None:
        """Says once that the interface went down or away."""
        if now.state_text and now.state != self._said:
            say(now.state_text)
        self._said = now.state
        if now.state in ("gone", "error"):
            self.fault = self.fault or now.state_text

    def _print(self, before: Snapshot, now: Snapshot) -> None:
        if self._json:
            print(
                json_line(self._session.interface, self._session.filter_expression, now, self._file, final=False),
                flush=True,
            )
        elif not self._silent:
            print(text_line(before, now), flush=True)


def run(options: argparse.Namespace) -> int:
    """Records until told to end."""
    if options.write == "-" and options.json:
        raise Failure("-w - and --json both want standard output; write the packets to a file")
    if options.write == "-" and sys.stdout.isatty():
        raise Failure("-w - would write packets to this terminal; send them to a file or a program: | tcpdump -r -")
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    config = configuration(options, chosen_interface(options))
    with ExitStack() as stack:
        session, _ = stack.enter_context(running(config, options.filter))
        file = None
        if options.write is not None:
            try:
                file = stack.enter_context(session.save(options.write))
            except CaptureError as error:
                raise Failure(str(error)) from error
        say(f"listening on {session.interface}, {_described(session)}")
        recorder = _Recorder(session, options, file)
        recorder.until(ended)
        return recorder.finish()


def _described(session: LiveSession) -> str:
    kept = "" if session.snaplen >= 262144 else f", {session.snaplen} bytes a frame"
    what = f"filter {session.filter_expression!r}" if session.filter_expression else "no filter"
    return f"{what}{kept}"
