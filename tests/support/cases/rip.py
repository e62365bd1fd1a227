# SPDX-License-Identifier: Apache-2.0
"""RIP and RIPng."""

from __future__ import annotations

from socket import AF_INET6, inet_aton, inet_pton
from struct import pack

from support.cases import Case
from support.packets import IPV6, ethernet, ipv4, ipv6, udp


def frame(payload: bytes) -> bytes:
    return ethernet(ipv4(udp(payload, (520, 520)), 17))


def route(network: str, mask: str, hop: str, metric: int) -> bytes:
    return pack(">HH", 2, 7) + inet_aton(network) + inet_aton(mask) + inet_aton(hop) + pack(">I", metric)


_ROUTE = route("10.7.0.0", "255.255.0.0", "10.0.0.2", 3)
_PASSWORD = b"\xff\xff\0\2" + b"secret".ljust(16, b"\0")
_KEYED = b"\xff\xff\0\3" + pack(">HBBI", 44, 1, 20, 99) + bytes(8)
_SIX = inet_pton(AF_INET6, "2001:db8:7::") + pack(">HBB", 0, 48, 16)
_HOP = inet_pton(AF_INET6, "fe80::2") + pack(">HBB", 0, 0, 255)

CASES = [
    Case(
        "version 2 response with a password",
        frame(b"\2\2\0\0" + _PASSWORD + _ROUTE),
        "eth:ip:udp:rip",
        "RIPv2",
        "Response",
        (
            ("rip.Authentication", "password"),
            ("rip.Password", "secret"),
            ("rip.Route", "10.7.0.0/255.255.0.0 by 10.0.0.2, metric 3"),
            ("rip.Route tag", "7"),
        ),
    ),
    Case(
        "version 2 response with a digest",
        frame(b"\2\2\0\0" + _KEYED + _ROUTE + b"\xff\xff\0\1" + bytes(16)),
        "eth:ip:udp:rip",
        "RIPv2",
        "Response",
        (("rip.Sequence number", "99"), ("rip.Digest", "00" * 16)),
    ),
    Case(
        "version 1 request of the whole table",
        frame(b"\1\1\0\0" + bytes(16) + pack(">I", 16)),
        "eth:ip:udp:rip",
        "RIPv1",
        "Request",
        (("rip.Family", "0 (whole table)"), ("rip.Metric", "16 (unreachable)")),
    ),
    Case(
        "next generation",
        ethernet(ipv6(udp(b"\2\1\0\0" + _HOP + _SIX, (521, 521)), 17), IPV6),
        "eth:ipv6:udp:ripng",
        "RIPng",
        "Command Response, Version 1",
        (("ripng.Next hop", "fe80::2"), ("ripng.Route", "2001:db8:7::/48, metric 16")),
    ),
]
