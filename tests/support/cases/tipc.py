# SPDX-License-Identifier: Apache-2.0
"""TIPC."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4, udp


def _message(user: int, kind: int, words: int, rest: bytes, error: int = 0) -> bytes:
    size = words * 4 + 4
    first = 2 << 29 | user << 25 | words << 21 | size
    head = pack(">IIII", first, kind << 29 | error << 25, 0x00010002, 0x01001002)
    return (head + rest).ljust(words * 4, b"\0") + b"data"


_NAMED = _message(0, 2, 10, pack(">IIIIII", 11, 12, 0x01001002, 0x01001003, 1000, 5))

CASES = [
    Case(
        "for a name",
        ethernet(_NAMED, 0x88CA),
        "eth:tipc",
        "TIPC",
        "Payld:Low NamedMsg type:1000 inst:5",
        (("tipc.Previous node", "1.1.2"), ("tipc.Name type", "1000"), ("tipc.Destination node", "1.1.3")),
    ),
    Case(
        "no such port, in UDP",
        ethernet(ipv4(udp(_message(3, 0, 6, b"", 2), (6118, 6118)), 17)),
        "eth:ip:udp:tipc",
        "TIPC",
        "Payld:NoRej ConnMsg ErrNoPort",
    ),
    Case("link", ethernet(_message(7, 0, 10, b""), 0x88CA), "eth:tipc", "TIPC", "Link State State"),
]
