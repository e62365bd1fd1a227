# SPDX-License-Identifier: Apache-2.0
"""What observing costs: this process's own CPU time by thread, and its memory (proc(5))."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ringscope.frozen import frozen

_HZ: Final = os.sysconf("SC_CLK_TCK")
_TASKS: Final = Path("/proc/self/task")


@frozen
class Thread:
    """One thread of this process. ``user`` and ``system`` are seconds of CPU (in steps of a tick), ``ran`` the same
    together to the nanosecond, and ``waited`` the seconds in which it could have run and no CPU was free; both None
    where the kernel does not count them (CONFIG_SCHED_INFO). ``cpu`` is the one it last ran on."""

    id: int
    name: str
    user: float
    system: float
    ran: float | None
    waited: float | None
    cpu: int

    @property
    def seconds(self) -> float:
        """CPU time in all."""
        return self.user + self.system if self.ran is None else self.ran


@frozen
class Process:
    """This process now. Memory in bytes: ``resident`` in all, of these ``anonymous`` its own and ``mapped`` those of
    rings and files, ``locked`` by mlock(2) (the kernel keeps rings in memory without that). ``seconds`` is the CPU time
    of all threads, those that have ended included."""

    id: int
    seconds: float
    resident: int
    anonymous: int
    mapped: int
    locked: int
    threads: tuple[Thread, ...]


def thread(stat: str, schedstat: str) -> Thread:
    """A thread from its ``stat`` and ``schedstat`` (may be empty)."""
    begin, end = stat.index("("), stat.rindex(")")
    columns = stat[end + 2 :].split()  # from the third on: state
    ran, waited = _scheduled(schedstat)
    return Thread(
        id=int(stat[:begin]),
        name=stat[begin + 1 : end],
        user=int(columns[11]) / _HZ,
        system=int(columns[12]) / _HZ,
        ran=ran,
        waited=waited,
        cpu=int(columns[36]),
    )


def memory(status: str) -> dict[str, int]:
    """The lines of /proc/PID/status that are in kB, in bytes."""
    found = {}
    for line in status.splitlines():
        name, _, rest = line.partition(":")
        if rest.endswith(" kB"):
            found[name] = int(rest[:-3]) << 10
    return found


def read_process() -> Process:
    """Raises OSError."""
    sizes = memory(Path("/proc/self/status").read_text())
    times = os.times()
    return Process(
        id=os.getpid(),
        seconds=times.user + times.system,
        resident=sizes.get("VmRSS", 0),
        anonymous=sizes.get("RssAnon", 0),
        mapped=sizes.get("RssFile", 0) + sizes.get("RssShmem", 0),
        locked=sizes.get("VmLck", 0),
        threads=tuple(_threads()),
    )


def _threads() -> Sequence[Thread]:
    found = []
    for folder in sorted(_TASKS.iterdir(), key=lambda path: int(path.name)):
        try:
            stat = (folder / "stat").read_text()
        except OSError:
            continue  # ended meanwhile
        try:
            schedstat = (folder / "schedstat").read_text()
        except OSError:
            schedstat = ""
        found.append(thread(stat, schedstat))
    return found


def _scheduled(schedstat: str) -> tuple[float | None, float | None]:
    words = schedstat.split()
    if len(words) < 2:
        return None, None
    return int(words[0]) / 1e9, int(words[1]) / 1e9
