# SPDX-License-Identifier: Apache-2.0
"""Text from the wire made safe to draw.

A packet may carry terminal escape sequences, bidirectional overrides, invisible letters or marks that pile up on their
neighbours. Nothing of that may reach a terminal, and a table of columns must be able to count cells. So every character
that is not plainly visible, or that could change how its neighbours are drawn, is replaced by its Python escape.
Everything this room displays goes through here; the module imports nothing of the project.
"""

from __future__ import annotations

import unicodedata

_JOINING = (
    (0x115F, 0x11FF),  # Hangul fillers, vowels and final consonants: they draw into the syllable before them
    (0xD7B0, 0xD7FF),  # the same, extended block
    (0x3164, 0x3164),  # Hangul filler, invisible
    (0xFFA0, 0xFFA0),  # half-width Hangul filler, invisible
    (0x2800, 0x2800),  # blank Braille pattern, looks like a space and is none
    (0x1F1E6, 0x1F1FF),  # regional indicators: two of them become one flag
    (0x1F3FB, 0x1F3FF),  # skin tone modifiers: they recolour the emoji before them
)
_MEMORY = 4096  # distinct characters remembered; wire text must not be able to grow the table without bound


def _shown(code: int) -> bool:
    character = chr(code)
    # str.isprintable refuses categories Cc, Cf, Cs, Co, Cn, Zl, Zp and every space but U+0020 (language reference).
    if not character.isprintable() or unicodedata.category(character).startswith("M"):
        return False
    return not any(first <= code <= last for first, last in _JOINING)


def _escaped(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


class _Table(dict[int, str]):
    def __missing__(self, code: int) -> str:
        text = chr(code) if _shown(code) else _escaped(code)
        if len(self) < _MEMORY:
            self[code] = text
        return text


_TABLE = _Table()


def escape(text: str) -> str:
    r"""Replace every character that is unsafe on a terminal by `\xNN`, `\uNNNN` or `\UNNNNNNNN`.

    Replaced are control and format characters (bidirectional controls, zero-width joiners), surrogates, private use and
    unassigned code points, separators other than the space, combining marks, and characters that merge with a
    neighbour. Every character left occupies one or two cells whatever stands beside it. A backslash is left alone, so
    the function is idempotent and an escape is for reading, not for turning back.
    """
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_TABLE)


def wire_text(raw: bytes) -> str:
    r"""Bytes of the wire as safe text: UTF-8, a byte that is none as `\xNN`, and everything unsafe escaped."""
    return escape(raw.decode("utf-8", "backslashreplace"))


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters of the text; one that was longer ends in an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"
