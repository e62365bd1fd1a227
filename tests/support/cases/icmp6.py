# SPDX-License-Identifier: Apache-2.0
"""ICMPv6."""

from __future__ import annotations

from socket import AF_INET6, inet_aton, inet_pton
from struct import pack

from support.cases import Case
from support.cases.icmp import extended, item
from support.packets import IPV6, NEAR_MAC, checksum, dns_name, ethernet, ipv6, udp

_NEAR, _FAR = inet_pton(AF_INET6, "fd00::1"), inet_pton(AF_INET6, "fd00::2")


def message(kind: int, code: int, body: bytes) -> bytes:
    whole = pack(">BBH", kind, code, 0) + body
    pseudo = _NEAR + _FAR + pack(">II", len(whole), 58)
    total = checksum(pseudo + whole + bytes(len(whole) % 2))
    return ethernet(ipv6(pack(">BBH", kind, code, total) + body, 58), IPV6)


def option(kind: int, value: bytes) -> bytes:
    size = (len(value) + 9) // 8
    return bytes([kind, size]) + value.ljust(size * 8 - 2, b"\0")


_TARGET = inet_pton(AF_INET6, "fe80::1")
_GROUP = inet_pton(AF_INET6, "ff02::fb")
_PREFIX = inet_pton(AF_INET6, "2001:db8:1::")
_QUOTED = ipv6(udp(b"x" * 20, (40000, 33434)), 17)
_ADVERTISEMENT = b"".join(
    (
        pack(">BBHII", 64, 0xC8, 1800, 30000, 1000),
        option(1, NEAR_MAC),
        option(3, pack(">BBIII", 64, 0xC0, 0xFFFFFFFF, 600, 0) + _PREFIX),
        option(5, pack(">HI", 0, 1480)),
        option(7, pack(">HI", 0, 5000)),
        option(8, pack(">HHH", 0, 1, 60)),
        option(24, pack(">BBI", 48, 0x08, 300) + _PREFIX[:8]),
        option(25, pack(">HI", 0, 1200) + inet_pton(AF_INET6, "2001:db8::53")),
        option(31, pack(">HI", 0, 1200) + dns_name("example.org") + dns_name("lab.example.org")),
        option(34, pack(">BBHH", 64, 0x11, 0, 10) + _PREFIX[:8]),
        option(37, b"https://portal.example.org"),
        option(38, pack(">H", 225 << 3) + inet_pton(AF_INET6, "64:ff9b::")[:12]),
        option(14, b"nonce!"),
        option(13, bytes(6) + pack(">Q", 1700000000 << 16 | 0x8000)),
        option(77, b"\1\2\3\4\5\6"),
    )
)
_DIO = pack(">BBHBBBB", 30, 240, 256, 0x88, 1, 0, 0) + _PREFIX
_DIO += b"\4\x0e" + pack(">BBBBHHHBBH", 0, 8, 12, 10, 0, 256, 1, 0, 255, 60) + b"\1\2\0\0"
_DAO = pack(">BBBB", 30, 0xC0, 0, 241) + _PREFIX + b"\5\x12\0\x80" + _TARGET + b"\6\x04\0\0\1\x1e"

_STACK = "eth:ipv6:icmpv6"

