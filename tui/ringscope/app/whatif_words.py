# SPDX-License-Identifier: Apache-2.0
"""What the table of other rings says: a sentence above it, and a row for each of them. No Textual here."""

from __future__ import annotations

from typing import Final

from ringscope.app.pieces import Form, Span
from ringscope.app.units import group, percent, share, size
from ringscope.weather.traffic import MINUTE
from ringscope.weather.whatif import ROUGH, Geometry, Outcome, WhatIf

_WIDTHS: Final = (16, 10, 11, 13)
HEADING: Final = "  ring".ljust(_WIDTHS[0] + 2) + "".join(
    text.rjust(width) for text, width in zip(("memory", "more", "would lose"), _WIDTHS[1:], strict=True)
)


def headline(table: WhatIf) -> str:
    """What was really lost, and what would have been enough."""
    span = f"the last {MINUTE:.0f} s"
    if not table.came:
        return f"Nothing has come in {span}: there is nothing to try other rings on."
    came = f"{group(table.came)} packets came in {span}"
    if not table.lost:
        return f"{came}, and none was lost. What rings of another size would have made of them:"
    best = table.best
    if best is None and any(row.more > 0 for row in table.rows):
        cure = "a larger ring would not have helped: the reader is slow"
    elif best is None:
        cure = "a larger ring was not tried"
    elif best.lost:
        cure = f"{best.geometry} would have saved ~{group(table.saved(best))}, and a larger one hardly more"
    else:
        cure = f"{best.geometry} would have lost none"
    return f"{came}, {group(table.lost)} were lost; {cure}."


def footnote(table: WhatIf) -> str:
    """How it was found out, and how far it can be relied on."""
    caution = (
        f"Of the ring as it was the model is {percent(table.off)} off: take the others as rough. "
        if table.off > ROUGH
        else ""
    )
    return (
        f"{caution}~ the same packets, and the same reader with its pauses, in a model of the ring. What was lost is"
        " taken to have been like what was stored. Early drops of several CPUs at one ring are not in the model."
        " r takes any other geometry, a fanout mode, a timeout."
    )


def row(outcome: Outcome, table: WhatIf, now: Geometry, rings: int) -> Form:
    """A ring, its memory in all queues, and what it would have lost. ``now`` is the geometry in force."""
    geometry = outcome.geometry
    lost = f"~{group(outcome.lost)}" if outcome.lost else "0"
    more = f"{'+' if outcome.more > 0 else '-'}{size(abs(outcome.more))}" if outcome.more else ""
    cells = (str(geometry).ljust(_WIDTHS[0]), size(geometry.octets * rings), more)
    text = cells[0] + "".join(cell.rjust(width) for cell, width in zip(cells[1:], _WIDTHS[1:3], strict=True))
    spans: list[Span] = [(text, "text"), (lost.rjust(_WIDTHS[3]), "warning" if outcome.lost else "good")]
    if outcome.present:
        spans.append((f"  really {group(table.lost)}", "text"))
    elif outcome.lost:
        spans.append((f"  {share(outcome.lost, table.came)}", "dim"))
    if geometry == now:
        spans.append(("  in force", "accent"))
    elif outcome is table.best:
        spans.append(("  ◀ best", "accent") if outcome.lost else ("  ◀ enough", "good"))
    return tuple(spans)
