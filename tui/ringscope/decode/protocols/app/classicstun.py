# SPDX-License-Identifier: Apache-2.0
"""STUN as it was first (RFC 3489): no cookie, and sixteen bytes of a transaction identifier."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex4, ipv4, octets
from ringscope.decode.registry import UDP, protocol
from ringscope.decode.row import Row
from ringscope.decode.text import shorten, wire_text
from ringscope.decode.tree import Tree

CLASSIC = protocol("classicstun", "CLASSIC-STUN", udp=(3478,))

_HEADER = 20
_MESSAGES = {
    0x0001: "Binding Request",
    0x0101: "Binding Response",
    0x0111: "Binding Error Response",
    0x0002: "Shared Secret Request",
    0x0102: "Shared Secret Response",
    0x0112: "Shared Secret Error Response",
}
_ERROR = 0x0009
_ATTRIBUTES = {
    0x0001: "MAPPED-ADDRESS",
    0x0002: "RESPONSE-ADDRESS",
    0x0003: "CHANGE-REQUEST",
    0x0004: "SOURCE-ADDRESS",
    0x0005: "CHANGED-ADDRESS",
    0x0006: "USERNAME",
    0x0007: "PASSWORD",
    0x0008: "MESSAGE-INTEGRITY",
    _ERROR: "ERROR-CODE",
    0x000A: "UNKNOWN-ATTRIBUTES",
    0x000B: "REFLECTED-FROM",
}
_ADDRESSES = frozenset({0x0001, 0x0002, 0x0004, 0x0005, 0x000B})
_TEXTS = frozenset({0x0006})
_MOST = 32  # attributes that are looked at before a message is believed


@CLASSIC.magic(UDP, first=(0, 1), weak=True)
@CLASSIC.guard
def magic(data: bytes, at: int, stop: int) -> bool:
    """A known type, the length of the datagram, and attributes that fill it."""
    if stop - at < _HEADER:
        return False
    kind, size = unpack_from(">HH", data, at)
    if kind not in _MESSAGES or size != stop - at - _HEADER:
        return False
    place = at + _HEADER
    for _ in range(_MOST):
        if place == stop:
            return any(data[at + 4 : at + _HEADER])
        if place + 4 > stop or data[place] not in (0, 0x80):
            return False
        place += 4 + unpack_from(">H", data, place + 2)[0]
    return False


@CLASSIC.row
def row(row: Row, at: int, end: int) -> None:
    """The message."""
    row.need(at, 2, end, "STUN header")
    row.info = f"Message: {_MESSAGES.get(unpack_from('>H', row.data, at)[0], '')}"


@CLASSIC.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header and the attributes."""
    draft = tree.open(CLASSIC, at, end)
    draft.say()
    draft.uint("Type", 2, lambda kind: f"0x{kind:04x} ({_MESSAGES.get(kind, 'unknown')})")
    draft.uint("Length", 2)
    draft.raw("Transaction", 16)
    while draft.left:
        kind = draft.peek(2)
        with draft.group(_ATTRIBUTES.get(kind, f"Attribute 0x{kind:04x}")) as group:
            draft.uint("Type", 2, hex4)
            group.display = _value(draft, kind, draft.uint("Length", 2))


def _value(draft: Draft, kind: int, length: int) -> str:
    """Read the value as what the attribute is."""
    if kind in _ADDRESSES and length == 8:
        draft.uint("Reserved", 1)
        draft.uint("Family", 1, {1: "IPv4"})
        port = draft.uint("Port", 2)
        return f"{ipv4(draft.raw('Address', 4, ipv4))}:{port}"
    if kind == _ERROR and length >= 4:
        draft.uint("Reserved", 2)
        code = draft.uint("Class", 1) * 100 + draft.uint("Number", 1)
        return f"{code} {draft.text('Reason', length - 4)}".rstrip()
    form = wire_text if kind in _TEXTS else octets
    return shorten(form(draft.raw("Value", length, form)), 200) if length else ""
