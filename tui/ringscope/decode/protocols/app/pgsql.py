# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL (postgresql.org, "Frontend/Backend Protocol", version 3): messages of a letter, a length and a body; what
begins a connection has no letter."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.dialogue import to_server
from ringscope.decode.draft import Draft
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.text import shorten, wire_text
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

_PORTS = (5432,)
PGSQL = protocol("pgsql", "PGSQL", tcp=_PORTS)

_STARTS = {
    196608: "Startup",
    80877102: "Cancel request",
    80877103: "SSL request",
    80877104: "GSS encryption request",
}
_STARTUP = 196608
_ASKED = {
    "B": "Bind",
    "C": "Close",
    "d": "Copy data",
    "c": "Copy done",
    "f": "Copy failed",
    "D": "Describe",
    "E": "Execute",
    "H": "Flush",
    "F": "Function call",
    "P": "Parse",
    "p": "Password",
    "Q": "Query",
    "S": "Sync",
    "X": "Terminate",
}
_ANSWERED = {
    "R": "Authentication",
    "K": "Key for cancelling",
    "2": "Bind complete",
    "3": "Close complete",
    "C": "Command complete",
    "d": "Copy data",
    "c": "Copy done",
    "G": "Copy in",
    "H": "Copy out",
    "W": "Copy both",
    "D": "Data row",
    "I": "Empty query",
    "E": "Error",
    "V": "Function call",
    "v": "Version that is spoken",
    "n": "No data",
    "N": "Notice",
    "A": "Notification",
    "t": "Parameters",
    "S": "Parameter status",
    "1": "Parse complete",
    "s": "Portal suspended",
    "Z": "Ready for query",
    "T": "Row description",
}
_LETTERS = frozenset(ord(letter) for letter in (*_ASKED, *_ANSWERED))
_LONGEST = 1 << 24
_MOST = 24  # messages that a row names
_MOST_MESSAGES = 200
_SHOWN = 300  # characters of a statement in a row


def _start(data: bytes, at: int, stop: int) -> int:
    """The code of a message that begins a connection, 0 where none does."""
    if stop - at < 8:
        return 0
    size, code = unpack_from(">II", data, at)
    return code if code in _STARTS and 8 <= size < 10000 else 0


def _size(data: bytes, at: int, stop: int) -> int:
    """The bytes of the message there, letter included; 0 where none is."""
    if stop - at < 5 or data[at] not in _LETTERS:
        return 0
    size: int = unpack_from(">I", data, at + 1)[0]
    return size + 1 if 4 <= size < _LONGEST else 0


@PGSQL.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """What begins a connection, the one letter that answers it, or messages to the end of the segment."""
    if _start(data, at, stop) or (stop - at == 1 and data[at] in b"SNG"):
        return True
    for place in range(_MOST_MESSAGES):
        size = _size(data, at, stop)
        if not size:
            return place > 0 and stop - at < 5
        at += size
        if at >= stop:
            return True
    return True


def _to_server(walk: Walk) -> bool:
    return to_server(walk.ports, _PORTS, walk.from_client)


@PGSQL.row
def row(row: Row, at: int, end: int) -> None:
    """The letters of the messages as tshark has them; behind them the first statement or error."""
    data, stop = row.data, min(end, row.size)
    client = _to_server(row)
    mark = ">" if client else "<"
    code = _start(data, at, stop)
    if code:
        row.info = f"{mark} {_STARTS[code]}"
        if code == _STARTUP:
            row.info += f" {' '.join(_pairs(data[at + 8 : stop]))}"
        return
    if stop - at == 1:
        row.info = f"{mark} {'SSL refused' if data[at] == ord('N') else 'SSL granted'}"
        return
    letters: list[str] = []
    told = ""
    for _ in range(_MOST):
        size = _size(data, at, stop)
        if not size:
            break
        letters.append(chr(data[at]))
        told = told or _told(data, at, min(at + size, stop), client)
        at += size
    row.info = f"{mark}{'/'.join(letters)}{f'  {told}' if told else ''}{' [continues]' if at > end else ''}"


def _told(data: bytes, at: int, last: int, client: bool) -> str:
    """A statement, or the text of an error."""
    letter = chr(data[at])
    body = data[at + 5 : min(last, at + 5 + 4 * _SHOWN)]
    if client and letter == "Q":
        return shorten(wire_text(body.rstrip(b"\0")), _SHOWN)
    if client and letter == "P":
        return shorten(wire_text(body.partition(b"\0")[2].partition(b"\0")[0]), _SHOWN)
    if not client and letter == "E":
        parts = {part[:1]: part[1:] for part in body.split(b"\0")}
        return shorten(wire_text(b" ".join(parts.get(key, b"") for key in (b"S", b"C", b"M"))), _SHOWN)
    return ""


def _pairs(raw: bytes) -> list[str]:
    """Names and values, each ended by a zero."""
    words = raw.split(b"\0")
    return [
        f"{wire_text(name)}={shorten(wire_text(value), 80)}"
        for name, value in zip(words[::2], words[1::2], strict=False)
        if name
    ][:8]


@PGSQL.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Each message: letter, length, and its text where it is some."""
    draft = tree.open(PGSQL, at, end)
    draft.say()
    stop = min(end, tree.size)
    client = _to_server(tree)
    if _start(tree.data, at, stop):
        _beginning(draft, stop)
    elif stop - at == 1:
        draft.text("Answer", 1)
    for _ in range(_MOST_MESSAGES):
        size = _size(tree.data, draft.at, stop)
        if not size:
            break
        _message(draft, size, stop, client)
    here = stop - draft.at
    if here > 0:
        draft.raw("Part of a message", here, lambda _: f"{here} bytes")


def _beginning(draft: Draft, stop: int) -> None:
    size = draft.uint("Length", 4)
    code = draft.uint("Code", 4, _STARTS)
    last = min(draft.at + size - 8, stop)
    while code == _STARTUP and draft.at < last:
        found = draft.data.find(b"\0", draft.at, last)
        value = draft.data.find(b"\0", found + 1, last) if found >= 0 else -1
        if value < 0 or found == draft.at:
            break
        name = shorten(wire_text(draft.data[draft.at : found]), 80)
        text = wire_text(draft.data[found + 1 : value])
        draft.add(name, text, found + 1, value - found - 1, value=text if text else None)
        draft.take(value + 1 - draft.at, "parameter")
    here = last - draft.at
    if here > 0:
        draft.raw("Data", here)


def _message(draft: Draft, size: int, stop: int, client: bool) -> None:
    names = _ASKED if client else _ANSWERED
    letter = chr(draft.data[draft.at])
    last = min(draft.at + size, stop)
    with draft.group("Message", names.get(letter, letter)):
        draft.text("Type", 1)
        draft.uint("Length", 4)
        here = last - draft.at
        if here <= 0:
            return
        if letter == "E" and not client:
            while draft.at < last and draft.peek():
                found = draft.data.find(b"\0", draft.at, last)
                draft.text("Part", (last if found < 0 else found) - draft.at)
                if found >= 0:
                    draft.take(1, "end of text")
            here = last - draft.at
        readable = letter in "QP" if client else letter in "CS"
        if here > 0:
            draft.raw(
                "Text" if readable else "Data",
                here,
                lambda raw: shorten(wire_text(raw), 2000) if readable else f"{here} bytes",
            )
