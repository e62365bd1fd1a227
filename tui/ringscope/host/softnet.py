# SPDX-License-Identifier: Apache-2.0
"""What each CPU did for the network: /proc/net/softnet_stat, /proc/stat, and the sysctls that bound it (proc(5)).

All of it is of the whole host: every interface, every network namespace. The counters are 32 bits wide and wrap
around; `grown` knows.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ringscope.frozen import frozen

_CPU_COLUMN: Final = 12
_HZ: Final = os.sysconf("SC_CLK_TCK")
_CORE: Final = Path("/proc/sys/net/core")


@frozen
class Cpu:
    """One CPU's row of softnet_stat (``softnet_seq_show`` in net/core/net-procfs.c), and how it spent its time.

    ``dropped`` packets found the backlog full; only packets that come by RPS or a virtual interface pass it.
    ``squeezed`` is how often the budget ran out with work left, which loses nothing by itself. ``flow_limited`` packets
    are among the dropped: of a flow that had too much of the backlog. ``backlog`` is its length now, None on older
    kernels. ``softirq``, ``busy`` and ``total`` are seconds since the start of the system.
    """

    number: int
    online: bool
    processed: int
    dropped: int
    squeezed: int
    received_rps: int
    flow_limited: int
    backlog: int | None
    softirq: float
    busy: float
    total: float


@frozen
class Limits:
    """net.core sysctls (Documentation/admin-guide/sysctl/net.rst); None: not readable here, as in a network namespace
    of its own. ``flow_limit_cpus`` is the bitmap of CPUs with a flow limit, as text."""

    netdev_max_backlog: int | None
    netdev_budget: int | None
    netdev_budget_usecs: int | None
    flow_limit_cpus: str | None
    flow_limit_table: int | None


def grown(before: int, now: int) -> int:
    """By how much a 32-bit counter has grown that wraps around (a CPU that comes back counts on from where it was)."""
    return (now - before) % (1 << 32)


def softnet_rows(text: str) -> dict[int, tuple[int, ...]]:
    """The columns by CPU number. Offline CPUs have no row; kernels before 5.10 do not say which CPU a row is of."""
    found = {}
    for place, line in enumerate(text.splitlines()):
        columns = tuple(int(column, 16) for column in line.split())
        if len(columns) >= 9:
            found[columns[_CPU_COLUMN] if len(columns) > _CPU_COLUMN else place] = columns
    return found


def cpu_times(text: str) -> dict[int, tuple[float, float, float]]:
    """Seconds in softirq, not idle, and in all, by CPU number, from /proc/stat."""
    found = {}
    for line in text.splitlines():
        name, *columns = line.split()
        if name[:3] != "cpu" or not name[3:].isdecimal():
            continue
        # user nice system idle iowait irq softirq steal; guest time is in user time, too.
        ticks = [int(column) for column in columns[:8]]
        idle = ticks[3] + ticks[4]
        found[int(name[3:])] = (ticks[6] / _HZ, (sum(ticks) - idle) / _HZ, sum(ticks) / _HZ)
    return found


def cpus(softnet: str, stat: str) -> tuple[Cpu, ...]:
    """All CPUs that either file knows, by number."""
    rows, times = softnet_rows(softnet), cpu_times(stat)
    return tuple(_cpu(number, rows, times) for number in sorted(rows.keys() | times.keys()))


def _cpu(number: int, rows: Mapping[int, tuple[int, ...]], times: Mapping[int, tuple[float, float, float]]) -> Cpu:
    row = rows.get(number, ())

    def column(which: int) -> int:
        return row[which] if which < len(row) else 0

    softirq, busy, total = times.get(number, (0.0, 0.0, 0.0))
    return Cpu(
        number=number,
        online=number in rows,
        processed=column(0),
        dropped=column(1),
        squeezed=column(2),
        received_rps=column(9),
        flow_limited=column(10),
        backlog=row[11] if len(row) > 11 else None,
        softirq=softirq,
        busy=busy,
        total=total,
    )


def read_cpus() -> tuple[Cpu, ...]:
    """Raises OSError."""
    return cpus(Path("/proc/net/softnet_stat").read_text(), Path("/proc/stat").read_text())


def read_limits() -> Limits:
    """Never raises."""
    return Limits(
        netdev_max_backlog=_number("netdev_max_backlog"),
        netdev_budget=_number("netdev_budget"),
        netdev_budget_usecs=_number("netdev_budget_usecs"),
        flow_limit_cpus=_text("flow_limit_cpu_bitmap"),
        flow_limit_table=_number("flow_limit_table_len"),
    )


def _text(name: str) -> str | None:
    try:
        return (_CORE / name).read_text().strip()
    except OSError:
        return None


def _number(name: str) -> int | None:
    text = _text(name)
    return int(text) if text is not None and text.isdecimal() else None
