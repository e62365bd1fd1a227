# SPDX-License-Identifier: Apache-2.0
"""BGP's messages, as many as stand in a segment, and all of them but UPDATE in depth."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.address import ipv4
from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import octets, seconds
from ringscope.decode.protocols.control.bgp.capabilities import capability
from ringscope.decode.protocols.control.bgp.names import ERRORS, FAMILIES, MESSAGES, SUBERRORS, SUBSEQUENT, family_name
from ringscope.decode.protocols.control.bgp.update import update
from ringscope.decode.registry import TCP, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

BGP = protocol("bgp", "BGP", role="routing")

_MARKER = b"\xff" * 16
_HEADER = 19
_OPEN, _UPDATE, _NOTIFICATION, _KEEPALIVE, _REFRESH, _CAPABILITY = range(1, 7)
_CEASE = 6
_WORDED = (2, 4)  # subcodes of Cease whose data is text (RFC 9003)
_EXTENDED = 255
_MOST_NAMED = 8
_REFRESHES = {0: "request", 1: "beginning of route refresh", 2: "end of route refresh"}


@BGP.magic(TCP, first=(0xFF,))
def magic(data: bytes, at: int, stop: int) -> bool:
    """Sixteen bytes of ones."""
    return data.startswith(_MARKER, at, stop)


@BGP.row
def row(row: Row, at: int, end: int) -> None:
    """The kinds of the messages."""
    stop = min(end, row.size)
    words: list[str] = []
    if not row.data.startswith(_MARKER, at, stop) and stop - at >= len(_MARKER):
        words.append("Continuation")
        found = row.data.find(_MARKER, at, stop)
        at = found if found >= 0 else stop
    else:
        row.need(at, _HEADER, end, "BGP message")
    while at + _HEADER <= stop and len(words) < _MOST_NAMED:
        words.append(_message_words(row.data, at, stop))
        at += max(unpack_from(">H", row.data, at + 16)[0], _HEADER)
    row.info = ", ".join(words)


def _message_words(data: bytes, at: int, stop: int) -> str:
    kind = data[at + 18]
    words = f"{MESSAGES.get(kind, f'type {kind}')} Message"
    if kind == _NOTIFICATION and at + _HEADER + 2 <= stop:
        words += f" ({_error(data[at + _HEADER], data[at + _HEADER + 1])})"
    return words


def _error(code: int, subcode: int) -> str:
    words = ERRORS.get(code, f"error {code}")
    name = SUBERRORS.get(code, {}).get(subcode)
    return f"{words}: {name}" if name else words if not subcode else f"{words}: {subcode}"


@BGP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Every message that begins in the segment; what comes before the first belongs to one that began earlier."""
    draft = tree.open(BGP, at, end)
    draft.say()
    stop = min(end, tree.size)
    if not tree.data.startswith(_MARKER, at, stop) and stop - at >= len(_MARKER):
        found = tree.data.find(_MARKER, at, stop)
        draft.raw("Continuation", (found if found >= 0 else end) - at)
    while draft.left:
        _message(draft)


def _message(draft: Draft) -> None:
    with draft.group("Message") as group:
        start = draft.at
        draft.raw("Marker", 16)
        size = draft.uint("Length", 2)
        kind = draft.uint("Type", 1, MESSAGES)
        group.display = f"{MESSAGES.get(kind, f'type {kind}')}, {size} bytes"
        if size < _HEADER:
            raise Malformed(f"BGP message of length {size}")
        with draft.limited(start + size - draft.at):
            _body(draft, kind)
            draft.rest("Data")


def _body(draft: Draft, kind: int) -> None:
    if kind == _OPEN:
        _open(draft)
    elif kind == _UPDATE:
        update(draft)
    elif kind == _NOTIFICATION:
        _notification(draft)
    elif kind == _REFRESH:
        _refresh(draft)
    elif kind == _CAPABILITY:
        while draft.left >= 3:
            draft.uint("Action", 1, {0: "advertise", 1: "remove"})
            capability(draft)


def _open(draft: Draft) -> None:
    draft.uint("Version", 1)
    draft.uint("Autonomous system", 2, lambda value: "23456 (AS_TRANS)" if value == 23456 else str(value))
    draft.uint("Hold time", 2, seconds)
    draft.raw("Identifier", 4, ipv4)
    size, wide = draft.uint("Parameters length", 1), 1
    if size == _EXTENDED and draft.left >= 3 and draft.peek() == _EXTENDED:  # RFC 9072
        draft.uint("Extended parameters", 1)
        draft.uint("Extended parameters length", 2)
        wide = 2
    while draft.left > wide:
        with draft.group("Parameter") as group:
            kind = draft.uint("Type", 1, {1: "authentication", 2: "capabilities"})
            length = draft.uint("Length", wide)
            group.display = "capabilities" if kind == 2 else f"type {kind}"
            with draft.limited(length):
                while kind == 2 and draft.left >= 2:
                    capability(draft)
                draft.rest("Value")


def _notification(draft: Draft) -> None:
    code = draft.uint("Error", 1, ERRORS)
    subcode = draft.uint("Subcode", 1, SUBERRORS.get(code, {}))
    if code == _CEASE and subcode in _WORDED and draft.left:
        size = draft.uint("Length of the words", 1)
        if 0 < size <= draft.left:
            draft.text("Words", size)
    elif code == _CEASE and subcode == 1 and draft.left == 7:
        draft.uint("Address family", 2, FAMILIES)
        draft.uint("Subsequent family", 1, SUBSEQUENT)
        draft.uint("Prefix limit", 4)


def _refresh(draft: Draft) -> None:
    family = draft.uint("Address family", 2, FAMILIES)
    draft.uint("Subtype", 1, _REFRESHES)
    subsequent = draft.uint("Subsequent family", 1, SUBSEQUENT)
    draft.computed("Family", family_name(family, subsequent), "from the two numbers")
    if draft.left:
        draft.uint("When to refresh", 1, {1: "immediate", 2: "defer"})
        while draft.left >= 3:
            draft.uint("Filter type", 1, {64: "address prefixes", 65: "CP", 128: "address prefixes (Cisco)"})
            size = draft.uint("Filter length", 2)
            draft.raw("Filter", min(size, draft.left), octets)
