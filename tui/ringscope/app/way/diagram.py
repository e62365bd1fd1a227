# SPDX-License-Identifier: Apache-2.0
"""The way as boxes with arrows between them, in as many rows as it takes. No Textual here."""

from __future__ import annotations

from collections.abc import Sequence

from ringscope.app import cells
from ringscope.app.pieces import Form, Span
from ringscope.app.way.briefs import MARK_ROLES, MARKS, Brief
from ringscope.frozen import frozen

ARROW = "─▶"
_LEAST = 10
"""Cells inside a box."""
_LIGHT = ("┌", "─", "┐", "│", "└", "┘")
_HEAVY = ("┏", "━", "┓", "┃", "┗", "┛")


@frozen
class Place:
    """Where a box or a line stands: cells from the left and from the top."""

    key: str
    x: int
    y: int
    width: int
    height: int

    def has(self, x: int, y: int) -> bool:
        """Whether a cell belongs to it."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


@frozen
class Diagram:
    """Lines from the top, and the places of what can be chosen in them."""

    lines: tuple[Form, ...]
    places: tuple[Place, ...]


class Widths:
    """Boxes only grow, so that nothing jumps about; they begin anew when the terminal has another width."""

    def __init__(self) -> None:
        self._inside: dict[str, int] = {}
        self._width = 0

    def inside(self, box: Brief, width: int) -> int:
        """Cells inside a box, without the spaces at its sides."""
        if width != self._width:
            self._width, self._inside = width, {}
        needed = max(_LEAST, len(box.title) + 3, *(_needs(*line) for line in contents(box)))
        self._inside[box.key] = max(self._inside.get(box.key, 0), needed)
        return self._inside[box.key]


def contents(box: Brief) -> list[tuple[str, str, str]]:
    """The lines in a box: label, value, role of the value."""
    lost = "warning" if box.lost not in ("", "0") else "text"
    lines = [("", box.passed_rate or box.passed or box.absent, "text" if box.passed else "dim")]
    lines.append(("", box.passed if box.passed_rate else "", "dim"))
    if box.lost_rate:
        lines.append(("LOST" if box.loses else "lost", box.lost_rate, "bad" if box.loses else "text"))
        lines.append(("in all", box.lost, lost))
    elif box.lost:
        lines.append(("lost", box.lost, lost))
    return [*lines, *((extra.label, extra.value, extra.role) for extra in box.extras)]


def draw(boxes: Sequence[Brief], beside: Sequence[Brief], width: int, widths: Widths, chosen: str) -> Diagram:
    """All of it for a terminal of ``width`` cells; ``chosen`` is the key of what the cursor is on."""
    inside = [widths.inside(box, width) for box in boxes]
    height = max(len(contents(box)) for box in boxes) + 2
    lines: list[Form] = []
    places: list[Place] = []
    rows = _rows(inside, width)
    for number, row in enumerate(rows):
        x, y = (1 if number == 0 else len(ARROW)), len(lines)
        drawn: list[list[Span]] = [[(" " * x, "text")] for _ in range(height)]
        if number:
            drawn[1] = [(ARROW, "dim")]
        for index, room in row:
            box = boxes[index]
            for spans, line in zip(drawn, _box(box, room, height, chosen == box.key), strict=True):
                spans += line
            places.append(Place(box.key, x, y, room + 4, height))
            x += room + 4
            if index + 1 < len(boxes):
                for at, spans in enumerate(drawn):
                    spans.append((ARROW if at == 1 else " " * len(ARROW), "dim"))
                x += len(ARROW)
        lines += [tuple(spans) for spans in drawn]
    for one in beside:
        places.append(Place(one.key, 0, len(lines), width, 1))
        lines.append(side_line(one, chosen == one.key))
    return Diagram(tuple(lines), tuple(places))


def side_line(one: Brief, chosen: bool) -> Form:
    """What stands beside the stages, in one line."""
    mark = ("▌" if chosen else " ") + MARKS[one.mark]
    role = "cursor-text" if chosen else MARK_ROLES[one.mark] if one.mark else "dim"
    spans: list[Span] = [(mark, MARK_ROLES[one.mark]), (f"{one.title}: ", role)]
    if one.lost:
        spans.append((one.lost + (" in all" if one.lost_rate else ""), MARK_ROLES[one.mark]))
        if one.lost_rate:
            spans.append((f", {one.lost_rate} now", "bad" if one.loses else "dim"))
    for at, extra in enumerate(one.extras):
        spans += [("   " if at else "", "text"), (f"{extra.label} ", "dim"), (extra.value, extra.role)]
    return tuple(spans)


def _needs(label: str, value: str, role: str) -> int:
    return cells.width(label) + bool(label and value) + cells.width(value)


def _rows(inside: Sequence[int], width: int) -> list[list[tuple[int, int]]]:
    """The boxes of each row with the cells inside them: as few rows as can be, all boxes alike where there is room."""
    count, alike = len(inside), [max(inside)] * len(inside)
    for rows in range(1, count + 1):
        a_row = -(-count // rows)
        for rooms in (alike, inside):
            split = [list(enumerate(rooms))[first : first + a_row] for first in range(0, count, a_row)]
            if all(_wide(row) <= width for row in split):
                return split
    return [[(index, max(1, min(room, width - 4 - 2 * len(ARROW))))] for index, room in enumerate(inside)]


def _wide(row: Sequence[tuple[int, int]]) -> int:
    return sum(room + 4 for _, room in row) + len(ARROW) * (len(row) + 1)


def _box(box: Brief, room: int, height: int, chosen: bool) -> list[list[Span]]:
    corner, across, corner_2, side, low, low_2 = _HEAVY if box.mark else _LIGHT
    edge = MARK_ROLES[box.mark] if box.mark else "accent" if chosen else "rule"
    title = f"▌{box.title} " if chosen else f" {box.title} "
    if box.mark:
        title = f"{title[0]}{MARKS[box.mark]} {title[1:]}"
    role = "cursor-text" if chosen else edge if box.mark else "text"
    title = cells.cut(title, room + 2)
    rest = across * (room + 2 - cells.width(title))
    lines: list[list[Span]] = [[(corner, edge), (title, role), (rest + corner_2, edge)]]
    for label, value, of_value in contents(box):
        gap = " " * max(0, room - cells.width(label) - cells.width(value))
        loud = of_value == "bad"
        lines.append([
            (f"{side} ", edge),
            (label, "bad" if loud else "dim"),
            (gap, "text"),
            (value, of_value),
            (f" {side}", edge),
        ])  # fmt: skip
    while len(lines) < height - 1:
        lines.append([(f"{side} ", edge), (" " * room, "text"), (f" {side}", edge)])
    return [*lines, [(low + across * (room + 2) + low_2, edge)]]
