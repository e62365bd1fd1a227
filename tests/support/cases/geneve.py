# SPDX-License-Identifier: Apache-2.0
"""GENEVE."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import dns_query, ethernet, ipv4, udp

_QUERY = ipv4(udp(dns_query()), 17)
_OPTIONS = pack(">HBBI", 0x0102, 0x80, 1, 0x00010002) + pack(">HBB", 0xFFFF, 0x05, 0)
_SAID = ("DNS", "Standard query 0x50b5 AAAA db1.internal")


def _sent(options: bytes, kind: int, payload: bytes) -> bytes:
    return ethernet(ipv4(udp(pack(">BBHI", len(options) // 4, 0x40, kind, 42 << 8) + options + payload, (1, 6081)), 17))


CASES = [
    Case(
        "a frame, with options",
        _sent(_OPTIONS, 0x6558, ethernet(_QUERY)),
        "eth:ip:udp:geneve:eth:ip:udp:dns",
        *_SAID,
        (
            ("geneve.Network", "42"),
            ("geneve.Option", "Open virtual network (OVN) type 0"),
            ("geneve.Option", "class 0xffff type 5"),
            ("geneve.Critical", "set"),
            ("geneve.Value", "00010002"),
        ),
    ),
    Case("a packet", _sent(b"", 0x0800, _QUERY), "eth:ip:udp:geneve:ip:udp:dns", *_SAID),
]
