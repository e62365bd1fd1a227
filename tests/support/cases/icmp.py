# SPDX-License-Identifier: Apache-2.0
"""ICMP."""

from __future__ import annotations

from socket import inet_aton
from struct import pack

from support.cases import Case
from support.packets import checksum, dns_name, ethernet, ipv4, udp


def message(kind: int, code: int, body: bytes) -> bytes:
    total = checksum(pack(">BBH", kind, code, 0) + body + bytes(len(body) % 2))
    return ethernet(ipv4(pack(">BBH", kind, code, total) + body, 1))


def extended(*objects: bytes) -> bytes:
    body = b"".join(objects)
    return pack(">HH", 0x2000, checksum(pack(">HH", 0x2000, 0) + body)) + body


def item(kind: int, subtype: int, value: bytes) -> bytes:
    return pack(">HBB", 4 + len(value), kind, subtype) + value


_QUOTED = ipv4(udp(b"x" * 20, (40000, 33434)), 17, total=200)
_LABELS = item(1, 1, pack(">II", 16001 << 12 | 1 << 8 | 63, 24 << 12 | 0x100 | 62))
_INTERFACE = item(2, 0x0F, pack(">IHH", 7, 1, 0) + inet_aton("10.1.0.1") + b"\x08eth1/7\0" + pack(">I", 1500))
_PADDED = _QUOTED.ljust(128, b"\0")

_AGENT = b"\x10\x0a\0\1\0\x64\x80\0" + inet_aton("10.0.0.1") + b"\0"

_STACK = "eth:ip:icmp"

CASES = [
    Case(
        "echo request",
        message(8, 0, pack(">HH", 0x2CB, 1) + b"abcdefgh"),
        _STACK,
        "ICMP",
        "Echo (ping) request  id=0x02cb, seq=1/256, ttl=64",
        (("icmp.Type", "8 (Echo (ping) request)"), ("icmp.Identifier", "0x02cb")),
    ),
    Case(
        "port unreachable",
        message(3, 3, bytes(4) + _QUOTED),
        "eth:ip:icmp:ip:udp",
        "ICMP",
        "Destination unreachable (Port unreachable)",
        (("icmp.Code", "3 (Port unreachable)"), ("udp.Destination port", "33434")),
    ),
    Case(
        "fragmentation needed",
        message(3, 4, pack(">HH", 0, 1400) + _QUOTED),
        "eth:ip:icmp:ip:udp",
        "ICMP",
        "Destination unreachable (Fragmentation needed)",
        (("icmp.MTU of next hop", "1400"),),
    ),
    Case(
        "time exceeded with labels and an interface",
        message(11, 0, b"\0\x20\0\0" + _PADDED + extended(_LABELS, _INTERFACE)),
        "eth:ip:icmp:ip:udp",
        "ICMP",
        "Time-to-live exceeded (Time to live exceeded in transit)",
        (
            ("icmp.Length of quoted packet", "32 (128 bytes)"),
            ("trailer.MPLS label stack", "label 16001 TTL 63, label 24 TTL 62"),
            ("trailer.Interface", "incoming, index 7, 10.1.0.1, eth1/7, MTU 1500"),
        ),
    ),
    Case(
        "time exceeded with labels where no length says so",
        message(11, 0, bytes(4) + _PADDED + extended(_LABELS)),
        "eth:ip:icmp:ip:udp",
        "ICMP",
        "Time-to-live exceeded (Time to live exceeded in transit)",
        (("trailer.MPLS label stack", "label 16001 TTL 63, label 24 TTL 62"),),
    ),
    Case(
        "redirect",
        message(5, 1, inet_aton("10.0.0.254") + _QUOTED),
        "eth:ip:icmp:ip:udp",
        "ICMP",
        "Redirect             (Redirect for host)",
        (("icmp.Gateway", "10.0.0.254"),),
    ),
    Case(
        "parameter problem",
        message(12, 0, b"\x14\0\0\0" + _QUOTED),
        "eth:ip:icmp:ip:udp",
        "ICMP",
        "Parameter problem    (Pointer indicates the error)",
        (("icmp.Pointer", "20"),),
    ),
    Case(
        "router advertisement of a mobility agent",
        message(
            9, 0, b"\1\2\x07\x08" + inet_aton("10.0.0.1") + pack(">i", -5) + b"\x10\x0a\0\1\0\x64\x80\0\x0a\0\0\1\0\0"
        ),
        _STACK,
        "ICMP",
        "Router advertisement",
        (
            ("icmp.Router", "10.0.0.1"),
            ("icmp.Preference", "-5"),
            ("icmp.Lifetime", "1800 s"),
            ("icmp.Care-of address", "10.0.0.1"),
        ),
    ),
    Case("router solicitation", message(10, 0, bytes(4)), _STACK, "ICMP", "Router solicitation"),
    Case(
        "timestamp request",
        message(13, 0, pack(">HHIII", 1, 2, 3600000, 0, 0x80000000)),
        _STACK,
        "ICMP",
        "Timestamp request    id=0x0001, seq=2/512, ttl=64",
        (
            ("icmp.Originate timestamp", "3600000 ms after midnight UTC"),
            ("icmp.Transmit timestamp", "not a standard time"),
        ),
    ),
    Case(
        "address mask reply",
        message(18, 0, pack(">HH", 1, 2) + b"\xff\xff\xff\0"),
        _STACK,
        "ICMP",
        "Address mask reply   id=0x0001, seq=2/512, ttl=64",
        (("icmp.Address mask", "255.255.255.0"),),
    ),
    Case(
        "domain name reply",
        message(38, 0, pack(">HHI", 1, 2, 300) + dns_name("pi.example.org")),
        _STACK,
        "ICMP",
        "Domain name reply    id=0x0001, seq=2/512, ttl=64",
        (("icmp.Names", "pi.example.org"),),
    ),
    Case(
        "traceroute",
        message(30, 0, pack(">HHHHII", 1, 0, 3, 4, 125000, 1500)),
        _STACK,
        "ICMP",
        "Traceroute",
        (("icmp.Outbound hops", "3"), ("icmp.Output link MTU", "1500")),
    ),
    Case(
        "probe",
        message(42, 0, pack(">HBB", 1, 2, 1) + extended(item(3, 1, b"eth1\0\0\0\0"))),
        _STACK,
        "ICMP",
        "Extended echo request id=0x0001, seq=2",
        (("icmp.Local", "yes"), ("icmp.Interface identification", "eth1")),
    ),
    Case(
        "answer to a probe",
        message(43, 0, pack(">HBB", 1, 2, 0x47)),
        _STACK,
        "ICMP",
        "Extended echo reply id=0x0001, seq=2 (No error)",
        (("icmp.State", "2 (reachable)"), ("icmp.Active", "yes")),
    ),
    Case("another type", message(99, 7, bytes(4)), _STACK, "ICMP", "type 99, code 7"),
]
