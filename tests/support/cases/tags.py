# SPDX-License-Identifier: Apache-2.0
"""Tags before a frame's own type: 802.1ah, VN-Tag, E-Tag, MACsec, NSH, FabricPath."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import FAR_MAC, NEAR_MAC, dns_query, ethernet, ipv4, udp

_QUERY = ipv4(udp(dns_query()), 17)
_SAID = ("DNS", "Standard query 0x50b5 AAAA db1.internal")

CASES = [
    Case(
        "a customer's frame with a tag of its own",
        ethernet(pack(">I", 0x0812345) + FAR_MAC + NEAR_MAC + pack(">HHH", 0x8100, 7, 0x0800) + _QUERY, 0x88E7),
        "eth:ieee8021ah:vlan:ip:udp:dns",
        *_SAID,
        (("ieee8021ah.Service (I-SID)", "8463173"), ("ieee8021ah.Customer source", "02:fc:00:00:00:01")),
    ),
    Case(
        "between virtual interfaces",
        ethernet(pack(">IH", 0x80050003, 0x0800) + _QUERY, 0x8926),
        "eth:vntag:ip:udp:dns",
        *_SAID,
        (("vntag.Destination", "5"), ("vntag.Source", "3"), ("vntag.Direction", "1 (from the interface)")),
    ),
    Case(
        "between the switches of a fabric",
        ethernet(pack(">H", 5 << 6 | 32) + ethernet(_QUERY), 0x8903),
        "eth:cfp:eth:ip:udp:dns",
        *_SAID,
        (("cfp.Forwarding tag", "5"), ("cfp.Time to live", "32")),
    ),
    Case(
        "a port of an extender",
        ethernet(pack(">HHBBH", 0x2001, 0x1002, 0, 0, 0x0800) + _QUERY, 0x893F),
        "eth:etag:ip:udp:dns",
        *_SAID,
        (("etag.E-CID base", "2"), ("etag.Priority", "1")),
    ),
    Case(
        "a security group",
        ethernet(pack(">BBHHH", 1, 1, 1, 42, 0x0800) + _QUERY, 0x8909),
        "eth:cmd:ip:udp:dns",
        *_SAID,
        (("cmd.Security group", "42"),),
    ),
    Case(
        "authenticated only",
        ethernet(pack(">BBIQH", 0x20, 0, 7, 0x02FC000000010001, 0x0800) + _QUERY + bytes(16), 0x88E5),
        "eth:macsec:ip:udp:dns",
        *_SAID,
        (("macsec.Packet number", "7"), ("trailer.Integrity check value", "00" * 16)),
    ),
    Case(
        "encrypted",
        ethernet(pack(">BBIQ", 0x2C, 0, 7, 0x02FC000000010001) + bytes(80), 0x88E5),
        "eth:macsec",
        "MACsec",
        "MACsec frame, packet number 7, encrypted",
        (("macsec.Encrypted", "set"), ("macsec.Secure channel identifier", "0x02fc000000010001")),
    ),
    Case(
        "a chain of services",
        ethernet(pack(">HBBI", 0x0FC6, 1, 1, 0x2A05) + bytes(16) + _QUERY, 0x894F),
        "eth:nsh:ip:udp:dns",
        *_SAID,
        (("nsh.Service path", "42"), ("nsh.Service index", "5"), ("nsh.TTL", "63")),
    ),
    Case(
        "a chain of services with metadata",
        ethernet(pack(">HBBI", 0x0FC4, 2, 3, 0x2A05) + pack(">HBB", 1, 2, 3) + b"abc\0" + ethernet(_QUERY), 0x894F),
        "eth:nsh:eth:ip:udp:dns",
        *_SAID,
        (("nsh.Context", "class 0x0001 type 2"), ("nsh.Value", "616263")),
    ),
]
