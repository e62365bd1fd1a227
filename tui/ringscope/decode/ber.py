# SPDX-License-Identifier: Apache-2.0
"""Basic Encoding Rules (ITU-T X.690): tags, lengths and values with the place of each.

What SNMP, LDAP, Kerberos and their kin need of ASN.1: `element` reads one header for a row, `opened` shows a header
as fields and limits the draft to its contents.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ringscope.decode.draft import Draft, Group
from ringscope.decode.errors import Malformed, require
from ringscope.decode.forms import Form, formed, octets, plain
from ringscope.decode.text import wire_text
from ringscope.frozen import frozen

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OBJECT_IDENTIFIER, ENUMERATED = 1, 2, 3, 4, 5, 6, 10
SEQUENCE, SET = 0x30, 0x31

_CLASSES = ("universal", "application", "context", "private")
_TAGS = {
    BOOLEAN: "BOOLEAN",
    INTEGER: "INTEGER",
    BIT_STRING: "BIT STRING",
    OCTET_STRING: "OCTET STRING",
    NULL: "NULL",
    OBJECT_IDENTIFIER: "OBJECT IDENTIFIER",
    ENUMERATED: "ENUMERATED",
    12: "UTF8String",
    SEQUENCE: "SEQUENCE",
    SET: "SET",
}
_MOST_ARCS = 128


@frozen
class Element:
    """A header: `tag` is its first byte; the contents are data[start:stop], of which not all need be captured."""

    tag: int
    start: int
    stop: int


def element(data: bytes, at: int, end: int, what: str) -> Element:
    """The header at offset `at`. Raises Short, Cut, or Malformed for a form of length or tag that is not read here."""
    captured = len(data)
    require(at, 2, end, captured, what)
    tag, size = data[at], data[at + 1]
    if tag & 0x1F == 0x1F:
        raise Malformed(f"{what}: a tag of several bytes")
    at += 2
    if size == 0x80:
        raise Malformed(f"{what}: a length that is not told")
    if size > 0x80:
        count = size & 0x7F
        if count > 8:
            raise Malformed(f"{what}: a length of {count} bytes")
        require(at, count, end, captured, what)
        size = int.from_bytes(data[at : at + count], "big")
        at += count
    return Element(tag, at, at + size)


def integer(raw: bytes) -> int:
    """A number in two's complement."""
    return int.from_bytes(raw, "big", signed=True)


def arcs(raw: bytes) -> str:
    """An object identifier in dots, "1.3.6.1"."""
    if not raw:
        return ""
    found: list[int] = []
    value = 0
    for byte in raw:
        value = (value << 7 | byte & 0x7F) & 0xFFFFFFFFFFFFFFFF  # longer ones are none that anybody gives out
        if not byte & 0x80:
            found.append(value)
            value = 0
            if len(found) > _MOST_ARCS:
                break
    if not found:
        return "?"
    first = min(found[0] // 40, 2)
    return ".".join(map(str, (first, found[0] - first * 40, *found[1:])))


def words(raw: bytes) -> str:
    """Printable text as it is, other bytes in hexadecimal."""
    text = wire_text(raw)
    return text if raw and text.isprintable() and "\\x" not in text else octets(raw)


def tag_text(tag: int) -> str:
    """A tag byte in words."""
    name = _TAGS.get(tag)
    if name is None:
        built = "constructed" if tag & 0x20 else "primitive"
        name = f"{_CLASSES[tag >> 6]} {tag & 0x1F}, {built}"
    return f"0x{tag:02x} ({name})"


def header(draft: Draft) -> Element:
    """Tag and length as fields; the draft stands before the contents then."""
    found = element(draft.data, draft.at, draft.end, draft.protocol.title)
    draft.uint("Tag", 1, tag_text)
    draft.raw("Length", found.start - draft.at, lambda _: str(found.stop - found.start))
    return found


@contextmanager
def opened(draft: Draft, label: str) -> Iterator[tuple[Group, Element]]:
    """A heading over an element; inside the `with` the draft ends where its contents do, and behind them after it."""
    with draft.group(label) as group:
        found = header(draft)
        with draft.limited(found.stop - found.start):
            yield group, found


def number(draft: Draft, label: str, form: Form = plain, tag: int = INTEGER) -> int:
    """An INTEGER, or what has another tag and is encoded like one; raises Malformed for another element."""
    with opened(draft, label) as (group, found):
        _expect(found, tag, label)
        size = found.stop - found.start
        if not 1 <= size <= 64:
            raise Malformed(f"{label}: a number of {size} bytes")
        value = draft.sint("Value", size, form)
        group.display = formed(form, value)
    return value


def string(draft: Draft, label: str, tag: int = OCTET_STRING) -> bytes:
    """An OCTET STRING, or what is encoded like one; raises Malformed for another element."""
    with opened(draft, label) as (group, found):
        _expect(found, tag, label)
        value = draft.rest("Value", words)
        group.display = words(value) if value else ""
    return value


def _expect(found: Element, tag: int, label: str) -> None:
    if found.tag != tag:
        raise Malformed(f"{label}: tag 0x{found.tag:02x} where 0x{tag:02x} must be")
