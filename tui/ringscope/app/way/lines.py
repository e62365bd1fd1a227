# SPDX-License-Identifier: Apache-2.0
"""The way with one line a stage, for small terminals. No Textual here."""

from __future__ import annotations

from ringscope.app import cells
from ringscope.app.pieces import Form, Span
from ringscope.app.way.briefs import MARK_ROLES, MARKS, Brief, measured, rate_of
from ringscope.weather.model import LOST, Cure, Figure, Stage

_TITLE = 15
_COLUMNS = ("packets", "a second", "lost", "a second")
_WIDTHS = (12, 12, 11, 11)


def _columns(width: int) -> tuple[int, ...]:
    """The cells of each number; where there is little room totals of packets go first, then rates."""
    if width >= 64:
        return _WIDTHS
    return (0, 11, 10, 10) if width >= 52 else (0, 0, 10, 10)


def heading(width: int) -> Form:
    """The line above the stages."""
    columns = zip(_COLUMNS, _columns(width), strict=True)
    names = "".join(cells.fit(name, room, right=True) for name, room in columns if room)
    return ((f"  {cells.fit('stage', _TITLE)}{names}", "dim"),)


def stage_line(box: Brief, width: int) -> Form:
    """A stage."""
    mark = MARK_ROLES[box.mark] if box.mark else "text"
    values = (box.passed or "-", box.passed_rate or "-", box.lost or "-", box.lost_rate or "-")
    roles = ("text", "text", "warning" if box.lost not in ("", "0") else "text", "bad" if box.loses else "text")
    spans: list[Span] = [
        (f" {MARKS[box.mark]}", mark),
        (cells.fit(box.title, _TITLE), mark),
    ]
    for value, role, room in zip(values, roles, _columns(width), strict=True):
        if room:
            spans.append((cells.fit(value, room, right=True), "dim" if value == "-" else role))
    taken = 2 + _TITLE + sum(_columns(width))
    for extra in box.extras:
        text = f"{extra.label} {extra.value}"
        if taken + 2 + cells.width(text) > width:
            break
        spans += [(f"  {extra.label} ", "dim"), (extra.value, extra.role)]
        taken += 2 + cells.width(text)
    return tuple(spans)


def opened(stage: Stage, most: int) -> list[Figure]:
    """The figures of a stage that say what is lost where, at most so many: those that lose now first."""
    telling = [figure for figure in stage.figures if figure.kind == LOST and figure.value]
    return sorted(telling, key=lambda figure: (figure.rate or 0, figure.value), reverse=True)[:most]


def cure_line(cure: Cure, width: int) -> Form:
    """A cure below the stage that it is for."""
    lead, tail = "   try: ", "  (c: more)"
    command = cells.cut(cure.command, max(0, width - len(lead) - len(tail)))
    room = max(0, width - len(lead) - cells.width(command) - len(tail) - 2)
    words = f"  {cells.cut(cure.words, room)}" if room >= 8 else ""
    return ((lead, "dim"), (command, "filter"), (words, "dim"), (tail, "dim"))


def figure_line(figure: Figure, width: int) -> Form:
    """A figure below its stage."""
    columns = _columns(width)
    where = f"   {figure.place or 'all'}  "
    room = 2 + _TITLE + columns[0] + columns[1] - cells.width(where)
    return (
        (where, "text"),
        (cells.fit(figure.words, room), "dim"),
        (cells.fit(measured(figure), columns[2], right=True), "warning"),
        (cells.fit(rate_of(figure), columns[3], right=True), "bad" if figure.rate else "text"),
    )
