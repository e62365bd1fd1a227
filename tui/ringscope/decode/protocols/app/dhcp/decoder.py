# SPDX-License-Identifier: Apache-2.0
"""DHCP and BOOTP as rows and layers."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.address import mac
from ringscope.decode.forms import four, hex4, hex8, padded_text, seconds, yes
from ringscope.decode.names import HARDWARE
from ringscope.decode.protocols.app.dhcp.options import MESSAGES, options
from ringscope.decode.registry import UDP, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

DHCP = protocol("dhcp", "DHCP", udp=(67, 68))

_COOKIE = b"\x63\x82\x53\x63"
_FIXED = 236
_OPERATIONS = {1: "request", 2: "reply"}
_MESSAGE, _REQUEST = 53, 1
_FARTHEST = 4096  # bytes in which a row looks for the message type, which usually comes first
_NAMES = ((2, "Server name", 44, 64), (1, "Boot file", 108, 128))
"""Fields that options may be continued in: the bit of option 52, label, offset, size."""


@DHCP.magic(UDP, first=(1, 2))
def magic(data: bytes, at: int, stop: int) -> bool:
    """The cookie stands behind BOOTP's part."""
    return data.startswith(_COOKIE, at + _FIXED, stop)


@DHCP.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """A request or a reply."""
    return data[at] in _OPERATIONS


@DHCP.row
def row(row: Row, at: int, end: int) -> None:
    """The message type from option 53; BOOTP where there is none."""
    row.need(at, 34, end, "DHCP message")
    operation, size, transaction = unpack_from(">BxBxI", row.data, at)
    sender = mac(row.data[at + 28 : at + 28 + min(size, 6)])
    row.protocol = "BOOTP"
    row.info = f"Boot Request from {sender}" if operation == _REQUEST else "Boot Reply"
    row.need(at, _FIXED, end, "DHCP message")
    if end - at >= _FIXED + 4:
        row.need(at, _FIXED + 4, end, "DHCP message")
        name = _message(row.data, at + _FIXED + 4, min(end, row.size, at + _FARTHEST))
        if name and row.data.startswith(_COOKIE, at + _FIXED):
            row.protocol = "DHCP"
            row.info = f"DHCP {name:8} - Transaction ID 0x{transaction:x}"


def _message(data: bytes, at: int, stop: int) -> str:
    while at + 2 < stop and data[at] != 255:
        if data[at] == 0:
            at += 1
        elif data[at] == _MESSAGE:
            return MESSAGES.get(data[at + 2], f"type {data[at + 2]}")
        else:
            at += 2 + data[at + 1]
    return ""


@DHCP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The fixed part and the options, which may go on in fields of the fixed part."""
    draft = tree.open(DHCP, at, end)
    draft.title = tree.words(DHCP, at, end) or "DHCP"
    draft.uint("Operation", 1, _OPERATIONS)
    draft.uint("Hardware type", 1, HARDWARE)
    size = draft.uint("Hardware size", 1)
    draft.uint("Hops", 1)
    draft.uint("Transaction", 4, hex8)
    draft.uint("Seconds elapsed", 2, seconds)
    draft.flags("Flags", 2, hex4, ("Broadcast", 1, yes), ("Reserved", 15, hex4))
    for label in ("Client address", "Your address", "Next server", "Relay agent"):
        draft.uint(label, 4, four)
    size = min(size, 16)
    if size:
        draft.raw("Client MAC" if size == 6 else "Client hardware address", size, mac)
    if size < 16:
        draft.raw("Client hardware address padding", 16 - size)
    draft.raw("Server name", 64, padded_text)
    draft.raw("Boot file", 128, padded_text)
    if not draft.left:
        return
    if draft.left < 4 or draft.peek(4) != int.from_bytes(_COOKIE, "big"):
        draft.rest("Vendor area")
        return
    draft.uint("Magic cookie", 4, hex8)
    overload = options(draft)
    draft.rest("Padding", lambda value: f"{len(value)} bytes")
    for bit, label, offset, length in _NAMES:
        if overload & bit:
            with draft.group(f"Options in the field {label.lower()}"):
                place, draft.at, draft.end = draft.at, at + offset, at + offset + length
                options(draft)
                draft.at, draft.end = place, end
