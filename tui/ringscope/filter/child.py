# SPDX-License-Identifier: Apache-2.0
"""The parent's end of the compiling child: start it, ask it, stop it.

One object is one process; it is never restarted. Not thread-safe but for ``kill``.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]  # the folder that holds the package
# Isolated and without site: nothing of the user's environment is imported, and it starts in a fraction of the time.
_BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from ringscope.filter.worker import main; main(sys.argv[2:])"
_REAP_SECONDS = 2.0


class ChildTimeout(Exception):
    """No answer in time. The child may still be busy and has to be stopped."""


class ChildGone(Exception):
    """The child has ended; ``str()`` says how."""


class Child:
    """A running ``ringscope.filter.worker``."""

    def __init__(self, libraries: Sequence[str]) -> None:
        """Start it; ``libraries`` are the names and paths of libpcap to try. OSError when no process can be had."""
        self._channel, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", "-c", _BOOT, str(_ROOT), *libraries],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd="/",
                    start_new_session=True,
                )
        except BaseException:
            self._channel.close()
            raise
        self._received = b""

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def alive(self) -> bool:
        """False once it has ended."""
        return self._process.poll() is None

    def ask(self, request: dict[str, object], seconds: float) -> dict[str, object]:
        """The answer to one request within that many seconds; ChildTimeout, ChildGone."""
        import json  # here and in `hear`: a screen is started without a child

        deadline = time.monotonic() + seconds
        self._channel.settimeout(max(seconds, 0.001))  # 0 would mean not to wait at all, another thing
        try:
            self._channel.sendall(json.dumps(request).encode() + b"\n")
        except TimeoutError:
            raise ChildTimeout from None
        except OSError:
            raise ChildGone(self._end()) from None
        return self.hear(deadline - time.monotonic())

    def hear(self, seconds: float) -> dict[str, object]:
        """The next line it sends within that many seconds: the greeting, or an answer. ChildTimeout, ChildGone."""
        import json

        deadline = time.monotonic() + seconds
        while b"\n" not in self._received:
            left = deadline - time.monotonic()
            if left <= 0:
                raise ChildTimeout
            self._channel.settimeout(left)
            try:
                data = self._channel.recv(65536)
            except TimeoutError:
                raise ChildTimeout from None
            except OSError:
                data = b""
            if not data:
                raise ChildGone(self._end())
            self._received += data
        line, _, self._received = self._received.partition(b"\n")
        answer: dict[str, object] = json.loads(line)
        return answer

    def kill(self) -> None:
        """End it now, whatever it does; whoever waits for its answer gets ChildGone.

        From any thread, any number of times.
        """
        self._process.kill()

    def close(self) -> None:
        """End it and reap it; returns within a bounded time. Any number of times."""
        self._process.kill()
        self._reap()
        self._channel.close()

    def _end(self) -> str:
        self._reap()
        code = self._process.returncode
        if code is None:
            return "it closed its channel"
        return f"it was ended by signal {-code}" if code < 0 else f"it ended with status {code}"

    def _reap(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_REAP_SECONDS)