CASES = [
    Case(
        "echo request",
        message(128, 0, pack(">HH", 0xFACE, 47806) + b"abcdefg"),
        _STACK,
        "ICMPv6",
        "Echo (ping) request id=0xface, seq=47806, hop limit=64",
    ),
    Case(
        "unreachable",
        message(1, 4, bytes(4) + _QUOTED),
        "eth:ipv6:icmpv6:ipv6:udp",
        "ICMPv6",
        "Destination Unreachable (Port unreachable)",
        (("icmpv6.Code", "4 (Port unreachable)"),),
    ),
    Case(
        "packet too big",
        message(2, 0, pack(">I", 1280) + _QUOTED),
        "eth:ipv6:icmpv6:ipv6:udp",
        "ICMPv6",
        "Packet Too Big",
        (("icmpv6.MTU", "1280"),),
    ),
    Case(
        "time exceeded with labels",
        message(
            3,
            0,
            b"\x10\0\0\0" + _QUOTED.ljust(128, b"\0") + extended(item(1, 1, pack(">I", 16001 << 12 | 0x100 | 63))),
        ),
        "eth:ipv6:icmpv6:ipv6:udp",
        "ICMPv6",
        "Time Exceeded (hop limit exceeded in transit)",
        (("trailer.MPLS label stack", "label 16001 TTL 63"),),
    ),
    Case(
        "parameter problem",
        message(4, 1, pack(">I", 40) + _QUOTED),
        "eth:ipv6:icmpv6:ipv6:udp",
        "ICMPv6",
        "Parameter Problem (unrecognized Next Header type encountered)",
        (("icmpv6.Pointer", "40"),),
    ),
    Case(
        "router solicitation",
        message(133, 0, bytes(4) + option(1, NEAR_MAC)),
        _STACK,
        "ICMPv6",
        "Router Solicitation from 02:fc:00:00:00:01",
    ),
    Case(
        "router advertisement with options of many kinds",
        message(134, 0, _ADVERTISEMENT),
        _STACK,
        "ICMPv6",
        "Router Advertisement from 02:fc:00:00:00:01",
        (
            ("icmpv6.Managed addresses", "yes"),
            ("icmpv6.Router preference", "1 (high)"),
            ("icmpv6.Router lifetime", "1800 s"),
            ("icmpv6.Source link-layer address", "02:fc:00:00:00:01"),
            ("icmpv6.Prefix", "2001:db8:1::/64"),
            ("icmpv6.Valid lifetime", "infinity"),
            ("icmpv6.MTU", "1480"),
            ("icmpv6.Advertisement interval", "5000 ms"),
            ("icmpv6.Home agent", "preference 1, 60 s"),
            ("icmpv6.Route", "2001:db8:1::/48"),
            ("icmpv6.Recursive DNS server", "2001:db8::53"),
            ("icmpv6.DNS search list", "example.org, lab.example.org"),
            ("icmpv6.6LoWPAN context", "1: 2001:db8:1::/64"),
            ("icmpv6.Captive portal", "https://portal.example.org\\x00\\x00\\x00"),
            ("icmpv6.PREF64", "64:ff9b::/96, 1800 s"),
            ("icmpv6.Timestamp", "1700000000.500000 s (unix time)"),
            ("icmpv6.Option 77", "010203040506"),
        ),
    ),
    Case(
        "neighbor solicitation",
        message(135, 0, bytes(4) + _TARGET + option(1, NEAR_MAC)),
        _STACK,
        "ICMPv6",
        "Neighbor Solicitation for fe80::1 from 02:fc:00:00:00:01",
    ),
    Case(
        "neighbor advertisement with a registration",
        message(136, 0, b"\x60\0\0\0" + _TARGET + option(33, b"\0\0\0\1\0\x3c" + bytes(range(8)))),
        _STACK,
        "ICMPv6",
        "Neighbor Advertisement fe80::1 (sol, ovr)",
        (("icmpv6.Address registration", "success, 60 min, 00:01:02:03:04:05:06:07"), ("icmpv6.Override", "yes")),
    ),
    Case(
        "redirect",
        message(137, 0, bytes(4) + _TARGET + _PREFIX + option(2, NEAR_MAC) + option(4, bytes(6) + _QUOTED)),
        "eth:ipv6:icmpv6:ipv6:udp",
        "ICMPv6",
        "Redirect to fe80::1 is at 02:fc:00:00:00:01",
        (("icmpv6.Redirected header", "72 bytes"), ("udp.Destination port", "33434")),
    ),
    Case(
        "listener query",
        message(130, 0, pack(">HH", 0x8800, 0) + _GROUP + b"\x0a\x7d\0\1" + _NEAR),
        _STACK,
        "ICMPv6",
        "Multicast Listener Query",
        (
            ("icmpv6.Maximum response", "49152 ms"),
            ("icmpv6.Query interval code", "125 s"),
            ("icmpv6.Source", "fd00::1"),
        ),
    ),
    Case("listener report", message(131, 0, bytes(4) + _GROUP), _STACK, "ICMPv6", "Multicast Listener Report"),
    Case("listener done", message(132, 0, bytes(4) + _GROUP), _STACK, "ICMPv6", "Multicast Listener Done"),
    Case(
        "listener report of version 2",
        message(143, 0, pack(">HH", 0, 1) + pack(">BBH", 1, 0, 1) + _GROUP + _NEAR),
        _STACK,
        "ICMPv6",
        "Multicast Listener Report Message v2",
        (("icmpv6.Record", "ff02::fb is include, 1 sources"),),
    ),
    Case(
        "node information query",
        message(139, 0, pack(">HH", 2, 0) + b"nonce123" + _FAR),
        _STACK,
        "ICMPv6",
        "Node Information Query (Data contains IPv6 address)",
        (("icmpv6.Query type", "2 (node name)"), ("icmpv6.Subject", "fd00::2")),
    ),
    Case(
        "node information reply",
        message(140, 0, pack(">HH", 2, 0) + b"nonce123" + bytes(4) + dns_name("pi")),
        _STACK,
        "ICMPv6",
        "Node Information Reply (Successful)",
        (("icmpv6.Names", "pi"),),
    ),
    Case(
        "certification path solicitation",
        message(148, 0, pack(">HH", 7, 0xFFFF) + option(15, b"\1\0name")),
        _STACK,
        "ICMPv6",
        "Certification Path Solicitation",
        (("icmpv6.Component", "65535"),),
    ),
    Case(
        "multicast router advertisement",
        message(151, 20, pack(">HH", 125, 2)),
        _STACK,
        "ICMPv6",
        "Multicast Router Advertisement",
        (("icmpv6.Advertisement interval", "20 s"), ("icmpv6.Robustness", "2")),
    ),
    Case(
        "RPL information",
        message(155, 1, _DIO),
        _STACK,
        "ICMPv6",
        "RPL Control (DODAG Information Object)",
        (
            ("icmpv6.Rank", "256"),
            ("icmpv6.Mode of operation", "1 (non-storing)"),
            ("icmpv6.DODAG configuration", "objective 1"),
        ),
    ),
    Case(
        "RPL advertisement",
        message(155, 2, _DAO),
        _STACK,
        "ICMPv6",
        "RPL Control (Destination Advertisement Object)",
        (("icmpv6.Target", "fe80::1/128"), ("icmpv6.Transit", "lifetime 30"), ("icmpv6.DODAG", "2001:db8:1::")),
    ),
    Case(
        "duplicate address request",
        message(157, 0, pack(">BBH", 0, 0, 60) + bytes(range(8)) + _TARGET),
        _STACK,
        "ICMPv6",
        "Duplicate Address Request",
        (("icmpv6.EUI-64", "00:01:02:03:04:05:06:07"), ("icmpv6.Registered address", "fe80::1")),
    ),
    Case(
        "home agents",
        message(145, 0, pack(">HH", 7, 0) + _NEAR + _FAR),
        _STACK,
        "ICMPv6",
        "Home Agent Address Discovery Reply",
        (("icmpv6.Home agent", "fd00::2"),),
    ),
    Case(
        "probe",
        message(160, 0, pack(">HBB", 1, 2, 0) + extended(item(3, 3, b"\0\1\4\0" + inet_aton("10.0.0.1")))),
        _STACK,
        "ICMPv6",
        "Extended Echo request id=0x0001, seq=2",
        (("icmpv6.Interface identification", "10.0.0.1"),),
    ),
    Case("answer to a probe", message(161, 0, b"\0\1\2\x45"), _STACK, "ICMPv6", "Extended Echo reply id=0x0001, seq=2"),
    Case("another type", message(199, 7, bytes(4)), _STACK, "ICMPv6", "type 199, code 7"),
]
