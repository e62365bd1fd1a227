# SPDX-License-Identifier: Apache-2.0
"""IPComp: unpacked where that is possible."""

from __future__ import annotations

import zlib
from struct import pack

from support.cases import Case
from support.packets import dns_query, ethernet, ipv4, udp


def _packed(data: bytes) -> bytes:
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return machine.compress(data) + machine.flush()


CASES = [
    Case(
        "a query inside",
        ethernet(ipv4(pack(">BBH", 4, 0, 2) + _packed(ipv4(udp(dns_query()), 17, source="172.16.0.1")), 108)),
        "eth:ip:ipcomp:ip:udp:dns",
        "DNS",
        "Standard query 0x50b5 AAAA db1.internal",
        (("ipcomp.Next header", "4 (IPv4)"), ("ip.Source", "[172.16.0.1, decompressed]")),
    ),
    Case(
        "negotiated, and DEFLATE",
        ethernet(ipv4(pack(">BBH", 17, 0, 0x1234) + _packed(udp(dns_query())), 108)),
        "eth:ip:ipcomp:udp:dns",
        "DNS",
        "Standard query 0x50b5 AAAA db1.internal",
    ),
    Case(
        "negotiated, and something else",
        ethernet(ipv4(pack(">BBH", 6, 0, 0x1234) + bytes(30), 108)),
        "eth:ip:ipcomp",
        "IPComp",
        "IPComp (CPI=0x1234)",
    ),
    Case(
        "no DEFLATE at all",
        ethernet(ipv4(pack(">BBH", 6, 0, 2) + b"\xff" * 30, 108)),
        "eth:ip:ipcomp",
        "IPComp",
        "IPComp (CPI=0x0002)",
    ),
]
