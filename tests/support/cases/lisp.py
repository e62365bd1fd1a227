# SPDX-License-Identifier: Apache-2.0
"""LISP: a packet, requests, replies, registrations, and a request within a message."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import dns_query, ethernet, ipv4, udp

_QUERY = ipv4(udp(dns_query()), 17)
_PREFIX = b"\0\1" + bytes([153, 16, 31, 80])
_LOCATOR = bytes([1, 100, 255, 0, 0, 5]) + b"\0\1" + bytes([192, 0, 2, 1])
_RECORD = pack(">IBBHH", 5, 1, 28, 0x1000, 0) + _PREFIX + _LOCATOR


def _request(flags: int) -> bytes:
    head = pack(">BBBBQ", 0x10 | flags, 0, 0, 1, 7)
    return head + b"\0\1" + bytes([10, 0, 0, 1]) + b"\0\1" + bytes([192, 0, 2, 9]) + b"\0\x1c" + _PREFIX


def _sent(payload: bytes, port: int = 4342) -> bytes:
    return ethernet(ipv4(udp(payload, (port, port)), 17))


CASES = [
    Case(
        "a packet",
        _sent(b"\x88\0\0\x07\0\0\x2a\x01" + _QUERY, 4341),
        "eth:ip:udp:lisp-data:ip:udp:dns",
        "DNS",
        "Standard query 0x50b5 AAAA db1.internal",
        (("lisp-data.Instance identifier", "42"), ("lisp-data.Nonce", "0x000007")),
    ),
    Case(
        "solicited",
        _sent(_request(1)),
        "eth:ip:udp:lisp",
        "LISP",
        "Map-Request (SMR) for 153.16.31.80/28",
        (("lisp.Record", "153.16.31.80/28"), ("lisp.Source", "10.0.0.1"), ("lisp.Solicit Map-Request", "set")),
    ),
    Case(
        "reply",
        _sent(pack(">BBBBQ", 0x28, 0, 0, 1, 7) + _RECORD),
        "eth:ip:udp:lisp",
        "LISP",
        "Map-Reply (RLOC-probe reply) for 153.16.31.80/28",
        (("lisp.Locator", "192.0.2.1, priority 1, weight 100"), ("lisp.TTL", "5 min")),
    ),
    Case(
        "registration",
        _sent(pack(">BBBBQHH", 0x38, 0, 1, 1, 7, 1, 20) + bytes(20) + _RECORD),
        "eth:ip:udp:lisp",
        "LISP",
        "Map-Register for 153.16.31.80/28",
        (("lisp.Want Map-Notify", "set"), ("lisp.Authoritative", "set")),
    ),
    Case(
        "within a message",
        _sent(b"\x84\0\0\0" + ipv4(udp(_request(0), (4342, 4342)), 17)),
        "eth:ip:udp:lisp:ip:udp:lisp",
        "LISP",
        "Encapsulated Map-Request (DDT-originated) for 153.16.31.80/28",
        (("lisp.DDT-originated", "set"),),
    ),
]
