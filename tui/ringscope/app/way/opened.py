# SPDX-License-Identifier: Apache-2.0
"""An opened stage: all its figures with rate and total, and what could not be read and why. No Textual here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ringscope.app import cells
from ringscope.app.numbers import Number
from ringscope.app.pieces import Form
from ringscope.app.way.briefs import MARK_ROLES, MARKS, UNACCOUNTED, measured, rate_of
from ringscope.app.way.page import Line, paragraph
from ringscope.weather.model import CUT, GONE, LATER, LOST, PASSED, Figure, Path, Stage

_PASSED: Final = {
    "wire": "received by the interface",
    "nic": "handed up by the device",
    "tap": "came by the tap",
    "filter": "passed the capture filter",
    "ring": "stored in the rings",
    "worker": "read from the rings",
    "merge": "given a number",
    "store": "stored",
}
"""What is counted as having passed a stage."""
_ABOUT: Final = {
    "wire": "What came in damaged: cable, transceiver, the other end.",
    "nic": "What the device had no room for, by the kernel's counters and by the driver's own.",
    "xdp": "Programs that see packets before the kernel does: what they drop reaches no tap.",
    "softirq": "From the driver to the kernel, CPU by CPU: with RPS and on virtual links through a backlog.",
    "tap": "Where packet sockets get their copy.",
    "filter": "The capture filter, in the kernel: what it rejects is counted nowhere, so it is estimated (~).",
    "ring": "The rings that the kernel fills: what finds no room is dropped.",
    "worker": "The threads that empty the rings.",
    "merge": "Packets of all rings are put in order of time, and numbered.",
    "store": "The bounded memory that holds packets: the oldest go when it is full.",
    "view": "What a view hides; it loses nothing.",
    LATER: "Captured, or never to be captured, and lost elsewhere: no loss of this capture.",
    UNACCOUNTED: "What no counter knows of.",
}


_WORDS: Final = 52
"""Cells of the words at most: numbers that stand far from them are not read."""


def columns(width: int) -> tuple[int, int, int, int, int]:
    """Cells of: where, what, total, a second, the name at its source."""
    where, total, rate = (18, 14, 12) if width >= 90 else (13, 12, 11) if width >= 60 else (8, 10, 9)
    name = 22 if width >= 110 else 0
    return where, max(10, min(width - 3 - where - total - rate - name, _WORDS)), total, rate, name


def page(way: Path, key: str, width: int) -> Iterator[Line]:
    """The stage of this key, or what stands beside the stages."""
    yield from paragraph(_ABOUT[key], width, "dim")
    if key == UNACCOUNTED:
        yield from _unaccounted(way, width)
        return
    yield Line(heading(width))
    if key == LATER:
        for figure in way.later:
            yield figure_line(figure, width)
        yield from _unread(way.later_unread, width)
        return
    stage = way.stage(key)
    if (passed := passed_figure(stage)) is not None:
        yield figure_line(passed, width)
    for figure in stage.figures:
        yield figure_line(figure, width)
    yield from _unread(stage.unread, width)


def _unread(texts: Iterable[str], width: int) -> Iterator[Line]:
    for text in texts:
        yield from paragraph(f"? not read: {text}", width, "dim")


def heading(width: int) -> Form:
    """The line above the figures."""
    where, what, total, rate, name = columns(width)
    told = f"   {cells.fit('where', where)}{cells.fit('what', what)}"
    told += f"{cells.fit('in all', total, right=True)}{cells.fit('a second', rate, right=True)}"
    return ((told + ("   at its source" if name else ""), "dim"),)


def passed_figure(stage: Stage) -> Figure | None:
    """What has passed a stage, as a figure; None: it is not counted, or stands among its figures."""
    if stage.passed is None or any(figure.kind == PASSED and figure.value == stage.passed for figure in stage.figures):
        return None
    words = _PASSED[stage.key]
    return Figure("", words, stage.passed, stage.passed_rate, PASSED, "", stage.passed_estimated, stage.source)


def figure_line(figure: Figure, width: int) -> Line:
    """One figure."""
    where, what, total, rate, name = columns(width)
    counts = figure.kind if figure.kind in (LOST, CUT, GONE) and figure.value else ""
    role = MARK_ROLES[counts] if counts else "text"
    form: Form = (
        (f" {MARKS[counts]} ", role),
        (cells.fit(figure.place or "all", where), "text"),
        (cells.fit(figure.words, what), "text" if figure.value else "dim"),
        (cells.fit(measured(figure), total, right=True), role),
        (cells.fit(rate_of(figure), rate, right=True), role if figure.rate else "dim"),
        (f"   {cells.cut(figure.name, name - 3)}" if name else "", "dim"),
    )
    return Line(form, number_of(figure), tells=bool(counts))


def number_of(figure: Figure) -> Number:
    """The figure as a number to ask about."""
    place = f", {figure.place}" if figure.place else ""
    told = ", ".join(text for text in (measured(figure), rate_of(figure)) if text)
    named = f"called {figure.name} there" if figure.name else ""
    return Number(f"{figure.words}{place}", told, figure.source, named)


def _unaccounted(way: Path, width: int) -> Iterator[Line]:
    if way.unaccounted is None:
        number = Number("not accounted for", "cannot be told", "account.unaccounted")
        for line in paragraph(f"It cannot be told: {way.unaccounted_text}.", width):
            yield Line(line.form, number)
        return
    figure = Figure(
        "", way.unaccounted_text, way.unaccounted, way.unaccounted_rate, LOST, "", False, "account.unaccounted"
    )
    yield Line(heading(width))
    yield figure_line(figure, width)
