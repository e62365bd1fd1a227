# SPDX-License-Identifier: Apache-2.0
"""Regular expressions over packets, in a process of their own.

Python's ``re`` holds the interpreter's lock while it matches, and there are expressions (``(a+)+$``) that it matches
for hours: here neither stops the screen, and cancelling is a kill. The bytes are in memory that both processes share.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from ringscope.capture.pattern import Pattern

ROOM = 4 << 20
"""Bytes of packets that are looked at in one go; the longest packet has a sixteenth."""

_ROOT = Path(__file__).resolve().parents[2]  # the folder that holds the package
# Isolated and without site: nothing of the user's environment is imported, and it starts in a fraction of the time.
_BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from ringscope.capture.matcher import main; main(sys.argv[2])"


class MatcherGone(Exception):
    """The process has ended: it was killed, or could not be had; ``str()`` says which."""


class Matcher:
    """A process that matches one pattern. A context manager; for one thread, but for ``kill``."""

    def __init__(self, pattern: Pattern) -> None:
        """Raises MatcherGone when there is no process to be had."""
        self._killing = threading.Lock()
        self._killed = False
        memory = os.memfd_create("ringscope packets", os.MFD_CLOEXEC)
        try:
            os.ftruncate(memory, ROOM)
            self.memory = mmap.mmap(memory, ROOM)
            self._channel, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", "-c", _BOOT, str(_ROOT), str(memory)],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(memory,),
                    cwd="/",
                    start_new_session=True,
                )
        except OSError as error:
            raise MatcherGone(f"a regular expression needs a process of its own: {error}") from None
        finally:
            os.close(memory)
        self._lines = self._channel.makefile("rwb")
        self._tell({"pattern": pattern.data.hex(), "ignore_case": pattern.ignore_case})

    def match(self, ends: Sequence[int], *, want_last: bool) -> int | None:
        """Which of the packets in ``memory``, that end there, is the first to match, or the last. Raises MatcherGone
        when it was killed.
        """
        self._tell({"ends": list(ends), "last": want_last})
        try:
            line = self._lines.readline()
        except OSError:
            line = b""
        if not line:
            raise MatcherGone("the process that matches regular expressions has ended; search again")
        found: int | None = json.loads(line)
        return found

    def kill(self) -> None:
        """Ends it, whatever it does; who waits for it gets MatcherGone. From any thread, any number of times."""
        with self._killing:
            if not self._killed:
                self._process.kill()

    def close(self) -> None:
        """Ends it and frees the memory."""
        with self._killing:
            self._killed = True  # its process id may be another's once it was waited for
            self._process.kill()
            self._process.wait()
        with contextlib.suppress(OSError):
            self._lines.close()
        self._channel.close()
        self.memory.close()

    def _tell(self, message: dict[str, object]) -> None:
        try:
            self._lines.write(json.dumps(message).encode() + b"\n")
            self._lines.flush()
        except OSError:
            raise MatcherGone("the process that matches regular expressions has ended; search again") from None

    def __enter__(self) -> Matcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
