# SPDX-License-Identifier: Apache-2.0
"""VXLAN."""

from __future__ import annotations

from support.cases import Case
from support.packets import dns_query, ethernet, ipv4, udp

_INNER = ethernet(ipv4(udp(dns_query()), 17))

CASES = [
    Case(
        "a query inside",
        ethernet(ipv4(udp(b"\x08\0\0\0\0\0\x2a\0" + _INNER, (40000, 4789)), 17)),
        "eth:ip:udp:vxlan:eth:ip:udp:dns",
        "DNS",
        "Standard query 0x50b5 AAAA db1.internal",
        (("vxlan.Network", "42"), ("vxlan.Flags", "0x08")),
    ),
    Case(
        "another protocol on its port",
        ethernet(ipv4(udp(b"\0hello", (40000, 4789)), 17)),
        "eth:ip:udp",
        "UDP",
        "40000 → 4789 Len=6",
    ),
]
