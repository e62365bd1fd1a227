# SPDX-License-Identifier: Apache-2.0
"""A process that stands still for a while, so that nobody reads its ring."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.namespaces import wait_until


def _states(process: int) -> set[str]:
    """The states of all its threads (proc(5), /proc/PID/stat)."""
    files = Path(f"/proc/{process}/task").glob("*/stat")
    return {file.read_text().rsplit(")", 1)[1].split()[0] for file in files}


@contextmanager
def held(process: int) -> Iterator[None]:
    """Stops a process, waits until every thread of it stands still, and lets it go on at the end.

    SIGSTOP alone does not do: a thread that runs on another CPU goes on until the signal has reached it, and the loss
    that was to be one is two.
    """
    os.kill(process, signal.SIGSTOP)
    try:
        assert wait_until(lambda: _states(process) == {"T"})
        yield
    finally:
        os.kill(process, signal.SIGCONT)
