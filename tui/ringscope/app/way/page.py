# SPDX-License-Identifier: Apache-2.0
"""The lines of a page that can be walked through: a number to ask about, text to copy, something to unfold.

No Textual here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ringscope.app import cells
from ringscope.app.numbers import Number
from ringscope.app.pieces import Form
from ringscope.frozen import frozen


@frozen
class Line:
    """One line. ``number`` is what stands in it, ``copies`` what Enter copies, ``unfolds`` a name of what it opens;
    all may be missing. ``tells`` is whether it tells of a loss."""

    form: Form
    number: Number | None = None
    copies: str = ""
    unfolds: str = ""
    tells: bool = False


def paragraph(text: str, width: int, role: str = "text", indent: int = 1) -> Iterator[Line]:
    """A sentence over as many lines as it takes; of a heading the role is ``accent``."""
    room = max(8, width - indent)
    for line in cells.wrap(text, room, _MOST):
        yield Line(((" " * indent + line, role),))


_MOST: Final = 40
"""Lines of a paragraph."""

BLANK: Final = Line(((" ", "text"),))
