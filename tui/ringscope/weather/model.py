# SPDX-License-Identifier: Apache-2.0
"""The values that the way of a packet is told with: figures, stages, findings, cures, the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

STAGES: Final = {
    "wire": "wire",
    "nic": "NIC",
    "xdp": "XDP",
    "softirq": "softirq",
    "tap": "tap",
    "filter": "capture filter",
    "ring": "rings",
    "worker": "workers",
    "merge": "merge",
    "store": "store",
    "view": "view filter",
}
"""The stages in the order in which a packet passes them, by key; and what they are called."""
LATER: Final = "later"
"""Beside them: what is captured, and lost behind the tap."""

PASSED, LOST, CUT, REJECTED, GONE, TOLD = "passed", "lost", "cut", "rejected", "gone", "told"
"""What a figure counts: packets that go on; packets that are lost; packets that lose bytes; packets that a filter was
asked to leave out; packets that were there and are no more; anything else."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a stage.

    ``name`` is what its source calls it, ``words`` what a person does. ``value`` is the total since the first moment
    (for ``told`` the present value), ``rate`` a second in the last interval, None where that has no meaning. ``place``
    is the interface, ``queue 2`` or ``CPU 1``; empty: all together. ``estimated`` figures are written with "~".
    ``source`` is a key of `ringscope.weather.provenance.PROVENANCE`.
    """

    name: str
    words: str
    value: float
    rate: float | None
    kind: str
    place: str
    estimated: bool
    source: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage, with the packets that came out of it, and its figures; ``lost`` and ``lost_rate`` are of the figures
    that count the same loss the largest, never a sum of counters with different meanings. ``unread`` says what could
    not be read of it, and why."""

    key: str
    title: str
    passed: float | None
    passed_rate: float | None
    passed_estimated: bool
    lost: float
    lost_rate: float
    figures: tuple[Figure, ...]
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """The account: stages in order, what is lost later, and what no counter knows of.

    ``seconds`` is the length of the interval that the rates are of. ``unaccounted`` is a total, ``unaccounted_rate`` a
    second; both None where frames are put together or taken apart before the tap, so that nobody can tell:
    ``unaccounted_text`` says what they are made of.
    """

    time: float
    seconds: float
    stages: tuple[Stage, ...]
    later: tuple[Figure, ...]
    unaccounted: float | None
    unaccounted_rate: float | None
    unaccounted_text: str

    def stage(self, key: str) -> Stage:
        """The stage of this key."""
        return next(one for one in self.stages if one.key == key)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was lost between two moments, at one stage and for one cause.

    ``stage`` is a key of STAGES or ``later``, ``cause`` a key of `ringscope.weather.verdict.CAUSES`, ``kind`` LOST, CUT
    or GONE. ``place`` is ``eth0``, ``queue 2`` or ``CPU 1``. ``because`` is what it was known by, the middle of a
    sentence; may be empty.
    """

    stage: str
    cause: str
    kind: str
    place: str
    packets: int
    seconds: float
    because: str = ""


@dataclass(frozen=True, slots=True)
class Cure:
    """Something to do about it. ``command`` is text to copy, never run by us; ``words`` what it does; ``saves`` what
    would have been otherwise with it, empty where that cannot be said."""

    command: str
    words: str
    saves: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """One sentence. ``severity`` is ``fine``, ``told`` (asked for, or no loss), ``cut`` or ``lost``. ``stage`` and
    ``cause`` are empty when it is fine. ``now`` says that it goes on at this moment: ``rate`` a second; ``total`` is
    since the first moment. ``also`` are the other losses there were, a sentence each."""

    severity: str
    stage: str
    cause: str
    place: str
    now: bool
    rate: float
    total: int
    sentence: str
    also: tuple[str, ...]
    cures: tuple[Cure, ...]
