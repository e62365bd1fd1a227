# SPDX-License-Identifier: Apache-2.0
"""STUN (RFC 8489), also that of ICE (RFC 8445), TURN (RFC 8656) and behaviour discovery (RFC 5780); told by its
cookie."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex4, hex8, ip_text, octets
from ringscope.decode.registry import UDP, protocol
from ringscope.decode.row import Row
from ringscope.decode.text import shorten, wire_text
from ringscope.decode.tree import Tree

STUN = protocol("stun", "STUN")

_COOKIE = b"\x21\x12\xa4\x42"
_METHODS = {1: "Binding", 3: "Allocate", 4: "Refresh", 6: "Send", 7: "Data", 8: "CreatePermission", 9: "Channel-Bind"}
_CLASSES = ("Request", "Indication", "Success Response", "Error Response")
_USERNAME, _ERROR, _LIFETIME, _REALM, _NONCE = 0x0006, 0x0009, 0x000D, 0x0014, 0x0015
_ATTRIBUTES = {
    0x0001: "MAPPED-ADDRESS",
    0x0003: "CHANGE-REQUEST",
    _USERNAME: "USERNAME",
    0x0008: "MESSAGE-INTEGRITY",
    _ERROR: "ERROR-CODE",
    0x000A: "UNKNOWN-ATTRIBUTES",
    0x000C: "CHANNEL-NUMBER",
    _LIFETIME: "LIFETIME",
    0x0012: "XOR-PEER-ADDRESS",
    0x0013: "DATA",
    _REALM: "REALM",
    _NONCE: "NONCE",
    0x0016: "XOR-RELAYED-ADDRESS",
    0x0019: "REQUESTED-TRANSPORT",
    0x001C: "MESSAGE-INTEGRITY-SHA256",
    0x0020: "XOR-MAPPED-ADDRESS",
    0x0024: "PRIORITY",
    0x0025: "USE-CANDIDATE",
    0x8022: "SOFTWARE",
    0x8023: "ALTERNATE-SERVER",
    0x8028: "FINGERPRINT",
    0x8029: "ICE-CONTROLLED",
    0x802A: "ICE-CONTROLLING",
    0x802B: "RESPONSE-ORIGIN",
    0x802C: "OTHER-ADDRESS",
}
_ADDRESSES = frozenset({0x0001, 0x8023, 0x802B, 0x802C})
_XORED = frozenset({0x0012, 0x0016, 0x0020})
_TEXTS = frozenset({_USERNAME, _REALM, _NONCE, 0x8022})
_NUMBERS = frozenset({_LIFETIME, 0x0024})
_MOST_NAMED = 32  # attributes that a row looks at
_SHOWN = 200  # characters of a heading


@STUN.magic(UDP, first=range(64))
def magic(data: bytes, at: int, stop: int) -> bool:
    """Two zero bits and the cookie."""
    return stop - at >= 20 and data.startswith(_COOKIE, at + 4)


def _words(kind: int) -> str:
    method = kind & 0x0F | (kind & 0xE0) >> 1 | (kind & 0x3E00) >> 2
    return f"{_METHODS.get(method, f'method {method}')} {_CLASSES[(kind & 0x10) >> 4 | (kind & 0x100) >> 7]}"


@STUN.row
def row(row: Row, at: int, end: int) -> None:
    """Method and class, and what of the attributes says who is where."""
    row.need(at, 20, end, "STUN header")
    data = row.data
    kind, size = unpack_from(">HH", data, at)
    row.info = _words(kind)
    place, stop = at + 20, min(end, at + 20 + size, row.size)
    for _ in range(_MOST_NAMED):
        if place + 4 > stop:
            return
        attribute, length = unpack_from(">HH", data, place)
        value = data[place + 4 : min(place + 4 + length, stop)]
        if len(value) == length:
            row.info += _told(attribute, value, data[at + 4 : at + 20])
        place += 4 + length + -length % 4


def _told(attribute: int, value: bytes, key: bytes) -> str:
    """What a row says of an attribute, in Wireshark's words."""
    name = _ATTRIBUTES.get(attribute, "")
    if attribute in _ADDRESSES or attribute in _XORED:
        return f" {name}: {_endpoint(value, key if attribute in _XORED else b'')}"
    if attribute == _USERNAME:
        return f" user: {wire_text(value)}"
    if attribute == _REALM:
        return f" realm: {wire_text(value)}"
    if attribute == _NONCE:
        return " with nonce"
    if attribute == _ERROR and len(value) >= 4:
        return f" error-code: {_error(value)}"
    if attribute == _LIFETIME and len(value) == 4:
        return f" lifetime: {int.from_bytes(value, 'big')}"
    return ""


def _endpoint(value: bytes, key: bytes) -> str:
    """An address and a port; those that are hidden from address translators are mixed with cookie and transaction."""
    if len(value) not in (8, 20):
        return octets(value)
    port, address = value[2:4], value[4:]
    if key:
        port = bytes(one ^ other for one, other in zip(port, key, strict=False))
        address = bytes(one ^ other for one, other in zip(address, key, strict=False))
    return f"{ip_text(address)}:{int.from_bytes(port, 'big')}"


def _error(value: bytes) -> str:
    reason = wire_text(value[4:])
    return f"{(value[2] & 7) * 100 + value[3]}{f' ({reason})' if reason else ''}"


@STUN.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header and the attributes, padded to four bytes."""
    draft = tree.open(STUN, at, end)
    draft.say()
    draft.uint("Type", 2, lambda kind: f"0x{kind:04x} ({_words(kind)})")
    size = draft.uint("Length", 2)
    draft.uint("Cookie", 4, hex8)
    draft.raw("Transaction", 12)
    key = tree.data[at + 4 : at + 20]
    draft.end = min(end, draft.at + size)
    while draft.left:
        kind = draft.peek(2)
        with draft.group(_ATTRIBUTES.get(kind, f"Attribute 0x{kind:04x}")) as group:
            draft.uint("Type", 2, hex4)
            length = draft.uint("Length", 2)
            group.display = _value(draft, kind, length, key)
        draft.at = min(draft.at + -length % 4, draft.end)


def _value(draft: Draft, kind: int, length: int, key: bytes) -> str:
    """Read the value as what the attribute is."""
    form: Callable[[bytes], str] = octets
    if kind in _ADDRESSES or kind in _XORED:
        form = partial(_endpoint, key=key if kind in _XORED else b"")
    elif kind in _TEXTS:
        form = wire_text
    elif kind == _ERROR and length >= 4:
        form = _error
    elif length == 4 and kind in _NUMBERS:
        return str(draft.uint("Value", 4))
    return shorten(form(draft.raw("Value", length, form)), _SHOWN) if length else ""
