# SPDX-License-Identifier: Apache-2.0
"""One sentence: what is lost, where and why, or that nothing is. It never claims a loss that no counter has."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ringscope.weather.cures import cures
from ringscope.weather.evidence import nothing_clues
from ringscope.weather.feeders import Feeder
from ringscope.weather.model import CUT, GONE, LATER, LOST, STAGES, Finding, Verdict
from ringscope.weather.moment import Moment, Setup
from ringscope.weather.readings import passed
from ringscope.weather.trial import REPLAYED, Trial
from ringscope.weather.whatif import ROUGH
from ringscope.weather.words import grouped as grouped

CAUSES: Final = {
    "damaged": "frames come in damaged",
    "no descriptors": "the device had no room left for them",
    "allowance": "they are more than this instance is allowed",
    "xdp": "an XDP program drops them",
    "backlog": "its backlog was full",
    "flow limit": "one flow had more than its share of the backlog",
    "early drop": "the kernel drops early when several CPUs feed a ring that is 75 % full, while blocks are still free",
    "frozen": "the ring is frozen",
    "busy": "its reader is too slow",
    "starved": "its reader gets no CPU",
    "late": "its reader is late",
    "small": "the ring is too small for its bursts",
    "block size": "frames are larger than a block",
    "unaccounted": "the core's counters do not add up, which is a fault of ours",
    "store full": "the store had no room for packets that have no number yet",
    "snaplen": "the snaplen was asked for",
    "file late": "they were evicted before they could be written",
    "evicted": "the store is full, and the oldest go",
    "tc": "tc drops them on the way in, behind the tap",
    "tx": "the driver drops them when they are sent, behind the tap",
    "qdisc": "a queueing discipline drops them when they are sent, before the tap",
}
"""Every cause there is, by key; and how it is said."""

_SEVERITY: Final = {LOST: "lost", CUT: "cut", GONE: "told"}
_ORDER: Final = ("told", "cut", "lost")


@dataclass(frozen=True, slots=True)
class Tally:
    """All findings since the first moment, added up by stage, cause and place; ``last`` are those of the last interval.
    A value: `plus` makes a new one."""

    sums: dict[tuple[str, str, str], Finding] = field(default_factory=dict)
    last: tuple[Finding, ...] = ()

    def plus(self, findings: Sequence[Finding]) -> Tally:
        """With the findings of one more interval."""
        sums = dict(self.sums)
        for one in findings:
            key = (one.stage, one.cause, one.place)
            known = sums.get(key)
            # What it was known by is told of the interval that lost most.
            worst = known if known and known.most > one.packets else one
            packets, seconds, most = (known.packets, known.seconds, known.most) if known else (0, 0.0, 0)
            sums[key] = replace(
                one,
                packets=packets + one.packets,
                seconds=seconds + one.seconds,
                most=max(most, one.packets),
                because=worst.because,
                clues=worst.clues,
            )
        return Tally(sums, tuple(findings))

    def packets(self, stage: str, cause: str | None = None) -> int:
        """What was lost so at a stage, over all places; of one cause or of all."""
        return sum(one.packets for one in self.sums.values() if one.stage == stage and cause in (None, one.cause))


def verdict(
    setup: Setup,
    tally: Tally,
    first: Moment,
    now: Moment,
    *,
    ended: bool = False,
    sample: Sequence[Feeder] = (),
    trial: Trial | None = None,
) -> Verdict:
    """The verdict on what the tally has. ``ended``: the capture is over, so nothing is lost "now". ``sample`` are the
    flows that feed the queue that loses, if they are known, and ``trial`` what was replayed of the minute in which it
    last lost something, if it was."""
    current = () if ended else tuple(one for one in tally.last if one.kind == LOST)
    worst = _worst(current) or _worst(tuple(tally.sums.values()))
    if worst is None:
        return Verdict("fine", "", "", "", not ended, 0.0, 0, _fine(first, now), (), (), nothing_clues(first, now))
    total = tally.sums[worst.stage, worst.cause, worst.place].packets
    rate = worst.packets / worst.seconds if current else 0.0
    others = sorted(
        (one for key, one in tally.sums.items() if key != (worst.stage, worst.cause, worst.place)),
        key=_weight,
        reverse=True,
    )
    return Verdict(
        severity=_severity(worst),
        stage=worst.stage,
        cause=worst.cause,
        place=worst.place,
        now=bool(current),
        rate=rate,
        total=total,
        sentence=_sentence(worst, rate, total, others, first, now),
        also=tuple(_also(one) for one in others),
        cures=cures(setup, worst, total, now, sample, known := trial if worst.cause in REPLAYED else None),
        clues=worst.clues,
        replayed=_replayed(known),
    )


def _replayed(trial: Trial | None) -> str:
    """What the cures' numbers are of."""
    if trial is None:
        return ""
    minute = time.strftime("%H:%M:%S", time.localtime(trial.time))
    rough = f"; rough: the model is {off:.0%} off for the ring as it was" if (off := trial.table.off) > ROUGH else ""
    return f"a replay of the minute before {minute}, in which {grouped(trial.table.lost)} were lost{rough}"


