# SPDX-License-Identifier: Apache-2.0
"""First hops that stand in for one another: VRRP, CARP, HSRP."""

from __future__ import annotations

from socket import AF_INET6, inet_pton
from struct import pack

from support.cases import Case
from support.packets import NEAR_MAC, checksum, ethernet, ipv4, ipv6, udp

_FIRST = pack(">BBBBBBH", 0x21, 7, 100, 2, 1, 1, 0) + bytes([10, 0, 0, 8, 10, 0, 0, 9]) + b"secret\0\0"
_SECOND = pack(">BBBBHH", 0x31, 7, 255, 1, 100, 0) + inet_pton(AF_INET6, "fe80::8")
_CARP = pack(">BBBBBBH", 0x21, 3, 10, 7, 0, 1, 0) + bytes(range(28))


def _summed(message: bytes) -> bytes:
    return message[:6] + pack(">H", checksum(message)) + message[8:]


def _hsrp(payload: bytes) -> bytes:
    return ethernet(ipv4(udp(payload, (1985, 1985)), 17, destination="224.0.0.2"))


_STATE = pack(">BBBBBBH6sIII4s12s", 1, 40, 2, 0, 6, 4, 7, NEAR_MAC, 110, 3000, 10000, bytes([10, 0, 0, 1]), bytes(12))
_DIGEST = pack(">BBBBH4sI", 4, 28, 1, 0, 0, bytes([10, 0, 0, 2]), 1) + bytes(16)

CASES = [
    Case(
        "VRRP 2",
        ethernet(ipv4(_summed(_FIRST), 112)),
        "eth:ip:vrrp",
        "VRRP",
        "Announcement (v2), router 7, priority 100",
        (("vrrp.Address", "10.0.0.9"), ("vrrp.Authentication data", "secret")),
    ),
    Case(
        "VRRP 3 over IPv6",
        ethernet(ipv6(_SECOND, 112), 0x86DD),
        "eth:ipv6:vrrp",
        "VRRP",
        "Announcement (v3), router 7, priority 255 (owner)",
        (("vrrp.Address", "fe80::8"), ("vrrp.Advertisement interval", "1 s")),
    ),
    Case(
        "CARP",
        ethernet(ipv4(_summed(_CARP), 112)),
        "eth:ip:carp",
        "CARP",
        "Announcement (v2), VHID 3, every 1 s, skew 10",
        (("carp.Authentication length", "7 (28 bytes)"),),
    ),
    Case(
        "HSRP 1",
        _hsrp(b"\0\0\x10\3\x0a\x64\1\0cisco\0\0\0\x0a\0\0\x01"),
        "eth:ip:udp:hsrp",
        "HSRP",
        "Hello (state Active)",
        (("hsrp.Virtual address", "10.0.0.1"), ("hsrp.Authentication", "cisco"), ("hsrp.Priority", "100")),
    ),
    Case(
        "HSRP 1 advertises",
        _hsrp(pack(">BBHHBBHHI", 0, 3, 1, 10, 2, 0, 0, 1, 0)),
        "eth:ip:udp:hsrp",
        "HSRP",
        "Advertise (state Passive)",
        (("hsrp.Passive groups", "1"),),
    ),
    Case(
        "HSRP 2",
        ethernet(ipv4(udp(_STATE + _DIGEST, (1985, 1985)), 17, destination="224.0.0.102")),
        "eth:ip:udp:hsrp",
        "HSRPv2",
        "Hello (state Active)",
        (("hsrp.Hello time", "3 s"), ("hsrp.Virtual address", "10.0.0.1"), ("hsrp.Sender", "10.0.0.2")),
    ),
]
