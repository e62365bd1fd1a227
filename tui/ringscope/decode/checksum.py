# SPDX-License-Identifier: Apache-2.0
"""Checksums that packets carry, computed again over their bytes."""

from __future__ import annotations

import sys


def internet(data: bytes) -> int:
    """The Internet checksum (RFC 1071); 0 over bytes that hold their right checksum."""
    total = sum(memoryview(data[: len(data) & ~1]).cast("H"))
    if len(data) & 1:
        # Words were read in the machine's order, which changes the sum's order alone (RFC 1071 section 2).
        total += memoryview(data[-1:] + b"\0").cast("H")[0]
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    total ^= 0xFFFF
    return int.from_bytes(total.to_bytes(2, sys.byteorder), "big")


def fletcher(data: bytes) -> bool:
    """Whether bytes that hold their Fletcher checksum (ISO 8473) are right: both sums modulo 255 are zero."""
    first = second = 0
    for byte in data:
        first += byte
        second += first
    return first % 255 == 0 and second % 255 == 0
