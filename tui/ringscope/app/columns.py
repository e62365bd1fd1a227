# SPDX-License-Identifier: Apache-2.0
"""Which columns of the packet list a width has room for, and how a row is laid out in them. No Textual here.

As the terminal gets narrower, first the length goes, then the time's date and microseconds, then the ports in the info;
addresses are shortened in the middle, and are whole again in the row under the cursor. Columns of one's own stay: what
they take the others lay themselves out without, as in a terminal that much narrower, until there is no room for those.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ringscope.app import cells
from ringscope.app.choice import TIMES, Column
from ringscope.app.clocks import FORMATS, Moments, cells_for, time_text
from ringscope.app.listing import Listing
from ringscope.frozen import frozen

_PORTS = re.compile(r"^\d+ → \d+ +")
_ADDRESSES = ("source", "destination")

LEAST = 46
"""Cells that the usual columns keep, at the cost of the last of a person's own."""

_FREED = {"number": 8, "time": 9, "source": 16, "destination": 16, "protocol": 8}
"""About what a usual column leaves to the others when a person has taken it out."""


_NO_VALUES: Mapping[str, str] = {}


@frozen
class Row:
    """A packet as the list shows it. ``role`` is its protocol class.

    ``before_ns``: the time of the packet in the row above, None where there is none or nobody asked. ``values``: what
    columns beside the usual ones show, by what they are of.
    """

    number: int
    time_ns: int
    source: str
    destination: str
    protocol: str
    length: int
    info: str
    role: str
    before_ns: int | None = None
    values: Mapping[str, str] = _NO_VALUES


@frozen
class Cell:
    """A column and the cells it has. ``right``: aligned to the right; ``time``: the format, where it shows one."""

    column: Column
    width: int
    right: bool = False
    time: str = ""


@frozen
class Columns:
    """The columns that are shown.

    ``ports``: whether the info keeps its leading ports. ``left_out``: how many columns have no room.
    ``flexible``: the one that gets what the others leave. ``mark``: where in the line the mark of a packet stands.
    """

    cells: tuple[Cell, ...]
    ports: bool
    left_out: int
    flexible: str
    mark: int

    def width(self, what: str) -> int:
        """Cells of a column, 0: it is not shown."""
        return next((cell.width for cell in self.cells if cell.column.what == what), 0)

    def at(self, x: int) -> Column | None:
        """The column at a place of the line."""
        start = 1
        for cell in self.cells:
            start += cell.column.what == "info"
            if x < start + cell.width + 1:
                return cell.column
            start += cell.width + 1
        return None


def plan(width: int, digits: int, listing: Listing | None = None) -> Columns:
    """Columns for a list ``width`` cells wide whose largest packet number has ``digits`` digits."""
    listing = listing or Listing()
    own, room = _own_cells(width, listing)
    usual = _usual_cells(room, digits, listing.time)
    shown = [cell for each in listing.columns if (cell := own.get(each.what) or _usual_cell(each, usual, listing.time))]
    flexible = _flexible(shown)
    behind = bool(shown) and shown[-1].column.what != flexible  # then it has a gap behind it as the others have
    taken = 1 + (flexible == "info") + behind
    taken += sum(cell.width + 1 for cell in shown if cell.column.what != flexible)
    fitted = [replace(cell, width=max(0, width - taken)) if cell.column.what == flexible else cell for cell in shown]
    return Columns(tuple(fitted), room >= 72, len(listing.wanted) - len(own), flexible, _mark_place(fitted))


def _own_cells(width: int, listing: Listing) -> tuple[dict[str, Cell], int]:
    """The columns of one's own that have room, by what they show, and the width as the usual ones see it."""
    chosen = {each.what for each in listing.columns}
    room = width + sum(cells_ for what, cells_ in _FREED.items() if what not in chosen)
    if "time" in chosen:
        room -= FORMATS[listing.time].least - FORMATS["time"].least
    own = {each.what: _own_cell(each, listing) for each in listing.wanted}
    room -= sum(cell.width + 1 for cell in own.values())
    while own and room < LEAST:
        _, left_out = own.popitem()
        room += left_out.width + 1
    return own, room


def _usual_cells(room: int, digits: int, format_: str) -> dict[str, int]:
    """Cells of the usual columns; 0: not shown, but for the info, which gets what is left."""
    if room >= 176:
        time, address, length = 26, 30, 6
    elif room >= 120:
        time, address, length = 15, 25, 6
    elif room >= 104:
        time, address, length = 13, 20, 6
    elif room >= 92:
        time, address, length = 12, 17, 6
    elif room >= 64:
        time, address, length = 8, 15, 0
    elif room >= 52:
        time, address, length = 8, 11, 0
    else:
        time, address, length = 0, 11 if room >= 46 else 10, 0
    return {
        "number": max(7 if room >= 72 else 5, digits),
        "time": cells_for(format_, time),
        "source": address,
        "destination": address,
        "protocol": 7 if room >= 72 else 6,
        "length": length,
        "info": 0,
    }


def _usual_cell(each: Column, usual: Mapping[str, int], format_: str) -> Cell | None:
    width = usual.get(each.what, 0)
    if each.what == "time":
        return Cell(each, width, FORMATS[format_].right, format_) if width else None
    return Cell(each, width, each.kind.right) if width or each.what == "info" else None


