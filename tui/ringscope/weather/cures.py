# SPDX-License-Identifier: Apache-2.0
"""What would help: text to copy, each with what it would have saved where that can be computed. Nothing here is run.

What a cure of a ring would have saved is told by the replay of the last minute (`ringscope.weather.trial`), the same
that the table of other rings is made from; where there is none yet, by a reckoning, which says that it is one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from ringscope.native import Counters
from ringscope.weather.feeders import Feeder
from ringscope.weather.model import Cure, Finding
from ringscope.weather.moment import Moment, Setup
from ringscope.weather.traffic import IN_RING
from ringscope.weather.trial import HEADERS, HEADERS_KEPT, IN_TURN, LEFT_OUT, PROMPT, SPREAD, Trial, more_queues
from ringscope.weather.whatif import WORTH
from ringscope.weather.words import grouped, sized

_SHARE: Final = 0.1
"""Of the packets of a queue: a flow with less is not worth a filter."""
_RING_MOST: Final = 4 << 30
"""Bytes of a ring that nobody would want to have."""
_BACKLOG_MOST: Final = 1 << 20
_UNTOLD: Final = "how much it would have saved no counter tells"


def cures(
    setup: Setup, finding: Finding, total: int, now: Moment, sample: Sequence[Feeder], trial: Trial | None = None
) -> tuple[Cure, ...]:
    """Those that fit, the most fitting first. ``total`` are the packets lost so since the first moment, ``trial`` is
    what was replayed of the minute in which they were, None: nothing yet."""
    match finding.stage, finding.cause:
        case "ring", cause:
            found = list(_of_ring(setup, finding, cause, total, now, sample, trial))
            found.sort(key=_rank)
        case "nic", "no descriptors":
            found = [*_more_descriptors(now), *_spread(now)]
        case "softirq", cause:
            found = [*_backlog(cause, total, now)]
        case "worker", "store full":
            found = [Cure(f"--store {_as_size(setup.config.store_bytes * 2)}", "more room behind the rings", _UNTOLD)]
        case "store", "evicted" | "file late":
            found = [*_more_store(setup, now)]
        case "filter", "snaplen":
            found = [Cure("-s 0", "keep frames whole", f"would have kept all {grouped(total)} whole")]
        case "wire", _:
            found = [Cure(f"ethtool -S {finding.place}", "which errors: then cable, transceiver, or the other end", "")]
        case _:
            found = []
    return tuple(found)


def _rank(cure: Cure) -> int:
    """What would have saved nearly all comes first, what would hardly have helped last; as far as it was replayed."""
    if cure.share is None or WORTH <= cure.share <= 1 - WORTH:
        return 1
    return 0 if cure.share > WORTH else 2


def _of_ring(
    setup: Setup,
    finding: Finding,
    cause: str,
    total: int,
    now: Moment,
    sample: Sequence[Feeder],
    trial: Trial | None,
) -> Iterator[Cure]:
    blocks = _more_blocks(setup, finding, total, now, trial)
    fanout = _fanout(setup, finding, now, trial)
    leave_out = _leave_out(setup, finding, sample, trial)
    match cause:
        case "small":
            yield from (*blocks, *fanout, *leave_out)
        case "late":
            yield from (*blocks, *_pin(setup, finding, now, trial), *leave_out)
        case "starved":
            # That a larger ring would have helped, too, only a replay can tell.
            yield from (*_pin(setup, finding, now, trial), *(blocks if trial else ()), *fanout, *leave_out)
        case "busy":
            yield from (*fanout, *leave_out, *_snaplen(setup, finding, trial), *(blocks if trial else ()))
        case "early drop":
            yield from (*_one_ring_a_cpu(setup), *blocks, *leave_out)
        case "frozen":
            yield from _look_at_worker(finding, now)
        case "block size":
            yield from _larger_blocks(total, now)


def _as_size(octets: float) -> str:
    mib = max(1, -(-int(octets) >> 20))
    return f"{mib >> 10}G" if mib % 1024 == 0 else f"{mib}M"


# -- rings ------------------------------------------------------------------------------------------------------------


def _queue(finding: Finding, now: Moment) -> Counters:
    number = finding.place.removeprefix("queue ")
    queues = now.capture.queues
    return queues[int(number)] if number.isdecimal() and int(number) < len(queues) else now.capture.total


def _in_ring(queue: Counters) -> float:
    """Bytes that a packet of this queue takes in its ring."""
    return queue.bytes / queue.delivered + IN_RING if queue.delivered else 1514 + IN_RING


def _replayed(finding: Finding, trial: Trial | None, way: str) -> tuple[str, float | None]:
    """How many a way would have saved of those that this queue lost, in words and as a share; empty, and None: that was
    not replayed."""
    if trial is None or finding.place != f"queue {trial.queue}" or way not in trial.ways:
        return "", None
    saved = max(trial.lost - trial.ways[way], 0)
    return f"~{grouped(saved)} of {grouped(trial.lost)}", saved / trial.lost


def _more_blocks(setup: Setup, finding: Finding, total: int, now: Moment, trial: Trial | None) -> Iterator[Cure]:
    if trial is not None and finding.cause != "early drop":
        return _replayed_blocks(finding, now, trial)
    return _reckoned_blocks(setup, finding, total, now)


def _replayed_blocks(finding: Finding, now: Moment, trial: Trial) -> Iterator[Cure]:
    """What the table of other rings advises, unless the ring is as large by now."""
    queue, table, best = _queue(finding, now), trial.table, trial.table.best
    if best is None or best.geometry.octets <= queue.blocks * queue.block_size:
        return
    geometry = best.geometry
    size = f" --block-size {_as_size(geometry.block_size)}" if geometry.block_size != queue.block_size else ""
    more = sized((geometry.octets - queue.blocks * queue.block_size) * len(now.capture.queues))
    saves = f"would have saved ~{grouped(table.saved(best))} of {grouped(table.lost)}, +{more}"
    yield Cure(f"--blocks {geometry.blocks}{size}", "a larger ring", saves, table.saved(best) / table.lost)


def _reckoned_blocks(setup: Setup, finding: Finding, total: int, now: Moment) -> Iterator[Cure]:
    """A ring that is larger by all that was lost, and by the blocks that the retire timeout closes half empty while the
    reader is away, would not have lost any of it: the reader was never further behind than that. How large the lost
    packets were is taken from those that were not."""
    queue = _queue(finding, now)
    lost = math.ceil(total * _in_ring(queue) / queue.block_size)
    half_empty = math.ceil(queue.longest_lag * 1000 / setup.config.block_timeout_ms)
    wanted = queue.blocks + lost + half_empty + 1
    if finding.cause == "early drop":
        # Early drops begin at 75 %: so much must be free beyond what it held.
        wanted = max(wanted, -(-queue.blocks * 4 // 3) + 1)
    blocks = 1 << (wanted - 1).bit_length()
    if blocks * queue.block_size > _RING_MOST:
        return
    more = sized((blocks - queue.blocks) * queue.block_size * len(now.capture.queues))
    # The kernel's early drops are not in the model of a ring.
    held = (
        "would have stayed below 75 %" if finding.cause == "early drop" else f"would have saved ~all {grouped(total)}"
    )
    yield Cure(f"--blocks {blocks}", "a larger ring", f"{held}, +{more}; reckoned, not replayed")


def _larger_blocks(total: int, now: Moment) -> Iterator[Cure]:
    """Blocks of twice the largest frame that an interface may hand up, and of 1 MiB at least."""
    largest = max((max(device.link.gso_max, device.link.gro_max) for device in now.devices()), default=0)
    size = 1 << max(20, (2 * largest - 1).bit_length())
    saves = f"would have kept all {grouped(total)} whole"
    yield Cure(f"--block-size {_as_size(size)}", "blocks that hold the largest frames", saves)


def _look_at_worker(finding: Finding, now: Moment) -> Iterator[Cure]:
    """A reader that does not read at all is stopped, or waits for something that no larger ring would give it."""
    number = finding.place.removeprefix("queue ")
    if now.host.process is not None:
        command = f"ps -L -o tid,stat,wchan:20,comm -p {now.host.process.id}"
        yield Cure(command, f'whether "rs ring {number}" is stopped (T), and what it waits for', "")


def _fanout(setup: Setup, finding: Finding, now: Moment, trial: Trial | None) -> Iterator[Cure]:
    cpus = max(len(now.host.cpus), 1)
    have = setup.config.queues
    if (queues := more_queues(have, cpus)) > have:
        share = f"{1 / queues:.0%} of the load for each worker, {1 / have:.0%} now, where flows are even"
        saved, part = _replayed(finding, trial, SPREAD)
        saves = f"would have saved {saved}: {share}" if saved else share
        yield Cure(f"--queues {queues} --fanout hash", "more rings, each with its worker", saves, part)
    elif setup.config.fanout == "hash" and have > 1:
        mine = _queue(finding, now)
        counts = [queue.delivered + queue.dropped for queue in now.capture.queues]
        if (whole := sum(counts)) and (mine.delivered + mine.dropped) / whole > 1.5 / have:
            share = f"{1 / have:.0%} of all packets would come to this ring, "
            share += f"{(mine.delivered + mine.dropped) / whole:.0%} do now"
            # In turn all rings share what this one lost: what is told of is what all would have lost then.
            saved, part = _replayed(finding, trial, IN_TURN)
            saves = f"would have saved {saved}: {share}" if saved else share
            yield Cure("--fanout lb", "packets in turn: flows are taken apart, rings are even", saves, part)


def _one_ring_a_cpu(setup: Setup) -> Iterator[Cure]:
    if setup.config.fanout != "cpu" or setup.config.queues == 1:
        words = "one ring for each CPU that feeds: without a rival the kernel does not drop early"
        yield Cure("--queues auto --fanout cpu", words, "would have saved all of them")


def _pin(setup: Setup, finding: Finding, now: Moment, trial: Trial | None) -> Iterator[Cure]:
    """CPUs that do not feed the interface, as many as there are queues."""
    if setup.config.cpus:
        return
    feeding = {
        cpu
        for device in now.devices()
        for cpus in [
            *(one.cpus for one in device.rps),
            *(one.cpus for one in device.interrupts if one.queue is not None),
        ]
        for cpu in cpus
    }
    free = [cpu.number for cpu in now.host.cpus if cpu.online and cpu.number not in feeding]
    saved, part = _replayed(finding, trial, PROMPT)
    saves = f"a reader that is never late would have saved {saved}" if saved else ""
    if feeding and free:
        chosen = ",".join(str(cpu) for cpu in free[: max(setup.config.queues, 1)])
        fed = ", ".join(str(cpu) for cpu in sorted(feeding))
        yield Cure(f"--pin {chosen}", f"keep the workers off the CPUs that feed the interface ({fed})", saves, part)
    else:
        yield Cure("chrt --fifo 1 ringscope ...", "let the workers run before others", saves, part)


def _leave_out(setup: Setup, finding: Finding, sample: Sequence[Feeder], trial: Trial | None) -> Iterator[Cure]:
    for feeder in sample[:1]:
        if feeder.packets < _SHARE:
            return
        leave_out = f"not ({feeder.flow.expression})"
        whole = f"({setup.expression}) and {leave_out}" if setup.expression else leave_out
        saves = f"~{feeder.packets:.0%} of this ring's packets, ~{feeder.bytes:.0%} of its bytes, would not have come"
        yield Cure(f"'{whole}'", "leave out the flow that feeds it most", saves + _others(finding, feeder, trial))


def _others(finding: Finding, feeder: Feeder, trial: Trial | None) -> str:
    """What would have become of the other flows' packets that were lost, if this one had not come."""
    if finding.cause == "early drop":
        return "; of the others how many were saved no model tells"
    if trial is None or trial.feeder is None or trial.feeder.flow != feeder.flow:
        return "; of the others how many were saved was not replayed yet"
    others = round(trial.lost * (1 - trial.feeder.packets))
    if not _replayed(finding, trial, LEFT_OUT)[0] or not others:
        return ""
    kept = max(others - trial.ways[LEFT_OUT], 0)
    return f"; of other flows ~{grouped(kept)} of ~{grouped(others)} lost packets would have been saved"


