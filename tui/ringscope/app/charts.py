# SPDX-License-Identifier: Apache-2.0
"""The past of the rings as area charts: packets, bits, drops and fill, each from zero up. No Textual here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

from ringscope.app import cells
from ringscope.app.history import SPANS, Bucket, Span, Track
from ringscope.app.pieces import Form
from ringscope.app.strips import fill_role
from ringscope.app.units import amount, bits, percent
from ringscope.frozen import frozen

_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
_NAME: Final = 10
_VALUE: Final = 11


@frozen
class Kind:
    """One chart. ``highest`` says of several buckets in a column the most, else their mean. ``top`` is what a whole
    column stands for where that does not depend on the values."""

    name: str
    value: Callable[[Bucket], float]
    words: Callable[[float], str]
    role: Callable[[float], str]
    highest: bool = False
    top: float = 0.0


KINDS: Final = (
    Kind("packets/s", lambda one: one.packets, lambda value: amount(round(value), 9), lambda _: "accent"),
    Kind("bits/s", lambda one: 8 * one.bytes, bits, lambda _: "accent"),
    Kind(
        "dropped/s",
        lambda one: one.dropped,
        lambda value: amount(round(value), 9),
        lambda top: "bad" if top else "good",
        highest=True,
    ),
    Kind("fill", lambda one: one.fill, percent, fill_role, highest=True, top=1.0),
)


def columns(track: Track, span: Span, kind: Kind, room: int) -> list[float | None]:
    """A value for each column, the newest last; None: nobody had looked yet. Which buckets share a column depends on
    the time alone, so that a chart moves as a whole."""
    step = -(-span.buckets // max(1, room))
    count, past = span.buckets // step, track.past(span)
    end = track.index(span)
    newest = (end - 1) // step
    found: list[list[float]] = [[] for _ in range(count)]
    for index, bucket in enumerate(past, end - len(past)):
        column = index // step - newest + count - 1
        if column >= 0:
            found[column].append(kind.value(bucket))
    return [(max(group) if kind.highest else sum(group) / len(group)) if group else None for group in found]


def top_of(values: Sequence[float | None], kind: Kind) -> float:
    """What a whole column stands for: the next of 1, 2, 5, 10 ... that no value exceeds."""
    if kind.top:
        return kind.top
    most, unit = max((value for value in values if value is not None), default=0.0), 1.0
    while unit * 10 < most:
        unit *= 10
    return next(unit * step for step in (1, 2, 5, 10) if unit * step >= most)


def area(values: Sequence[float | None], top: float, height: int) -> list[str]:
    """Lines from top to bottom, a cell a value. The lowest eighth is the line of zero; what is more than nothing is
    seen above it."""
    lines = []
    levels = [None if value is None else _level(value, top, height) for value in values]
    for row in range(height - 1, -1, -1):
        line = ""
        for level in levels:
            line += " " if level is None else _EIGHTHS[min(8, max(0, level - 8 * row))]
        lines.append(line)
    return lines


def _newest(track: Track, kind: Kind) -> float:
    """The mean of the last second; of how full it is the last word."""
    last = list(islice(reversed(track.past(SPANS[0])), 1 if kind.top else 10))
    return sum(map(kind.value, last)) / len(last) if last else 0.0


def _level(value: float, top: float, height: int) -> int:
    most = 8 * height
    return 1 if value <= 0 else min(most, max(2, round(value / top * most)))


def chart(track: Track, span: Span, kind: Kind, width: int, height: int) -> list[Form]:
    """Its lines: the name and what a whole column stands for on the first, the newest value on the last."""
    room = max(1, width - _NAME - _VALUE - 2)
    values = columns(track, span, kind, room)
    top = top_of(values, kind)
    role = kind.role(max((value for value in values if value is not None), default=0.0))
    lines: list[Form] = []
    graphs = area(values, top, height)
    for row, graph in enumerate(graphs):
        name = f" {kind.name}" if row == 0 else ""
        value, of = kind.words(_newest(track, kind)), kind.words(top)
        told = (cells.fit(value, _VALUE, right=True), "text") if row == height - 1 else ("", "dim")
        if row == 0 and height > 1:
            told = (cells.fit(f"▔ {of}", _VALUE, right=True), "dim")
        pad = " " * max(0, width - _NAME - len(graph) - _VALUE - 1)
        lines.append(((cells.fit(name, _NAME) + " ", "dim"), (graph, role), told, (pad, "text")))
    return lines


def charts(track: Track, span: Span, width: int, height: int) -> list[Form]:
    """All four in ``height`` lines: beside each other where there is room, else one below the other; those that do not
    fit are left out from the front."""
    across = 4 if width >= 220 else 2 if width >= 110 else 1
    down = 4 // across
    each = min(9, height // down)
    if each == 0:
        return [line for kind in KINDS[4 - height :] for line in chart(track, span, kind, width, 1)] if height else []
    lines: list[Form] = []
    for first in range(0, 4, across):
        beside = [chart(track, span, kind, width // across, each) for kind in KINDS[first : first + across]]
        lines += [tuple(piece for form in row for piece in form) for row in zip(*beside, strict=True)]
    return lines
