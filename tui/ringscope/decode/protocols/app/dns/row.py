# SPDX-License-Identifier: Apache-2.0
"""Rows of DNS messages: the question, and what the answers say."""

from __future__ import annotations

from struct import Struct, unpack_from

from ringscope.decode.protocols.app.dns.messages import (
    DNS,
    DNS_STREAM,
    HEADER,
    LLMNR,
    LLMNR_STREAM,
    MDNS,
    is_message,
)
from ringscope.decode.protocols.app.dns.names import OPCODES, RCODES
from ringscope.decode.protocols.app.dns.wire import read_name, record_text, type_name
from ringscope.decode.row import Row

_HEADER = Struct(">HHHHHH")
_RECORD = Struct(">HHIH")
_MOST = 40  # questions and records that a row names
_MOST_MESSAGES = 4


@DNS.row
@LLMNR.row
def message(row: Row, at: int, end: int) -> None:
    """One message in a datagram."""
    _message(row, at, end, multicast=False)


@MDNS.row
def multicast(row: Row, at: int, end: int) -> None:
    """Questions say whether they want a unicast answer, records whether they flush caches."""
    _message(row, at, end, multicast=True)


@DNS_STREAM.row
@LLMNR_STREAM.row
def stream(row: Row, at: int, end: int) -> None:
    """The messages that begin in a segment, each behind its two length bytes."""
    stop = min(end, row.size)
    words: list[str] = []
    row.need(at, min(2 + HEADER, end - at), end, "DNS header")
    while len(words) < _MOST_MESSAGES and is_message(row.data, at, stop):
        size = row.data[at] << 8 | row.data[at + 1]
        _message(row, at + 2, min(at + 2 + size, end), multicast=False)
        words.append(row.info)
        at += 2 + size
        if at > end:
            row.need(at, 0, end, "DNS message")
    row.info = ", ".join(words) or "Continuation"


def _message(row: Row, at: int, end: int, *, multicast: bool) -> None:
    row.need(at, HEADER, end, "DNS header")
    identifier, flags, questions, *sections = _HEADER.unpack_from(row.data, at)
    response = flags >> 15
    words = OPCODES.get(flags >> 11 & 15, f"Unknown operation ({flags >> 11 & 15})")
    row.info = f"{words}{' response' if response else ''} 0x{identifier:04x}"
    if response and flags & 15:
        row.info += f" {RCODES.get(flags & 15, f'Error {flags & 15}')}"
    place = at + HEADER
    for _ in range(min(questions, _MOST)):
        place = _question(row, place, at, end, multicast)
    if questions > _MOST:
        row.info += " …"
        return
    for number in range(sum(sections)):
        if number == _MOST:
            row.info += " …"
            return
        place = _record(row, place, at, end, multicast)


def _question(row: Row, place: int, base: int, end: int, multicast: bool) -> int:
    name, place = read_name(row.data, place, base, end)
    row.need(place, 4, end, "DNS question")
    kind, group = unpack_from(">HH", row.data, place)
    row.info += f" {type_name(kind)} {name}"
    if multicast:
        row.info += f', "{"QU" if group & 0x8000 else "QM"}" question'
    return place + 4


def _record(row: Row, place: int, base: int, end: int, multicast: bool) -> int:
    _, place = read_name(row.data, place, base, end)
    row.need(place, 10, end, "DNS record")
    size: int
    kind, group, _, size = _RECORD.unpack_from(row.data, place)
    place += 10
    row.info += f" {type_name(kind)}"
    if multicast and group & 0x8000 and kind != 41:
        row.info += ", cache flush"
    row.need(place, size, end, "DNS record data")
    text = record_text(row.data, kind, place, size, base, end)
    row.info += f" {text}" if text else ""
    return place + size
