# SPDX-License-Identifier: Apache-2.0
"""GRE, and what it carries that is not told by an Ethertype: ERSPAN, NHRP, WCCP, PPP."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import dns_query, ethernet, ipv4, udp

_QUERY = ipv4(udp(dns_query()), 17)
_FRAME = ethernet(_QUERY)
_SAID = ("DNS", "Standard query 0x50b5 AAAA db1.internal")


def _gre(flags: int, kind: int, rest: bytes) -> bytes:
    return ethernet(ipv4(pack(">HH", flags, kind) + rest, 47))


_CLIENT = pack(">BBHHHBBBB", 0, 255, 0, 1514, 30, 4, 0, 4, 0) + bytes([10, 0, 12, 2, 192, 168, 0, 2])
_MANDATORY = pack(">BBHI", 4, 4, 0x8000, 5) + bytes([10, 0, 12, 2, 192, 168, 0, 2, 192, 168, 0, 1]) + _CLIENT
_EXTENSIONS = pack(">HHHH", 0x8003, 0, 0x8000, 0)
_NHRP = (
    pack(">HH5sBHHHBBBB", 1, 0x0800, bytes(5), 255, 20 + len(_MANDATORY) + 8, 0, 20 + len(_MANDATORY), 1, 3, 4, 0)
    + _MANDATORY
    + _EXTENSIONS
)
_SHORT = pack(">BBHI", 4, 4, 0, 0) + bytes([10, 0, 12, 2, 192, 168, 0, 2, 192, 168, 0, 1]) + _QUERY
_TRAFFIC = pack(">HH5sBHHHBBBB", 1, 0x0800, bytes(5), 255, 20 + len(_SHORT), 0, 0, 1, 8, 4, 0) + _SHORT

CASES = [
    Case(
        "checksum, key and sequence number",
        _gre(0xB000, 0x0800, pack(">HHII", 0, 0, 7, 9) + _QUERY),
        "eth:ip:gre:ip:udp:dns",
        *_SAID,
        (("gre.Key", "0x00000007"), ("gre.Sequence number", "9")),
    ),
    Case(
        "a source route",
        _gre(0x4000, 0x0800, pack(">HH", 0, 0) + b"\0\2\0\4" + bytes([10, 0, 0, 9]) + bytes(4) + _QUERY),
        "eth:ip:gre:ip:udp:dns",
        *_SAID,
        (("gre.Routing information", "0a000009"),),
    ),
    Case(
        "NVGRE",
        _gre(0x2000, 0x6558, pack(">I", 0x2A05) + _FRAME),
        "eth:ip:gre:eth:ip:udp:dns",
        *_SAID,
        (("gre.Virtual subnet", "42"), ("gre.Flow", "0x05")),
    ),
    Case(
        "PPTP",
        _gre(0x3081, 0x880B, pack(">HHII", 4 + len(_QUERY), 3, 1, 2) + b"\xff\x03\0\x21" + _QUERY),
        "eth:ip:gre:ppp:ip:udp:dns",
        *_SAID,
        (("gre.Call", "3"), ("gre.Acknowledgment number", "2")),
    ),
    Case("PPTP acknowledges", _gre(0x2081, 0x880B, pack(">HHI", 0, 3, 1)), "eth:ip:gre", "GRE", "Encapsulated PPP"),
    Case("keep-alive", _gre(0, 0, b""), "eth:ip:gre", "GRE", "Encapsulated Possible GRE keepalive packet"),
    Case(
        "WCCP",
        _gre(0, 0x883E, b"\x80\x35\0\x07" + _QUERY),
        "eth:ip:gre:ip:udp:dns",
        *_SAID,
        (("gre.Service", "53"), ("gre.Dynamic service", "set")),
    ),
    Case("WCCP of version 1", _gre(0, 0x883E, _QUERY), "eth:ip:gre:ip:udp:dns", *_SAID),
    Case(
        "ERSPAN I",
        _gre(0, 0x88BE, _FRAME),
        "eth:ip:gre:erspan:eth:ip:udp:dns",
        *_SAID,
        (("erspan.Type", "[I, from the missing sequence number of GRE]"),),
    ),
    Case(
        "ERSPAN II",
        _gre(0x1000, 0x88BE, pack(">IHHI", 1, 0x1005, 0x0007, 3) + _FRAME),
        "eth:ip:gre:erspan:eth:ip:udp:dns",
        *_SAID,
        (("erspan.VLAN", "5"), ("erspan.Session", "7"), ("erspan.Index", "3")),
    ),
    Case(
        "ERSPAN III",
        _gre(0x1000, 0x22EB, pack(">IHHIHHII", 1, 0x2005, 0x0007, 1234, 42, 0x8001, 0x04000000, 5) + _FRAME),
        "eth:ip:gre:erspan:eth:ip:udp:dns",
        *_SAID,
        (("erspan.Security group", "42"), ("erspan.Timestamp", "1234"), ("erspan.Platform", "1")),
    ),
    Case(
        "NHRP",
        _gre(0, 0x2001, _NHRP),
        "eth:ip:gre:nhrp",
        "NHRP",
        "NHRP Registration Request, ID=5",
        (
            ("nhrp.Client information", "Success, 10.0.12.2, 192.168.0.2"),
            ("nhrp.Source protocol address", "192.168.0.2"),
        ),
    ),
    Case(
        "NHRP, traffic",
        _gre(0, 0x2001, _TRAFFIC),
        "eth:ip:gre:nhrp:ip:udp:dns",
        "NHRP",
        "NHRP Traffic Indication",
    ),
    Case(
        "MetaData",
        _gre(0, 0x8909, pack(">HBBHH", 0x0800, 1, 1, 1, 42) + _QUERY),
        "eth:ip:gre:cmd:ip:udp:dns",
        *_SAID,
        (("cmd.Security group", "42"),),
    ),
    Case(
        "in UDP",
        ethernet(ipv4(udp(pack(">HH", 0, 0x0800) + _QUERY, (40000, 4754)), 17)),
        "eth:ip:udp:gre:ip:udp:dns",
        *_SAID,
    ),
]
