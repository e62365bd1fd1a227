# SPDX-License-Identifier: Apache-2.0
"""IPv6 in UDP: Teredo and AYIYA."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import dns_query, ethernet, ipv4, ipv6, udp

_QUERY = ipv6(udp(dns_query()), 17)
_SAID = ("DNS", "Standard query 0x50b5 AAAA db1.internal")


def _sent(payload: bytes, port: int = 3544) -> bytes:
    return ethernet(ipv4(udp(payload, (40000, port)), 17))


CASES = [
    Case("bare", _sent(_QUERY), "eth:ip:udp:teredo:ipv6:udp:dns", *_SAID),
    Case(
        "both indications",
        _sent(b"\0\1\2\3id" + b"val" + bytes(8) + b"\0" + b"\0\0\x63\xbf" + bytes([0x3F, 0xFF, 0xFD, 0xFE]) + _QUERY),
        "eth:ip:udp:teredo:ipv6:udp:dns",
        *_SAID,
        (("teredo.Origin", "192.0.2.1 port 40000"), ("teredo.Client identifier", "6964")),
    ),
    Case(
        "AYIYA",
        _sent(pack(">BBBBI", 0x41, 0x52, 0x11, 41, 0) + bytes(16) + bytes(20) + _QUERY, 5072),
        "eth:ip:udp:ayiya:ipv6:udp:dns",
        *_SAID,
        (("ayiya.Operation", "1 (forward)"), ("ayiya.Next header", "41 (IPv6)")),
    ),
]
