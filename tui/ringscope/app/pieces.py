# SPDX-License-Identifier: Apache-2.0
"""Fitting facts into a line: each has shorter forms, and gives way in an agreed order. No Textual here."""

from __future__ import annotations

from collections.abc import Sequence

from ringscope.app import cells
from ringscope.frozen import frozen

Span = tuple[str, str]
"""Safe text and the role it is drawn in."""

Form = tuple[Span, ...]


@frozen
class Fact:
    """Something a line says.

    ``forms`` go from the longest to the shortest, which may be empty. ``stays`` is how long it keeps a form while
    others give way: of all steps of all facts the least is taken first. A tuple has a number for each step, rising.
    """

    forms: tuple[Form, ...]
    stays: int | tuple[int, ...] = 0

    def steps(self) -> tuple[int, ...]:
        """When each of the steps from a form to the next is taken."""
        return self.stays if isinstance(self.stays, tuple) else (self.stays,) * (len(self.forms) - 1)


def form_width(form: Form) -> int:
    """Cells of a form."""
    return sum(cells.width(text) for text, _ in form)


def fit(facts: Sequence[Fact], width: int, gap: int) -> list[Form]:
    """The form of each fact so that all of them, ``gap`` cells apart, fit in ``width``; empty forms take nothing."""
    chosen = [0] * len(facts)

    def total() -> int:
        widths = [form_width(fact.forms[form]) for fact, form in zip(facts, chosen, strict=True)]
        shown = [cell for cell in widths if cell]
        return sum(shown) + gap * max(0, len(shown) - 1)

    steps = [(when, index) for index, fact in enumerate(facts) for when in fact.steps()]
    for _, index in sorted(steps):
        if total() <= width:
            break
        chosen[index] += 1
    return [fact.forms[form] for fact, form in zip(facts, chosen, strict=True)]


def spaced(forms: Sequence[Form], gap: int) -> Form:
    """The forms in one, ``gap`` cells apart; empty ones take nothing."""
    spans: list[Span] = []
    for form in forms:
        if spans and form:
            spans.append((" " * gap, "text"))
        spans += form
    return tuple(spans)


def clip(form: Form, width: int) -> Form:
    """As much of a form as fits in ``width``, with an ellipsis where it was cut."""
    spans: list[Span] = []
    for text, role in form:
        shown = cells.cut(text, width)
        spans.append((shown, role))
        width -= cells.width(shown)
        if shown != text:
            break
    return tuple(spans)


class Steady:
    """Widths that only grow, so that numbers do not jump about."""

    def __init__(self) -> None:
        self._widths: dict[str, int] = {}

    def right(self, name: str, text: str, least: int) -> str:
        """``text`` aligned to the right in the widest it has been."""
        width = self._widths[name] = max(self._widths.get(name, least), len(text))
        return text.rjust(width)
