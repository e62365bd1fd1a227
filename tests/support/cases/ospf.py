# SPDX-License-Identifier: Apache-2.0
"""OSPF, both versions."""

from __future__ import annotations

from socket import AF_INET6, inet_aton, inet_pton
from struct import pack

from support.cases import Case
from support.packets import IPV6, checksum, ethernet, ipv4, ipv6

_ROUTER, _AREA = inet_aton("192.0.2.1"), inet_aton("0.0.0.0")


def packet2(kind: int, body: bytes, *, method: int = 0, data: bytes = bytes(8), behind: bytes = b"") -> bytes:
    head = pack(">BBH", 2, kind, 24 + len(body)) + _ROUTER + _AREA
    total = checksum(head + pack(">HH", 0, method) + body + bytes(len(body) % 2)) if method < 2 else 0
    whole = head + pack(">HH", total, method) + data + body + behind
    return ethernet(ipv4(whole, 89, destination="224.0.0.5"))


def packet3(kind: int, body: bytes) -> bytes:
    head = pack(">BBH", 3, kind, 16 + len(body)) + _ROUTER + _AREA
    return ethernet(ipv6(head + pack(">HBB", 0, 0, 0) + body, 89, source="fe80::1", destination="ff02::5"), IPV6)


def signed(lsa: bytes) -> bytes:
    """The LSA with its Fletcher checksum (ISO 8473 annex C) at offset 16."""
    first = second = 0
    for byte in lsa[2:]:
        first = (first + byte) % 255
        second = (second + first) % 255
    left = len(lsa) - 16
    one = ((left - 1) * first - second) % 255 or 255
    other = (510 - first - one) % 255 or 255
    return lsa[:16] + bytes([one, other]) + lsa[18:]


def lsa2(kind: int, identifier: str, body: bytes = b"", age: int = 1) -> bytes:
    head = pack(">HBB", age, 0x22, kind) + inet_aton(identifier) + _ROUTER
    return signed(head + pack(">IHH", 0x80000001, 0, 20 + len(body)) + body)


def lsa3(kind: int, body: bytes = b"", identifier: str = "0.0.0.5") -> bytes:
    head = pack(">HH", 1, kind) + inet_aton(identifier) + _ROUTER
    return signed(head + pack(">IHH", 0x80000001, 0, 20 + len(body)) + body)


def tlv(kind: int, value: bytes) -> bytes:
    return pack(">HH", kind, len(value)) + value + bytes(-len(value) % 4)


