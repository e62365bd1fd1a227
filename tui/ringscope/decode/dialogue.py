# SPDX-License-Identifier: Apache-2.0
"""Commands and replies in lines of text: what mail, files and talk have in common.

A line of a server begins with a number of three digits (RFC 959 section 4.2, RFC 5321 section 4.2) or a word; one of a
client with a verb. What is no such line is a piece of what they carry.
"""

from __future__ import annotations

from collections.abc import Container

from ringscope.decode.draft import Draft
from ringscope.decode.lines import add_line, take_line
from ringscope.decode.text import shorten, wire_text

_LOOKED_AT = 256  # bytes that are looked at to tell text
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\r\x1b") + b"\x7f"
_LINE = 400  # characters of a line in a row
_MOST_LINES = 40  # of a row
_MOST_FIELDS = 200
_LONGEST_VERB = 12


def is_text(data: bytes, at: int, stop: int) -> bool:
    """Whether the first bytes are text: no control characters but those of lines and colours."""
    piece = data[at : min(stop, at + _LOOKED_AT)]
    return len(piece.translate(None, _CONTROLS)) == len(piece)


def verb(data: bytes, at: int, stop: int) -> str:
    """The first word of a line in upper case; "" where what stands there is no word of letters."""
    after = at
    last = min(stop, at + _LONGEST_VERB)
    while after < last and (65 <= data[after] & 0xDF <= 90):
        after += 1
    if after < stop and data[after] not in b" \r\n\t":
        return ""
    return data[at:after].decode("ascii").upper()


def is_reply(data: bytes, at: int, stop: int) -> bool:
    """Whether a line stands there that begins with a number of three digits, and goes on as one does."""
    code = data[at : at + 3]
    if stop - at < 3 or not code.isdigit() or not 49 <= code[0] <= 54:
        return False
    return (stop - at == 3 or data[at + 3] in b" -\r\n") and is_text(data, at, stop)


def lines(data: bytes, at: int, stop: int, most: int = _MOST_LINES) -> list[bytes]:
    """The next lines without their ends; the last may go on elsewhere."""
    found: list[bytes] = []
    while at < stop and len(found) < most:
        end = data.find(b"\n", at, stop)
        after = stop if end < 0 else end + 1
        found.append(data[at : min(after, at + 4 * _LINE)].rstrip(b"\r\n"))
        at = after
    return found


def joined(found: list[bytes]) -> str:
    """Lines for a row, which has one."""
    return shorten(" | ".join(wire_text(line) for line in found), _LINE)


def line_field(draft: Draft, label: str, parts: tuple[str, str] | None = None) -> bytes:
    """The next line as a field, and below it what stands before and behind its first space, named by `parts`."""
    at = draft.at
    line, size = take_line(draft)
    add_line(draft, label, line, size)
    word, space, rest = line.partition(b" ")
    if parts and word and len(line) < _LINE:
        draft.depth += 1
        draft.add(parts[0], wire_text(word), at, len(word), value=wire_text(word))
        if space and rest:
            draft.add(parts[1], wire_text(rest), at + len(word) + 1, len(rest), value=wire_text(rest))
        draft.depth -= 1
    return line


def reply_field(draft: Draft, label: str) -> None:
    """The next line as a field, and below it its number and its text."""
    at = draft.at
    line, size = take_line(draft)
    add_line(draft, label, line, size)
    draft.depth += 1
    draft.add("Code", wire_text(line[:3]), at, 3, value=wire_text(line[:3]))
    text = line[4:]
    if text and len(text) < _LINE:
        draft.add("Text", wire_text(text), at + 4, len(text), value=wire_text(text))
    draft.depth -= 1


def rest_lines(draft: Draft, stop: int, label: str) -> None:
    """What is left, line by line where it is text, and the rest of it as bytes."""
    for _ in range(_MOST_FIELDS if is_text(draft.data, draft.at, stop) else 0):
        if draft.at >= stop:
            return
        line_field(draft, label)
    size = stop - draft.at
    if size > 0:
        draft.raw("Data", size, lambda _: f"{size} bytes")


def to_server(ports: tuple[int, int], known: Container[int], otherwise: bool) -> bool:
    """Whether a payload goes to the server: one of the ports is known, or it is as told otherwise."""
    if (ports[0] in known) != (ports[1] in known):
        return ports[1] in known
    return otherwise
