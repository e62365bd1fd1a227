# SPDX-License-Identifier: Apache-2.0
"""DHCPv6 as rows and layers."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.address import ipv6
from ringscope.decode.errors import Malformed
from ringscope.decode.protocols.app.dhcpv6.names import MESSAGES
from ringscope.decode.protocols.app.dhcpv6.options import message
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

DHCPV6 = protocol("dhcpv6", "DHCPv6", udp=(546, 547))
DHCPV6_STREAM = protocol("dhcpv6.bulk_leasequery", "DHCPv6 BulkLease", tcp=(547,))

_CLIENT, _ADDRESSES, _TEMPORARY, _ADDRESS, _RELAYED, _PREFIXES, _PREFIX = 1, 3, 4, 5, 9, 25, 26
_HEADERS = {_ADDRESSES: 12, _TEMPORARY: 4, _PREFIXES: 12}
_MOST_OPTIONS = 64
_RELAYS = (12, 13)
_DEEPEST = 8


@DHCPV6.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """A known message."""
    return data[at] in MESSAGES


@DHCPV6_STREAM.guard
def stream_guard(data: bytes, at: int, stop: int) -> bool:
    """A known message behind a length."""
    return stop - at > 2 and data[at + 2] in MESSAGES


@DHCPV6.row
def row(row: Row, at: int, end: int) -> None:
    """Message, transaction, client identifier, addresses; relays before what they relay."""
    row.info = ""
    _message_words(row, at, end, 0)


def _message_words(row: Row, at: int, end: int, depth: int) -> None:
    row.need(at, 4, end, "DHCPv6 message")
    kind = row.data[at]
    name = MESSAGES.get(kind, f"type {kind}")
    if kind in _RELAYS:
        row.need(at, 34, end, "DHCPv6 relay message")
        row.info = f"{row.info} {name} L: {ipv6(row.data[at + 2 : at + 18])}".lstrip()
    else:
        row.info = f"{row.info} {name} XID: 0x{unpack_from('>I', row.data, at)[0] & 0xFFFFFF:x}".lstrip()
    _option_words(row, at + (34 if kind in _RELAYS else 4), end, depth)


def _option_words(row: Row, at: int, end: int, depth: int) -> None:
    for _ in range(_MOST_OPTIONS):
        if at + 4 > min(end, row.size):
            break
        kind, size = unpack_from(">HH", row.data, at)
        at += 4
        if at + size > end:
            raise Malformed(f"DHCPv6 option {kind} of length {size}, {end - at} bytes left")
        if at + size <= row.size:
            if kind == _CLIENT:
                row.info += f" CID: {row.data[at : at + min(size, 130)].hex()}"
            elif kind == _ADDRESS and size >= 16:
                row.info += f" IAA: {ipv6(row.data[at : at + 16])}"
            elif kind == _PREFIX and size >= 25:
                row.info += f" IAP: {ipv6(row.data[at + 9 : at + 25])}/{row.data[at + 8]}"
        if depth < _DEEPEST:
            if kind in _HEADERS and size >= _HEADERS[kind]:
                _option_words(row, at + _HEADERS[kind], at + size, depth + 1)
            elif kind == _RELAYED:
                _message_words(row, at, at + size, depth + 1)
        at += size


@DHCPV6_STREAM.row
def stream_row(row: Row, at: int, end: int) -> None:
    """A message behind a length (RFC 5460)."""
    row.need(at, 2, end, "DHCPv6 length")
    size = row.data[at] << 8 | row.data[at + 1]
    row.info = ""
    row.need(at, min(6, size + 2), end, "DHCPv6 message")
    _message_words(row, at + 2, min(at + 2 + size, end), 0)


@DHCPV6.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The message with all options."""
    draft = tree.open(DHCPV6, at, end)
    draft.say()
    message(draft)


@DHCPV6_STREAM.layer
def stream_layer(tree: Tree, at: int, end: int) -> None:
    """Messages, each behind its length."""
    draft = tree.open(DHCPV6_STREAM, at, end)
    draft.say()
    while draft.left:
        size = draft.uint("Message length", 2)
        with draft.limited(size):
            message(draft)
