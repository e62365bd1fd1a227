# SPDX-License-Identifier: Apache-2.0
"""Reading DER (ITU-T X.690): an element is a tag, a length and the content, and content may be elements again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.protocols.app.tls.identifiers import OBJECTS
from ringscope.decode.text import escape, shorten, wire_text

INTEGER, BITS, OCTETS, OBJECT = 0x02, 0x03, 0x04, 0x06
UTC_TIME, GENERAL_TIME = 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31
_CONSTRUCTED = 0x20
_WIDE = {0x1E: "utf-16-be", 0x1C: "utf-32-be"}
_LONGEST = 400  # characters of a text that are shown
_MOST_ARCS = 32


def head(draft: Draft) -> tuple[int, int]:
    """Read tag and length, without a field; returns both. Raises Malformed for what DER does not have here."""
    tag, size = draft.take(2, "element")
    if tag & 0x1F == 0x1F:
        raise Malformed("DER tag of several bytes")
    if size & 0x80:
        count = size & 0x7F
        if not 1 <= count <= 4:
            raise Malformed(f"DER length of {count} bytes")
        size = int.from_bytes(draft.take(count, "element"), "big")
    return tag, size


@contextmanager
def element(draft: Draft, *wanted: int) -> Iterator[int]:
    """Inside the `with` only the content of the next element is read; gives its tag.

    wanted: the tags that it may have; Malformed for another.
    """
    tag, size = head(draft)
    if wanted and tag not in wanted:
        raise Malformed(f"DER element 0x{tag:02x} where 0x{wanted[0]:02x} belongs")
    if not tag & _CONSTRUCTED:  # half a value would be another one
        draft.tree.need(draft.at, size, draft.end, "DER element")
    with draft.limited(size):
        yield tag


def next_is(draft: Draft, tag: int) -> bool:
    """Whether an element with this tag follows before the end."""
    return draft.left > 0 and draft.peek() == tag


def dotted(raw: bytes) -> str:
    """An object identifier in numbers."""
    arcs: list[int] = []
    value = 0
    for octet in raw:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(value)
            value = 0
    if not arcs:
        return ""
    first = min(arcs[0] // 40, 2)
    numbers = [first, arcs[0] - first * 40, *arcs[1:]]
    shown = ".".join(map(str, numbers[:_MOST_ARCS])) if max(numbers) < 1 << 128 else raw.hex()
    return f"{shown}…" if len(numbers) > _MOST_ARCS else shown


def object_name(raw: bytes) -> str:
    """The name of an object identifier, or its numbers."""
    numbers = dotted(raw)
    return OBJECTS.get(numbers, numbers)


def take_object(draft: Draft, label: str) -> str:
    """Read an OBJECT IDENTIFIER; returns its name or its numbers."""
    with element(draft, OBJECT):
        return object_name(draft.rest(label, object_name))


def take_integer(draft: Draft, label: str) -> int:
    """Read an INTEGER; one of more than eight bytes is shown in hexadecimal."""
    with element(draft, INTEGER):
        if 0 < draft.left <= 8:
            return draft.sint(label, draft.left)
        return int.from_bytes(draft.rest(label), "big")


def characters(tag: int, raw: bytes) -> str:
    """A character string of any of ASN.1's kinds as safe text."""
    wide = _WIDE.get(tag)
    return shorten(escape(raw.decode(wide, "backslashreplace")) if wide else wire_text(raw), _LONGEST)


def take_characters(draft: Draft, label: str, tag: int) -> str:
    """Read the rest of a character string's content."""
    return characters(tag, draft.rest(label, lambda raw: characters(tag, raw)))


def moment(tag: int, raw: bytes) -> str:
    """UTCTime or GeneralizedTime as date and time."""
    text = raw.decode("ascii", "replace")
    digits = text[:-1]
    if tag == UTC_TIME and len(digits) >= 2:
        # RFC 5280 section 4.1.2.5.1
        digits = ("19" if digits[:2] >= "50" else "20") + digits
    if text[-1:] != "Z" or not digits.isascii() or not digits.isdigit() or len(digits) != 14:
        return wire_text(raw)
    day, clock = digits[:8], digits[8:]
    return f"{day[:4]}-{day[4:6]}-{day[6:]} {clock[:2]}:{clock[2:4]}:{clock[4:]} UTC"


def take_moment(draft: Draft, label: str) -> str:
    """Read UTCTime or GeneralizedTime."""
    with element(draft, UTC_TIME, GENERAL_TIME) as tag:
        return moment(tag, draft.rest(label, lambda raw: moment(tag, raw)))
