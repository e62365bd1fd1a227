# SPDX-License-Identifier: Apache-2.0
"""Capture files read by the core to their end."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from ringscope.capture.files import FileSession
from ringscope.native import Packet

STORE = 16 << 20


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Whether it comes to hold in that time."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.002)
    return True


def read_through(path: Path) -> FileSession:
    """The file, when it has been read to its end or its fault. To be closed."""
    session = FileSession.open(str(path), store_bytes=STORE)
    assert wait_for(lambda: session.info().state not in ("reading", "waiting"))
    return session


def packets_of(session: FileSession) -> list[Packet]:
    """All packets that it has now, with all their bytes."""
    found: list[Packet] = []
    snapshot = session.snapshot()
    first = snapshot.tail
    while first <= snapshot.head:
        found += session.read(first, 16)
        first += 16
    return found
