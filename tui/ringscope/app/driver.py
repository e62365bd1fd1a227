# SPDX-License-Identifier: Apache-2.0
"""Pacing by the terminal's own answer, so that a slow link is never sent frames faster than it draws them.

After each frame the terminal is asked where its cursor is (DSR, ``CSI 6 n``; ECMA-48, 8.3.35). It answers when it has
drawn everything before the question, so answers outstanding are frames still on their way through the link, sshd,
tmux and the terminal. While two are, no further frame is made.
"""

from __future__ import annotations

import select
import signal
import threading
from collections.abc import Callable
from time import monotonic

from textual import events
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

QUESTION = "\x1b[6n"
IN_FLIGHT = 2
PATIENCE = 2.0
"""Seconds without an answer after which the frames in flight count as lost."""


class Answered(Message):
    """The terminal has drawn a frame."""


class TerminalGone(Message):
    """The terminal has hung up: nothing can be read from it any more."""


class Fence:
    """Counts the questions the terminal has not answered. Used by two threads: one asks, one hears the answers."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget everything: a new terminal, or the old one after a suspension."""
        with self._lock:
            self._owed = 0
            self._in_flight = 0
            self._asked_at = 0.0
            self._ever_answered = False

    def asked(self) -> None:
        """A frame and its question were written."""
        with self._lock:
            self._owed += 1
            self._in_flight += 1
            self._asked_at = self._clock()

    def answered(self) -> bool:
        """A position report came in. False when nobody here asked for it: then it is somebody else's."""
        with self._lock:
            if self._owed == 0:
                return False
            self._owed -= 1
            self._in_flight = max(0, self._in_flight - 1)
            self._ever_answered = True
            return True

    @property
    def ready(self) -> bool:
        """Whether a frame may be made now."""
        with self._lock:
            if self._in_flight < IN_FLIGHT:
                return True
            if self._clock() - self._asked_at < PATIENCE:
                return False
            # Answers may have been lost with a detached tmux; they must not be waited for twice.
            self._in_flight = 0
            return True

    @property
    def mute(self) -> bool:
        """Whether this terminal was asked more than the fence lets pass and has never answered: stop asking it."""
        with self._lock:
            return not self._ever_answered and self._owed > IN_FLIGHT


class PacedDriver(LinuxDriver):
    """The driver of a real terminal, with a fence behind every frame."""

    fence: Fence | None = None
    written = 0
    """Bytes that were sent to the terminal."""
    _unfenced = False

    def write(self, data: str) -> None:
        # A writer that died with its terminal would let the queue fill and block the event loop for good.
        if self._writer_thread is not None and self._writer_thread.is_alive():
            self._unfenced = True
            self.written += len(data) if data.isascii() else len(data.encode("utf-8", "replace"))
            super().write(data)

    def frame_done(self) -> None:
        """Ask for an answer, when anything was written since the last question."""
        if self.fence is None:
            self.fence = Fence()
        if self._unfenced and not self.fence.mute:
            self.write(QUESTION)
            self.fence.asked()
        self._unfenced = False

    @property
    def ready(self) -> bool:
        """Whether the terminal keeps up."""
        return self.fence is None or self.fence.ready

    def hung_up(self) -> bool:
        """Whether the terminal is gone. Reading from one that hung up may only tell that there is nothing, again and
        again (drivers/tty/tty_io.c, hung_up_tty_read), and not everybody is sent the signal."""
        terminal = select.poll()
        terminal.register(self.fileno, 0)
        return any(seen & select.POLLHUP for _, seen in terminal.poll(0))

    def _sigcont_application(self, *_: object) -> None:
        # A terminal that hangs up sends this, too, and who was not suspended would get a second pair of threads by it,
        # which nobody ends (drivers/tty/tty_jobctrl.c, __tty_hangup).
        if self._must_signal_resume:
            super()._sigcont_application()

    def start_application_mode(self) -> None:
        if self.fence is not None:
            self.fence.reset()
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual leaves it untyped

    def process_message(self, message: Message) -> None:
        # Runs in the input thread.
        if isinstance(message, events.CursorPosition) and self.fence is not None and self.fence.answered():
            self.send_message(Answered())
            return
        super().process_message(message)

    def run_input_thread(self) -> None:
        while True:
            try:
                super().run_input_thread()
                return
            except UnicodeDecodeError:
                # A mouse report of the old kind beyond column 95 is not UTF-8; losing it beats losing the program.
                continue
            except OSError:
                if not self.exit_event.is_set():
                    self.send_message(TerminalGone())
                return


HANG_UP = 128 + signal.SIGHUP
"""Exit code of a program whose terminal went away."""
