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
        "with a group, on the port that Linux had first",
        ethernet(ipv4(udp(b"\x88\x08\0\x05\0\0\x2a\0" + _INNER, (40000, 8472)), 17)),
        "eth:ip:udp:vxlan:eth:ip:udp:dns",
        "DNS",
        "Standard query 0x50b5 AAAA db1.internal",
        (("vxlan.Group", "5"), ("vxlan.Policy applied", "set")),
    ),
    Case(
        "any packet",
        ethernet(ipv4(udp(b"\x0c\0\0\x01\0\0\x2a\0" + _INNER[14:], (40000, 4790)), 17)),
        "eth:ip:udp:vxlan_gpe:ip:udp:dns",
        "DNS",
        "Standard query 0x50b5 AAAA db1.internal",
        (("vxlan_gpe.Next protocol", "1 (IPv4)"),),
    ),
    Case(
        "another protocol on its port",
        ethernet(ipv4(udp(b"\0hello", (40000, 4789)), 17)),
        "eth:ip:udp",
        "UDP",
        "40000 → 4789 Len=6",
    ),
]
