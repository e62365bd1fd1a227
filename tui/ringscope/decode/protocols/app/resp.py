# SPDX-License-Identifier: Apache-2.0
"""RESP, what Redis and its kin speak ("Redis serialization protocol specification", versions 2 and 3): values that each
begin with a letter for their type and end with a line."""

from __future__ import annotations

from ringscope.decode.dialogue import is_text, joined, lines, to_server
from ringscope.decode.draft import Draft
from ringscope.decode.lines import add_line, take_line
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.text import shorten, wire_text
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

_PORTS = (6379,)
RESP = protocol("resp", "RESP", tcp=_PORTS)

_KINDS = {
    ord("+"): "Simple string",
    ord("-"): "Error",
    ord(":"): "Integer",
    ord("$"): "Bulk string",
    ord("*"): "Array",
    ord("_"): "Null",
    ord("#"): "Boolean",
    ord(","): "Double",
    ord("("): "Big number",
    ord("!"): "Bulk error",
    ord("="): "Verbatim string",
    ord("%"): "Map",
    ord("~"): "Set",
    ord(">"): "Push",
    ord("|"): "Attribute",
}
_BULK, _HOLDERS, _NUMBERS = b"$!=", b"*%~>|", b":$*!=%~>|"
_LINE = 65536  # bytes of a line that ends somewhere
_MOST = 12  # values that a row names
_MOST_VALUES = 200
_SHOWN = 200  # characters of a row
_LONG = 64  # characters of a value in a row


@RESP.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """A type with what must stand behind it, or a line of text: a command that is typed, or a piece of a value."""
    if data[at] in _KINDS and _is_value(data, at, stop):
        return True
    return is_text(data, at, stop)


def _is_value(data: bytes, at: int, stop: int) -> bool:
    """Whether a value begins there: its line must end here, and say a number where one belongs."""
    end = data.find(b"\r\n", at, min(stop, at + _LINE))
    if data[at] not in _KINDS or end < 0:
        return False
    text = data[at + 1 : end]
    return data[at] not in _NUMBERS or text.removeprefix(b"-").isdigit() or text == b"?"


def _to_server(walk: Walk) -> bool:
    return to_server(walk.ports, _PORTS, walk.from_client)


def _size(text: bytes) -> int:
    """A length; -1 for null and for what is streamed."""
    return int(text) if text.isdigit() and len(text) < 12 else -1


@RESP.row
def row(row: Row, at: int, end: int) -> None:
    """A request with its arguments, or what is answered."""
    data, stop = row.data, min(end, row.size)
    client = _to_server(row)
    words: list[str] = []
    for number in range(_MOST + 1):
        if at >= stop:
            break
        if number == _MOST:
            words.append("…")
            break
        if not _is_value(data, at, stop):
            words.append("[fragment]" if words else joined(lines(data, at, stop, 1)))
            break
        line_end = data.find(b"\r\n", at, stop)
        kind, text = data[at], data[at + 1 : line_end]
        at = line_end + 2
        if kind in _BULK and _size(text) >= 0:
            size = _size(text)
            value = data[at : min(at + min(size, _LONG * 4), stop)]
            words.append(shorten(wire_text(value), _LONG) if at + size <= stop else f"BulkString({size}) [continues]")
            at += size + 2
        elif kind in _HOLDERS:
            if not client:
                words.append(f"{'Array' if kind == ord('*') else _KINDS[kind]}({wire_text(text)})")
        else:
            prefix = "Error: " if kind == ord("-") else ""
            words.append(prefix + shorten(wire_text(text), _LONG))
        if not client and kind in _HOLDERS:
            break  # what it holds is many values, not many answers
    row.info = shorten(f"{'Request' if client else 'Response'}: {' '.join(words)}", _SHOWN)


@RESP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Each value: type and number, and the bytes of strings."""
    draft = tree.open(RESP, at, end)
    draft.say()
    stop = min(end, tree.size)
    for _ in range(_MOST_VALUES):
        if draft.at >= stop:
            return
        if not _is_value(tree.data, draft.at, stop):
            break
        _value(draft, stop)
    size = stop - draft.at
    if size > 0:
        draft.raw("Part of a value", size, lambda raw: shorten(wire_text(raw), 400))


def _value(draft: Draft, stop: int) -> None:
    kind = draft.data[draft.at]
    with draft.group(_KINDS[kind]) as group:
        draft.uint("Type", 1, lambda value: f"{chr(value)} ({_KINDS[value]})")
        line, size = take_line(draft)
        group.display = shorten(wire_text(line), 400)
        add_line(draft, "Length" if kind in _BULK + _HOLDERS else "Value", line, size)
        length = _size(line)
        if kind not in _BULK or length < 0:
            return
        here = min(length, stop - draft.at)
        group.display = f"{length} bytes"
        if here > 0:
            value = draft.raw("Value", here, lambda raw: shorten(wire_text(raw), 2000))
            group.display = shorten(wire_text(value[:1600]), 400)
        if here == length and stop - draft.at >= 2 and draft.data[draft.at : draft.at + 2] == b"\r\n":
            draft.take(2, "line end")
