# SPDX-License-Identifier: Apache-2.0
"""The signals that a recording hears: ctrl+c and SIGTERM end it, SIGHUP has its files put in order, SIGUSR1 asks the
recorder for one.
"""

from __future__ import annotations

import os
import select
import signal
from contextlib import suppress
from types import FrameType
from typing import Final

END: Final = "end"
FLUSH: Final = "flush"
TRIGGER: Final = "trigger"


class Signals:
    """What was heard since it was last asked. Not an Event: a handler that runs within its wait() waits for the same
    lock.

    SIGHUP means ``flush`` where files are written, as it does for daemons (logrotate(8)), and ``end`` where none are.
    It ends a recording with files, too, when it came because the terminal is gone, unless the recording was started
    by nohup(1), which ignores it.
    """

    def __init__(self, *, files: bool, trigger: bool) -> None:
        self._files = files
        self._stays = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        self._reading, self._writing = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        heard = [signal.SIGINT, signal.SIGTERM, *([] if self._stays and not files else [signal.SIGHUP])]
        for number in (*heard, *([signal.SIGUSR1] if trigger else [])):
            signal.signal(number, self._tell)
        self._had_terminal = _has_terminal()

    def wait(self, seconds: float) -> frozenset[str]:
        """Waits so long at most for something to be heard; what was."""
        if not select.select([self._reading], [], [], seconds)[0]:
            return frozenset()
        return frozenset(self._meaning(number) for number in os.read(self._reading, 1 << 16))

    def _tell(self, number: int, frame: FrameType | None) -> None:
        with suppress(BlockingIOError):  # it has been told sixty thousand times
            os.write(self._writing, bytes([number]))

    def _meaning(self, number: int) -> str:
        if number == signal.SIGUSR1:
            return TRIGGER
        if number == signal.SIGHUP and self._files and (self._stays or not self._terminal_is_gone()):
            return FLUSH
        return END

    def _terminal_is_gone(self) -> bool:
        return self._had_terminal and not _has_terminal()


def _has_terminal() -> bool:
    """Is there a terminal that controls this process? One that hung up is none any more (tty(4))."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True
