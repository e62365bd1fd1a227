# SPDX-License-Identifier: Apache-2.0
"""The way of packets that are in a file: what the file tells of their capture, and which stages it cannot know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ringscope.capture.session import Snapshot
from ringscope.native import FileInterface
from ringscope.weather.model import (
    CUT,
    GONE,
    LOST,
    NO,
    OPEN,
    PASSED,
    STAGES,
    TOLD,
    YES,
    Clue,
    Figure,
    Path,
    Stage,
    Verdict,
)
from ringscope.weather.words import grouped

_SILENT: Final = "a file does not tell"
_UNKNOWN: Final = {
    "wire": f"what came in damaged: {_SILENT}",
    "xdp": f"what XDP programs dropped: {_SILENT}",
    "softirq": f"full backlogs: {_SILENT}",
    "tap": f"other taps: {_SILENT}",
    "worker": f"late readers: {_SILENT}",
}


def _counted(name: str, words: str, value: float, kind: str, source: str, place: str = "") -> Figure:
    return Figure(name, words, value, None, kind, place, False, source)


def file_path(
    snapshot: Snapshot, interfaces: Sequence[FileInterface], *, expression: str, fault: str, hidden: int | None = None
) -> Path:
    """The account of a file as far as it was read. ``fault`` is what is wrong with it; empty: nothing is."""
    told = [(one.name or f"interface {index}", one) for index, one in enumerate(interfaces) if one.has_statistics]
    untold = [] if told else ["what was dropped: the file has no statistics of its capture"]
    received = [
        _counted("isb_ifrecv", "received, as the file's writer tells", one.received, PASSED, "file.received", name)
        for name, one in told
        if one.received
    ]
    dropped = [
        figure
        for name, one in told
        for figure in (
            _counted("isb_ifdrop", "dropped, as the file's writer tells", one.dropped, LOST, "file.dropped", name),
            _counted("isb_osdrop", "dropped by its operating system", one.os_dropped, LOST, "file.os_dropped", name),
        )
        if figure.name == "isb_ifdrop" or figure.value
    ]
    total = snapshot.total
    cut = _counted("captured < length", "kept without their end", total.snapped, CUT, "file.snapped")
    kept = [
        _counted("", "in the file", snapshot.head, PASSED, "file.packets"),
        _counted("", "before the one before them", snapshot.disordered, TOLD, "file.disordered"),
    ]
    if snapshot.evicted:
        kept.append(_counted("", "let go for newer ones", snapshot.evicted, GONE, "file.evicted"))
    figures: dict[str, list[Figure]] = {"nic": received, "filter": [cut], "ring": dropped, "store": kept}
    if hidden is not None:
        figures["view"] = [_counted("hidden", "hidden", hidden, "rejected", "view.hidden")]
    unread = {key: [text] for key, text in _UNKNOWN.items()}
    unread["ring"] = untold
    unread["filter"] = [] if expression else [f"the capture filter: {_SILENT}"]
    unread["store"] = [f"what follows a fault: {fault}"] if fault else []
    # Both statistics of an interface may tell of the same loss: as the line on top does, the second counts without the
    # first only.
    lost = {"ring": sum(one.dropped or one.os_dropped for _, one in told)}
    passed = {"store": (snapshot.head, "file.packets")}
    if received:
        passed["nic"] = (sum(one.received for _, one in told), "file.received")
    stages = tuple(
        _stage(key, figures.get(key, []), unread.get(key, []), lost.get(key, 0), *passed.get(key, (None, "")))
        for key in STAGES
        if key not in ("merge", "xdp")
    )
    return Path(snapshot.time, 0.0, stages, (), None, None, "a file does not tell what never came into it")


def _stage(
    key: str, figures: Sequence[Figure], unread: Sequence[str], lost: int, passed: int | None, source: str
) -> Stage:
    return Stage(
        key=key,
        title="file" if key == "store" else STAGES[key],
        passed=passed,
        passed_rate=None,
        passed_estimated=False,
        lost=lost,
        lost_rate=0.0,
        figures=tuple(figures),
        unread=tuple(unread),
        source=source,
    )


def file_verdict(way: Path, *, fault: str) -> Verdict:
    """What the account of a file comes to, in one sentence."""
    ring, cut, kept = way.stage("ring"), way.stage("filter").figures[0], way.stage("store")
    packets = grouped(kept.passed or 0)
    said = _ring_sentence(ring, packets)
    severity, stage = ("lost", "ring") if ring.lost else ("fine" if ring.figures else "told", "")
    if cut.value:
        said += f" {grouped(cut.value)} are kept without their end."
        severity, stage = (severity, stage) if ring.lost else ("cut", "filter")
    if fault:
        said += f" The file is not whole: {fault.rstrip('.')}."
        severity, stage = (severity, stage) if ring.lost else ("cut", "store")
    lost = ring.lost or cut.value
    return Verdict(severity, stage, "", "", False, 0.0, round(lost), said, (), (), _clues(ring, cut, fault, packets))


def _ring_sentence(ring: Stage, packets: str) -> str:
    if not ring.figures:
        return f"Of these {packets} packets the file does not tell what was lost when they were captured."
    if ring.lost:
        return f"{grouped(ring.lost)} packets were dropped when these {packets} were captured; where, no file tells."
    return f"Nothing was dropped when these {packets} packets were captured, as far as the file tells."


def _clues(ring: Stage, cut: Figure, fault: str, packets: str) -> tuple[Clue, ...]:
    dropped = f"{grouped(ring.lost)} packets" if ring.figures else "it has no statistics"
    answer = (YES if ring.lost else NO) if ring.figures else OPEN
    return (
        Clue("", "were packets dropped?", dropped, "", answer, "file.dropped"),
        Clue(
            "",
            "were packets cut?",
            f"{grouped(cut.value)} of {packets} have fewer bytes than were on the wire",
            "",
            YES if cut.value else NO,
            "file.snapped",
        ),
        Clue("", "is the file whole?", fault or "no fault was found", "", NO if fault else YES, "file.fault"),
    )