_MASK = inet_aton("255.255.255.0")
_HELLO2 = (
    _MASK + pack(">HBBI", 10, 0x12, 1, 40) + inet_aton("10.0.0.1") + inet_aton("10.0.0.2") + inet_aton("192.0.2.2")
)
_SIGNALS = b"\xff\xf6\0\3\0\1\0\4\0\0\0\1"
_HELLO3 = pack(">IBBHHH", 5, 1, 0, 0x0013, 10, 40) + bytes(8) + inet_aton("192.0.2.2")
_LINKS = inet_aton("10.0.0.2") + inet_aton("10.0.0.1") + pack(">BBH", 2, 0, 10)
_LINKS += inet_aton("10.9.0.0") + _MASK + pack(">BBH", 3, 1, 20) + pack(">BBH", 8, 0, 30)
_TRAFFIC = tlv(1, _ROUTER) + tlv(
    2, tlv(1, b"\1") + tlv(2, inet_aton("192.0.2.2")) + tlv(5, pack(">I", 7)) + tlv(6, pack(">f", 125e6))
)
_ROUTER_INFORMATION = tlv(1, pack(">I", 0x60000000)) + tlv(7, b"core-1") + tlv(8, b"\0\1")
_ROUTER_INFORMATION += tlv(9, b"\0\x1f\x40\0" + tlv(1, (16000).to_bytes(3, "big")))
_UPDATE2 = pack(">I", 11) + b"".join(
    (
        lsa2(1, "192.0.2.1", b"\3\0" + pack(">H", 2) + _LINKS),
        lsa2(2, "10.0.0.2", _MASK + _ROUTER + inet_aton("192.0.2.2"), age=3600),
        lsa2(3, "10.7.0.0", _MASK + pack(">I", 11)),
        lsa2(4, "192.0.2.9", bytes(4) + pack(">I", 12)),
        lsa2(5, "10.8.0.0", _MASK + pack(">I", 0x80000014) + bytes(4) + pack(">I", 77)),
        lsa2(7, "10.6.0.0", _MASK + pack(">I", 30) + inet_aton("10.0.0.3") + bytes(4)),
        lsa2(9, "3.0.0.0", tlv(1, pack(">I", 120)) + tlv(2, b"\1") + tlv(3, inet_aton("10.0.0.1"))),
        lsa2(10, "1.0.0.1", _TRAFFIC),
        lsa2(10, "4.0.0.0", _ROUTER_INFORMATION),
        lsa2(10, "7.0.0.1", tlv(1, b"\1\x20\0\x40" + _ROUTER + tlv(2, b"\0\0\0\0" + pack(">I", 41)))),
        lsa2(
            10,
            "8.0.0.1",
            tlv(1, b"\1\0\0\0" + inet_aton("192.0.2.2") + inet_aton("10.0.0.1") + tlv(2, b"\x60\0\0\0\0\x3a\x98")),
        ),
    )
)
_PREFIX = b"\x40\0" + pack(">H", 0) + inet_pton(AF_INET6, "2001:db8:0:7::")[:8]
_METRIC = b"\x40\0" + pack(">H", 10) + inet_pton(AF_INET6, "2001:db8:0:7::")[:8]
_UPDATE3 = pack(">I", 9) + b"".join(
    (
        lsa3(0x2001, b"\1\0\0\x13" + pack(">BBHII", 1, 0, 10, 5, 6) + inet_aton("192.0.2.2")),
        lsa3(0x2002, b"\0\0\0\x13" + _ROUTER),
        lsa3(0x2003, pack(">I", 11) + _PREFIX),
        lsa3(0x2004, pack(">II", 0x13, 12) + inet_aton("192.0.2.9")),
        lsa3(0x4005, b"\7\0\0\x14" + _PREFIX + inet_pton(AF_INET6, "2001:db8::9") + pack(">I", 78)),
        lsa3(0x0008, b"\1\0\0\x13" + inet_pton(AF_INET6, "fe80::1") + pack(">I", 1) + _PREFIX),
        lsa3(0x2009, pack(">HH", 1, 0x2001) + bytes(4) + _ROUTER + _METRIC),
        lsa3(0x000B, tlv(1, pack(">I", 120)) + tlv(2, b"\2")),
        lsa3(0xA021, b"\1\0\0\x13" + tlv(1, pack(">BBHII", 1, 0, 10, 5, 6) + inet_aton("192.0.2.2"))),
    )
)

_STACK2, _STACK3 = "eth:ip:ospf", "eth:ipv6:ospf"