def _severity(finding: Finding) -> str:
    # The snaplen cuts because somebody asked for it.
    return "told" if finding.cause == "snaplen" else _SEVERITY[finding.kind]


def _weight(finding: Finding) -> tuple[bool, int, bool, int]:
    """Broken sums first, then what is lost, then what is cut, then the rest; in each the most packets."""
    return (
        finding.cause == "unaccounted",
        _ORDER.index(_severity(finding)),
        finding.stage != LATER,
        finding.packets,
    )


def _worst(findings: Sequence[Finding]) -> Finding | None:
    return max(findings, key=_weight, default=None)


def _where(finding: Finding) -> str:
    match finding.stage:
        case "ring":
            return f"RING {finding.place.removeprefix('queue ')}"
        case "softirq":
            return f"SOFTIRQ ({finding.place})"
        case "later":
            return f"at {finding.place}"
        case "worker" | "store" | "filter":
            return f"the {STAGES[finding.stage].upper().removesuffix('S')}"
        case stage:
            return f"{STAGES[stage].upper()} of {finding.place}"


def _sentence(finding: Finding, rate: float, total: int, others: Sequence[Finding], first: Moment, now: Moment) -> str:
    why = CAUSES[finding.cause] + (f" ({finding.because})" if finding.because else "")
    number, where = grouped(total), _where(finding)
    offered = passed(first, now)
    match _severity(finding), finding.cause:
        case "lost", "unaccounted":
            return f"{number} packets are not accounted for: {why}."
        case "lost", "damaged":
            told = f"You lose {grouped(rate)} frames/s" if rate else f"You lost {number} frames"
            return f"{told} on the WIRE of {finding.place}: they come in damaged.{_alone(others)}"
        case "lost", _:
            if rate:
                told = f"You lose {grouped(rate)} packets/s in {where}"
            else:
                of_all = f" of {grouped(offered)}" if finding.stage == "ring" and offered >= total else ""
                told = f"You lost {number}{of_all} packets in {where}"
            return f"{told}: {why}.{_alone(others)}"
        case "cut", _:
            return f"No packet is lost, but {number} are cut in {where}: {why}.{_alone(others)}"
        case _, "snaplen":
            size = now.capture.total.snapped and f"{number} frames are kept without their end"
            return f"Nothing is lost; {size}: {why}."
        case _, "evicted":
            kept = f"kept are {grouped(now.capture.tail)} to {grouped(now.capture.head)}"
            return f"Nothing is lost on the way in; the STORE let {number} packets go: {why} ({kept})."
        case _:
            return f"Nothing is lost to the capture; {number} packets {_gone(finding)}: {why}."


def _gone(finding: Finding) -> str:
    return f"never reached the tap of {finding.place}" if finding.stage == "xdp" else f"are lost {_where(finding)}"


def _alone(others: Sequence[Finding]) -> str:
    if any(one.kind == LOST for one in others):
        return ""
    return " Nothing is lost before it or after it."


def _also(finding: Finding) -> str:
    what = {"lost": "lost", "cut": "cut", "told": "gone"}[_severity(finding)]
    if finding.cause == "snaplen":
        what = "cut"
    return f"{grouped(finding.packets)} {what} in {_where(finding)}: {CAUSES[finding.cause]}".replace("in at", "at")


def _fine(first: Moment, now: Moment) -> str:
    count = passed(first, now)
    if not count:
        return "Nothing is lost: no packet has passed the capture filter yet."
    return f"Nothing is lost: all {grouped(count)} packets that passed the capture filter are stored."
