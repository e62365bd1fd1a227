# SPDX-License-Identifier: Apache-2.0
"""What record data is made of: a part is a function (draft, base) that reads fields and says what they hold, written
as in a zone file. `base` is where the message begins, which names point into.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice

from ringscope.decode.draft import Draft
from ringscope.decode.forms import Form, ipv4, ipv6, mac, octets, plain
from ringscope.decode.protocols.app.dns.wire import read_name, type_name
from ringscope.decode.text import shorten, wire_text

Part = Callable[[Draft, int], str]

_LONGEST = 300  # characters of a value that are shown
_MOST_KINDS = 256  # record types of one record that are named


def name(label: str) -> Part:
    """A domain name."""
    return lambda draft, base: take_name(draft, label, base)


def number(label: str, size: int, form: Form = plain) -> Part:
    """A number."""
    return lambda draft, _: str(draft.uint(label, size, form))


def moment(label: str) -> Part:
    """Seconds since 1970 in four bytes."""

    def read(draft: Draft, _: int) -> str:
        return when(draft.uint(label, 4, when))

    return read


def string(label: str) -> Part:
    """Text behind one byte with its length."""
    return lambda draft, _: f'"{take_string(draft, label)}"'


def strings(label: str) -> Part:
    """Such texts up to the end."""

    def read(draft: Draft, _: int) -> str:
        texts = []
        while draft.left:
            texts.append(f'"{take_string(draft, label)}"')
        return " ".join(texts)

    return read


def text(label: str) -> Part:
    """Text up to the end."""
    return lambda draft, _: f'"{draft.text(label, draft.left)}"' if draft.left else '""'


def hexadecimal(label: str) -> Part:
    """Bytes up to the end, in hexadecimal."""
    return lambda draft, _: octets(draft.rest(label))


def base64(label: str) -> Part:
    """Bytes up to the end, in Base64."""
    return lambda draft, _: sixty_four(draft.rest(label, sixty_four))


def sized(label: str, size: int, form: Form = octets) -> Part:
    """Bytes behind a number that says how many."""

    def read(draft: Draft, _: int) -> str:
        count = draft.uint(f"{label} length", size)
        raw = draft.raw(label, count, form) if count else b""
        return (form(raw) if callable(form) else octets(raw)) or "-"

    return read


def address(label: str, size: int) -> Part:
    """An IPv4 address of 4 bytes, an IPv6 one of 16, or another of pairs of digits."""
    form = {4: ipv4, 16: ipv6}.get(size, mac)

    def read(draft: Draft, _: int) -> str:
        draft.tree.need(draft.at, size, draft.end, "DNS address")
        return form(draft.raw(label, size, form))

    return read


def kinds(label: str) -> Part:
    """Record types as bits, in blocks (RFC 4034 section 4.1.2)."""

    def read(draft: Draft, _: int) -> str:
        found: list[str] = []
        while draft.left:
            window = draft.uint("Block", 1)
            size = draft.uint("Block length", 1)
            some = islice(_bits(draft, size), _MOST_KINDS - len(found))  # who claims all types wants to take time
            here = [type_name(window << 8 | bit) for bit in some]
            names = " ".join(here)
            draft.raw(label, size, lambda _, names=names: names)  # type: ignore[misc]
            found += here
        return " ".join(found) + (" …" if len(found) == _MOST_KINDS else "")

    return read


def sequence(*parts: Part) -> Part:
    """One part after the other."""
    return lambda draft, base: " ".join([part(draft, base) for part in parts])


def take_name(draft: Draft, label: str, base: int) -> str:
    """Read a domain name."""
    found, after = read_name(draft.data, draft.at, base, draft.end)
    draft.raw(label, after - draft.at, lambda _: found)
    return found


def take_string(draft: Draft, label: str) -> str:
    """Read text behind one byte with its length. That byte is in no field of its own."""
    size = draft.take(1, "length")[0]
    if size:
        return draft.text(label, size)
    draft.add(label, "", draft.at - 1, 1)
    return ""


def sixty_four(raw: bytes) -> str:
    """Bytes in Base64, long ones cut."""
    return shorten(b64encode(raw).decode(), _LONGEST)


def when(seconds: int) -> str:
    """Seconds since 1970 as date and time."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):  # TSIG has 48 bits, enough for years that no calendar has
        return f"{seconds} s"


def short(raw: bytes) -> str:
    """Text from the wire that is not too long."""
    return shorten(wire_text(raw), _LONGEST)


def _bits(draft: Draft, size: int) -> Iterator[int]:
    draft.tree.need(draft.at, size, draft.end, "DNS type bits")
    raw = draft.data[draft.at : draft.at + size]
    return (place * 8 + bit for place, octet in enumerate(raw) if octet for bit in range(8) if octet & 0x80 >> bit)
