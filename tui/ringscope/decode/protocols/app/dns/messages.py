# SPDX-License-Identifier: Apache-2.0
"""The protocols that share the form of DNS messages, and where they are found."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.errors import Cut, Malformed
from ringscope.decode.protocols.app.dns.names import OPCODES, TYPES
from ringscope.decode.protocols.app.dns.wire import read_name
from ringscope.decode.registry import UDP, protocol

DNS = protocol("dns", "DNS", role="dns", udp=(53,))
MDNS = protocol("mdns", "MDNS", role="dns", udp=(5353,))
LLMNR = protocol("llmnr", "LLMNR", role="dns", udp=(5355,))
DNS_STREAM = protocol("dns", "DNS", role="dns", tcp=(53, 5353))
LLMNR_STREAM = protocol("llmnr", "LLMNR", role="dns", tcp=(5355,))

HEADER = 12
"""Bytes of a message's header."""

_MOST_QUESTIONS, _MOST_RECORDS = 64, 4096


def is_message(data: bytes, at: int, stop: int) -> bool:
    """In a stream: a length that a message can have stands before it, and numbers that it can have."""
    if stop - at < 2 + HEADER or data[at] << 8 | data[at + 1] < HEADER or data[at + 4] >> 3 & 15 not in OPCODES:
        return False
    questions, *records = unpack_from(">HHHH", data, at + 6)
    return questions <= _MOST_QUESTIONS and all(count <= _MOST_RECORDS for count in records)


@DNS.magic(UDP, weak=True)
def is_dns(data: bytes, at: int, stop: int) -> bool:
    """A query, or its answer: one question of a type that there is, and nothing that contradicts it."""
    # A first label of 32 bytes is a name of NetBIOS (RFC 1002), whose messages have the same form.
    if stop - at < HEADER + 5 or data[at + HEADER] == 32:
        return False
    flags, questions, answers, authorities, additionals = unpack_from(">HHHHH", data, at + 2)
    response = flags >> 15
    if questions != 1 or flags & 0x7840 or additionals > 64 or answers > 1024 or authorities > 1024:
        return False
    if not response and (answers or authorities or flags & 0x008F or additionals > 2):
        return False
    try:
        _, after = read_name(data, at + HEADER, at, stop)
    except (Malformed, Cut):
        return False
    if after + 4 > stop:
        return False
    kind, group = unpack_from(">HH", data, after)
    if kind not in TYPES or group & 0x7FFF not in (1, 3, 255):
        return False
    return answers + authorities + additionals > 0 or after + 4 == stop
