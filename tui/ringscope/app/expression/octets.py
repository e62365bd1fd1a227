# SPDX-License-Identifier: Apache-2.0
"""Tests of bytes as pcap-filter(7) writes them: ``ip[8] = 64``, ``tcp[13] & 0x10 != 0``; one to four bytes in each."""

from __future__ import annotations

from collections.abc import Iterator

from ringscope.app.expression.reach import Anchor
from ringscope.decode import Field

MOST_BYTES = 16
"""What is longer is no value to filter by."""


def tests(anchor: Anchor, data: bytes, field: Field) -> str:
    """That the field has the value it has in this packet; its bytes must lie behind the anchor's start."""
    mask = _mask(field)
    made = [_test(anchor, data, place, size, part, field) for place, size, part in _parts(anchor, field, mask)]
    return " and ".join((*anchor.guards, *made))


def _mask(field: Field) -> bytes:
    """Ones where the bits of the field are."""
    if field.bits is None:
        return b"\xff" * field.length
    first, count = field.bits
    ones = ((1 << count) - 1) << (field.length * 8 - first - count)
    return ones.to_bytes(field.length, field.order)


def _parts(anchor: Anchor, field: Field, mask: bytes) -> Iterator[tuple[int, int, int]]:
    """Place, size (1, 2 or 4) and mask of each load."""
    start, length = field.start, field.length
    if length == 3 and start > anchor.start:
        # As four bytes of which one does not count: one test in place of two.
        yield start - 1, 4, int.from_bytes(mask, "big")
        return
    at = 0
    while at < length:
        size = 4 if length - at >= 4 else 2 if length - at >= 2 else 1
        part = int.from_bytes(mask[at : at + size], "big")
        if part:
            yield start + at, size, part
        at += size


def _test(anchor: Anchor, data: bytes, place: int, size: int, mask: int, field: Field) -> str:
    load = anchor.load(place, size)
    value = int.from_bytes(data[place : place + size], "big") & mask
    if mask == (1 << size * 8) - 1:
        decimal = isinstance(field.value, int) and field.order == "big" and not field.display.startswith("0x")
        return f"{load} = {value}" if decimal and field.length == size else f"{load} = 0x{value:0{size * 2}x}"
    if not mask & (mask - 1):
        return f"{load} & 0x{mask:x} {'!=' if value else '='} 0"
    return f"{load} & 0x{mask:x} = 0x{value:x}" if value else f"{load} & 0x{mask:x} = 0"
