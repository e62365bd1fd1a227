# SPDX-License-Identifier: Apache-2.0
"""How long a full-screen program takes until something is on its screen: a pseudo-terminal that answers as one does."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
from collections.abc import Sequence

_COLOUR = re.compile(rb"\x1b\[[\d;]*m")
_WHERE, _HERE = b"\x1b[6n", b"\x1b[1;1R"
"""A terminal answers where its cursor is; the screen waits for that before it sends more."""


def first_sight(command: Sequence[str], wanted: re.Pattern[bytes], *, rows: int = 24, columns: int = 80) -> float:
    """Seconds from the start of the process until ``wanted`` is drawn, not a number when that takes over 20 s.

    Colours are taken out before. The program is ended by ``q``.
    """
    begin = time.perf_counter()
    process, terminal = pty.fork()
    if process == 0:
        os.environ.update(TERM="xterm-256color")
        os.execvp(command[0], list(command))
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
    took = _watch(terminal, wanted, begin)
    os.write(terminal, b"q")
    _drain(terminal)
    os.waitpid(process, 0)
    os.close(terminal)
    return took


def _watch(terminal: int, wanted: re.Pattern[bytes], begin: float) -> float:
    seen = b""
    while time.perf_counter() - begin < 20:
        if select.select([terminal], [], [], 0.5)[0]:
            part = os.read(terminal, 65536)
            os.write(terminal, _HERE * part.count(_WHERE))
            seen += part
        if wanted.search(_COLOUR.sub(b"", seen)):
            return time.perf_counter() - begin
    return float("nan")


def _drain(terminal: int) -> None:
    """What else it draws, until it has ended."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.read(terminal, 65536)
        except OSError:
            break
