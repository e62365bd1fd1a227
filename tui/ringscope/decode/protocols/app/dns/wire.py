# SPDX-License-Identifier: Apache-2.0
"""Reading names and record data of DNS messages (RFC 1035), with the place where each name ends.

Shared by the summary and the layer decoder. A compression pointer may only point backwards, as RFC 1035 section 4.1.4
has it, which also makes a loop impossible.
"""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.address import ipv4, ipv6
from ringscope.decode.errors import Malformed, require
from ringscope.decode.protocols.app.dns.names import TYPES
from ringscope.decode.text import shorten, wire_text

_LONGEST_NAME = 255
_TEXT = 60  # characters of a text that a row shows
_MOST_POINTERS = 127  # as many as a name can have labels; a long chain of pointers would cost much and say nothing


def read_name(data: bytes, at: int, base: int, end: int) -> tuple[str, int]:
    """The name at offset `at` of a message that begins at `base` and ends at `end`, and the offset after it.

    The root is "<Root>". Raises Malformed for a name that breaks the rules, Cut where captured bytes end.
    """
    captured = len(data)
    labels: list[str] = []
    after = -1
    floor = at
    total = pointers = 0
    while True:
        require(at, 1, end, captured, "DNS name")
        size = data[at]
        if size >= 0xC0:
            require(at, 2, end, captured, "DNS name")
            target = base + ((size & 0x3F) << 8 | data[at + 1])
            after = at + 2 if after < 0 else after
            pointers += 1
            if target >= floor:
                raise Malformed("DNS name points forward")
            if pointers > _MOST_POINTERS:
                raise Malformed("DNS name of too many pointers")
            at = floor = target
            continue
        if size > 63:
            raise Malformed("DNS label of an unknown kind")
        at += 1
        if size == 0:
            break
        total += size + 1
        if total > _LONGEST_NAME:
            raise Malformed("DNS name longer than 255 bytes")
        require(at, size, end, captured, "DNS name")
        labels.append(wire_text(data[at : at + size]))
        at += size
    return ".".join(labels) or "<Root>", at if after < 0 else after


def type_name(number: int) -> str:
    """The mnemonic of a record type; TYPE4711 (RFC 3597) for a type without a name here."""
    return TYPES.get(number) or f"TYPE{number}"


def record_text(data: bytes, kind: int, at: int, size: int, base: int, end: int) -> str:
    """The record data in a few words, "" for types shown by their name alone. The bytes must have been captured."""
    if kind == 1 and size == 4:
        return ipv4(data[at : at + 4])
    if kind == 28 and size == 16:
        return ipv6(data[at : at + 16])
    if kind in (2, 5, 6, 12, 39, 47):
        return read_name(data, at, base, end)[0]
    if kind in (15, 36) and size > 2:
        return f"{unpack_from('>H', data, at)[0]} {read_name(data, at + 2, base, end)[0]}"
    if kind == 33 and size > 6:
        priority, weight, port = unpack_from(">HHH", data, at)
        return f"{priority} {weight} {port} {read_name(data, at + 6, base, end)[0]}"
    if kind in (64, 65) and size > 2:
        return f"{unpack_from('>H', data, at)[0]} {read_name(data, at + 2, base, at + size)[0]}"
    if kind == 35 and size > 4:
        order, preference = unpack_from(">HH", data, at)
        return f"{order} {preference} {_string(data, at + 4, at + size)}".rstrip()
    if kind == 13 and size > 1:
        return f"{_string(data, at, at + size)} {_string(data, at + 1 + data[at], at + size)}"
    if kind == 11 and size > 4:
        return ipv4(data[at : at + 4])
    if kind == 257 and size > 2:
        value = at + 2 + data[at + 1]
        return f'{data[at]} {wire_text(data[at + 2 : value])} "{shorten(wire_text(data[value : at + size]), _TEXT)}"'
    return ""


def _string(data: bytes, at: int, stop: int) -> str:
    size = data[at] if at < stop else 0
    return shorten(wire_text(data[at + 1 : min(at + 1 + size, stop)]), _TEXT)
