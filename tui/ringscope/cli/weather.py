# SPDX-License-Identifier: Apache-2.0
"""What ``record`` tells beside the counters of the rings: the host, the way of a packet, and a verdict.

As keys of its JSON lines: ``host`` is one reading (`ringscope.host.reader.Host`), ``rings`` how each ring stands
(`ringscope.weather.rings.RingView`), ``path`` the account by stages and ``verdict`` what it comes to
(`ringscope.weather.model`); ``whatif`` of the last line what other rings would have lost in the last minute, where
this one lost anything (`ringscope.weather.whatif`), else null. With ``--report`` as text at the end.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Any, Final, Self

from ringscope.capture.session import LiveSession
from ringscope.host.process import Process
from ringscope.host.reader import HostReader
from ringscope.weather.feeders import ENOUGH, Feeder, feeders
from ringscope.weather.judge import judge
from ringscope.weather.model import GONE, LATER_STAGES, LOST, REJECTED, Figure, Path, Stage, Verdict
from ringscope.weather.moment import setup_of, take
from ringscope.weather.path import path
from ringscope.weather.rings import rings
from ringscope.weather.traffic import MINUTE, Recent, recent
from ringscope.weather.trial import Trial, try_cures
from ringscope.weather.verdict import Tally, grouped, verdict
from ringscope.weather.whatif import Outcome, WhatIf

_SAMPLE: Final = 1000
"""Packets that are looked at for who feeds a ring that loses."""
_CURES, _ALSO, _TAPS, _UNREAD, _THREADS, _WHAT_IF = 3, 3, 1, 3, 4, 3
"""Lines, or names in a line, at most: a report is to be read."""
_SILENT: Final = ("rx_packets", "tx_packets", "rx", "rx max", "bytes", "lag", "kept")
_LINES: Final = 25


class Weather:
    """Watches a session from now on. A context manager, for one thread."""

    def __init__(self, session: LiveSession) -> None:
        self._session = session
        self._reader = HostReader(tuple(source.name for source in session.sources()))
        self._setup = setup_of(session)
        self._tally = Tally()
        self._sample: tuple[Feeder, ...] = ()
        self._ended = False
        self._trial: Trial | None = None
        self._first = self._before = self._now = take(self._reader, session)

    def look(self, *, missed: int = 0, ended: bool = False) -> None:
        """Once a second, and once at the end. ``missed`` are packets that no longer could be written to the file."""
        self._setup = setup_of(self._session)
        self._before, self._now = self._now, take(self._reader, self._session, missed=missed)
        self._ended = ended
        found = judge(self._before, self._now)
        self._tally = self._tally.plus(found)
        losing = [one for one in found if one.stage == "ring" and one.kind == LOST]
        if losing:
            worst = max(losing, key=lambda one: one.packets)
            newest = self._now.capture.head
            packets = self._session.read(max(newest - _SAMPLE + 1, 1), _SAMPLE, ENOUGH)
            self._sample = feeders(packets, queue=int(worst.place.removeprefix("queue ")))

        if ended and self._now.capture.total.dropped:
            self._trial = self._replayed(recent(self._session))

    def _replayed(self, packets: Recent) -> Trial | None:
        """What other rings and cures would have made of the last minute; None: it lost nothing."""
        said = self.verdict()
        queue = int(said.place.removeprefix("queue ")) if said.stage == "ring" else 0
        feeder = self._sample[0] if self._sample else None
        cpus = max(len(self._now.host.cpus), 1)
        trial = try_cures(packets.now / 1e9, packets.queues(), self._setup, queue=queue, cpus=cpus, feeder=feeder)
        return trial if trial.table.lost else None

    def path(self) -> Path:
        """The account so far."""
        return path(self._setup, self._first, self._before, self._now)

    def verdict(self) -> Verdict:
        """What it comes to."""
        return verdict(
            self._setup,
            self._tally,
            self._first,
            self._now,
            ended=self._ended,
            sample=self._sample,
            trial=self._trial,
        )

    def json(self) -> dict[str, Any]:
        """The keys of a JSON line."""
        return {
            "host": asdict(self._now.host),
            "rings": [_finite(asdict(view)) for view in rings(self._setup, self._before, self._now)],
            "path": asdict(self.path()),
            "verdict": asdict(self.verdict()),
            "whatif": asdict(self._trial.table) if self._trial else None,
        }

    def report(self) -> list[str]:
        """The verdict, what would help, and the account: at most 25 lines."""
        said, way = self.verdict(), self.path()
        seconds = self._now.time - self._first.time
        lines = [said.sentence]
        lines += [f"  also: {one}" for one in _first_of(said.also, _ALSO)]
        lines += [f"  taps: {one}" for one in _first_of([one.text for one in self._now.host.warnings], _TAPS)]
        for cure in said.cures[:_CURES]:
            saves = f"; {cure.saves}" if cure.saves else ""
            lines.append(f"  cure: {cure.command}   {cure.words}{saves}")
        if said.replayed:
            lines.append(f"  ~ by {said.replayed}")
        if self._trial:
            lines.append(_what_if(self._trial.table))
        lines.append(f"{'the way of a packet':<20}{'packets':>14}{'lost':>12}   in {seconds:.1f} s")
        lines += [_stage_line(stage) for stage in way.stages if stage.key != "view"]
        later = (f"{LATER_STAGES[one.name]} {grouped(one.value)}" for one in way.later)
        lines.append(f"later, not our loss: {', '.join(later)}")
        unaccounted = "~ cannot be told" if way.unaccounted is None else grouped(way.unaccounted)
        lines.append(f"not accounted for: {unaccounted} ({way.unaccounted_text})")
        if process := self._now.host.process:
            before = self._first.host.process
            lines.append(_observer(process, before, self._before.host.process, seconds))
        if unread := self._unread(way):
            lines.append("not read: " + "; ".join(_first_of(unread, _UNREAD)))
        return lines[:_LINES]

    def _unread(self, way: Path) -> list[str]:
        stages = (text for stage in way.stages for text in stage.unread)
        return list(dict.fromkeys([*stages, *(str(one) for one in self._now.host.unread)]))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._reader.close()


def say_lines(lines: Iterable[str]) -> None:
    """On standard error, where tcpdump says its last words, too."""
    print("\n".join(lines), file=sys.stderr, flush=True)


def _first_of(texts: Sequence[str], most: int) -> list[str]:
    left = len(texts) - most
    return [*texts[:most], f"and {left} more"] if left > 0 else list(texts)


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """JSON has no infinity: a ring that never fills has no time to that."""
    return {key: None if isinstance(value, float) and math.isinf(value) else value for key, value in values.items()}


def _what_if(table: WhatIf) -> str:
    """What rings near the present one would have lost: the next smaller one, the present one, and those up to the first
    that would have lost nothing."""
    told = [_outcome(row, table.lost) for row in _near(table)]
    return f"  what if, last {MINUTE:.0f} s: " + "; ".join(told)


def _near(table: WhatIf) -> list[Outcome]:
    ours = next(row for row in table.rows if row.present)
    larger = [row for row in table.rows if row.more > 0]
    enough = [row for row in larger if table.enough is None or row.more <= table.enough.more]
    smaller = [row for row in table.rows if row.more < 0]
    return [*smaller[-1:], ours, *enough[-_WHAT_IF:]]


def _outcome(row: Outcome, lost: int) -> str:
    name = str(row.geometry)
    if row.present:
        return f"{name} (now) ~{grouped(row.lost)} lost, really {grouped(lost)}"
    more = f", {'+' if row.more > 0 else '-'}{abs(row.more) >> 20} MiB"
    return f"{name} {'0' if not row.lost else '~' + grouped(row.lost)} lost{more}"


def _stage_line(stage: Stage) -> str:
    passed = "-" if stage.passed is None else ("~" if stage.passed_estimated else "") + grouped(stage.passed)
    told = ", ".join(_figure(one) for one in stage.figures if _is_worth_telling(one))
    return f"  {stage.title:<18}{passed:>14}{grouped(stage.lost):>12}   {told}".rstrip()


def _is_worth_telling(figure: Figure) -> bool:
    return figure.name not in _SILENT and bool(figure.value or figure.kind in (REJECTED, GONE))


def _figure(figure: Figure) -> str:
    if figure.name == "longest_lag":
        return f"at most {figure.value * 1000:.0f} ms late"
    place = f" ({figure.place})" if figure.place else ""
    return f"{figure.words}{place} {'~' if figure.estimated else ''}{grouped(figure.value)}"


def _observer(now: Process, first: Process | None, before: Process | None, seconds: float) -> str:
    """What observing has cost since the first look, by thread; threads and memory of the core as they were at the last
    look before its end."""
    spent = now.seconds - (first.seconds if first else 0.0)
    began = {one.id: one.seconds for one in first.threads} if first else {}
    alive = {one.id: one for one in (*(before.threads if before else ()), *now.threads)}
    by_thread = {one.name: one.seconds - began.get(one.id, 0.0) for one in alive.values()}
    busiest = sorted(by_thread.items(), key=lambda one: one[1], reverse=True)[:_THREADS]
    told = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in busiest)
    held = before or now
    sizes = (
        f"{held.resident >> 20} MiB resident, of these {held.mapped >> 20} rings and files, {held.locked >> 20} locked"
    )
    return f"observer: {spent:.2f} s of CPU ({spent / max(seconds, 1e-3):.0%}): {told}; {sizes}"
