# SPDX-License-Identifier: Apache-2.0
"""Counters as text and as JSON, and tcpdump's closing lines."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from typing import Any

from ringscope.capture.session import Snapshot
from ringscope.native import Counters, Savefile


def grouped(number: float) -> str:
    """1204331 as ``1 204 331``."""
    return f"{round(number):,}".replace(",", " ")


def closing_lines(captured: int, snapshot: Snapshot) -> None:
    """What tcpdump says at its end, on stderr. ``received`` includes what the kernel then had to drop."""
    total = snapshot.total
    lines = [
        f"{captured} packets captured",
        f"{total.stored + total.dropped} packets received by filter",
        f"{total.dropped} packets dropped by kernel",
    ]
    if total.arena_drops:
        lines.append(f"{total.arena_drops} packets lost between ring and store")
    if total.truncated:
        lines.append(f"{total.truncated} packets cut by the ring's block size")
    print("\n".join(lines), file=sys.stderr, flush=True)


def text_line(before: Snapshot, now: Snapshot) -> str:
    """One second as a line to read; rates are of the time between the two snapshots."""
    seconds = max(now.time - before.time, 1e-3)
    rate = (now.total.delivered - before.total.delivered) / seconds
    bits = (now.total.bytes - before.total.bytes) * 8 / seconds
    return (
        f"{time.strftime('%H:%M:%S', time.localtime(now.time))}"
        f"  stored {grouped(now.total.stored)}  dropped {grouped(now.total.dropped)}"
        f"  {grouped(rate)} pkt/s  {bits / 1e6:.1f} Mb/s"
        f"  ring {now.total.fill:.0%} (peak {now.total.peak:.0%})  freezes {grouped(now.total.freezes)}"
    )


def _numbers(counters: Counters) -> dict[str, Any]:
    return {**asdict(counters), "fill": round(counters.fill, 6), "peak": round(counters.peak, 6)}


def json_line(interface: str, expression: str, now: Snapshot, file: Savefile | None, *, final: bool) -> str:
    """One object a line; keys are stable, times are seconds since 1970, ``fill`` and ``peak`` shares from 0 to 1."""
    record: dict[str, Any] = {
        "time": now.time,
        "interface": interface,
        "state": now.state,
        "filter": expression,
        "epoch": now.epoch,
        "store": {"newest": now.head, "oldest": now.tail, "evicted": now.evicted},
        "total": _numbers(now.total),
        "queues": [_numbers(queue) for queue in now.queues],
    }
    if file is not None:
        record["file"] = {"written": file.written, "missed": file.missed}
    if final:
        record["final"] = True
    return json.dumps(record)
