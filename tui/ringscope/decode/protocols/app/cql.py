# SPDX-License-Identifier: Apache-2.0
"""CQL, what Cassandra and its kin speak (cassandra.apache.org, "CQL binary protocol", versions 1 to 5): frames of a
version, a stream and an operation."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.text import shorten, wire_text
from ringscope.decode.tree import Tree

CQL = protocol("cql", "CQL", tcp=(9042,))

_QUERY, _PREPARE = 7, 9
_HIGHEST_VERSION = 5
_LONGEST = 256 << 20
_MOST = 4  # frames that a row names
_SHOWN = 300  # characters of a statement in a row
_OPERATIONS = {
    0: "ERROR",
    1: "STARTUP",
    2: "READY",
    3: "AUTHENTICATE",
    5: "OPTIONS",
    6: "SUPPORTED",
    7: "QUERY",
    8: "RESULT",
    9: "PREPARE",
    10: "EXECUTE",
    11: "REGISTER",
    12: "EVENT",
    13: "BATCH",
    14: "AUTH_CHALLENGE",
    15: "AUTH_RESPONSE",
    16: "AUTH_SUCCESS",
}


def _frame(data: bytes, at: int, stop: int) -> tuple[int, int]:
    """Where the body of a frame begins and how long it is; (0, 0) where no frame is."""
    wide = at < stop and (data[at] & 0x7F) > 2  # the number of a stream has two bytes from version 3 on
    size = 9 if wide else 8
    if stop - at < size or not 1 <= data[at] & 0x7F <= _HIGHEST_VERSION or data[at + size - 5] not in _OPERATIONS:
        return 0, 0
    length: int = unpack_from(">I", data, at + size - 4)[0]
    return (at + size, length) if length <= _LONGEST and data[at + 1] < 0x20 else (0, 0)


@CQL.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """A frame."""
    return _frame(data, at, stop)[0] > 0


@CQL.row
def row(row: Row, at: int, end: int) -> None:
    """Each frame: its version, its direction, its operation; and a statement."""
    stop = min(end, row.size)
    words: list[str] = []
    for _ in range(_MOST):
        body, size = _frame(row.data, at, stop)
        if not body:
            break
        words.append(_words(row.data, at, body, min(body + size, stop)))
        at = body + size
        if at > end:
            words[-1] += " [continues]"
    row.info = ", ".join(words)


def _words(data: bytes, at: int, body: int, last: int) -> str:
    way = "S->C" if data[at] & 0x80 else "C->S"
    operation = data[body - 5]
    words = f"v{data[at] & 0x7F} {way} Type {_OPERATIONS[operation]}"
    if operation in (_QUERY, _PREPARE) and body + 4 <= last:
        size = unpack_from(">I", data, body)[0]
        words += f"  {shorten(wire_text(data[body + 4 : min(body + 4 + min(size, 4 * _SHOWN), last)]), _SHOWN)}"
    return words


@CQL.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header of each frame, and how much its body is."""
    draft = tree.open(CQL, at, end)
    draft.say()
    stop = min(end, tree.size)
    for _ in range(100):
        body, size = _frame(tree.data, draft.at, stop)
        if not body:
            break
        _message(draft, body, min(body + size, stop))
    here = stop - draft.at
    if here > 0:
        draft.raw("Part of a frame", here, lambda _: f"{here} bytes")


def _message(draft: Draft, body: int, last: int) -> None:
    with draft.group("Frame", _words(draft.data, draft.at, body, last)):
        draft.bits(1, ("Direction", 1, {0: "request", 1: "response"}), ("Version", 7, str))
        draft.uint("Flags", 1, hex2)
        draft.sint("Stream", body - draft.at - 5)
        operation = draft.uint("Operation", 1, _OPERATIONS)
        draft.uint("Length", 4)
        if operation in (_QUERY, _PREPARE) and last - draft.at >= 4:
            size = draft.uint("Length of statement", 4)
            here = min(size, last - draft.at)
            if here > 0:
                draft.raw("Statement", here, lambda raw: shorten(wire_text(raw), 2000))
        here = last - draft.at
        if here > 0:
            draft.raw("Body", here, lambda _: f"{here} bytes")
