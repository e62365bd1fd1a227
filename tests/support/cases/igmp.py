# SPDX-License-Identifier: Apache-2.0
"""IGMP and the protocols that share its number."""

from __future__ import annotations

from socket import inet_aton
from struct import pack

from support.cases import Case
from support.packets import checksum, ethernet, ipv4


def packet(kind: int, code: int, body: bytes) -> bytes:
    total = checksum(pack(">BBH", kind, code, 0) + body + bytes(len(body) % 2))
    return ethernet(ipv4(pack(">BBH", kind, code, total) + body, 2))


_GROUP, _SOURCE = inet_aton("239.1.2.3"), inet_aton("192.0.2.5")
_RECORDS = pack(">BBH", 4, 0, 0) + _GROUP + pack(">BBH", 3, 0, 1) + _GROUP + _SOURCE + pack(">BBH", 6, 1, 1) + _GROUP
_RECORDS += _SOURCE + b"more"
_TRACE = _SOURCE + inet_aton("10.0.0.1") + inet_aton("10.0.0.2") + b"\x40\0\0\7"
_HOP = bytes(4) + inet_aton("10.0.0.3") + inet_aton("10.0.0.4") + inet_aton("10.0.0.5") + bytes(12) + b"\x03\1\x18\0"

_STACK = "eth:ip:igmp"

CASES = [
    Case("version 1 query", packet(0x11, 0, bytes(4)), _STACK, "IGMPv1", "Membership Query, general"),
    Case(
        "version 2 query",
        packet(0x11, 100, _GROUP),
        _STACK,
        "IGMPv2",
        "Membership Query, specific for group 239.1.2.3",
        (("igmp.Maximum response time", "10 s"), ("igmp.Type", "0x11 (membership query)")),
    ),
    Case(
        "version 3 query for sources",
        packet(0x11, 0x8A, _GROUP + b"\x0a\x7d\0\1" + _SOURCE),
        _STACK,
        "IGMPv3",
        "Membership Query, specific for group 239.1.2.3, sources {192.0.2.5}",
        (
            ("igmp.Maximum response time", "20.8 s"),
            ("igmp.Suppress processing", "set"),
            ("igmp.Query interval code", "125 s"),
            ("igmp.Source", "192.0.2.5"),
        ),
    ),
    Case("version 1 report", packet(0x12, 0, _GROUP), _STACK, "IGMPv1", "Membership Report group 239.1.2.3"),
    Case("version 2 report", packet(0x16, 0, _GROUP), _STACK, "IGMPv2", "Membership Report group 239.1.2.3"),
    Case("leave", packet(0x17, 0, _GROUP), _STACK, "IGMPv2", "Leave Group 239.1.2.3"),
    Case(
        "version 3 report",
        packet(0x22, 0, pack(">HH", 0, 3) + _RECORDS),
        _STACK,
        "IGMPv3",
        "Membership Report / Join group 239.1.2.3 for any sources"
        " / Join group 239.1.2.3 for sources {192.0.2.5} / Group 239.1.2.3, block sources {192.0.2.5}",
        (("igmp.Group", "239.1.2.3 block, 1 sources"), ("igmp.Auxiliary data", "6d6f7265")),
    ),
    Case(
        "traceroute",
        packet(0x1F, 31, _GROUP + _TRACE + _HOP),
        _STACK,
        "IGMP",
        "Traceroute Request group 239.1.2.3",
        (("igmp.Response", "10.0.0.4"), ("igmp.Source mask length", "24"), ("igmp.Receiver", "10.0.0.1")),
    ),
    Case(
        "RGMP join",
        packet(0xFD, 0, _GROUP),
        "eth:ip:igmp:rgmp",
        "RGMP",
        "Join group 239.1.2.3",
        (("rgmp.Type", "0xfd (Join)"), ("rgmp.Group", "239.1.2.3")),
    ),
    Case(
        "multicast router advertisement",
        packet(0x30, 20, b"\0\x7d\0\2"),
        "eth:ip:igmp:mrdisc",
        "MRDISC",
        "Multicast Router Advertisement",
        (("mrdisc.Query interval", "125 s"), ("mrdisc.Robustness", "2")),
    ),
    Case(
        "DVMRP probe",
        packet(0x13, 1, b"\0\x0e\xff\3" + pack(">I", 7) + inet_aton("10.0.0.2")),
        "eth:ip:igmp:dvmrp",
        "DVMRP",
        "V3 Probe",
        (("dvmrp.Neighbor", "10.0.0.2"), ("dvmrp.Capabilities", "0x0e")),
    ),
    Case(
        "DVMRP report",
        packet(0x13, 2, b"\0\x0e\xff\3" + b"\xff\xff\0\x0a\1\2\x81" + b"\xff\0\0\x0a\2\x83"),
        "eth:ip:igmp:dvmrp",
        "DVMRP",
        "V3 Report",
        (
            ("dvmrp.Route", "10.1.2.0/255.255.255.0, metric 1"),
            ("dvmrp.Route", "10.2.0.0/255.255.0.0, metric 3"),
        ),
    ),
    Case(
        "DVMRP neighbors",
        packet(0x13, 6, b"\0\x0e\xff\3" + inet_aton("10.0.0.1") + b"\1\1\x20\1" + inet_aton("10.0.0.2")),
        "eth:ip:igmp:dvmrp",
        "DVMRP",
        "V3 Neighbors 2",
        (("dvmrp.Interface", "10.0.0.1"), ("dvmrp.Neighbor", "10.0.0.2")),
    ),
    Case(
        "DVMRP prune",
        packet(0x13, 7, b"\0\x0e\xff\3" + _SOURCE + _GROUP + pack(">I", 7200)),
        "eth:ip:igmp:dvmrp",
        "DVMRP",
        "V3 Prune",
        (("dvmrp.Lifetime", "7200 s"),),
    ),
]
