# SPDX-License-Identifier: Apache-2.0
"""The session service of NetBIOS (RFC 1002 section 4.3), and what is in its place on SMB's own port (MS-SMB2
section 2.1): a type, a length, and a message. Some send these four bytes by themselves, and the message after them."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import coded, hex2
from ringscope.decode.protocols.app.smb.messages import SMB1, SMB2, words
from ringscope.decode.registry import TCP, Protocol, protocol
from ringscope.decode.row import Row
from ringscope.decode.text import wire_text
from ringscope.decode.tree import Tree

NBSS = protocol("nbss", "NBSS", tcp=(139, 445))

_MESSAGE, _REQUEST, _POSITIVE, _NEGATIVE, _RETARGET, _KEEPALIVE = 0, 0x81, 0x82, 0x83, 0x84, 0x85
_TYPES = {
    _MESSAGE: "Session message",
    _REQUEST: "Session request",
    _POSITIVE: "Positive session response",
    _NEGATIVE: "Negative session response",
    _RETARGET: "Retarget session response",
    _KEEPALIVE: "Session keep-alive",
}
_ERRORS = {
    0x80: "Not listening on called name",
    0x81: "Not listening for calling name",
    0x82: "Called name not present",
    0x83: "Called name present, but insufficient resources",
    0x8F: "Unspecified error",
}
_SIZES = {_REQUEST: (68,), _POSITIVE: (0,), _NEGATIVE: (1,), _RETARGET: (6,), _KEEPALIVE: (0,)}
_HEADER, _NAME = 4, 34
_MOST = 8  # messages of a segment
_VERSIONS: dict[int, Protocol] = {0xFF: SMB1, 0xFE: SMB2, 0xFD: SMB2, 0xFC: SMB2}


def _size(data: bytes, at: int) -> int:
    return int.from_bytes(data[at + 1 : at + _HEADER], "big")


def _inside(data: bytes, at: int, stop: int) -> Protocol | None:
    """The version of SMB that a message's first four bytes show."""
    return _VERSIONS.get(data[at]) if stop - at >= 4 and data[at + 1 : at + 4] == b"SMB" else None


@NBSS.magic(TCP, first=(_MESSAGE,), weak=True)
def magic(data: bytes, at: int, stop: int) -> bool:
    """A message of SMB."""
    return stop - at >= 8 and not data[at] and _inside(data, at + _HEADER, stop) is not None


@NBSS.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """A message of SMB, or one of the service with the length that it has."""
    if stop - at < _HEADER or data[at] not in _TYPES:
        return _inside(data, at, stop) is not None
    return magic(data, at, stop) if not data[at] else _size(data, at) in _SIZES[data[at]]


def _begins(data: bytes, at: int, stop: int) -> bool:
    """Whether a header of the service stands there."""
    return data[at] in _TYPES and guard(data, at, stop)


def _name(raw: bytes) -> str:
    """A NetBIOS name in its first-level encoding (RFC 1001 section 14.1), and the number of the service behind it."""
    half = raw[1:33]
    if len(half) < 32 or not all(65 <= byte <= 80 for byte in half):
        return wire_text(half)
    name = bytes(half[place] - 65 << 4 | half[place + 1] - 65 for place in range(0, 32, 2))
    return f"{wire_text(name[:15].rstrip(b' '))}<{name[15]:02x}>"


def _words(data: bytes, at: int, stop: int) -> str:
    """What a message of the service says."""
    info = _TYPES[data[at]]
    if data[at] == _REQUEST and at + _HEADER + 2 * _NAME <= stop:
        names = at + _HEADER
        info += f", to {_name(data[names : names + _NAME])} from {_name(data[names + _NAME : names + 2 * _NAME])}"
    elif data[at] == _NEGATIVE and at + _HEADER < stop:
        info += f", {_ERRORS.get(data[at + _HEADER], f'error 0x{data[at + _HEADER]:02x}')}"
    return info


@NBSS.row
def row(row: Row, at: int, end: int) -> None:
    """The messages that begin in this segment."""
    data, stop = row.data, min(end, row.size)
    found: list[str] = []
    alone = _inside(data, at, stop)
    if alone is not None:
        row.enter(alone, at, end)
        return
    for _ in range(_MOST):
        if at >= stop or not _begins(data, at, stop):
            break
        after = at + _HEADER + _size(data, at)
        inside = _inside(data, at + _HEADER, min(stop, after))
        if data[at]:
            found.append(_words(data, at, stop))
        elif inside is not None:
            if row.names[-1] == NBSS.name:
                row.enter(inside, at + _HEADER, min(after, end))
                found.append(row.info)
            else:
                found.append(words(data, at + _HEADER, min(stop, after)))
        if after > end:
            found[-1] += " [continues]"
        at = after
    row.info = ", ".join(found) or f"NBSS Continuation Message, {end - at} bytes"


@NBSS.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The service's header, and the messages; the first of SMB has a layer of its own."""
    draft = tree.open(NBSS, at, end)
    draft.say()
    stop = min(end, tree.size)
    inner = False
    alone = _inside(tree.data, at, stop)
    if alone is not None:
        tree.enter(alone, at, end)
        return
    for _ in range(_MOST):
        if draft.at >= stop or not _begins(tree.data, draft.at, stop):
            break
        after = min(draft.at + _HEADER + _size(tree.data, draft.at), end)
        kind = tree.data[draft.at]
        inside = _inside(tree.data, draft.at + _HEADER, min(stop, after)) if not kind else None
        if inside is not None and not inner:
            inner = True
            _header(draft)
            tree.enter(inside, draft.at, after)
            if after >= stop:
                return
            draft = tree.open(NBSS, after, end, "NetBIOS  further messages", "trailer")
            continue
        said = words(tree.data, draft.at + _HEADER, min(stop, after)) if inside else _words(tree.data, draft.at, stop)
        with draft.group("Message", said):
            _header(draft)
            _body(draft, kind, min(stop, after))
    size = stop - draft.at
    if size > 0:
        draft.raw("Part of a message", size, lambda _: f"{size} bytes")


def _header(draft: Draft) -> None:
    draft.uint("Type", 1, coded(2, _TYPES))
    draft.uint("Length", 3)


def _body(draft: Draft, kind: int, after: int) -> None:
    size = after - draft.at
    if kind == _REQUEST and size == 2 * _NAME:
        draft.raw("Called name", _NAME, _name)
        draft.raw("Calling name", _NAME, _name)
    elif kind == _NEGATIVE and size == 1:
        draft.uint("Error", 1, lambda value: f"{hex2(value)} ({_ERRORS.get(value, 'unknown')})")
    elif size > 0:
        draft.raw("Message", size, lambda _: f"{size} bytes")
