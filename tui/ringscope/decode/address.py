# SPDX-License-Identifier: Apache-2.0
"""Addresses as people write them.

The standard library's `inet_ntop` is used for its speed and because its IPv6 form is the compressed one (RFC 5952).
No name is ever looked up.
"""

from __future__ import annotations

from socket import AF_INET6, inet_ntoa, inet_ntop


def ipv4(raw: bytes) -> str:
    """Four bytes, dotted. Raises OSError for another number of bytes."""
    return inet_ntoa(raw)


def ipv6(raw: bytes) -> str:
    """Sixteen bytes, compressed. Raises ValueError for another number of bytes."""
    return inet_ntop(AF_INET6, raw)


def mac(raw: bytes) -> str:
    """Any number of bytes as pairs of hexadecimal digits with colons."""
    return raw.hex(":")


def ip_text(raw: bytes) -> str:
    """An address of 4 or 16 bytes in its usual form; of another length as hexadecimal pairs."""
    if len(raw) == 4:
        return inet_ntoa(raw)
    return inet_ntop(AF_INET6, raw) if len(raw) == 16 else raw.hex(":")


def grouped(number: int) -> str:
    """A number with a space between groups of three digits: 1 205 527."""
    return f"{number:,}".replace(",", " ")
