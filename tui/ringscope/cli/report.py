# SPDX-License-Identifier: Apache-2.0
"""Counters as text and as JSON, and tcpdump's closing lines."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from ringscope.capture.series import Written
from ringscope.capture.session import LiveSession, Snapshot, state_in_words
from ringscope.native import Change, Counters, Source


class Saved(Protocol):
    """What was saved of a recording, in one file or several."""

    @property
    def written(self) -> int:
        """Packets in them."""

    @property
    def missed(self) -> int:
        """Packets that should be, but are not."""


def grouped(number: float) -> str:
    """1204331 as ``1 204 331``."""
    return f"{round(number):,}".replace(",", " ")


def counted(number: int, what: str) -> str:
    """``1 packet``, ``2 packets``."""
    return f"{number} {what}{'' if number == 1 else 's'}"


# -- text ---------------------------------------------------------------------------------------------------------


def closing_lines(captured: int, snapshot: Snapshot) -> None:
    """What tcpdump says at its end, on stderr, and a line for each further kind of loss, and for each queue.

    ``received`` includes what the kernel then had to drop.
    """
    total = snapshot.total
    lines = [
        f"{captured} packets captured",
        f"{total.stored + total.dropped} packets received by filter",
        f"{total.dropped} packets dropped by kernel",
        *_losses(total),
    ]
    if len(snapshot.queues) > 1:
        lines += [_queue_line(index, queue) for index, queue in enumerate(snapshot.queues)]
    print("\n".join(lines), file=sys.stderr, flush=True)


def saved_lines(packets: int, files: int, first: str, last: str) -> None:
    """What was written where, on stderr; ``files`` is how many there were from the first to the last."""
    where = first if files == 1 else f"{files} files, {first} to {last}"
    print(f"{counted(packets, 'packet')} written to {where}", file=sys.stderr, flush=True)


def _losses(total: Counters) -> list[str]:
    """One line for each kind of loss that there was, but for the sum of what the kernel dropped."""
    lines = []
    if total.dropped:
        lines.append(
            f"of these {total.slow_drops} for a slow reader, {total.frozen_drops} while still frozen,"
            f" {total.early_drops} early, above 75 % while blocks were free"
        )
    if total.truncated:
        lines.append(f"{counted(total.truncated, 'packet')} cut by the ring's block size")
    if total.arena_drops:
        lines.append(f"{counted(total.arena_drops, 'packet')} lost between ring and store")
    if total.unaccounted:
        lines.append(f"counters do not add up by {counted(total.unaccounted, 'packet')}")
    return lines


def _queue_line(index: int, queue: Counters) -> str:
    where = f", CPU {queue.cpu}" if queue.cpu >= 0 else ""
    told = [f"{queue.stored} stored", f"{queue.dropped} dropped"]
    told += [f"{number} {word}" for number, word in _lost(queue) if word != "dropped"]
    return f"queue {index} ({queue.interface}{where}): {', '.join(told)}, ring at most {queue.highest:.0%} full"


def _lost(counters: Counters) -> list[tuple[int, str]]:
    """What was lost, by kind; numbers with different meanings are not added together."""
    kinds = (
        (counters.dropped, "dropped"),
        (counters.arena_drops, "lost behind the ring"),
        (counters.truncated, "cut by the block size"),
        (counters.unaccounted, "not accounted for"),
    )
    return [(number, word) for number, word in kinds if number]


def _worst(queues: Sequence[Counters]) -> str:
    """The queue that lost most, and what; empty: none lost any."""

    def losses(index: int) -> tuple[int, int, int, int]:
        queue = queues[index]
        return queue.dropped, queue.arena_drops, queue.truncated, queue.unaccounted

    if len(queues) < 2:
        return ""
    worst = max(range(len(queues)), key=losses)
    told = ", ".join(f"{grouped(number)} {word}" for number, word in _lost(queues[worst]))
    return f"  worst: queue {worst} ({queues[worst].interface}) {told}" if told else ""


def text_line(before: Snapshot, now: Snapshot) -> str:
    """One second as a line to read; rates are of the time between the two snapshots."""
    seconds = max(now.time - before.time, 1e-3)
    rate = (now.total.delivered - before.total.delivered) / seconds
    bits = (now.total.bytes - before.total.bytes) * 8 / seconds
    state = "" if now.state == "running" else f"  {now.state.upper()}"
    return (
        f"{time.strftime('%H:%M:%S', time.localtime(now.time))}"
        f"  stored {grouped(now.total.stored)}  dropped {grouped(now.total.dropped)}"
        f"  {grouped(rate)} pkt/s  {bits / 1e6:.1f} Mb/s"
        f"  ring {now.total.fill:.0%} (peak {now.total.peak:.0%})  freezes {grouped(now.total.freezes)}"
        f"{_worst(now.queues)}{state}"
    )


def news_of(before: Source | None, now: Source) -> list[str]:
    """What happened to an interface between two looks at it, in sentences; ``before`` is None for the first look."""
    news = []
    if before and before.name != now.name and before.ifindex == now.ifindex:
        news.append(f"{before.name} is called {now.name} now")
    if before and (before.state, before.state_since) == (now.state, now.state_since):
        return news
    if sentence := state_in_words(now):
        news.append(sentence)
    elif before and before.state != "open":
        how = "back, and opened again," if now.reopened > before.reopened else "captured on again"
        news.append(f"{now.name} is {how} since {time.strftime('%H:%M:%S', time.localtime(now.state_since))}")
    return news


# -- JSON ---------------------------------------------------------------------------------------------------------


def _numbers(counters: Counters) -> dict[str, Any]:
    shares = {
        name: round(getattr(counters, name), 6) for name in ("fill", "peak", "highest", "oldest", "lag", "longest_lag")
    }
    late = counters.slow_drops + counters.frozen_drops
    return {**asdict(counters), **shares, "slow_drops": counters.slow_drops, "late_drops": late}


def _interface(source: Source) -> dict[str, Any]:
    return {
        "name": source.name,
        "state": source.state,
        "since": source.state_since,
        "errno": source.state_errno,
        "error": os.strerror(source.state_errno) if source.state_errno else "",
        "reopened": source.reopened,
        "ifindex": source.ifindex,
        "group": source.group,
        "queues": source.queues,
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "epoch": change.epoch,
        "mode": change.mode,
        "begun": change.begun,
        "first": change.first,
        "clean_from": change.clean_from,
        "rechecked": change.rechecked,
        "matched": change.matched,
        "unknown": change.unknown,
        "gap": change.gap,
        "attached": change.attached,
        "settling": change.settled,
        "stored": change.stored,
        "dropped": change.dropped,
        "undone": change.undone,
        "settled": change.is_settled,
    }


def json_line(
    session: LiveSession,
    now: Snapshot,
    saved: Saved | None,
    *,
    final: bool,
    files: Sequence[Written] = (),
    weather: Mapping[str, Any] | None = None,
) -> str:
    """One object a line; keys are stable, times are seconds since 1970, ``fill``, ``peak`` and ``highest`` shares from
    0 to 1, ``oldest``, ``lag``, ``gap``, ``attached`` and ``settling`` seconds. ``change`` tells how the newest filter
    was put in force: ``attached`` and ``settling`` are how long it took until the last queue had it, and until nothing
    under the old one was on its way; ``stored`` and ``dropped`` are what all queues had counted before and after that.
    ``files`` of the last line names the last hundred that were written. ``weather`` are further keys: see
    :mod:`ringscope.cli.weather`.
    """
    changes = session.changes()
    record: dict[str, Any] = {
        "time": now.time,
        "interface": session.interface,
        "interfaces": [_interface(source) for source in session.sources()],
        "state": now.state,
        "state_since": now.state_since,
        "state_text": now.state_text,
        "filter": session.filter_expression,
        "epoch": now.epoch,
        "change": _change(changes[-1]) if changes else None,
        "store": {"newest": now.head, "oldest": now.tail, "evicted": now.evicted, "disordered": now.disordered},
        "total": _numbers(now.total),
        "queues": [_numbers(queue) for queue in now.queues],
    }
    record.update(weather or {})
    if saved is not None:
        record["file"] = {"written": saved.written, "missed": saved.missed}
    if files:
        record["files"] = [asdict(file) for file in files]
    if final:
        record["final"] = True
    return json.dumps(record)
