# SPDX-License-Identifier: Apache-2.0
"""Protocols made of lines of text: the first line for a row, and header lines as fields."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.text import shorten, wire_text

_LINE = 400  # characters of a first line that a row shows
_VALUE = 2000  # characters of one header's value that are shown
_MOST_LINES = 200


def first_line(data: bytes, at: int, stop: int) -> str:
    """The text up to the first line end, or to `stop`, made safe and not too long."""
    found = data.find(b"\n", at, min(stop, at + _LINE * 4))
    line = data[at : min(stop, at + _LINE * 4) if found < 0 else found]
    return shorten(wire_text(line.rstrip(b"\r")), _LINE)


def take_line(draft: Draft) -> tuple[bytes, int]:
    """The next line without its end, and how many bytes both have; nothing of what was not captured."""
    stop = min(draft.end, draft.tree.size)
    found = draft.data.find(b"\n", draft.at, stop)
    after = stop if found < 0 else found + 1
    return draft.data[draft.at : after].rstrip(b"\r\n"), after - draft.at


def add_line(draft: Draft, label: str, text: bytes, size: int) -> None:
    """The next `size` bytes as a field that says `text`, which stands in them."""
    value = shorten(wire_text(text), _VALUE)
    whole = len(value) < _VALUE
    at = draft.at
    draft.take(size, label.lower())
    draft.add(label, value, at, size, value=value if whole else None)


def header_lines(draft: Draft) -> bool:
    """ "Name: value" lines up to and with an empty one; returns whether the empty line was there."""
    for _ in range(_MOST_LINES):
        line, size = take_line(draft)
        if not size:
            return False
        if not line:
            draft.take(size, "line end")
            return True
        name, _, value = line.partition(b":")
        add_line(draft, shorten(wire_text(name), 80), value.strip(), size)
    return False
