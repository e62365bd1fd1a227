# SPDX-License-Identifier: Apache-2.0
"""BGP."""

from __future__ import annotations

from socket import AF_INET6, inet_aton, inet_pton
from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4, tcp


def message(kind: int, body: bytes = b"") -> bytes:
    return b"\xff" * 16 + pack(">HB", 19 + len(body), kind) + body


def frame(payload: bytes) -> bytes:
    return ethernet(ipv4(tcp(payload, ports=(40000, 179)), 6))


def tlv(kind: int, value: bytes) -> bytes:
    return bytes([kind, len(value)]) + value


def attribute(kind: int, value: bytes, flags: int = 0x40) -> bytes:
    if len(value) > 255:
        return pack(">BBH", flags | 0x10, kind, len(value)) + value
    return pack(">BBB", flags, kind, len(value)) + value


def update(*attributes: bytes, withdrawn: bytes = b"", reachable: bytes = b"") -> bytes:
    listed = b"".join(attributes)
    return message(2, pack(">H", len(withdrawn)) + withdrawn + pack(">H", len(listed)) + listed + reachable)


def reach(family: int, subsequent: int, hop: bytes, networks: bytes) -> bytes:
    return attribute(14, pack(">HBB", family, subsequent, len(hop)) + hop + b"\0" + networks, 0x80)


_CAPABILITIES = b"".join(
    (
        tlv(1, b"\0\1\0\1"),
        tlv(1, b"\0\x19\0\x46"),
        tlv(2, b""),
        tlv(5, b"\0\1\0\1\0\2"),
        tlv(9, b"\3"),
        tlv(64, b"\x80\x78\0\1\1\x80"),
        tlv(65, pack(">I", 4200000001)),
        tlv(69, b"\0\1\1\3\0\2\1\1"),
        tlv(71, b"\0\1\1\x80\0\x0e\x10"),
        tlv(73, b"\6core-1\x0bexample.org"),
        tlv(99, b"?"),
    )
)
_OPEN = message(
    1, pack(">BHH4sB", 4, 23456, 90, inet_aton("192.0.2.1"), len(_CAPABILITIES) + 2) + tlv(2, _CAPABILITIES)
)
_WIDE = message(
    1, pack(">BHH4sBBH", 4, 65000, 90, inet_aton("192.0.2.1"), 255, 255, 9) + pack(">BH", 2, 6) + tlv(1, b"\0\2\0\1")
)
_PATH4 = b"\2\2" + pack(">II", 65000, 4200000001) + b"\1\2" + pack(">II", 1, 2)
_PATH2 = b"\2\3" + pack(">HHH", 65000, 23456, 3)
_EXTENDED = b"".join(
    (
        b"\0\2" + pack(">HI", 65000, 100),
        b"\1\2" + inet_aton("192.0.2.1") + b"\0\7",
        b"\2\3" + pack(">IH", 4200000001, 8),
        b"\3\x0b\0\0" + pack(">I", 100),
        b"\3\x0c" + bytes(4) + b"\0\x08",
        b"\6\0\1\0" + pack(">I", 5),
        b"\6\3\2\xfc\0\0\0\1",
        b"\x80\6" + pack(">Hf", 0, 125000.0),
        b"\x80\x09" + bytes(5) + b"\x2e",
    )
)
_UPDATE = update(
    attribute(1, b"\0"),
    attribute(2, _PATH4),
    attribute(3, inet_aton("10.0.0.1")),
    attribute(4, pack(">I", 50), 0x80),
    attribute(5, pack(">I", 100)),
    attribute(6, b""),
    attribute(7, pack(">I", 65000) + inet_aton("192.0.2.9"), 0xC0),
    attribute(8, pack(">HHI", 65000, 77, 0xFFFFFF01), 0xC0),
    attribute(9, inet_aton("192.0.2.8"), 0x80),
    attribute(10, inet_aton("192.0.2.7"), 0x80),
    attribute(16, _EXTENDED, 0xC0),
    attribute(17, b"\2\1" + pack(">I", 4200000001), 0xC0),
    attribute(32, pack(">III", 4200000001, 1, 2), 0xC0),
    attribute(35, pack(">I", 65000), 0xC0),
    attribute(40, b"\1\0\7\0\0\0" + pack(">I", 16), 0xC0),
    attribute(26, b"\1\0\x0b" + pack(">Q", 999), 0x80),
    attribute(200, b"odd", 0xC0),
    withdrawn=b"\x18\x0a\x01\x02",
    reachable=b"\x10\xac\x10\x20\xc0\x00\x02\x21\x00",
)
_RD = b"\0\0" + pack(">HI", 65000, 7)
_SIX = inet_pton(AF_INET6, "2001:db8::1")
_SEGMENT = bytes(10)
_EVPN = b"".join(
    (
        tlv(1, _RD + _SEGMENT + pack(">I", 0) + b"\0\1\0"),
        tlv(2, _RD + _SEGMENT + pack(">I", 0) + b"\x30\2\xfc\0\0\0\1\x20\x0a\0\0\x09\0\x27\x10"),
        tlv(3, _RD + pack(">I", 0) + b"\x20\x0a\0\0\1"),
        tlv(4, _RD + _SEGMENT + b"\x20\x0a\0\0\1"),
        tlv(5, _RD + _SEGMENT + pack(">I", 0) + b"\x18\x0a\7\0\0" + bytes(4) + b"\0\x27\x10"),
    )
)
_FLOW = b"\x01\x18\x0a\x01\x02\x03\x81\x06\x05\x03\x50\xd5\x1f\x90\x09\x81\x02"
_FAMILIES = (
    update(reach(2, 1, _SIX + inet_pton(AF_INET6, "fe80::1"), b"\x20\x20\x01\x0d\xb8")),
    update(attribute(15, b"\0\2\1\x20\x20\x01\x0d\xb8", 0x80)),
    update(reach(1, 4, inet_aton("10.0.0.1"), b"\x30\0\x3e\x81\x0a\1\2")),
    update(reach(1, 128, bytes(8) + inet_aton("10.0.0.1"), b"\x70\0\x3e\x81" + _RD + b"\x0a\1\2")),
    update(reach(25, 70, inet_aton("10.0.0.1"), _EVPN)),
    update(reach(25, 65, inet_aton("10.0.0.1"), pack(">H", 17) + _RD + pack(">HHH", 4, 1, 8) + b"\x3e\x80\1")),
    update(reach(1, 133, b"", bytes([len(_FLOW)]) + _FLOW)),
    update(reach(1, 132, inet_aton("10.0.0.1"), b"\x60" + pack(">I", 65000) + b"\0\2" + pack(">HI", 65000, 100))),
    update(reach(16388, 71, inet_aton("10.0.0.1"), pack(">HHBQ", 1, 17, 3, 0) + pack(">HHI", 512, 4, 65000))),
    update(reach(1, 73, inet_aton("10.0.0.1"), b"\x60" + pack(">II", 1, 100) + inet_aton("192.0.2.9"))),
    update(reach(1, 5, inet_aton("10.0.0.1"), tlv(1, _RD + inet_aton("192.0.2.9")))),
    update(attribute(15, b"\0\1\x80", 0x80)),
    update(attribute(22, b"\0\6\0\x27\x10" + inet_aton("10.0.0.1"), 0xC0)),
    update(attribute(23, pack(">HHBB", 8, 6, 1, 4) + bytes(4), 0xC0)),
)
_ADDED = update(attribute(1, b"\2"), reachable=pack(">I", 1) + b"\x10\xac\x10" + pack(">I", 2) + b"\x10\xac\x10")

