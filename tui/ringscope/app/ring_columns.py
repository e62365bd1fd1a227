# SPDX-License-Identifier: Apache-2.0
"""The table of rings: which columns there is room for, and what stands in them. No Textual here."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

from ringscope.app import cells
from ringscope.app.pieces import Form
from ringscope.app.strips import NARROW, PRESSED, cells_for, fill_role, strip
from ringscope.app.units import amount, group, lasting, percent
from ringscope.frozen import frozen
from ringscope.weather.rings import RingView


@frozen
class RingRow:
    """What the table shows of one ring: ``view`` is of this tick; ``settled`` is up to half a second older, for rates,
    so that they can be read. ``minute`` is its highest fill of the last minute."""

    view: RingView
    settled: RingView
    minute: float


@frozen
class Column:
    """Right-aligned text with its role, in ``width`` cells. Of all the one with the lowest ``stays`` goes first."""

    title: str
    width: int
    stays: int
    text: Callable[[RingRow], tuple[str, str]]


def to_full(view: RingView) -> str:
    """How long a ring would last if its reader stopped now."""
    if view.frozen:
        return "FULL"
    if math.isinf(view.to_full):
        return "never"
    return lasting(view.to_full) if view.to_full < 86400 else "> 1 day"


def _now(row: RingRow) -> tuple[str, str]:
    return percent(row.view.fill), fill_role(row.view.fill)


def _peak(row: RingRow) -> tuple[str, str]:
    return percent(row.minute), fill_role(row.minute) if row.minute >= PRESSED else "text"


def _head(row: RingRow) -> tuple[str, str]:
    return group(row.view.headroom), "text"


def _to_full(row: RingRow) -> tuple[str, str]:
    view = row.view if row.view.frozen else row.settled
    return to_full(view), "bad" if view.frozen else "warning" if view.to_full < 1 else "text"


def _dropped(row: RingRow) -> tuple[str, str]:
    return amount(row.view.dropped, 9), "bad" if row.settled.dropped_rate else "warning" if row.view.dropped else "good"


def _classes(row: RingRow) -> tuple[str, str]:
    view = row.view
    each = (amount(number, 6).rjust(6) for number in (view.slow_drops, view.frozen_drops, view.early_drops))
    return " : ".join(each), "warning" if view.dropped else "dim"


def _freezes(row: RingRow) -> tuple[str, str]:
    return amount(row.view.freezes, 7), "warning" if row.view.freezes else "text"


def _oldest(row: RingRow) -> tuple[str, str]:
    late = row.view.oldest >= 0.1
    return (lasting(row.view.oldest) if row.view.oldest else "-"), "warning" if late else "text"


def _cpu(row: RingRow) -> tuple[str, str]:
    view = row.settled
    busy = percent(view.busy) if view.busy is not None else "?"
    where = str(view.cpu) if view.cpu is not None else "?"
    return f"{where}: {busy.rjust(5)}", "warning" if (view.busy or 0) >= 0.85 else "text"


def _packets(row: RingRow) -> tuple[str, str]:
    return amount(round(row.settled.stored_rate), 9), "text"


def _closed(row: RingRow) -> tuple[str, str]:
    view = row.settled
    return f"{amount(round(view.closed_full_rate), 6)} : {amount(round(view.closed_timeout_rate), 4).rjust(4)}", "text"


def _mean(row: RingRow) -> tuple[str, str]:
    return (amount(round(row.settled.mean), 7) if row.settled.mean >= 9.5 else f"{row.settled.mean:.1f}"), "text"


def _wakeups(row: RingRow) -> tuple[str, str]:
    return amount(round(row.settled.wakeups_rate), 7), "text"


def _fed_by(row: RingRow) -> tuple[str, str]:
    return cells.cut(",".join(map(str, row.settled.fed_by)), 8) or "?", "text"


COLUMNS: Final = (
    Column("now", 5, 100, _now),
    Column("peak", 5, 60, _peak),
    Column("head", 5, 50, _head),
    Column("to full", 7, 70, _to_full),
    Column("dropped", 9, 90, _dropped),
    Column("slow : frozen :  early", 24, 14, _classes),
    Column("freezes", 7, 40, _freezes),
    Column("oldest", 7, 45, _oldest),
    Column("cpu", 9, 30, _cpu),
    Column("packets/s", 9, 25, _packets),
    Column("full : timeout", 14, 15, _closed),
    Column("a block", 7, 12, _mean),
    Column("wakes/s", 7, 10, _wakeups),
    Column("fed by", 8, 11, _fed_by),
)
_LEGENDS: Final = ("blocks: ▘ read, █ ready, ▖ filling, · free", "▘read █ready ▖filling ·free", "blocks")
_GAP: Final = 1
_LEAST_STRIP: Final = 12
_LEAD: Final = 2


@frozen
class Plan:
    """The columns there is room for: ``name`` and ``strip`` are their cells; the others follow."""

    name: int
    strip: int
    columns: tuple[Column, ...]


def plan(width: int, blocks: int, names: Sequence[str]) -> Plan:
    """The columns for rings of so many blocks with these names in ``width`` cells."""
    name = max((cells.width(text) for text in names), default=1)
    name = min(name, max(3, width // 6))
    # Up to half of what its two blocks a cell would take is given for columns.
    wanted = cells_for(blocks, min(NARROW, width // 4)) if width >= 60 else min(_LEAST_STRIP, (blocks + 1) // 2)
    chosen = list(COLUMNS)

    def room() -> int:
        return width - _LEAD - name - 1 - sum(column.width + _GAP for column in chosen) - 1

    while chosen and room() < max(wanted, 4):
        chosen.remove(min(chosen, key=lambda column: column.stays))
    return Plan(name, cells_for(blocks, max(0, room())), tuple(chosen))


def name_of(view: RingView, several: bool) -> str:
    """How a ring is called: by its queue, and by its interface where there are ``several``."""
    return f"{view.index} {cells.cut(view.interface, 15)}" if several else str(view.index)


def heading(made: Plan) -> str:
    """The names of the columns."""
    legend = next((text for text in _LEGENDS if len(text) < made.strip), "")
    title = cells.fit(f"{'q'.rjust(made.name)} {legend}", made.name + 1 + made.strip)
    return " " * _LEAD + title + "".join(" " * _GAP + one.title.rjust(one.width) for one in made.columns)


def lay_out(row: RingRow, made: Plan, name: str) -> Form:
    """One ring."""
    view = row.view
    reading = view.ready > 0 and not view.frozen
    taken, free = strip(view.blocks, view.ready, view.filling, made.strip, reading=reading)
    spans = [(cells.fit(name, made.name, right=True) + " ", "text"), (taken, fill_role(view.fill)), (free, "dim")]
    for column in made.columns:
        text, role = column.text(row)
        spans.append((" " * _GAP + cells.fit(text, column.width, right=True), role))
    return tuple(spans)
