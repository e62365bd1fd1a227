# SPDX-License-Identifier: Apache-2.0
"""The evidence of a finding: what the counters were asked, what they said, and from which value on it means something.

Of a ring that loses because of its reader the judge takes the first cause whose question is answered with yes: what is
shown to somebody who asks "why this, and not another?" is what was decided by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ringscope.host.nic import ALLOWANCE, FIFO, WIRE, XDP
from ringscope.host.softnet import grown
from ringscope.native import Counters
from ringscope.weather.model import NO, OPEN, STAGES, YES, Clue, Finding
from ringscope.weather.moment import Moment, paired, since
from ringscope.weather.readings import (
    FIFO_COUNTERS,
    WIRE_COUNTERS,
    Reading,
    backlog_lost,
    driver_growth,
    lag_between,
    nic_lost,
    of_capture,
    of_cpu,
    of_links,
    wire_lost,
    worker_share,
)
from ringscope.weather.words import grouped, sized

LATE: Final = 0.1
"""Seconds. A block that waits longer waits for a reader that is late; up to here it is the scheduler's right to let a
thread wait, and a ring's purpose to hold what comes meanwhile."""
BUSY: Final = 0.85
"""Share of a CPU from which on a worker has no more to give."""
STARVED: Final = 0.3
"""Share of the time from which on it is the want of a CPU that makes a worker late."""
EARLY: Final = 0.75
"""Share of a ring from which on the kernel may drop early (__packet_rcv_has_room of net/packet/af_packet.c)."""

_WAY: Final[tuple[tuple[str, Reading], ...]] = (
    ("wire", wire_lost),
    ("nic", nic_lost),
    ("softirq", backlog_lost),
    ("ring", of_capture("dropped")),
    ("worker", of_capture("arena_drops")),
    ("store", lambda before, now: since(before.missed, now.missed)),
)
"""The stages at which a packet can be lost to the capture, in the order in which it passes them."""
_SOURCES: Final = {
    "wire": "link.rx_errors",
    "nic": "link.rx_missed",
    "softirq": "softnet.dropped",
    "ring": "ring.dropped",
    "worker": "worker.lost",
    "store": "store.missed",
}
_ASKED: Final = {
    "wire": "were frames damaged on the wire?",
    "nic": "had the device no room?",
    "softirq": "was a backlog full?",
    "ring": "was a ring full?",
    "worker": "had the store no room?",
    "store": "were packets written too late?",
}


def _answer(yes: bool) -> str:
    return YES if yes else NO


def reader_clues(
    before: Moment, now: Moment, index: int, then: Counters | None, queue: Counters, late: int, dropped: int
) -> tuple[Clue, ...]:
    """Of the ``late`` ones of all ``dropped``, those that came while no block was free: the questions in the order in
    which they decide. The last is answered with yes where no other is."""
    seconds = max(now.time - before.time, 1e-3)
    delivered = since(then.delivered if then else 0, queue.delivered)
    stuck = queue.frozen and not delivered
    taken = f"its reader has taken nothing for {max(queue.oldest, seconds):.1f} s"
    if not stuck:
        taken = f"its reader has taken {grouped(delivered)} packets in {seconds:.1f} s"
    lag = lag_between(then, queue)
    behind = f"its {sized(queue.blocks * queue.block_size)} were full while the reader was"
    came = f"{grouped(late)} of {grouped(dropped)} drops came with a freeze, or on a frozen ring"
    asked = [
        Clue("early drop", "were blocks still free?", came, "", NO, "ring.early"),
        Clue("frozen", "is its reader stopped?", taken, "", _answer(stuck), "worker.delivered"),
        *_worker_clues(worker_share(before, now, index)),
        Clue(
            "late",
            "do blocks wait for it?",
            f"it came {lag * 1000:.0f} ms late",
            f"{LATE * 1000:.0f} ms",
            _answer(lag >= LATE),
            "worker.lag",
        ),
    ]
    left = all(clue.answer != YES for clue in asked)
    small = f"{behind} {max(lag * 1000, 1):.0f} ms behind"
    return (*asked, Clue("small", "is it none of these?", small, "", _answer(left), "ring.fill"))