_STACK = "eth:ip:tcp:bgp"

CASES = [
    Case(
        "open with capabilities",
        frame(_OPEN),
        _STACK,
        "BGP",
        "OPEN Message",
        (
            ("bgp.Version", "4"),
            ("bgp.Autonomous system", "23456 (AS_TRANS)"),
            ("bgp.Hold time", "90 s"),
            ("bgp.Identifier", "192.0.2.1"),
            ("bgp.Multiprotocol", "L2VPN EVPN"),
            ("bgp.Extended next hop", "IPv4 unicast by IPv6"),
            ("bgp.Role", "3 (customer)"),
            ("bgp.Graceful restart", "120 s, IPv4 unicast"),
            ("bgp.Four-byte AS numbers", "4200000001"),
            ("bgp.Additional paths", "IPv4 unicast send and receive, IPv6 unicast receive"),
            ("bgp.Long-lived graceful restart", "IPv4 unicast 3600 s"),
            ("bgp.Host name", "core-1.example.org"),
            ("bgp.Capability 99", "3f"),
        ),
    ),
    Case(
        "open with long parameters",
        frame(_WIDE),
        _STACK,
        "BGP",
        "OPEN Message",
        (("bgp.Extended parameters length", "9"), ("bgp.Multiprotocol", "IPv6 unicast")),
    ),
    Case(
        "update with attributes, and a keepalive",
        frame(_UPDATE + message(4)),
        _STACK,
        "BGP",
        "UPDATE Message, KEEPALIVE Message",
        (
            ("bgp.Withdrawn", "10.1.2.0/24"),
            ("bgp.ORIGIN", "0 (IGP)"),
            ("bgp.AS_PATH", "65000 4200000001 {1,2}"),
            ("bgp.NEXT_HOP", "10.0.0.1"),
            ("bgp.MULTI_EXIT_DISC", "50"),
            ("bgp.LOCAL_PREF", "100"),
            ("bgp.AGGREGATOR", "AS 65000 192.0.2.9"),
            ("bgp.COMMUNITIES", "65000:77, NO_EXPORT"),
            ("bgp.CLUSTER_LIST", "192.0.2.7"),
            ("bgp.Community", "route target 65000:100"),
            ("bgp.Community", "route target 192.0.2.1:7"),
            ("bgp.Community", "route origin 4200000001:8"),
            ("bgp.Community", "color 100"),
            ("bgp.Community", "encapsulation VXLAN"),
            ("bgp.Community", "MAC mobility 5 (static)"),
            ("bgp.Community", "EVPN router MAC 02:fc:00:00:00:01"),
            ("bgp.Community", "traffic rate 125000 bytes/s"),
            ("bgp.Community", "traffic marking DSCP 46"),
            ("bgp.AS4_PATH", "4200000001"),
            ("bgp.LARGE_COMMUNITY", "4200000001:1:2"),
            ("bgp.PREFIX_SID", "Label index 16"),
            ("bgp.AIGP", "999"),
            ("bgp.Attribute 200", "6f6464"),
            ("bgp.Reachable", "172.16.0.0/16"),
            ("bgp.Reachable", "192.0.2.33/32"),
        ),
    ),
    Case(
        "update with a path of two-byte numbers",
        frame(update(attribute(2, _PATH2), attribute(7, pack(">H", 65000) + inet_aton("192.0.2.9"), 0xC0))),
        _STACK,
        "BGP",
        "UPDATE Message",
        (("bgp.AS_PATH", "65000 23456 3"), ("bgp.AGGREGATOR", "AS 65000 192.0.2.9")),
    ),
    Case(
        "updates of many families",
        frame(b"".join(_FAMILIES[:8])),
        _STACK,
        "BGP",
        ", ".join(["UPDATE Message"] * 8),
        (
            ("bgp.MP_REACH_NLRI", "IPv6 unicast, 1 network by 2001:db8::1, fe80::1"),
            ("bgp.Reachable", "2001:db8::/32"),
            ("bgp.MP_UNREACH_NLRI", "IPv6 unicast, 1 network"),
            ("bgp.Reachable", "10.1.2.0/24 label 1000"),
            ("bgp.Reachable", "65000:7 10.1.2.0/24 label 1000"),
            ("bgp.Reachable", "MAC/IP advertisement 65000:7 02:fc:00:00:00:01 10.0.0.9"),
            ("bgp.Reachable", "inclusive multicast 65000:7 10.0.0.1 tag 0"),
            ("bgp.Reachable", "IP prefix 65000:7 10.7.0.0/24 by 0.0.0.0"),
            ("bgp.Reachable", "65000:7 site 4"),
            ("bgp.Reachable", "65000 route target 65000:100"),
            (
                "bgp.Reachable",
                "destination 10.1.2.0/24, protocol = 6, destination port >= 80 and <= 8080, TCP flags all of 2",
            ),
        ),
    ),
    Case(
        "updates of more families",
        frame(b"".join(_FAMILIES[8:])),
        _STACK,
        "BGP",
        ", ".join(["UPDATE Message"] * 6),
        (
            ("bgp.Reachable", "node from OSPFv2"),
            ("bgp.Reachable", "color 100 to 192.0.2.9"),
            ("bgp.Reachable", "intra-AS inclusive 65000:7"),
            ("bgp.MP_UNREACH_NLRI", "IPv4 labeled VPN unicast, end of RIB"),
            ("bgp.PMSI_TUNNEL", "ingress replication 10.0.0.1"),
            ("bgp.TUNNEL_ENCAPSULATION", "VXLAN"),
        ),
    ),
    Case(
        "update with path identifiers",
        frame(_ADDED),
        _STACK,
        "BGP",
        "UPDATE Message",
        (("bgp.Reachable", "172.16.0.0/16 (path 2) [path identifiers, concluded from the form of the list]"),),
    ),
    Case(
        "notification with words",
        frame(message(3, b"\6\2\x0bmaintenance")),
        _STACK,
        "BGP",
        "NOTIFICATION Message (Cease: Administrative Shutdown)",
        (("bgp.Error", "6 (Cease)"), ("bgp.Words", "maintenance")),
    ),
    Case(
        "route refresh",
        frame(message(5, b"\0\2\1\1")),
        _STACK,
        "BGP",
        "ROUTE-REFRESH Message",
        (("bgp.Subtype", "1 (beginning of route refresh)"), ("bgp.Family", "[IPv6 unicast, from the two numbers]")),
    ),
    Case(
        "an update that goes on in another segment",
        frame(message(4) + _UPDATE[:60]),
        _STACK,
        "BGP",
        "KEEPALIVE Message, UPDATE Message",
        (("bgp.ORIGIN", "0 (IGP)"), ("bgp.Withdrawn", "10.1.2.0/24")),
    ),
]
