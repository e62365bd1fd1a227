# SPDX-License-Identifier: Apache-2.0
"""The gate: every string that is drawn passes through here, is made harmless and fits its cells.

What came off the wire (or out of a file, or a system call) may hold escape sequences, bidirectional controls or
characters of two cells. Nothing else in this room measures or cuts text.
"""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len

from ringscope.decode import escape

ELLIPSIS = "…"


@lru_cache(maxsize=4096)
def _tame(text: str) -> str:
    return escape(text)


def safe(text: str) -> str:
    """``text`` with everything a terminal could act on spelt out as ``\\xNN`` or ``\\uNNNN``."""
    return text if text.isascii() and text.isprintable() else _tame(text)


def width(text: str) -> int:
    """Terminal cells that safe text takes."""
    return len(text) if text.isascii() else cell_len(text)


def _head(text: str, cells: int) -> str:
    """As much of the start of safe text as fits ``cells``."""
    if text.isascii():
        return text[:cells]
    taken = 0
    for index, character in enumerate(text):
        taken += cell_len(character)
        if taken > cells:
            return text[:index]
    return text


def cut(text: str, cells: int) -> str:
    """Make safe and cut at the end, with an ellipsis, to at most ``cells``."""
    text = safe(text)
    if width(text) <= cells:
        return text
    return _head(text, cells - 1) + ELLIPSIS if cells > 0 else ""


def wrap(text: str, cells: int, lines: int) -> list[str]:
    """Make safe and break between words into at most ``lines`` of at most ``cells``; what is still left over is cut."""
    indent = " " * (len(text) - len(text.lstrip(" ")))
    made = [indent]
    for word in safe(text).split():
        longer = f"{made[-1]}{word}" if made[-1] == indent else f"{made[-1]} {word}"
        if made[-1] == indent or width(longer) <= cells or len(made) == lines:
            made[-1] = longer
        else:
            made.append(f"{indent}{word}")
    return [cut(line, cells) for line in made]


def cut_middle(text: str, cells: int) -> str:
    """Make safe and take out the middle: both ends of an address tell more than its beginning alone."""
    text = safe(text)
    if width(text) <= cells:
        return text
    if cells < 4:
        return cut(text, cells)
    left = _head(text, cells // 2)
    right = _head(text[::-1], cells - 1 - width(left))[::-1]
    return left + ELLIPSIS + right


def fit(text: str, cells: int, *, right: bool = False) -> str:
    """Make safe, cut and pad to exactly ``cells``; ``right`` aligns to the right."""
    text = cut(text, cells)
    pad = " " * max(0, cells - width(text))
    return pad + text if right else text + pad


def fit_middle(text: str, cells: int) -> str:
    """Make safe, shorten in the middle and pad to exactly ``cells``."""
    text = cut_middle(text, cells)
    return text + " " * max(0, cells - width(text))
