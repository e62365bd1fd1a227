# SPDX-License-Identifier: Apache-2.0
"""The columns a person chose, as the program knows them and as they are written. No Textual here.

``number, time, source, tcp.Window as Win, bytes 54-61``: what a column shows, and behind ``as`` what it is called.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from ringscope.app.clocks import FORMATS
from ringscope.frozen import frozen


@frozen
class Kind:
    """Something about a packet that a column can show. ``title`` heads it; ``help`` says what it is."""

    title: str
    help: str
    right: bool = False


USUAL = {
    "number": Kind("No.", "the number of the packet", right=True),
    "time": Kind("Time", "when it came, in the format that t chooses"),
    "source": Kind("Source", "who sent it"),
    "destination": Kind("Destination", "whom it is for"),
    "protocol": Kind("Proto", "the innermost protocol"),
    "length": Kind("Length", "bytes on the wire", right=True),
    "info": Kind("Info", "the packet in words"),
}
"""What the list shows as long as nobody has chosen."""

TIMES = {
    "date": "date",
    "utc": "utc",
    "unix time": "unix",
    "since first": "first",
    "since previous": "previous",
    "since mark": "mark",
}
"""Columns of times beside the usual one, and the format of each."""

MORE = {
    "captured": Kind("Captured", "bytes that were kept", right=True),
    "queue": Kind("Queue", "the queue that it came by", right=True),
    "epoch": Kind("Epoch", "the number of the capture filter it passed", right=True),
    "interface": Kind("Interface", "the interface that it came by"),
    "direction": Kind("Direction", "to this host, sent by it, or to others"),
    "bytes": Kind("Bytes", "bytes of the frame in hexadecimal: bytes 0-15"),
    **{what: Kind(FORMATS[name].title, FORMATS[name].said, FORMATS[name].right) for what, name in TIMES.items()},
}
"""What else is known of every packet. Besides these there are the fields of its layers: ``tcp.Window``."""

_OTHER_NAMES = {
    "no": "number", "no.": "number", "src": "source", "dst": "destination", "proto": "protocol", "len": "length",
    "delta": "since previous", "iface": "interface",
}  # fmt: skip
_BYTES = re.compile(r"bytes\s+(\d{1,6})(?:\s*-\s*(\d{1,6}))?")
_FIELD = re.compile(r"[A-Za-z0-9_-]+\.\S.*")
_WRITTEN = re.compile(r'(?:"([^"]+)"|(.*?))(?:\s+as\s+(.*))?', re.DOTALL)
MOST_BYTES = 64
"""Bytes of a frame that one column shows."""
MOST_COLUMNS = 32


class WrongColumns(ValueError):
    """What was written means no columns; the sentence says what to write."""


@frozen
class Column:
    """``what``: a key of USUAL or MORE, ``bytes 0-15``, or a field of a layer. ``name``: what a person calls it."""

    what: str
    name: str = ""

    @property
    def is_field(self) -> bool:
        """Whether the packet must be decoded in depth for it."""
        return "." in self.what

    @property
    def kind(self) -> Kind:
        """What is known of it beforehand."""
        known = USUAL.get(self.what) or MORE.get(self.what)
        if known is not None:
            return known
        # In the list the layer goes without saying.
        return Kind(self.what.partition(".")[2] if self.is_field else self.what.capitalize(), "")

    @property
    def title(self) -> str:
        """What heads it."""
        return self.name or self.kind.title

    def span(self) -> tuple[int, int] | None:
        """Of a column of bytes where they begin and end in the frame."""
        match = _BYTES.fullmatch(self.what)
        return (int(match[1]), int(match[2] or match[1]) + 1) if match else None


DEFAULT = tuple(Column(what) for what in USUAL)


def column(text: str) -> Column:
    """The column that ``text`` means. Raises WrongColumns."""
    match = _WRITTEN.fullmatch(text.strip())
    assert match is not None  # it takes any text
    return meant(match[1] or match[2].strip(), (match[3] or "").strip())


def meant(what: str, name: str) -> Column:
    """The column of this, under whatever of its names. Raises WrongColumns."""
    known = " ".join(what.lower().split())
    known = _OTHER_NAMES.get(known, known)
    if known == "bytes":
        known = "bytes 0-15"
    if match := _BYTES.fullmatch(known):
        first, last = int(match[1]), int(match[2] or match[1])
        if not first <= last < first + MOST_BYTES:
            raise WrongColumns(f"{what}: write bytes 0-15, the less first, at most {MOST_BYTES} of them")
        return Column(f"bytes {first}-{last}", name)
    if known in USUAL or known in MORE:
        return Column(known, name)
    if _FIELD.fullmatch(what):
        layer, _, field = what.partition(".")
        return Column(f"{layer.lower()}.{field}", name)
    close = difflib.get_close_matches(known, [*USUAL, *MORE], 1)
    hint = f"; did you mean {close[0]}?" if close else "; a field is written layer.name: tcp.Window"
    raise WrongColumns(f"there is no column {what!r}{hint}")


def columns(text: str) -> tuple[Column, ...]:
    """All columns of a line, the default ones for an empty line. Raises WrongColumns."""
    found = [column(text[start:end]) for start, end in pieces(text) if text[start:end].strip()]
    for index, each in enumerate(found):
        if any(each.what == other.what for other in found[:index]):
            raise WrongColumns(f"{each.what} is there twice")
    if len(found) > MOST_COLUMNS:
        raise WrongColumns(f"{MOST_COLUMNS} columns are the most there can be")
    return tuple(found) or DEFAULT


def line(chosen: Iterable[Column]) -> str:
    """The columns as they are written."""
    return ", ".join(written(each) for each in chosen)


def written(each: Column) -> str:
    """One column as it is written."""
    what = f'"{each.what}"' if "," in each.what or " as " in each.what else each.what
    return f"{what} as {each.name}" if each.name else what


def pieces(text: str) -> list[tuple[int, int]]:
    """Where each column begins and ends in a line: between commas that are not in quotes."""
    found, start, quoted = [], 0, False
    for at, character in enumerate(text):
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            found.append((start, at))
            start = at + 1
    return [*found, (start, len(text))]


def piece_at(text: str, cursor: int) -> int:
    """Which of the pieces the cursor is in."""
    spans = pieces(text)
    return next((index for index, (_, end) in enumerate(spans) if cursor <= end), len(spans) - 1)


def replace_piece(text: str, index: int, new: str) -> tuple[str, int]:
    """The line with one of its columns written anew, and where that one ends."""
    spans = pieces(text)
    start, end = spans[index]
    lead = " " if index else ""
    return text[:start] + lead + new + text[end:], start + len(lead) + len(new)


def move_piece(text: str, index: int, by: int) -> tuple[str, int]:
    """The line with one of its columns moved by so many places, and where that one ends then."""
    parts = [text[start:end].strip() for start, end in pieces(text)]
    there = max(0, min(index + by, len(parts) - 1))
    parts.insert(there, parts.pop(index))
    return ", ".join(parts), len(", ".join(parts[: there + 1]))
