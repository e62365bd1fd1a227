# SPDX-License-Identifier: Apache-2.0
"""How each ring stands: what a strip of blocks and a line of numbers are drawn from."""

from __future__ import annotations

import math

from ringscope.frozen import frozen
from ringscope.host.interrupts import feeding
from ringscope.native import Counters
from ringscope.weather.moment import Moment, Setup, since
from ringscope.weather.readings import lag_between, worker_share


@frozen
class RingView:
    """One queue between two moments.

    Blocks: ``ready`` wait for the reader, ``filling`` are being filled (0 or 1), ``free`` are the kernel's; together
    ``blocks``. ``fill``, ``peak`` (of the last second) and ``highest`` are shares of the ring. ``to_full`` is the
    seconds until the kernel finds no free block if the reader stops now and packets come as in the last interval,
    infinite where none come, 0 when it is frozen. Rates are a second. ``late_drops`` and ``early_drops`` are totals,
    ``dropped_rate`` is of both; the late ones are ``slow_drops`` (the reader was too slow when the ring filled up) and
    ``frozen_drops`` (the ring was frozen before, and stayed so). ``mean`` is packets a closed block. ``oldest`` is the
    age in seconds of the oldest unread packet, ``lag`` the longest that a block has waited. ``cpu`` is the one that the
    worker ran on last, ``busy`` its share of a CPU, ``waited`` the share of the time that it could have run and had
    none; None: not known. ``fed_softirq`` is the share of its time that the busiest of those CPUs that feed it spent in
    softirq. ``fed_by`` are the CPUs on which its packets come up and ``interrupts`` the IRQs that bring them, as far as
    the fanout mode ties queues to them. ``share`` is of all packets of the interval that came to this queue."""

    index: int
    interface: str
    blocks: int
    block_size: int
    ready: int
    filling: int
    free: int
    fill: float
    peak: float
    highest: float
    headroom: int
    frozen: bool
    pressed: bool
    to_full: float
    stored: int
    stored_rate: float
    bytes_rate: float
    dropped: int
    dropped_rate: float
    early_drops: int
    late_drops: int
    slow_drops: int
    frozen_drops: int
    freezes: int
    closed_full_rate: float
    closed_timeout_rate: float
    mean: float
    oldest: float
    lag: float
    wakeups_rate: float
    pinned: int | None
    cpu: int | None
    busy: float | None
    waited: float | None
    fed_by: tuple[int, ...]
    fed_softirq: float | None
    interrupts: tuple[int, ...]
    share: float


def rings(setup: Setup, before: Moment, now: Moment) -> tuple[RingView, ...]:
    """All queues, in order."""
    whole = sum(since(_then(before, index).stored, queue.stored) for index, queue in enumerate(now.capture.queues))
    return tuple(_view(setup, before, now, index, queue, whole) for index, queue in enumerate(now.capture.queues))


def worst(views: tuple[RingView, ...]) -> RingView | None:
    """The ring that needs looking at first: one that loses, else the one that is full soonest, else the fullest."""
    return max(views, key=urgency, default=None)


def urgency(view: RingView) -> tuple[float, float, float]:
    """The more, the sooner it needs looking at."""
    return view.dropped_rate, -view.to_full, view.peak


def _then(before: Moment, index: int) -> Counters:
    queues = before.capture.queues
    return queues[index] if index < len(queues) else before.capture.total


def _view(setup: Setup, before: Moment, now: Moment, index: int, queue: Counters, whole: int) -> RingView:
    then = _then(before, index)
    seconds = max(now.time - before.time, 1e-3)

    def rate(name: str) -> float:
        return since(getattr(then, name), getattr(queue, name)) / seconds

    closed = rate("blocks_full") + rate("blocks_timeout")
    share = worker_share(before, now, index)
    thread = now.worker(index)
    cpus, irqs = _feeding(setup, now, index, queue.interface)
    filling = 0 if queue.frozen or queue.ready_blocks >= queue.blocks else 1
    return RingView(
        index=index,
        interface=queue.interface,
        blocks=queue.blocks,
        block_size=queue.block_size,
        ready=queue.ready_blocks,
        filling=filling,
        free=max(queue.blocks - queue.ready_blocks - filling, 0),
        fill=queue.fill,
        peak=queue.peak,
        highest=queue.highest,
        headroom=queue.headroom,
        frozen=queue.frozen,
        pressed=queue.pressed,
        to_full=_to_full(queue, closed + (queue.ready_blocks - then.ready_blocks) / seconds),
        stored=queue.stored,
        stored_rate=rate("stored"),
        bytes_rate=rate("bytes"),
        dropped=queue.dropped,
        dropped_rate=rate("dropped"),
        early_drops=queue.early_drops,
        late_drops=queue.dropped - queue.early_drops,
        slow_drops=queue.slow_drops,
        frozen_drops=queue.frozen_drops,
        freezes=queue.freezes,
        closed_full_rate=rate("blocks_full"),
        closed_timeout_rate=rate("blocks_timeout"),
        mean=rate("delivered") / closed if closed else 0.0,
        oldest=queue.oldest,
        lag=lag_between(then, queue),
        wakeups_rate=rate("wakeups"),
        pinned=queue.cpu if queue.cpu >= 0 else None,
        cpu=thread.cpu if thread else None,
        busy=share[0] if share else None,
        waited=share[1] if share else None,
        fed_by=cpus,
        fed_softirq=max((spent for cpu in cpus if (spent := _softirq(before, now, cpu)) is not None), default=None),
        interrupts=irqs,
        share=since(then.stored, queue.stored) / whole if whole else 0.0,
    )


def _softirq(before: Moment, now: Moment, number: int) -> float | None:
    old = next((cpu for cpu in before.host.cpus if cpu.number == number), None)
    new = next((cpu for cpu in now.host.cpus if cpu.number == number), None)
    if old is None or new is None or new.total <= old.total:
        return None
    return (new.softirq - old.softirq) / (new.total - old.total)


def _to_full(queue: Counters, blocks_a_second: float) -> float:
    """Blocks are closed full or by the retire timeout: it is their number a second that fills a ring, not the bytes."""
    if queue.frozen:
        return 0.0
    return queue.headroom / blocks_a_second if blocks_a_second > 0 else math.inf


def _feeding(setup: Setup, now: Moment, index: int, interface: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """CPUs and interrupts of a queue: by CPU it is that of its number, by ``qm`` those of that receive queue; with one
    queue, or where any packet may come to any queue, all of the interface."""
    device = now.host.device(interface)
    mine = index % max(setup.config.queues, 1)
    if device is None:
        return (), ()
    receiving = [one for one in device.interrupts if one.queue is not None]
    if setup.config.fanout == "cpu" and setup.config.queues > 1:
        return (mine,), tuple(one.number for one in receiving if mine in one.cpus)
    if setup.config.fanout == "qm" and setup.config.queues > 1:
        irqs = tuple(one.number for one in receiving if one.queue == mine)
        return feeding(device.interrupts, device.rps, mine), irqs
    cpus = sorted({cpu for one in receiving for cpu in feeding(device.interrupts, device.rps, one.queue or 0)})
    return tuple(cpus), tuple(one.number for one in receiving)
