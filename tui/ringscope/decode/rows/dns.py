# SPDX-License-Identifier: Apache-2.0
"""Rows of DNS (RFC 1035), mDNS (RFC 6762) and LLMNR (RFC 4795)."""

from __future__ import annotations

from struct import Struct, unpack_from

from ringscope.decode.app_names import DNS_OPCODES, DNS_RCODES
from ringscope.decode.dnswire import read_name, record_text, type_name
from ringscope.decode.rows.row import Row

_HEADER = Struct(">HHHHHH")
_RECORD = Struct(">HHIH")
_MOST = 10  # questions and records that a row names


def dns(row: Row, at: int, end: int) -> None:
    """One message in a datagram."""
    _message(row, at, end, "DNS")


def mdns(row: Row, at: int, end: int) -> None:
    """A multicast message: questions say whether they want a unicast answer, records whether they flush caches."""
    _message(row, at, end, "MDNS")


def llmnr(row: Row, at: int, end: int) -> None:
    """A link-local message, in the form of DNS."""
    _message(row, at, end, "LLMNR")


def over_tcp(row: Row, at: int, end: int) -> None:
    """A message behind its two length bytes (RFC 7766)."""
    size = row.data[at] << 8 | row.data[at + 1]
    if at + 2 + size > end:
        row.piece = "segment"
    _message(row, at + 2, min(at + 2 + size, end), "DNS")


def _message(row: Row, at: int, end: int, protocol: str) -> None:
    row.protocol, row.role = protocol, "dns"
    row.need(at, 12, end, "DNS header")
    identifier, flags, questions, *sections = _HEADER.unpack_from(row.data, at)
    response = flags >> 15
    words = DNS_OPCODES.get(flags >> 11 & 15, f"Unknown operation ({flags >> 11 & 15})")
    row.info = f"{words}{' response' if response else ''} 0x{identifier:04x}"
    if response and flags & 15:
        row.info += f" {DNS_RCODES.get(flags & 15, f'Error {flags & 15}')}"
    place = at + 12
    multicast = protocol == "MDNS"
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
