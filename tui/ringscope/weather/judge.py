# SPDX-License-Identifier: Apache-2.0
"""What was lost between two moments, where, and why: findings, of which every one has its packets in some counter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ringscope.host.nic import ALLOWANCE
from ringscope.host.softnet import grown
from ringscope.native import Counters
from ringscope.weather.model import CUT, GONE, LATER, LOST, Finding
from ringscope.weather.moment import Moment, since
from ringscope.weather.readings import (
    backlog_lost,
    nic_lost,
    of_driver,
    of_links,
    tc_dropped,
    wire_lost,
    xdp_dropped,
)

LATE: Final = 0.1
"""Seconds. A block that waits longer waits for a reader that is late; up to here it is the scheduler's right to let a
thread wait, and a ring's purpose to hold what comes meanwhile."""
BUSY: Final = 0.85
"""Share of a CPU from which on a worker has no more to give."""
STARVED: Final = 0.3
"""Share of the time from which on it is the want of a CPU that makes a worker late."""


def judge(before: Moment, now: Moment) -> tuple[Finding, ...]:
    """All findings of this interval; none where nothing was lost."""
    return tuple(
        finding
        for finding in (
            *_before_the_tap(before, now),
            *_rings(before, now),
            *_behind_the_rings(before, now),
            *_later(before, now),
        )
        if finding.packets > 0
    )


def _seconds(before: Moment, now: Moment) -> float:
    return max(now.time - before.time, 1e-3)


def _before_the_tap(before: Moment, now: Moment) -> Iterator[Finding]:
    seconds, names = _seconds(before, now), "+".join(now.interfaces)
    yield Finding("wire", "damaged", LOST, names, wire_lost(before, now), seconds)
    yield Finding("nic", "no descriptors", LOST, names, nic_lost(before, now), seconds)
    yield Finding("nic", "allowance", LOST, names, of_driver(ALLOWANCE)(before, now), seconds)
    yield Finding("xdp", "xdp", GONE, names, xdp_dropped(before, now), seconds)
    lost = backlog_lost(before, now)
    cpu, limited = _fullest_backlog(before, now)
    cause = "flow limit" if limited else "backlog"
    yield Finding("softirq", cause, LOST, f"CPU {cpu}", lost, seconds)


def _fullest_backlog(before: Moment, now: Moment) -> tuple[int, bool]:
    """The CPU that dropped most, and whether the flow limit did most of it."""
    old = {cpu.number: cpu for cpu in before.host.cpus}
    worst, most, limited = 0, -1, False
    for cpu in now.host.cpus:
        then = old.get(cpu.number, cpu)
        dropped = grown(then.dropped, cpu.dropped)
        if dropped > most:
            worst, most = cpu.number, dropped
            limited = dropped > 0 and grown(then.flow_limited, cpu.flow_limited) * 2 > dropped
    return worst, limited


def _rings(before: Moment, now: Moment) -> Iterator[Finding]:
    for index, queue in enumerate(now.capture.queues):
        then = before.capture.queues[index] if index < len(before.capture.queues) else None
        yield from _ring(before, now, index, then, queue)


def _ring(before: Moment, now: Moment, index: int, then: Counters | None, queue: Counters) -> Iterator[Finding]:
    seconds, place = _seconds(before, now), f"queue {index}"
    dropped = since(then.dropped if then else 0, queue.dropped)
    early = min(since(then.early_drops if then else 0, queue.early_drops), dropped)
    yield Finding("ring", "early drop", LOST, place, early, seconds, f"it was {_most(then, queue):.0%} full at most")
    if late := dropped - early:
        cause, because = _why_late(before, now, index, then, queue)
        yield Finding("ring", cause, LOST, place, late, seconds, because)
    cut = since(then.truncated if then else 0, queue.truncated)
    yield Finding("ring", "block size", CUT, place, cut, seconds, f"a block has {queue.block_size >> 10} KiB")


def _most(then: Counters | None, queue: Counters) -> float:
    return queue.highest if then is None or queue.highest > then.highest else queue.peak


def lag_between(then: Counters | None, queue: Counters) -> float:
    """The longest in seconds that a block has waited or is waiting for the reader, as far as it is known of this
    time."""
    longest = queue.longest_lag if then is None or queue.longest_lag > then.longest_lag else queue.lag
    return max(longest, queue.oldest)


def worker_share(before: Moment, now: Moment, index: int) -> tuple[float, float] | None:
    """Shares of the time between that a queue's worker ran, and that it waited for a CPU; None: not known."""
    old, new = before.worker(index), now.worker(index)
    if old is None or new is None or old.id != new.id:
        return None
    seconds = max(now.host.time - before.host.time, 1e-3)
    waited = (new.waited or 0.0) - (old.waited or 0.0)
    return (new.seconds - old.seconds) / seconds, waited / seconds


def _why_late(before: Moment, now: Moment, index: int, then: Counters | None, queue: Counters) -> tuple[str, str]:
    delivered = since(then.delivered if then else 0, queue.delivered)
    if queue.frozen and not delivered:
        return "frozen", f"its reader has taken nothing for {max(queue.oldest, _seconds(before, now)):.1f} s"
    ran, waited = worker_share(before, now, index) or (0.0, 0.0)
    if ran >= BUSY:
        return "busy", f"its worker is {min(ran, 1):.0%} busy"
    if waited >= STARVED:
        return "starved", f"its worker waited for a CPU {min(waited, 1):.0%} of the time"
    lag = lag_between(then, queue)
    if lag >= LATE:
        return "late", f"it came {lag * 1000:.0f} ms late"
    holds = queue.blocks * queue.block_size
    return "small", f"its {_size(holds)} were full while the reader was {max(lag * 1000, 1):.0f} ms behind"


def _size(octets: int) -> str:
    return f"{octets >> 20} MiB" if octets >= 1 << 20 else f"{octets >> 10} KiB"


def _behind_the_rings(before: Moment, now: Moment) -> Iterator[Finding]:
    seconds = _seconds(before, now)
    old, new = before.capture.total, now.capture.total
    broken = max(new.unaccounted - old.unaccounted, 0)
    yield Finding("worker", "unaccounted", LOST, "", broken, seconds)
    yield Finding("worker", "store full", LOST, "", since(old.arena_drops, new.arena_drops), seconds)
    yield Finding("filter", "snaplen", CUT, "", since(old.snapped, new.snapped), seconds)
    yield Finding("store", "file late", LOST, "", since(before.missed, now.missed), seconds)
    yield Finding("store", "evicted", GONE, "", since(before.capture.evicted, now.capture.evicted), seconds)


def _later(before: Moment, now: Moment) -> Iterator[Finding]:
    seconds, names = _seconds(before, now), "+".join(now.interfaces)
    yield Finding(LATER, "tc", GONE, names, tc_dropped(ingress=True)(before, now), seconds)
    yield Finding(LATER, "tx", GONE, names, of_links("tx_dropped")(before, now), seconds)
    yield Finding(LATER, "qdisc", GONE, names, tc_dropped(ingress=False)(before, now), seconds)
