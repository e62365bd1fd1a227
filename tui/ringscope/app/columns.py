# SPDX-License-Identifier: Apache-2.0
"""Which columns of the packet list a width has room for, and how a row is laid out in them. No Textual here.

As the terminal gets narrower, first the length goes, then the time's date and microseconds, then the ports in the info;
addresses are shortened in the middle, and are whole again in the row under the cursor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ringscope.app import cells, units

_PORTS = re.compile(r"^\d+ → \d+ +")


@dataclass(frozen=True, slots=True)
class Row:
    """A packet as the list shows it. ``role`` is its protocol class."""

    number: int
    time_ns: int
    source: str
    destination: str
    protocol: str
    length: int
    info: str
    role: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Cells a column; 0: the column is not shown. ``ports``: whether the info keeps its leading ports."""

    number: int
    time: int
    address: int
    protocol: int
    length: int
    info: int
    ports: bool


def plan(width: int, digits: int) -> Columns:
    """Columns for a list ``width`` cells wide whose largest packet number has ``digits`` digits."""
    number = max(7 if width >= 72 else 5, digits)
    if width >= 176:
        time, address, length = 26, 30, 6
    elif width >= 120:
        time, address, length = 15, 25, 6
    elif width >= 104:
        time, address, length = 13, 20, 6
    elif width >= 92:
        time, address, length = 12, 17, 6
    elif width >= 64:
        time, address, length = 8, 15, 0
    elif width >= 52:
        time, address, length = 8, 11, 0
    else:
        time, address, length = 0, 11 if width >= 46 else 10, 0
    protocol = 7 if width >= 72 else 6
    taken = 1 + number + 1 + _with_gap(time) + 2 * _with_gap(address) + _with_gap(protocol) + _with_gap(length) + 1
    return Columns(number, time, address, protocol, length, max(0, width - taken), ports=width >= 72)


def _with_gap(column: int) -> int:
    return column + 1 if column else 0


def heading(columns: Columns) -> str:
    """The line above the list."""
    time = "Time" if columns.time else ""
    parts = [" " + cells.fit("No.", columns.number, right=True)]
    if time:
        parts.append(cells.fit(time, columns.time))
    parts += [cells.fit("Source", columns.address), cells.fit("Destination", columns.address)]
    parts.append(cells.fit("Proto", columns.protocol))
    if columns.length:
        parts.append(cells.fit("Length", columns.length, right=True))
    return " ".join(parts) + "  " + "Info"


def _info(row: Row, columns: Columns) -> str:
    return row.info if columns.ports else _PORTS.sub("", row.info)


def lay_out(row: Row, columns: Columns) -> tuple[str, str, str, str, str]:
    """The row in five stretches: number and time, addresses, protocol, length, info. Each ends with its gap."""
    lead = f" {row.number:>{columns.number}} "
    if columns.time:
        lead += cells.fit(units.clock(row.time_ns, columns.time), columns.time) + " "
    addresses = (
        cells.fit_middle(row.source, columns.address) + " " + cells.fit_middle(row.destination, columns.address) + " "
    )
    length = f"{row.length:>{columns.length}} " if columns.length else ""
    return (
        lead,
        addresses,
        cells.fit(row.protocol, columns.protocol) + " ",
        length + " ",
        cells.cut(_info(row, columns), columns.info),
    )


def lay_out_whole(row: Row, columns: Columns, width: int) -> str:
    """The row under the cursor: its addresses whole, and what else has room after them."""
    if max(cells.width(cells.safe(row.source)), cells.width(cells.safe(row.destination))) <= columns.address:
        return "".join(lay_out(row, columns))
    number = f" {row.number:>{columns.number}} "
    time = cells.fit(units.clock(row.time_ns, columns.time), columns.time) + " " if columns.time else ""
    protocol = cells.fit(row.protocol, columns.protocol) + " "
    length = f"{row.length:>{columns.length}} " if columns.length else ""
    source = cells.fit(row.source, max(columns.address, cells.width(cells.safe(row.source))))
    destination = cells.fit(row.destination, max(columns.address, cells.width(cells.safe(row.destination))))
    addresses = f"{source} {destination} "
    for lead, tail in (
        (number + time, protocol + length + " " + _info(row, columns)),
        (number + cells.fit(time, 9) if time else number, protocol + _info(row, columns)),
        (number, protocol + _info(row, columns)),
        (number, ""),
    ):
        if cells.width(lead + addresses) + (10 if tail else 0) <= width + 1:
            return cells.cut(lead + addresses + tail, width)
    room = max(4, (width - cells.width(number) - 1) // 2)
    return number + cells.fit_middle(row.source, room) + " " + cells.cut_middle(row.destination, room)