CASES = [
    Case(
        "hello",
        packet2(1, _HELLO2),
        _STACK2,
        "OSPF",
        "Hello Packet",
        (
            ("ospf.Router", "192.0.2.1"),
            ("ospf.Network mask", "255.255.255.0"),
            ("ospf.Hello interval", "10 s"),
            ("ospf.Dead interval", "40 s"),
            ("ospf.External routing (E)", "yes"),
            ("ospf.Neighbor", "192.0.2.2"),
            ("ospf.Backup designated router", "10.0.0.2"),
        ),
    ),
    Case(
        "hello with a digest and link-local signalling",
        packet2(
            1,
            _HELLO2,
            method=2,
            data=bytes.fromhex("0000011000000007"),
            behind=bytes(16) + b"\xff\xf6\0\3\0\1\0\4\0\0\0\1",
        ),
        _STACK2,
        "OSPF",
        "Hello Packet",
        (
            ("ospf.Authentication", "2 (cryptographic)"),
            ("ospf.Key", "1"),
            ("ospf.Cryptographic sequence number", "7"),
            ("ospf.Digest", "00" * 16),
            ("ospf.Extended options", "0x00000001"),
        ),
    ),
    Case(
        "database description with a password",
        packet2(2, pack(">HBBI", 1500, 2, 7, 99) + lsa2(1, "192.0.2.1")[:20], method=1, data=b"secret\0\0"),
        _STACK2,
        "OSPF",
        "DB Description",
        (
            ("ospf.Password", "secret"),
            ("ospf.Interface MTU", "1500"),
            ("ospf.Master (MS)", "yes"),
            ("ospf.LSA header", "Router-LSA 192.0.2.1 of 192.0.2.1"),
        ),
    ),
    Case(
        "request",
        packet2(3, pack(">I", 5) + inet_aton("10.8.0.0") + _ROUTER),
        _STACK2,
        "OSPF",
        "LS Request",
        (("ospf.Request", "AS-external-LSA 10.8.0.0 of 192.0.2.1"),),
    ),
    Case(
        "update with every kind of LSA",
        packet2(4, _UPDATE2),
        _STACK2,
        "OSPF",
        "LS Update",
        (
            ("ospf.LSAs", "11"),
            ("ospf.LSA", "Router-LSA 192.0.2.1 of 192.0.2.1"),
            ("ospf.Area border router (B)", "yes"),
            ("ospf.Link", "transit network 10.0.0.2 10.0.0.1, metric 10"),
            ("ospf.Link", "stub network 10.9.0.0 255.255.255.0, metric 20"),
            ("ospf.Age", "3600 s"),
            ("ospf.LSA", "Summary-LSA (AS boundary router) 192.0.2.9 of 192.0.2.1"),
            ("ospf.External type", "1 (type 2)"),
            ("ospf.Route tag", "77"),
            ("ospf.LSA", "Opaque-LSA (link) grace 0 of 192.0.2.1"),
            ("ospf.Grace period", "120 s"),
            ("ospf.Maximum bandwidth", "1000 Mbit/s"),
            ("ospf.Link type", "1 (point-to-point)"),
            ("ospf.Host name", "core-1"),
            ("ospf.SID/label range", "8000 labels"),
            ("ospf.SID/label", "16000"),
            ("ospf.Extended prefix", "192.0.2.1/32"),
            ("ospf.Prefix SID", "index 41"),
            ("ospf.Adjacency SID", "label 15000"),
        ),
    ),
    Case(
        "acknowledgement",
        packet2(5, lsa2(2, "10.0.0.2") + lsa2(10, "1.0.0.1")),
        _STACK2,
        "OSPF",
        "LS Acknowledge",
        (("ospf.LSA header", "Opaque-LSA (area) traffic engineering 1 of 192.0.2.1"),),
    ),
    Case(
        "version 3 hello",
        packet3(1, _HELLO3),
        _STACK3,
        "OSPF",
        "Hello Packet",
        (("ospf.Interface", "5"), ("ospf.Router (R)", "yes"), ("ospf.Neighbor", "192.0.2.2")),
    ),
    Case(
        "version 3 description",
        packet3(2, pack(">IHBBI", 0x13, 1500, 0, 3, 1) + lsa3(0x2001)),
        _STACK3,
        "OSPF",
        "DB Description",
        (("ospf.Interface MTU", "1500"), ("ospf.LSA header", "Router-LSA 0.0.0.5 of 192.0.2.1")),
    ),
    Case(
        "version 3 request",
        packet3(3, pack(">HH", 0, 0x2009) + bytes(4) + _ROUTER),
        _STACK3,
        "OSPF",
        "LS Request",
        (("ospf.Request", "Intra-area-prefix-LSA 0.0.0.0 of 192.0.2.1"),),
    ),
    Case(
        "version 3 update with every kind of LSA",
        packet3(4, _UPDATE3),
        _STACK3,
        "OSPF",
        "LS Update",
        (
            ("ospf.LSAs", "9"),
            ("ospf.Link", "point-to-point to 192.0.2.2, metric 10"),
            ("ospf.Prefix", "2001:db8:0:7::/64"),
            ("ospf.Destination router", "192.0.2.9"),
            ("ospf.Forwarding address", "2001:db8::9"),
            ("ospf.Route tag", "78"),
            ("ospf.Link-local address", "fe80::1"),
            ("ospf.Referenced type", "0x2001 (Router-LSA)"),
            ("ospf.Reason", "2 (software reload)"),
            ("ospf.Router link", "point-to-point to 192.0.2.2, metric 10"),
        ),
    ),
]
