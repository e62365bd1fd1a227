# SPDX-License-Identifier: Apache-2.0
"""Multicast listeners (RFC 2710, RFC 3810) and multicast router discovery (RFC 4286)."""

from __future__ import annotations

from ringscope.decode.address import ipv6
from ringscope.decode.draft import Draft
from ringscope.decode.forms import is_set, plain, seconds

_RECORDS = {1: "is include", 2: "is exclude", 3: "to include", 4: "to exclude", 5: "allow", 6: "block"}


def _code(value: int) -> str:
    """A sixteen-bit code: itself, or a number with an exponent (RFC 3810 section 5.1.3)."""
    return f"{value if value < 32768 else ((value & 0xFFF) | 0x1000) << ((value >> 12 & 7) + 3)} ms"


def _interval(value: int) -> str:
    return f"{value if value < 128 else ((value & 15) | 16) << ((value >> 4 & 7) + 3)} s"


def query(draft: Draft) -> None:
    """A query of either version."""
    draft.uint("Maximum response", 2, _code)
    draft.uint("Reserved", 2)
    draft.raw("Multicast address", 16, ipv6)
    if draft.left >= 4:  # version 2
        draft.bits(1, ("Reserved", 4, plain), ("Suppress processing", 1, is_set), ("Robustness", 3, plain))
        draft.uint("Query interval code", 1, _interval)
        for _ in range(draft.uint("Sources", 2)):
            draft.raw("Source", 16, ipv6)


def listener(draft: Draft) -> None:
    """Version 1: a report, or the end of one's interest."""
    draft.uint("Maximum response", 2, _code)
    draft.uint("Reserved", 2)
    draft.raw("Multicast address", 16, ipv6)


def report(draft: Draft) -> None:
    """Version 2: records of addresses and sources."""
    draft.uint("Reserved", 2)
    for _ in range(draft.uint("Records", 2)):
        with draft.group("Record") as group:
            kind = draft.uint("Type", 1, _RECORDS)
            extra, count = draft.uint("Auxiliary data length", 1), draft.uint("Sources", 2)
            address = ipv6(draft.raw("Multicast address", 16, ipv6))
            group.display = f"{address} {_RECORDS.get(kind, f'type {kind}')}, {count} sources"
            for _ in range(count):
                draft.raw("Source", 16, ipv6)
            if extra:
                draft.raw("Auxiliary data", extra * 4)


def discovery(draft: Draft) -> None:
    """A multicast router advertises itself; its interval stands in the place of the code."""
    if draft.left >= 4:
        draft.uint("Query interval", 2, seconds)
        draft.uint("Robustness", 2)