def _worker_clues(share: tuple[float, float] | None) -> Iterator[Clue]:
    out, wait = "does its worker use up its CPU?", "is its worker kept from a CPU?"
    if share is None:
        for cause, asked in (("busy", out), ("starved", wait)):
            yield Clue(cause, asked, "its worker could not be looked at", "", OPEN, "process.cpu")
        return
    ran, waited = min(share[0], 1.0), min(share[1], 1.0)
    yield Clue("busy", out, f"its worker is {ran:.0%} busy", f"{BUSY:.0%}", _answer(ran >= BUSY), "process.cpu")
    told = f"its worker waited for a CPU {waited:.0%} of the time"
    yield Clue("starved", wait, told, f"{STARVED:.0%}", _answer(waited >= STARVED), "process.cpu")


def most_full(then: Counters | None, queue: Counters) -> float:
    """The highest share of a ring that was full, as far as it is known of this time."""
    return queue.highest if then is None or queue.highest > then.highest else queue.peak


def early_clues(then: Counters | None, queue: Counters, early: int, dropped: int) -> tuple[Clue, ...]:
    """Of a ring's drops: whether they came while blocks were free."""
    full = most_full(then, queue)
    told = f"{grouped(early)} of {grouped(dropped)} drops came without a freeze, on a ring that was not frozen"
    return (
        Clue("early drop", "were blocks still free?", told, "", _answer(early > 0), "ring.early"),
        Clue(
            "early drop",
            "was it full enough for that?",
            f"it was {full:.0%} full at most",
            f"{EARLY:.0%}",
            _answer(full >= EARLY),
            "ring.fill",
        ),
    )


def counter_clues(before: Moment, now: Moment, finding: Finding) -> tuple[Clue, ...]:
    """Of every other finding: the counters that say so, and what stands beside them."""
    cause = finding.cause
    match cause:
        case "damaged":
            grew = [*_links(before, now, WIRE_COUNTERS), *_driver(before, now, WIRE)]
            return (_which(cause, grew, "link.rx_errors"),)
        case "no descriptors":
            grew = [*_links(before, now, FIFO_COUNTERS), *_driver(before, now, FIFO)]
            return (_which(cause, grew, "link.rx_missed"), *_descriptors(now), _squeezed(before, now))
        case "allowance":
            return (_which(cause, _driver(before, now, ALLOWANCE), "nic.counter"),)
        case "xdp":
            attached = [f"{one.link.xdp} on {one.link.name}" for one in now.devices() if one.link.xdp]
            told, answer = ", ".join(attached) or "none is seen", _answer(bool(attached))
            there = Clue("", "is a program attached?", told, "", answer, "nic.xdp")
            return (_which(cause, _driver(before, now, XDP), "nic.xdp"), there)
        case "backlog" | "flow limit":
            return _backlog(before, now, finding)
        case "block size":
            largest = max((max(one.link.gso_max, one.link.gro_max) for one in now.devices()), default=0)
            told = f"{finding.because}; the interface may hand up frames of {sized(largest)}"
            return (Clue(cause, "were frames larger than a block?", told, "", YES, "ring.truncated"),)
        case "snaplen":
            told = f"{grouped(finding.packets)} frames were longer than was asked for"
            return (Clue(cause, "were frames cut as asked?", told, "", YES, "filter.snapped"),)
        case "evicted" | "file late":
            told = f"of {grouped(now.capture.head)} packets {grouped(now.capture.tail)} and later are kept"
            return (Clue(cause, "is the store full?", told, "", YES, "store.evicted"),)
        case "store full":
            told = f"{grouped(finding.packets)} packets found no room before they had a number"
            return (Clue(cause, "is the store full?", told, "", YES, "worker.lost"),)
        case "unaccounted":
            told = f"stored is not delivered and in the ring, by {grouped(finding.packets)}"
            return (Clue(cause, "is their sum wrong?", told, "", YES, "account.unaccounted"),)
        case _:
            source = {"tc": "qdisc.ingress", "tx": "link.tx_dropped"}.get(cause, "qdisc.drops")
            told = f"grew by {grouped(finding.packets)} on {finding.place}"
            return (Clue(cause, "does its counter say so?", told, "", YES, source),)


