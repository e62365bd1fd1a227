# SPDX-License-Identifier: Apache-2.0
"""The values that the way of a packet is told with: figures, stages, findings, cures, the verdict."""

from __future__ import annotations

from typing import Final

from ringscope.frozen import frozen

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
LATER_STAGES: Final = {"tc": "tc", "conntrack": "conntrack", "udp": "UDP", "tx": "TX", "qdisc": "queueing"}
"""Where that is, by the name of its figure; and what it is called."""

PASSED, LOST, CUT, REJECTED, GONE, TOLD = "passed", "lost", "cut", "rejected", "gone", "told"
"""What a figure counts: packets that go on; packets that are lost; packets that lose bytes; packets that a filter was
asked to leave out; packets that were there and are no more; anything else."""


YES, NO, OPEN = "yes", "no", "?"
"""Answers of the counters; OPEN: they could not be asked."""


@frozen
class Figure:
    """One number of a stage.

    ``name`` is what its source calls it, ``words`` what a person does. ``value`` is the total since the first moment
    (for ``told`` the present value), ``rate`` a second in the last interval, None where that has no meaning. ``place``
    is the interface, ``queue 2`` or ``CPU 1``; empty: all together. ``estimated`` figures are written with "~".
    ``source`` is a key of `ringscope.weather.provenance.PROVENANCE`. ``unit`` is ``s`` or ``B`` (bytes), empty for
    packets and times.
    """

    name: str
    words: str
    value: float
    rate: float | None
    kind: str
    place: str
    estimated: bool
    source: str
    unit: str = ""


@frozen
class Stage:
    """One stage, with the packets that came out of it, and its figures; ``lost`` and ``lost_rate`` are of the figures
    that count the same loss the largest, never a sum of counters with different meanings. ``unread`` says what could
    not be read of it, and why. ``source`` is where ``passed`` is from, as in a figure; empty without it."""

    key: str
    title: str
    passed: float | None
    passed_rate: float | None
    passed_estimated: bool
    lost: float
    lost_rate: float
    figures: tuple[Figure, ...]
    unread: tuple[str, ...] = ()
    source: str = ""


@frozen
class Path:
    """The account: stages in order, what is lost later, and what no counter knows of.

    ``seconds`` is the length of the interval that the rates are of. ``unaccounted`` is a total, ``unaccounted_rate`` a
    second; both None where frames are put together or taken apart before the tap, so that nobody can tell:
    ``unaccounted_text`` says what they are made of. ``later_unread`` is what could not be read of what is lost later.
    """

    time: float
    seconds: float
    stages: tuple[Stage, ...]
    later: tuple[Figure, ...]
    unaccounted: float | None
    unaccounted_rate: float | None
    unaccounted_text: str
    later_unread: tuple[str, ...] = ()

    def stage(self, key: str) -> Stage:
        """The stage of this key."""
        return next(one for one in self.stages if one.key == key)


@frozen
class Clue:
    """One question to the counters, and what it has to do with a finding.

    ``cause`` is a key of `ringscope.weather.verdict.CAUSES` that a yes speaks for; empty: of none by itself. ``found``
    is what was measured, the middle of a sentence, ``limit`` the value from which on it means yes, where there is one.
    ``answer`` is YES, NO or OPEN, ``source`` a key of `ringscope.weather.provenance.PROVENANCE`.
    """

    cause: str
    asked: str
    found: str
    limit: str
    answer: str
    source: str


@frozen
class Finding:
    """Something that was lost between two moments, at one stage and for one cause.

    ``stage`` is a key of STAGES or ``later``, ``cause`` a key of `ringscope.weather.verdict.CAUSES`, ``kind`` LOST, CUT
    or GONE. ``place`` is ``eth0``, ``queue 2`` or ``CPU 1``. ``because`` is what it was known by, the middle of a
    sentence; may be empty. ``clues`` is all that the counters were asked about it. In a sum of findings ``most`` are
    the packets of the interval that had most, which ``because`` and ``clues`` are of.
    """

    stage: str
    cause: str
    kind: str
    place: str
    packets: int
    seconds: float
    because: str = ""
    clues: tuple[Clue, ...] = ()
    most: int = 0


@frozen
class Cure:
    """Something to do about it. ``command`` is text to copy, never run by us; ``words`` what it does; ``saves`` what
    would have been otherwise with it, empty where that cannot be said; ``share`` how much of what was lost it would
    have saved, 0 to 1, where that was replayed, else None."""

    command: str
    words: str
    saves: str
    share: float | None = None


@frozen
class Verdict:
    """One sentence. ``severity`` is ``fine``, ``told`` (asked for, or no loss), ``cut`` or ``lost``. ``stage`` and
    ``cause`` are empty when it is fine. ``now`` says that it goes on at this moment: ``rate`` a second; ``total`` is
    since the first moment. ``also`` are the other losses there were, a sentence each. ``clues`` is what speaks for it,
    of the interval in which most was lost. ``replayed`` says what was replayed for the numbers of the cures, the middle
    of a sentence; empty: nothing was."""

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
    clues: tuple[Clue, ...] = ()
    replayed: str = ""
