# SPDX-License-Identifier: Apache-2.0
"""CAPWAP (RFC 5415, RFC 5416): frames of 802.11 or Ethernet between access points and their controller, and messages
that control them, which are encrypted as a rule."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex2, is_set, mac, octets, plain
from ringscope.decode.protocols.link.wlan import SWAPPED, WLAN, swapped
from ringscope.decode.registry import PROTOCOLS, Protocol, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

CONTROL = protocol("capwap", "CAPWAP-Control", udp=(5246,))
DATA = protocol("capwap.data", "CAPWAP-Data", udp=(5247,))

_DTLS = 1
_IS_NATIVE, _FRAGMENT, _WIRELESS, _RADIO_ADDRESS, _KEEPALIVE = 0x100, 0x80, 0x20, 0x10, 0x08
_BINDINGS = {0: "none", 1: "802.11", 3: "EPCGlobal"}
_MESSAGES = {
    1: "Discovery Request",
    2: "Discovery Response",
    3: "Join Request",
    4: "Join Response",
    5: "Configuration Status Request",
    6: "Configuration Status Response",
    7: "Configuration Update Request",
    8: "Configuration Update Response",
    9: "WTP Event Request",
    10: "WTP Event Response",
    11: "Change State Event Request",
    12: "Change State Event Response",
    13: "Echo Request",
    14: "Echo Response",
    15: "Image Data Request",
    16: "Image Data Response",
    17: "Reset Request",
    18: "Reset Response",
    19: "Primary Discovery Request",
    20: "Primary Discovery Response",
    21: "Data Transfer Request",
    22: "Data Transfer Response",
    23: "Clear Configuration Request",
    24: "Clear Configuration Response",
    25: "Station Configuration Request",
    26: "Station Configuration Response",
}
_ELEMENTS = {
    1: "AC descriptor",
    4: "AC name",
    10: "CAPWAP control IPv4 address",
    20: "Discovery type",
    28: "Location data",
    29: "Maximum message length",
    30: "CAPWAP local IPv4 address",
    33: "Result code",
    35: "Session ID",
    37: "Vendor specific",
    38: "WTP board data",
    39: "WTP descriptor",
    41: "WTP frame tunnel mode",
    44: "WTP MAC type",
    45: "WTP name",
}
_TEXTS = frozenset({4, 28, 45})
_WIRELESS_MESSAGES = 13277  # the enterprise number of RFC 5416


def _name(kind: int) -> str:
    if kind >> 8 == _WIRELESS_MESSAGES:
        return {1: "WLAN Configuration Request", 2: "WLAN Configuration Response"}.get(
            kind & 255, f"802.11 {kind & 255}"
        )
    return _MESSAGES.get(kind, f"message type {kind}")


@CONTROL.guard
@DATA.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """Version 0, with a header or with DTLS behind the first bytes."""
    return data[at] >> 4 == 0 and data[at] & 15 <= _DTLS


def _header(walk: Walk, at: int, end: int) -> tuple[int, int]:
    """The flags, and how long the header is."""
    walk.need(at, 8, end, "CAPWAP header")
    (word,) = unpack_from(">I", walk.data, at)
    size = (word >> 19 & 0x1F) * 4
    if size < 8:
        raise Malformed(f"CAPWAP header length {size}")
    walk.need(at, size, end, "CAPWAP header")
    return word & 0x1FF, size


def _carried(walk: Walk, flags: int, at: int, end: int) -> None:
    """A frame; only the first fragment has its header."""
    if flags & _KEEPALIVE or at >= end:
        return
    wireless = SWAPPED if swapped(walk, at, end) else WLAN
    walk.enter(wireless if flags & _IS_NATIVE else PROTOCOLS["eth"], at, end)


def _encrypted(row: Row, at: int, end: int) -> bool:
    if row.data[at] & 15 != _DTLS:
        return False
    row.info = f"DTLS, {max(end - at - 4, 0)} bytes"
    if "dtls" in PROTOCOLS:
        row.enter(PROTOCOLS["dtls"], at + 4, end)
    return True


@CONTROL.row
def control_row(row: Row, at: int, end: int) -> None:
    """The message."""
    row.need(at, 4, end, "CAPWAP preamble")
    if _encrypted(row, at, end):
        return
    _, size = _header(row, at, end)
    row.need(at + size, 4, end, "CAPWAP message")
    row.info = f"CAPWAP-Control - {_name(unpack_from('>I', row.data, at + size)[0])}"


@DATA.row
def data_row(row: Row, at: int, end: int) -> None:
    """The frame inside."""
    row.need(at, 4, end, "CAPWAP preamble")
    if _encrypted(row, at, end):
        return
    flags, size = _header(row, at, end)
    row.info = "CAPWAP-Data keep-alive" if flags & _KEEPALIVE else f"CAPWAP-Data, {end - at - size} bytes"
    fragment, offset = unpack_from(">HH", row.data, at + 4)
    if offset >> 3:
        row.info = f"CAPWAP fragment {fragment}, offset {(offset >> 3) * 8}"
        return
    row.piece = row.piece or ("fragment" if flags & _FRAGMENT else "")
    _carried(row, flags, at + size, end)


def _open(kind: Protocol, tree: Tree, at: int, end: int) -> tuple[Draft, int, int]:
    """The layer with preamble and header; flags of -1 say that DTLS follows."""
    draft = tree.open(kind, at, end)
    if draft.bits(1, ("Version", 4, plain), ("Type", 4, {0: "header", _DTLS: "DTLS"}))[1] == _DTLS:
        draft.uint("Reserved", 3)
        draft.title += "  DTLS"
        if "dtls" in PROTOCOLS:
            tree.enter(PROTOCOLS["dtls"], draft.at, end)
        return draft, -1, 0
    draft.bits(
        2, ("Header length", 5, lambda value: f"{value} ({value * 4} bytes)"), ("Radio", 5, plain), ("", 6, plain)
    )
    draft.at -= 2
    draft.bits(
        3,
        ("", 10, plain),
        ("Wireless binding", 5, _BINDINGS),
        ("Native frame", 1, is_set),
        ("Fragment", 1, is_set),
        ("Last fragment", 1, is_set),
        ("Wireless information", 1, is_set),
        ("Radio address", 1, is_set),
        ("Keep-alive", 1, is_set),
        ("Reserved", 3, plain),
    )
    draft.uint("Fragment ID", 2)
    offset = draft.bits(2, ("Fragment offset", 13, plain), ("Reserved", 3, plain))[0]
    flags, size = _header(tree, at, end)
    for bit, label, form in ((_RADIO_ADDRESS, "Radio address", mac), (_WIRELESS, "Wireless information", octets)):
        if flags & bit and draft.at < at + size:
            draft.raw(label, min(draft.uint(f"{label} length", 1), at + size - draft.at), form)
            draft.raw("Padding", min(-(draft.at - at) % 4, at + size - draft.at))
    draft.raw("Rest of the header", at + size - draft.at)
    return draft, flags, offset


@CONTROL.layer
def control(tree: Tree, at: int, end: int) -> None:
    """Header, message, elements."""
    draft, flags, _ = _open(CONTROL, tree, at, end)
    if flags < 0:
        return
    kind = draft.uint("Message type", 4, _name)
    draft.title = f"CAPWAP control  {_name(kind)}"
    draft.uint("Sequence number", 1)
    size = draft.uint("Length", 2)
    draft.uint("Flags", 1, hex2)
    draft.end = min(end, draft.at + max(size - 3, 0))
    while draft.left >= 4:
        number = draft.peek(2)
        with draft.group(_ELEMENTS.get(number, f"Element {number}")) as group:
            draft.uint("Type", 2, _ELEMENTS)
            length = min(draft.uint("Length", 2), draft.left)
            if number in _TEXTS:
                group.display = draft.text("Text", length) if length else ""
            else:
                group.display = octets(draft.raw("Value", length))


@DATA.layer
def data(tree: Tree, at: int, end: int) -> None:
    """Header and frame."""
    draft, flags, offset = _open(DATA, tree, at, end)
    if flags < 0 or offset:
        return
    tree.piece = tree.piece or ("fragment" if flags & _FRAGMENT else "")
    _carried(tree, flags, draft.at, end)
