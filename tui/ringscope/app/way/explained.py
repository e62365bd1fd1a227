# SPDX-License-Identifier: Apache-2.0
"""Why the verdict is what it is, and what would help: the pages of ``e`` and ``c``. No Textual here."""

from __future__ import annotations

from collections.abc import Iterator

from ringscope.app import cells
from ringscope.app.numbers import Number
from ringscope.app.pieces import Form
from ringscope.app.way.page import BLANK, Line, paragraph
from ringscope.weather.model import LATER, OPEN, STAGES, YES, Clue, Verdict
from ringscope.weather.verdict import CAUSES

_ASKED = 36


def explained(said: Verdict, width: int) -> Iterator[Line]:
    """What the counters were asked, and what they said."""
    if said.severity == "fine":
        yield from paragraph("Why nothing is lost: every counter that would say so stands still", width, "accent")
    elif not said.cause:
        yield from paragraph("What the file tells", width, "accent")
    else:
        where = said.place or STAGES.get(said.stage, said.stage)
        yield from paragraph(f"Why {where}: {CAUSES[said.cause]}", width, "accent")
        told = "Asked where most was lost at once."
        if said.stage == "ring" and len([clue for clue in said.clues if clue.cause]) > 2:
            told += " The cause is the first that is answered with yes."
        yield from paragraph(told, width, "dim")
    decides = next(
        (clue for clue in said.clues if clue.cause and clue.cause == said.cause and clue.answer == YES), None
    )
    for clue in said.clues:
        yield from _clue(clue, width, decides=clue is decides)
    if said.also:
        yield BLANK
        yield from paragraph("Beside that", width, "accent")
        for text in said.also:
            yield from paragraph(f"{text}.", width)


def _clue(clue: Clue, width: int, *, decides: bool) -> Iterator[Line]:
    number = Number(clue.asked, clue.found, clue.source)
    limit = f" (yes from {clue.limit} on)" if clue.limit else ""
    role = "bad" if decides else "dim" if clue.answer == OPEN else "text"
    wide = width >= 100
    found = clue.found + limit
    lead = 3 + 5 + (_ASKED if wide else 0)
    asked: Form = (
        (" ▶ " if decides else "   ", "bad"),
        (cells.fit(clue.answer, 5), role),
        (cells.fit(clue.asked, _ASKED if wide else max(8, width - 8)), role),
    )
    lines = cells.wrap(found, max(8, width - lead), 4)
    if wide:
        yield Line((*asked, (lines[0], "text")), number)
        lines = lines[1:]
    else:
        yield Line(asked, number)
    for text in lines:
        yield Line(((" " * lead + text, "text" if wide else "dim"),), number)


def remedies(said: Verdict, width: int) -> Iterator[Line]:
    """What would help, as text to copy."""
    if not said.cures:
        told = "Nothing is lost, so there is nothing to cure." if said.severity == "fine" else ""
        if said.stage == LATER:
            told = "It is no loss of this capture, and nothing here would change it."
        yield from paragraph(told or "No command is known that would help.", width)
        return
    told = f" ~ by {said.replayed}." if said.replayed else ""
    yield from paragraph(f"Nothing of this is run here; Enter copies a line.{told}", width, "dim")
    for at, cure in enumerate(said.cures, 1):
        # A command is never cut: it is to be copied by eye, too.
        for index, text in enumerate(cells.wrap(cure.command, max(8, width - 5), 40)):
            lead = f" {at}  " if index == 0 else "    "
            yield Line(((lead, "key"), (text, "filter")), copies=cure.command)
        words = f"{cure.words}; {cure.saves}" if cure.saves else cure.words
        for line in paragraph(words, width, "dim", indent=4):
            yield Line(line.form, copies=cure.command)
