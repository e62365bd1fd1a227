# SPDX-License-Identifier: Apache-2.0
"""The protocols that share the form of DNS messages, and where they are found."""

from __future__ import annotations

from ringscope.decode.registry import protocol

DNS = protocol("dns", "DNS", role="dns", udp=(53,))
MDNS = protocol("mdns", "MDNS", role="dns", udp=(5353,))
LLMNR = protocol("llmnr", "LLMNR", role="dns", udp=(5355,))
DNS_STREAM = protocol("dns", "DNS", role="dns", tcp=(53,))

HEADER = 12
"""Bytes of a message's header."""


@DNS_STREAM.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """A length that a message can have stands before it; the middle of one has no mark."""
    return stop - at >= 2 + HEADER and data[at] << 8 | data[at + 1] >= HEADER
