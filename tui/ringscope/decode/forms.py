# SPDX-License-Identifier: Apache-2.0
"""How values of fields are written. A form is a function from a value to text, or a table of names by number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ringscope.decode.address import ip_text, ipv4, ipv6, mac
from ringscope.decode.names import ETHERTYPES, IP_PROTOCOLS, named
from ringscope.decode.text import wire_text

Form = Callable[[Any], str] | Mapping[int, str]

__all__ = ["Form", "ip_text", "ipv4", "ipv6", "mac"]


def formed(form: Form, value: Any) -> str:
    """The value in words: by a function, or as "number (name)" by a table."""
    if isinstance(form, Mapping):
        name = form.get(value)
        return f"{value} ({name})" if name else str(value)
    return form(value)


def hexadecimal(digits: int) -> Callable[[int], str]:
    """Numbers as 0x and that many digits."""
    return lambda value: f"0x{value:0{digits}x}"


hex2, hex4, hex6, hex8, hex16 = (hexadecimal(digits) for digits in (2, 4, 6, 8, 16))


def plain(value: int) -> str:
    """A number in decimal."""
    return str(value)


def is_set(value: int) -> str:
    """A flag: set or not set."""
    return "set" if value else "not set"


def yes(value: int) -> str:
    """A flag: yes or no."""
    return "yes" if value else "no"


def octets(value: bytes) -> str:
    """Bytes in hexadecimal, long ones cut."""
    return value.hex() if len(value) <= 64 else f"{value[:64].hex()}…"


def seconds(value: int) -> str:
    """A number of seconds."""
    return f"{value} s"


def four(value: int) -> str:
    """A 32-bit number as an IPv4 address."""
    return ipv4(value.to_bytes(4, "big"))


def padded_text(value: bytes) -> str:
    """Text up to the first zero byte."""
    return wire_text(value.split(b"\0", 1)[0])


def ethertype(value: int) -> str:
    """An Ethertype and its name, or the length that IEEE 802.3 has there."""
    name = ETHERTYPES.get(value)
    if name is None and value <= 1500:
        return f"{value} (length)"
    return f"0x{value:04x} ({name})" if name else f"0x{value:04x}"


def ip_number(value: int) -> str:
    """An IP protocol number and its name."""
    return named(IP_PROTOCOLS, value)


def words4(value: int) -> str:
    """A length in words of four bytes."""
    return f"{value} ({value * 4} bytes)"


def dscp(value: int) -> str:
    """A traffic class octet (RFC 2474, RFC 3168)."""
    return f"DSCP {value >> 2}, ECN {value & 3}"


def coded(digits: int, table: Mapping[int, str]) -> Callable[[int], str]:
    """Numbers in hexadecimal, with the name that the table has."""

    def form(value: int) -> str:
        name = table.get(value)
        return f"0x{value:0{digits}x} ({name})" if name else f"0x{value:0{digits}x}"

    return form
