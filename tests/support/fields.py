# SPDX-License-Identifier: Apache-2.0
"""Whether the value of a decoded field is what its bytes say."""

from __future__ import annotations

from ringscope.decode import Field
from ringscope.decode.text import wire_text


def agrees(field: Field, data: bytes) -> bool:
    """Read the field's bytes and bits of the frame `data` again; True for a heading, which has no value of its own."""
    raw = data[field.start : field.start + field.length]
    if field.value is None:
        return True
    if len(raw) != field.length or not raw:
        return False
    if isinstance(field.value, bytes):
        return raw == field.value
    if isinstance(field.value, str):
        return field.value in wire_text(raw)
    number, size = int.from_bytes(raw, field.order), len(raw) * 8
    if field.bits is not None:
        first, size_of_part = field.bits
        number, size = number >> (size - first - size_of_part) & ((1 << size_of_part) - 1), size_of_part
    return field.value % (1 << size) == number and -(1 << size - 1) <= field.value < 1 << size
