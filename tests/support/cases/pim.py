# SPDX-License-Identifier: Apache-2.0
"""PIM, both versions."""

from __future__ import annotations

from socket import AF_INET6, inet_aton, inet_pton
from struct import pack

from support.cases import Case
from support.packets import IPV6, checksum, ethernet, ipv4, ipv6, udp


def packet(kind: int, body: bytes, reserved: int = 0) -> bytes:
    counted = body[:4] if kind == 1 else body + bytes(len(body) % 2)
    total = checksum(pack(">BBH", 0x20 | kind, reserved, 0) + counted)
    return ethernet(ipv4(pack(">BBH", 0x20 | kind, reserved, total) + body, 103, destination="224.0.0.13"))


def option(kind: int, value: bytes) -> bytes:
    return pack(">HH", kind, len(value)) + value


def old(code: int, body: bytes) -> bytes:
    return ethernet(ipv4(pack(">BBHI", 0x14, code, 0, 0x10000000) + body, 2))


_UNICAST = b"\1\0" + inet_aton("10.0.0.1")
_GROUP = b"\1\0\0\x20" + inet_aton("239.1.2.3")
_SOURCE = b"\1\0\4\x20" + inet_aton("192.0.2.5")
_SIX = b"\2\0" + inet_pton(AF_INET6, "fe80::2")
_HELLO = b"".join(
    (
        option(1, pack(">H", 105)),
        option(2, pack(">HH", 0x8000 | 500, 2500)),
        option(19, pack(">I", 1)),
        option(20, pack(">I", 0x1234ABCD)),
        option(21, b"\1\x3c\0\0"),
        option(24, _SIX),
        option(22, b""),
        option(999, b"?"),
    )
)
_INSIDE = ipv4(udp(b"hello", (9000, 9001)), 17, destination="239.1.2.3")
_RATED = pack(">II", 1, 10)

_STACK = "eth:ip:pim"

CASES = [
    Case(
        "hello",
        packet(0, _HELLO),
        _STACK,
        "PIMv2",
        "Hello",
        (
            ("pim.Version", "2"),
            ("pim.Hold time", "105 s"),
            ("pim.LAN prune delay", "propagation delay 500 ms, override interval 2500 ms"),
            ("pim.DR priority", "1"),
            ("pim.Generation identifier", "0x1234abcd"),
            ("pim.State refresh", "every 60 s"),
            ("pim.Address list", "fe80::2"),
            ("pim.Option 999", "3f"),
        ),
    ),
    Case(
        "hello over IPv6",
        ethernet(ipv6(b"\x20\0\0\0" + option(1, b"\xff\xff"), 103), IPV6),
        "eth:ipv6:pim",
        "PIMv2",
        "Hello",
        (("pim.Hold time", "infinity"),),
    ),
    Case(
        "register",
        packet(1, bytes(4) + _INSIDE),
        "eth:ip:pim:ip:udp",
        "PIMv2",
        "Register",
        (("pim.Null register (N)", "no"), ("udp.Destination port", "9001")),
    ),
    Case(
        "null register",
        packet(1, b"\x40\0\0\0" + ipv4(b"", 103, source="192.0.2.5", destination="239.1.2.3")),
        _STACK,
        "PIMv2",
        "Register",
        (("pim.Null register (N)", "yes"), ("pim.Source", "192.0.2.5"), ("pim.Group", "239.1.2.3")),
    ),
    Case(
        "register-stop",
        packet(2, _GROUP + _UNICAST),
        _STACK,
        "PIMv2",
        "Register-stop",
        (("pim.Group", "239.1.2.3/32"), ("pim.Source", "10.0.0.1")),
    ),
    Case(
        "join and prune",
        packet(3, _UNICAST + b"\0\1\0\xd2" + _GROUP + pack(">HH", 1, 1) + _SOURCE + b"\1\0\7\x20\x0a\0\0\x09"),
        _STACK,
        "PIMv2",
        "Join/Prune",
        (
            ("pim.Upstream neighbor", "10.0.0.1"),
            ("pim.Hold time", "210 s"),
            ("pim.Join", "192.0.2.5/32 (S)"),
            ("pim.Prune", "10.0.0.9/32 (SWR)"),
        ),
    ),
    Case(
        "bootstrap",
        packet(4, b"\0\7\x1e\x40" + _UNICAST + _GROUP + b"\1\1\0\0" + _UNICAST + b"\0\x96\0\0"),
        _STACK,
        "PIMv2",
        "Bootstrap",
        (("pim.Bootstrap router", "10.0.0.1"), ("pim.Rendezvous point", "10.0.0.1"), ("pim.Hash mask length", "30")),
    ),
    Case(
        "assert",
        packet(5, _GROUP + _UNICAST + pack(">II", 0x80000001, 10)),
        _STACK,
        "PIMv2",
        "Assert",
        (("pim.Rendezvous point tree (R)", "yes"), ("pim.Metric preference", "1"), ("pim.Metric", "10")),
    ),
    Case("graft", packet(6, _UNICAST + b"\0\0\0\0"), _STACK, "PIMv2", "Graft"),
    Case(
        "candidate",
        packet(8, b"\1\xc0\0\x96" + _UNICAST + _GROUP),
        _STACK,
        "PIMv2",
        "Candidate-RP-Advertisement",
        (("pim.Priority", "192"), ("pim.Rendezvous point", "10.0.0.1")),
    ),
    Case(
        "state refresh",
        packet(9, _GROUP + _UNICAST + _UNICAST + _RATED + b"\x20\x0f\x80\x3c"),
        _STACK,
        "PIMv2",
        "State-Refresh",
        (("pim.Originator", "10.0.0.1"), ("pim.Prune indicator (P)", "yes"), ("pim.Interval", "60 s")),
    ),
    Case(
        "election of a forwarder",
        packet(10, _UNICAST + _UNICAST + _RATED + _UNICAST + _RATED + b"\0\x64", 0x30),
        _STACK,
        "PIMv2",
        "DF election backoff",
        (("pim.Subtype", "3 (backoff)"), ("pim.Offering router", "10.0.0.1"), ("pim.Interval", "100 ms")),
    ),
    Case(
        "flooding of sources",
        packet(12, _UNICAST + pack(">HH", 0x8001, 18) + _GROUP + pack(">HH", 1, 210) + _UNICAST),
        _STACK,
        "PIMv2",
        "PFM source discovery",
        (("pim.Type", "1, transitive"), ("pim.Hold time", "210 s")),
    ),
    Case(
        "version 1 query",
        old(0, pack(">HH", 0x2000, 105)),
        "eth:ip:igmp:pim",
        "PIMv1",
        "Query",
        (("pim.Mode", "2 (sparse-dense)"), ("pim.Hold time", "105 s")),
    ),
    Case(
        "version 1 join and prune",
        old(
            3,
            inet_aton("10.0.0.1")
            + b"\0\0\0\xd2\0\4\4\1"
            + inet_aton("224.1.1.1")
            + b"\xff" * 4
            + b"\0\1\0\0\4\x20"
            + inet_aton("192.0.2.5"),
        ),
        "eth:ip:igmp:pim",
        "PIMv1",
        "Join/Prune",
        (("pim.Join", "192.0.2.5/32"), ("pim.Upstream neighbor", "10.0.0.1")),
    ),
    Case("version 1 register", old(1, _INSIDE), "eth:ip:igmp:pim:ip:udp", "PIMv1", "Register"),
]
