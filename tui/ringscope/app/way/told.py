# SPDX-License-Identifier: Apache-2.0
"""What is told of a number: where it is read, what it counts, what is wrong with it. No Textual here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ringscope.app import cells
from ringscope.app.numbers import Number
from ringscope.app.pieces import Form
from ringscope.app.way.page import Line
from ringscope.weather.provenance import PROVENANCE

_LABEL: Final = 16


def told(number: Number, width: int) -> Iterator[Form]:
    """Every fact about a number, for a terminal of ``width`` cells."""
    known = PROVENANCE[number.source]
    value = cells.cut(number.value, max(0, width - 4))
    yield ((f" {cells.cut(number.title, max(0, width - cells.width(value) - 5))}", "accent"), (f"   {value}", "text"))
    facts = (
        ("read from", known.read, "text"),
        ("lost packets", known.drops, "text"),
        ("begins anew", known.resets, "text"),
        ("is a total of", known.scope, "text"),
        ("needs", known.privilege or "no privilege", "text" if known.privilege else "dim"),
        ("what is wrong", known.defects or "nothing is known to be", "warning" if known.defects else "dim"),
        ("this one", number.note, "text"),
    )
    for label, text, role in facts:
        if not text:
            continue
        lead = cells.fit(label, _LABEL) if width >= 50 else cells.fit(label, 9)
        for index, part in enumerate(cells.wrap(text, max(8, width - cells.width(lead) - 3), 6)):
            yield ((f" {lead if index == 0 else ' ' * cells.width(lead)} ", "dim"), (part, role))


def choices(numbers: Sequence[Number], width: int) -> list[Line]:
    """All numbers of a screen, a line each."""
    return [
        Line(((f"   {cells.fit(one.title, max(10, width * 2 // 3 - 4))}", "text"), (one.value, "dim")), one)
        for one in numbers
    ]
