# SPDX-License-Identifier: Apache-2.0
"""Changing the rings of a running capture: what was typed, doing it, and what has come of it. No Textual here."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol, runtime_checkable

from ringscope.app.units import clock, packets, percent, size
from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import Snapshot
from ringscope.frozen import frozen
from ringscope.native import FANOUT, Counters
from ringscope.weather.traffic import Remembering

_UNITS: Final = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_GEOMETRY: Final = re.compile(r"(\d{1,9})(?:\s*[x×*]\s*(\d{1,9})\s*([kmg])i?b?)?(?=\s|,|$)", re.IGNORECASE)
_FANOUT: Final = re.compile(r"(?:fanout\s*=?\s*)?([a-z]{2,})", re.IGNORECASE)
_SHOWN: Final = 8
"""Queues of which the shares are told one by one."""


@runtime_checkable
class Ringed(Remembering, Protocol):
    """A session whose rings can be changed."""

    def reshape(self, *, blocks: int, block_size: int, fanout: str) -> None: ...


@frozen
class Shape:
    """What the rings of a capture are to be like; ``block_size`` in bytes."""

    blocks: int
    block_size: int
    fanout: str

    @classmethod
    def of(cls, config: CaptureConfig) -> Shape:
        """As they are."""
        return cls(config.blocks, config.block_size, config.fanout)

    def geometry(self) -> str:
        """``128 x 1 MiB``."""
        return f"{self.blocks} x {size(self.block_size)}"

    def differences(self, before: Shape) -> str:
        """``ring 64 x 1 MiB → 128 x 1 MiB, fanout hash → cpu``; empty: there is none."""
        said = []
        if (self.blocks, self.block_size) != (before.blocks, before.block_size):
            said.append(f"ring {before.geometry()} → {self.geometry()}")
        if self.fanout != before.fanout:
            said.append(f"fanout {before.fanout} → {self.fanout}")
        return ", ".join(said)


def parse(text: str, now: Shape) -> Shape | str:
    """What was typed: ``128 x 1M``, ``128`` (as large as now), ``fanout cpu``, ``cpu``, or both; or why it means
    nothing."""
    shape, rest = now, text.strip()
    if geometry := _GEOMETRY.match(rest):
        blocks, number, unit = geometry.groups()
        octets = int(number) * _UNITS[unit.lower()] if number else now.block_size
        shape = replace(shape, blocks=int(blocks), block_size=octets)
        rest = rest[geometry.end() :].strip(" ,")
    if rest and (mode := _FANOUT.fullmatch(rest)):
        name = mode[1].lower()
        if name not in FANOUT:
            return f"there is no fanout {name}; there are: {', '.join(FANOUT)}"
        shape, rest = replace(shape, fanout=name), ""
    if rest or not text.strip():
        return "write it like 128 x 1M, or fanout cpu, or both"
    return shape


# -- what has come of it


@frozen
class Change:
    """A change of the rings. ``shares`` are of the packets of the queues before it (since the capture began, or since
    the change before), ``counts`` what the queues had counted when it was made."""

    time_ns: int
    before: Shape
    after: Shape
    shares: tuple[float, ...]
    counts: tuple[int, ...]

    def balance(self, now: Snapshot) -> str:
        """How even the queues were and are; empty with one queue."""
        if len(self.counts) < 2:
            return ""
        since = shares([one - was for one, was in zip(_counts(now.queues), self.counts, strict=False)])
        became = _listed(since) if any(since) else "nothing has come yet"
        return f"packets by queue: {_listed(self.shares)} before, {became} since"

    def told(self, now: Snapshot) -> str:
        """``12:04:31 ring 64 x 1 MiB → 128 x 1 MiB; packets by queue: 97 % 3 % before, 51 % 49 % since``."""
        balance = self.balance(now)
        return f"{clock(self.time_ns, 8)} {self.after.differences(self.before)}{'; ' if balance else ''}{balance}"


def shares(counts: Sequence[int]) -> tuple[float, ...]:
    """Of each in the sum of all; zeros where there is none."""
    whole = sum(counts)
    return tuple(one / whole if whole else 0.0 for one in counts)


def _counts(queues: Sequence[Counters]) -> tuple[int, ...]:
    return tuple(queue.stored + queue.dropped for queue in queues)


def _listed(of: Sequence[float]) -> str:
    if len(of) <= _SHOWN:
        return " ".join(percent(one) for one in of)
    return f"{percent(min(of))} to {percent(max(of))}"


class Reshaping:
    """Changes the rings, one change at a time, and remembers the last one."""

    def __init__(self, session: Ringed) -> None:
        self.session = session
        self.last: Change | None = None
        self._busy = False

    @property
    def shape(self) -> Shape:
        """As the rings are now."""
        return Shape.of(self.session.config)

    async def to(self, shape: Shape) -> str:
        """Have rings of this shape; what to say of it. Waits in a thread. Raises CaptureError: the rings are as they
        were."""
        before = self.shape
        if shape == before:
            return f"the rings are like that already: {shape.geometry()}, fanout {shape.fanout}"
        if shape == replace(before, fanout=shape.fanout) and self.session.config.queues == 1:
            return "with one queue there is nothing to share out; --queues 2 would begin with two"
        if self._busy:
            return "the rings are being changed already"
        self._busy = True
        try:
            was = self.session.snapshot()
            await asyncio.to_thread(
                self.session.reshape, blocks=shape.blocks, block_size=shape.block_size, fanout=shape.fanout
            )
        finally:
            self._busy = False
        now = self.session.snapshot()
        began = self.last.counts if self.last else (0,) * len(was.queues)
        counts = _counts(was.queues)
        past = shares([one - old for one, old in zip(counts, began, strict=False)])
        self.last = Change(round(now.time * 1e9), before, shape, past, _counts(now.queues))
        lost = now.total.dropped - was.total.dropped
        meanwhile = f"{packets(lost)} lost meanwhile" if lost else "nothing was lost meanwhile"
        return f"{shape.differences(before)}; {meanwhile}"