def around(before: Moment, now: Moment, stage: str) -> Iterator[Clue]:
    """Whether anything was lost before a stage in the same time, and behind it; of a place beside the way nothing."""
    order = [key for key in STAGES if key in {known for known, _ in _WAY} | {stage}]
    if stage not in order:
        return
    here = order.index(stage)
    for words, keys in (("before it", order[:here]), ("after it", order[here + 1 :])):
        lost = {key: reading(before, now) for key, reading in _WAY if key in keys}
        if lost:
            told = ", ".join(f"{STAGES[key]} {grouped(count)}" for key, count in lost.items())
            yield Clue("", f"is anything lost {words}?", told, "", _answer(any(lost.values())), "account.lost")


def nothing_clues(first: Moment, now: Moment) -> tuple[Clue, ...]:
    """Of a verdict that nothing was lost: every counter that would have said so."""
    total, old = now.capture.total, first.capture.total
    lost = [
        Clue(
            "",
            _ASKED[key],
            f"{grouped(count)} packets since the start",
            "",
            _answer(count > 0),
            _SOURCES[key],
        )
        for key, reading in _WAY
        for count in [reading(first, now)]
    ]
    cut = since(old.truncated, total.truncated)
    broken = total.unaccounted
    whole = "stored = delivered + in the ring" if not broken else f"wrong by {grouped(broken)}"
    return (
        *lost,
        Clue("", "is anything cut by a block?", f"{grouped(cut)} packets", "", _answer(cut > 0), "ring.truncated"),
        Clue("", "do the counters add up?", whole, "", _answer(not broken), "account.unaccounted"),
    )


# -- what the counters say --------------------------------------------------------------------------------------------


def _which(cause: str, grew: Iterable[tuple[str, int]], source: str) -> Clue:
    """The counters that have grown, by the names that they have at their source."""
    told = ", ".join(f"{name} {grouped(growth)}" for name, growth in grew if growth)
    return Clue(cause, "which counters say so?", told or "none by itself", "", _answer(bool(told)), source)


def _links(before: Moment, now: Moment, names: Iterable[str]) -> Iterator[tuple[str, int]]:
    for name in names:
        yield name, of_links(name)(before, now)


def _driver(before: Moment, now: Moment, group: str) -> Iterator[tuple[str, int]]:
    for then, device in paired(before, now):
        for (name, _), growth in driver_growth(then, device, group).items():
            yield name, growth


def _descriptors(now: Moment) -> Iterator[Clue]:
    for device in now.devices():
        if rings := device.nic.rings:
            told = f"{device.link.name} has {grouped(rings.rx)} descriptors a queue, of at most {grouped(rings.rx_max)}"
            yield Clue("", "could it have more room?", told, "", _answer(rings.rx < rings.rx_max), "nic.ring")


def _squeezed(before: Moment, now: Moment) -> Clue:
    old = {cpu.number: cpu.squeezed for cpu in before.host.cpus}
    grew = {cpu.number: grown(old.get(cpu.number, cpu.squeezed), cpu.squeezed) for cpu in now.host.cpus}
    told = ", ".join(f"{grouped(times)} times on CPU {number}" for number, times in grew.items() if times)
    asked = "did softirq run out of its budget?"
    return Clue("", asked, told or "on no CPU", "", _answer(bool(told)), "softnet.squeezed")


def _backlog(before: Moment, now: Moment, finding: Finding) -> tuple[Clue, ...]:
    number = int(finding.place.removeprefix("CPU "))
    dropped, limited = (of_cpu(number, name)(before, now) for name in ("dropped", "flow_limited"))
    ours = of_links("rx_dropped")(before, now)
    flows = f"{grouped(limited)} of {grouped(dropped)} were of a flow that had more than its share"
    return (
        Clue(
            finding.cause,
            f"was the backlog of {finding.place} full?",
            f"dropped grew by {grouped(dropped)} there",
            "",
            _answer(dropped > 0),
            "softnet.dropped",
        ),
        Clue(
            finding.cause,
            "did our interface lose packets, too?",
            f"rx_dropped grew by {grouped(ours)}: of both the smaller is ours",
            "",
            _answer(ours > 0),
            "link.rx_dropped",
        ),
        Clue(
            "flow limit",
            "was it the flow limit?",
            flows,
            "half of them",
            _answer(limited * 2 > dropped > 0),
            "softnet.limited",
        ),
        _squeezed(before, now),
    )