def _snaplen(setup: Setup, finding: Finding, trial: Trial | None) -> Iterator[Cure]:
    if setup.config.snaplen > 2 * HEADERS_KEPT:
        saved, part = _replayed(finding, trial, HEADERS)
        saves = f"would have saved at least {saved}" if saved else ""
        yield Cure(f"-s {HEADERS_KEPT}", "keep headers only: less to copy", saves, part)


# -- the host ---------------------------------------------------------------------------------------------------------


def _more_descriptors(now: Moment) -> Iterator[Cure]:
    for device in now.devices():
        rings = device.nic.rings
        if rings and rings.rx < rings.rx_max:
            saves = f"would take bursts {rings.rx_max / rings.rx:.0f} times as long ({rings.rx} descriptors now)"
            yield Cure(f"ethtool -G {device.link.name} rx {rings.rx_max}", "larger rings of the device", saves)


def _spread(now: Moment) -> Iterator[Cure]:
    for device in now.devices():
        name, channels, spread = device.link.name, device.nic.channels, device.nic.spread
        if channels and channels.combined and channels.combined < channels.combined_max:
            cpus = max(len(now.host.cpus), 1)
            if (queues := min(channels.combined_max, cpus)) > channels.combined:
                words = f"more receive queues, each on a CPU ({channels.combined} now)"
                yield Cure(f"ethtool -L {name} combined {queues}", words, _UNTOLD)
        if spread and channels and (max(spread) > 2 * min(spread) or len(spread) < channels.receiving):
            yield Cure(f"ethtool -X {name} equal {channels.receiving}", "all receive queues alike", _UNTOLD)


def _backlog(cause: str, total: int, now: Moment) -> Iterator[Cure]:
    if cause == "flow limit":
        yield Cure(
            "sysctl -w net.core.flow_limit_cpu_bitmap=0",
            "no limit for one flow",
            f"would have saved all {grouped(total)}",
        )
        return
    have = now.host.limits.netdev_max_backlog or 1000
    wanted = 1 << (have + total - 1).bit_length()
    saves = f"would have saved all {grouped(total)} (it holds {grouped(have)} now)" if wanted <= _BACKLOG_MOST else ""
    command = f"sysctl -w net.core.netdev_max_backlog={min(wanted, _BACKLOG_MOST)}"
    yield Cure(command, "a longer backlog for each CPU", saves)


def _more_store(setup: Setup, now: Moment) -> Iterator[Cure]:
    kept = max(now.capture.head - now.capture.tail + 1, 1)
    wanted = setup.config.store_bytes * now.capture.head / kept
    saves = f"would have kept all {grouped(now.capture.head)}"
    yield Cure(f"--store {_as_size(wanted)}", "room for all that came so far", saves)
    yield Cure("-w FILE", "packets go to the disk as they come", "")
