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
_END: Final = r"(?=\s|,|$)"
_GEOMETRY: Final = re.compile(rf"(\d{{1,9}})(?:\s*[x×*]\s*(\d{{1,9}})\s*([kmg])i?b?)?{_END}", re.IGNORECASE)
_TIMEOUT: Final = re.compile(
    rf"(?:timeout\s*=?\s*(\d{{1,9}})(?:\s*ms)?|(\d{{1,9}})\s*ms(?:\s+timeout)?){_END}", re.IGNORECASE
)
_FANOUT: Final = re.compile(rf"(?:fanout\s*=?\s*)?([a-z]{{2,}}){_END}", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"[\s,]*")
HOW: Final = "128 x 1M, fanout cpu, timeout 50 ms: one of them or several"
"""How other rings are written."""
_SHOWN: Final = 8
"""Queues of which the shares are told one by one."""


@runtime_checkable
class Ringed(Remembering, Protocol):
    """A session whose rings can be changed."""

    def reshape(self, *, blocks: int, block_size: int, block_timeout_ms: int, fanout: str) -> None: ...


@frozen
class Shape:
    """What the rings of a capture are to be like; ``block_size`` in bytes, ``timeout_ms`` is the retire timeout."""

    blocks: int
    block_size: int
    fanout: str
    timeout_ms: int

    @classmethod
    def of(cls, config: CaptureConfig) -> Shape:
        """As they are."""
        return cls(config.blocks, config.block_size, config.fanout, config.block_timeout_ms)

    def geometry(self) -> str:
        """``128 x 1 MiB``."""
        return f"{self.blocks} x {size(self.block_size)}"

    def differences(self, before: Shape) -> str:
        """``ring 64 x 1 MiB → 128 x 1 MiB, fanout hash → cpu, timeout 10 → 50 ms``; empty: there is none."""
        said = []
        if (self.blocks, self.block_size) != (before.blocks, before.block_size):
            said.append(f"ring {before.geometry()} → {self.geometry()}")
        if self.fanout != before.fanout:
            said.append(f"fanout {before.fanout} → {self.fanout}")
        if self.timeout_ms != before.timeout_ms:
            said.append(f"timeout {before.timeout_ms} → {self.timeout_ms} ms")
        return ", ".join(said)


def parse(text: str, now: Shape) -> Shape | str:
    """What was typed: ``128 x 1M``, ``128`` (as large as now), ``fanout cpu``, ``cpu``, ``timeout 50``, ``50 ms``, or
    several of them; or why it means nothing."""
    shape, at, seen = now, _past(text, 0), set[str]()
    while at < len(text):
        if found := _TIMEOUT.match(text, at):
            kind, shape = "timeout", replace(shape, timeout_ms=int(found[1] or found[2]))
        elif found := _GEOMETRY.match(text, at):
            blocks, number, unit = found.groups()
            octets = int(number) * _UNITS[unit.lower()] if number else shape.block_size
            kind, shape = "geometry", replace(shape, blocks=int(blocks), block_size=octets)
        elif found := _FANOUT.match(text, at):
            kind, shape = "fanout", replace(shape, fanout=found[1].lower())
            if shape.fanout not in FANOUT:
                return _unknown(found[1].lower())
        if found is None or kind in seen:
            break
        seen.add(kind)
        at = _past(text, found.end())
    return shape if seen and at == len(text) else f"write it like {HOW}"


def _past(text: str, at: int) -> int:
    """The place behind what parts one from the next."""
    found = _BETWEEN.match(text, at)
    return found.end() if found else at


def _unknown(name: str) -> str:
    if name.startswith("queue"):
        return "how many queues there are cannot change while the capture runs: that is for --queues"
    if name in ("fanout", "timeout"):
        return f"write it like {HOW}"
    return f"there is no fanout {name}; there are: {', '.join(FANOUT)}"


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
            like = f"{shape.geometry()}, fanout {shape.fanout}, timeout {shape.timeout_ms} ms"
            return f"the rings are like that already: {like}"
        if shape == replace(before, fanout=shape.fanout) and self.session.config.queues == 1:
            return "with one queue there is nothing to share out; --queues 2 would begin with two"
        if self._busy:
            return "the rings are being changed already"
        self._busy = True
        try:
            was = self.session.snapshot()
            await asyncio.to_thread(
                self.session.reshape,
                blocks=shape.blocks,
                block_size=shape.block_size,
                block_timeout_ms=shape.timeout_ms,
                fanout=shape.fanout,
            )
        finally:
            self._busy = False
        now = self.session.snapshot()
        began = self.last.counts if self.last else (0,) * len(was.queues)
        counts = _counts(was.queues)
        past = shares([one - old for one, old in zip(counts, began, strict=False)])
        self.last = Change(round(now.time * 1e9), before, shape, past, _counts(now.queues))
        lost = now.total.dropped - was.total.dropped
        meanwhile = f"{packets(lost)} lost meanwhile" if lost else "nothing lost"
        return f"{meanwhile}; {shape.differences(before)}"
