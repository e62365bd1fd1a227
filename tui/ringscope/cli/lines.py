# SPDX-License-Identifier: Apache-2.0
"""Lines for standard output that hold up nobody: a thread writes them, and who reads too slowly gets fewer of them."""

from __future__ import annotations

import os
import threading
from typing import Final

from ringscope.cli.errors import is_lost_output

_STDOUT: Final = 1


class Lines:
    """Writes one line at a time. The thread is a daemon and uses no stream of Python's, so that a pipe that nobody
    empties, or a terminal that was stopped (ctrl+s), holds up neither the capture nor the end of the process.
    """

    def __init__(self, descriptor: int = _STDOUT) -> None:
        self._descriptor = descriptor
        self._news = threading.Condition()
        self._line: str | None = None
        self._error: OSError | None = None
        self._thread: threading.Thread | None = None

    @property
    def ready(self) -> bool:
        """Has the last line been taken, so that there is room for one more?"""
        return self._line is None

    @property
    def lost(self) -> bool:
        """Is there nobody any more who reads?"""
        return self._error is not None and is_lost_output(self._error)

    @property
    def fault(self) -> str:
        """Why nothing more is written, where it is not that nobody reads; else empty."""
        return "" if self._error is None or self.lost else os.strerror(self._error.errno or 0)

    def put(self, line: str) -> None:
        """Gives a line to be written; only when ``ready``. After a fault it goes nowhere."""
        if self._error is not None:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="rs lines", daemon=True)
            self._thread.start()
        with self._news:
            assert self._line is None
            self._line = line
            self._news.notify_all()

    def wait(self, seconds: float) -> bool:
        """Waits so long at most until the last line has been taken; whether it has."""
        with self._news:
            return self._news.wait_for(lambda: self._line is None, seconds)

    def _write(self) -> None:
        while self._error is None:
            with self._news:
                self._news.wait_for(lambda: self._line is not None)
                left = f"{self._line}\n".encode()
            try:
                while left:
                    left = left[os.write(self._descriptor, left) :]
            except OSError as error:
                self._error = error
            with self._news:
                self._line = None
                self._news.notify_all()
