# SPDX-License-Identifier: Apache-2.0
"""What was lost between two moments, where, and why: findings, of which every one has its packets in some counter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ringscope.host.nic import ALLOWANCE
from ringscope.host.softnet import grown
from ringscope.native import Counters
from ringscope.weather.evidence import around, counter_clues, early_clues, most_full, reader_clues
from ringscope.weather.model import CUT, GONE, LATER, LOST, YES, Finding
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


def judge(before: Moment, now: Moment) -> tuple[Finding, ...]:
    """All findings of this interval; none where nothing was lost."""
    return tuple(
        _with_clues(before, now, finding)
        for finding in (
            *_before_the_tap(before, now),
            *_rings(before, now),
            *_behind_the_rings(before, now),
            *_later(before, now),
        )
        if finding.packets > 0
    )


def _with_clues(before: Moment, now: Moment, finding: Finding) -> Finding:
    own = finding.clues or counter_clues(before, now, finding)
    return replace(finding, clues=(*own, *around(before, now, finding.stage)))


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
    full = f"it was {most_full(then, queue):.0%} full at most"
    yield Finding("ring", "early drop", LOST, place, early, seconds, full, early_clues(then, queue, early, dropped))
    if late := dropped - early:
        clues = reader_clues(before, now, index, then, queue, late, dropped)
        decides = next(clue for clue in clues if clue.answer == YES)
        yield Finding("ring", decides.cause, LOST, place, late, seconds, decides.found, clues)
    cut = since(then.truncated if then else 0, queue.truncated)
    yield Finding("ring", "block size", CUT, place, cut, seconds, f"a block has {queue.block_size >> 10} KiB")


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
