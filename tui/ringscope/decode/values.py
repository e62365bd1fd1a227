# SPDX-License-Identifier: Apache-2.0
"""Ways to read the value of an option: what lists of types, lengths and values have in common.

A table of a protocol's options says for each number its name and one of these. A value whose length does not fit is
shown as bytes, since its length field says where it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ringscope.decode.address import ipv4, ipv6
from ringscope.decode.draft import Draft
from ringscope.decode.forms import Form, formed, octets, plain
from ringscope.decode.text import shorten, wire_text

Reader = Callable[[Draft, int], str]
"""Reads the `size` bytes of a value at the draft's place as fields, and returns what the option's heading says."""

Table = Mapping[int, tuple[str, Reader]]
"""Name and reader by the number of an option."""

_SHOWN = 200  # characters of a heading
_MOST_NAMES = 64
_MOST_TEXT = 2000  # characters of names
_MOST_LABELS = 127  # as many as a name can have


def blob(draft: Draft, size: int) -> str:
    """Bytes."""
    return octets(draft.raw("Value", size)) if size else ""


def nothing(draft: Draft, size: int) -> str:
    """An option that says all by being there."""
    return blob(draft, size)


def readable(value: bytes) -> str:
    """Printable ASCII as it is, other bytes in hexadecimal."""
    plain_text = value.isascii() and value.decode("ascii").isprintable()
    return shorten(wire_text(value), _SHOWN) if plain_text else octets(value)


def words(draft: Draft, size: int) -> str:
    """Text where it is some, else bytes."""
    return readable(draft.raw("Value", size, readable)) if size else ""


def text(draft: Draft, size: int) -> str:
    """Text, maybe ended by a zero byte."""
    return shorten(draft.text("Value", size).removesuffix("\\x00"), _SHOWN) if size else ""


def number(form: Form = plain, label: str = "Value") -> Reader:
    """A number of one to eight bytes."""

    def read(draft: Draft, size: int) -> str:
        if not 1 <= size <= 8:
            return blob(draft, size)
        return formed(form, draft.uint(label, size, form))

    return read


def numbers(each: int, form: Form = plain, label: str = "Value") -> Reader:
    """Numbers of `each` bytes."""

    def read(draft: Draft, size: int) -> str:
        found = [formed(form, draft.uint(label, each, form)) for _ in range(size // each)]
        if size % each:
            blob(draft, size % each)
        return shorten(", ".join(found), _SHOWN)

    return read


def listed(each: int, form: Form, label: str = "Value") -> Reader:
    """Values of `each` bytes, written by a form for bytes."""

    def read(draft: Draft, size: int) -> str:
        found = [formed(form, draft.raw(label, each, form)) for _ in range(size // each)]
        if size % each:
            blob(draft, size % each)
        return shorten(", ".join(found), _SHOWN)

    return read


def addresses4(label: str = "Address") -> Reader:
    """IPv4 addresses."""
    return listed(4, ipv4, label)


def addresses6(label: str = "Address") -> Reader:
    """IPv6 addresses."""
    return listed(16, ipv6, label)


def names(draft: Draft, size: int) -> str:
    """Domain names (RFC 1035); a compression pointer (RFC 3397) counts from the beginning of the value."""
    return shorten(names_text(draft.raw("Names", size, names_text)), _SHOWN) if size else ""


def names_text(value: bytes) -> str:
    """The domain names in these bytes, as far as they can be read."""
    found: list[str] = []
    at = 0
    shown = 0
    while at < len(value) and len(found) < _MOST_NAMES and shown < _MOST_TEXT:
        name, at = _name(value, at)
        found.append(name)
        shown += len(name)
    return ", ".join(found)


def _name(value: bytes, at: int) -> tuple[str, int]:
    labels: list[str] = []
    after, floor = -1, at
    while at < len(value) and value[at] and len(labels) < _MOST_LABELS:
        size = value[at]
        if size < 0xC0:
            labels.append(wire_text(value[at + 1 : at + 1 + size]))
            at += 1 + size
            continue
        target = (size & 0x3F) << 8 | (value[at + 1] if at + 1 < len(value) else 0)
        after = at + 2 if after < 0 else after
        if target >= floor or after != at + 2:  # only backwards, and only one, so this ends soon
            labels.append("?")
            break
        at = floor = target
    return ".".join(labels) or ".", after if after >= 0 else at + 1