def _own_cell(each: Column, listing: Listing) -> Cell:
    name = TIMES.get(each.what, "")
    least = cells.width(cells.safe(each.title))
    if name:
        return Cell(each, max(FORMATS[name].least, min(least, 16)), FORMATS[name].right, name)
    width, right = listing.grown(each.what)
    return Cell(each, max(4, min(least, 16), width), right)


def _flexible(shown: list[Cell]) -> str:
    """Which column gets what the others leave: the info, or the last one that is text; empty: none."""
    texts = [cell.column.what for cell in shown if not cell.right and not cell.time]
    return "info" if "info" in texts else texts[-1] if texts else ""


def _mark_place(shown: list[Cell]) -> int:
    """Behind the number, where that stands first; else before the row."""
    return 1 + shown[0].width if shown and shown[0].column.what == "number" else 0


def heading(columns: Columns, listing: Listing | None = None) -> str:
    """The line above the list."""
    parts = [" "]
    for cell in columns.cells:
        title = cell.column.title
        if cell.column.what == "time" and not cell.column.name:
            title = FORMATS[cell.time].title
        if listing is not None and listing.sorted_by == cell.column.what:
            room = cells.width(cells.safe(title)) + 2 <= cell.width
            title = f"{title} {listing.arrow}" if room else f"{cells.safe(title)[: cell.width - 1]}{listing.arrow}"
        if cell.column.what == "info":
            parts.append(" ")
            more = f"+{columns.left_out}"
            forms = (f"{title} ({more}: x)", f"{more}: x", more) if columns.left_out else (title,)
            title = next((form for form in forms if len(form) <= cell.width), forms[-1])
        parts.append(cells.fit(title, cell.width, right=cell.right) + " ")
    return "".join(parts).rstrip()


def value(row: Row, cell: Cell, moments: Moments, width: int) -> str:
    """What a column says of a packet, in at most ``width`` cells where it can be said shorter."""
    what = cell.column.what
    if cell.time:
        return time_text(cell.time, row.time_ns, row.before_ns, width, moments)
    match what:
        case "number":
            return str(row.number)
        case "source":
            return row.source
        case "destination":
            return row.destination
        case "protocol":
            return row.protocol
        case "length":
            return str(row.length)
        case "info":
            return row.info
        case _:
            return row.values.get(what, "")


def lay_out(row: Row, columns: Columns, moments: Moments) -> list[tuple[str, str]]:
    """The row in stretches, each with its gap and how it is drawn: ``dim``, ``text``, ``class`` or ``info``."""
    made: list[tuple[str, str]] = [(" ", "dim")]
    for text, how in _stretches(row, columns.cells, columns, moments):
        if made[-1][1] == how:
            made[-1] = (made[-1][0] + text, how)
        else:
            made.append((text, how))
    return made


_HOW = {"number": "dim", "time": "dim", "length": "dim", "protocol": "class", "info": "info"}


def _stretches(row: Row, shown: tuple[Cell, ...], columns: Columns, moments: Moments) -> Iterator[tuple[str, str]]:
    for cell in shown:
        what, width = cell.column.what, cell.width
        text = value(row, cell, moments, width)
        if what == "info":
            yield " ", "dim"
            text = cells.cut(text if columns.ports else _PORTS.sub("", text), width)
            yield (text if shown[-1] is cell else text + " " * max(0, width - cells.width(text) + 1)), "info"
        elif what == columns.flexible and shown[-1] is cell:
            yield cells.cut(text, width), _HOW.get(what, "text")
        elif what in _ADDRESSES:
            yield cells.fit_middle(text, width) + " ", "text"
        else:
            yield cells.fit(text, width, right=cell.right) + " ", _HOW.get(what, "text")


def lay_out_whole(row: Row, columns: Columns, moments: Moments, width: int) -> str:
    """The row under the cursor: its addresses whole, and what else has room beside them."""
    whole = {what: cells.width(cells.safe(getattr(row, what))) for what in _ADDRESSES if columns.width(what)}
    if all(need <= columns.width(what) for what, need in whole.items()):
        return "".join(text for text, _ in lay_out(row, columns, moments)).rstrip()
    wider = [replace(cell, width=max(cell.width, whole.get(cell.column.what, 0))) for cell in columns.cells]
    for shown in _narrower(wider):
        taken = 1 + sum(cell.width + 1 for cell in shown if cell.column.what != "info")
        has_info = any(cell.column.what == "info" for cell in shown)
        if taken + (1 + 9 if has_info else 0) <= width + 1:
            fitted = tuple(
                replace(cell, width=max(0, width - taken - 1)) if cell.column.what == "info" else cell for cell in shown
            )
            text = "".join(part for part, _ in _stretches(row, fitted, columns, moments))
            return cells.cut(f" {text}", width)
    number = f" {row.number:>{columns.width('number')}} " if columns.width("number") else " "
    room = max(4, (width - cells.width(number) - 1) // len(whole))
    return number + " ".join(cells.fit_middle(getattr(row, what), room) for what in whole).rstrip()


def _narrower(wider: list[Cell]) -> Iterator[tuple[Cell, ...]]:
    """What is shown beside whole addresses: less and less."""
    yield tuple(wider)
    yield tuple(
        replace(cell, width=min(cell.width, 8)) if cell.time in ("time", "utc") else cell
        for cell in wider
        if cell.column.what != "length"
    )
    yield tuple(cell for cell in wider if cell.column.what not in ("length", "time"))
    yield tuple(cell for cell in wider if cell.column.what in ("number", "source", "destination", "protocol", "info"))
    yield tuple(cell for cell in wider if cell.column.what in ("number", *_ADDRESSES))
