# SPDX-License-Identifier: Apache-2.0
"""What observing costs: CPU by thread, memory, bytes to the terminal. Pure functions; no Textual here."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Final

from ringscope.frozen import frozen
from ringscope.host.process import Process

_WINDOW: Final = 2.0
_GROUPS: Final = (("rs ring", "rings"), ("rs merge", "merge"), ("rs control", "control"))


@frozen
class Cost:
    """Shares of one CPU, in all and by what it was spent on, the most first; memory in bytes, as in
    `ringscope.host.process.Process`."""

    cpu: float
    by: tuple[tuple[str, float], ...]
    resident: int
    mapped: int
    locked: int


class Sent:
    """Bytes a second to the terminal, of the last seconds. Fed once a tick."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def note(self, time: float, written: int) -> None:
        """``written`` are the bytes since the start, at a time in seconds."""
        if self._samples and time <= self._samples[-1][0]:
            self._samples.clear()
        self._samples.append((time, written))
        while len(self._samples) > 2 and self._samples[1][0] <= time - _WINDOW:
            self._samples.popleft()

    @property
    def rate(self) -> float:
        """Bytes a second; 0 as long as nobody can tell."""
        if len(self._samples) < 2:
            return 0.0
        (then, before), (now, after) = self._samples[0], self._samples[-1]
        return (after - before) / (now - then)


def cost(before: Process | None, now: Process | None, seconds: float) -> Cost | None:
    """The cost of the ``seconds`` between two readings; None: it cannot be read."""
    if before is None or now is None or seconds <= 0:
        return None
    then = {one.id: one.seconds for one in before.threads}
    spent: dict[str, float] = defaultdict(float)
    for one in now.threads:
        spent[_purpose(one.id, one.name, now.id)] += one.seconds - then.get(one.id, 0.0)
    shares = sorted(((name, share / seconds) for name, share in spent.items()), key=lambda one: -one[1])
    cpu = (now.seconds - before.seconds) / seconds
    return Cost(max(cpu, sum(share for _, share in shares)), tuple(shares), now.resident, now.mapped, now.locked)


def _purpose(thread: int, name: str, process: int) -> str:
    if thread == process:
        return "screen"
    return next((purpose for begin, purpose in _GROUPS if name.startswith(begin)), "other")
