# SPDX-License-Identifier: Apache-2.0
"""Changes of the capture filter as the screens tell them: the line in the packet list, and since when a filter holds.

No Textual here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ringscope.app import cells
from ringscope.app.pieces import Fact, Form, Span, clip, fit, form_width, spaced
from ringscope.app.units import brief, group
from ringscope.capture.session import Epoch, Session, Snapshot
from ringscope.frozen import frozen

RULE = "═"

_EXPRESSION = (60, 45, 32, 24, 16, 8)
"""Cells the expression is cut to, step by step, where room is short."""


@frozen
class FilterNote:
    """The line at a change of the capture filter: packet ``before`` is the first from which on all passed it.

    between: filters that were put in force and replaced before a packet came. The counts are those of
    :class:`ringscope.capture.session.Epoch`, of these filters too: what they speak of lies above the line.
    """

    before: int
    number: int
    expression: str
    exact: bool = False
    between: int = 0
    rechecked: int = 0
    matched: int = 0
    unknown: int = 0
    gap: float = 0.0
    settled: bool = True

    def form(self, width: int) -> Form:
        """One line. The expression gives way first; the number, the re-checked packets and what went wrong stay."""
        lead, gap, tail = (8, 3, 3) if width >= 100 else (4, 2, 3) if width >= 60 else (1, 2, 0)
        facts = [self._filter(), self._epoch(), self._rechecked(), self._between(), self._gap(), self._unsettled()]
        room = max(0, width - lead - 1)
        said = clip(spaced(fit(facts, room - tail, gap), gap), room)
        rest = room - form_width(said)
        return ((RULE * lead + " ", "filter"), *said, ((" " + RULE * rest)[:rest], "filter"))

    def _filter(self) -> Fact:
        expression = cells.safe(self.expression)
        if not expression:
            return Fact(((("no capture filter", "filter"),), (("no filter", "filter"),)), 10)
        cut = [cells.cut(expression, limit) for limit in (cells.width(expression), *_EXPRESSION)]
        forms: list[Form] = [(("capture filter: ", "dim"), (cut[0], "filter"))]
        forms += [(("filter: ", "dim"), (text, "filter")) for text in cut]
        forms += [((cut[-1], "filter"),), ()]
        return Fact(tuple(forms), (6, *[10] * (len(cut) - 1), 11, 30))

    def _epoch(self) -> Fact:
        number: Span = (f"epoch {self.number}", "text")
        return Fact(((number, (f" from {group(self.before)}", "text")), (number,)), 40)

    def _rechecked(self) -> Fact:
        if self.exact and not self.rechecked:
            return Fact(((("(exact)", "dim"),), ()), 15)
        told = f"{group(self.rechecked)} re-checked"
        if not self.rechecked:
            return Fact(((("(" + told + ")", "dim"),),))
        unclear = f", {group(self.unknown)} cannot be judged" if self.unknown else ""
        long = f"({told}: {group(self.matched)} pass{unclear})"
        return Fact((((long, "dim"),), (("(" + told + ")", "dim"),)), 5)

    def _between(self) -> Fact:
        if not self.between:
            return Fact(((),))
        changes = "1 change" if self.between == 1 else f"{group(self.between)} changes"
        forms = (f"({changes} in between)", f"(+{changes})", f"(+{group(self.between)})")
        return Fact((*[((form, "dim"),) for form in forms], ()), (8, 9, 35))

    def _gap(self) -> Fact:
        if not self.gap > 0:
            return Fact(((),))
        nothing = f"▲ nothing captured for {brief(self.gap)}"
        return Fact((
            ((f"{nothing}: no room for both filters", "warning"),),
            ((nothing, "warning"),),
            ((f"▲ gap {brief(self.gap)}", "warning"),),
            ((f"▲ {brief(self.gap)}", "warning"),),
        ), (7, 12, 45))  # fmt: skip

    def _unsettled(self) -> Fact:
        if self.settled:
            return Fact(((),))
        return Fact((
            (("▲ packets under the old filter may still follow", "warning"),),
            (("▲ old filter may linger", "warning"),),
            (("▲ unsettled", "warning"),),
        ), (7, 12))  # fmt: skip


def filter_notes(epochs: Sequence[Epoch]) -> tuple[FilterNote, ...]:
    """The lines of these epochs, oldest first. Where no packet came between several changes there is one line.

    The first filter has none: nothing was before it. Nor has a change of which the end is not known yet, or one that
    was undone.
    """
    groups: defaultdict[int, list[Epoch]] = defaultdict(list)
    for epoch in epochs:
        if epoch.clean_from and epoch.mode != "first" and not epoch.undone:
            groups[epoch.clean_from].append(epoch)
    return tuple(_note(before, groups[before]) for before in sorted(groups))


def _note(before: int, changes: Sequence[Epoch]) -> FilterNote:
    last = changes[-1]
    return FilterNote(
        before=before,
        number=last.number,
        expression=last.expression,
        exact=last.mode == "exact",
        between=len(changes) - 1,
        rechecked=sum(change.rechecked for change in changes),
        matched=sum(change.matched for change in changes),
        unknown=sum(change.unknown for change in changes),
        gap=sum(change.gap for change in changes),
        settled=all(change.settled for change in changes),
    )


class Epochs:
    """What a session says of its filters, asked for only when it may have changed.

    notes: the lines for the list. number: the epoch of the filter in force, or of the one that is being put in force;
    then changing is true. since: the first packet from which on all passed it, 0 as long as none has come.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._asked = 0
        self._clean = 0
        self.notes: tuple[FilterNote, ...] = ()
        self.number = 1
        self.changing = False
        self.since = 0

    def update(self, snapshot: Snapshot) -> bool:
        """Take the moment of a snapshot, with one question to the session at most. Whether the notes have changed."""
        before = self.notes
        if self.changing or self._asked != snapshot.epoch:
            self._ask()
        self.since = self._clean if self._clean <= snapshot.head else 0
        return self.notes != before

    def _ask(self) -> None:
        epochs = self._session.epochs()
        standing = [epoch for epoch in epochs if not epoch.undone]
        self._asked = epochs[-1].number if epochs else 0
        self.notes = filter_notes(epochs)
        if standing:
            newest = standing[-1]
            self.number, self._clean = newest.number, newest.clean_from
            self.changing = not newest.clean_from and newest.mode != "first"
