# SPDX-License-Identifier: Apache-2.0
"""DHCP and BOOTP."""

from __future__ import annotations

from socket import AF_INET6, inet_aton, inet_pton
from struct import pack

from support.cases import Case
from support.packets import dns_name, ethernet, ipv4, udp

_MAC = bytes.fromhex("02fc00000001")


def message(operation: int, *options: bytes, file: bytes = b"pxelinux.0", cookie: bytes = b"\x63\x82\x53\x63") -> bytes:
    fixed = pack(">BBBBIHH", operation, 1, 6, 0, 0x48AD22BF, 3, 0x8000)
    fixed += bytes(4) + inet_aton("10.0.0.9") + inet_aton("10.0.0.1") + bytes(4) + _MAC + bytes(10)
    return fixed + b"boot".ljust(64, b"\0") + file.ljust(128, b"\0") + cookie + b"".join(options)


def option(kind: int, value: bytes = b"") -> bytes:
    return bytes([kind, len(value)]) + value


def frame(payload: bytes, ports: tuple[int, int] = (68, 67)) -> bytes:
    return ethernet(ipv4(udp(payload, ports), 17))


_ROUTES = b"\x18\x0a\1\2\x0a\0\0\1" + b"\0\x0a\0\0\2"
_OFFER = message(
    2,
    option(53, b"\2"),
    option(1, b"\xff\xff\xff\0"),
    option(2, pack(">i", -3600)),
    option(3, inet_aton("10.0.0.1")),
    option(6, inet_aton("10.0.0.2") + inet_aton("10.0.0.3")),
    option(12, b"pi"),
    option(15, b"example.org"),
    option(26, pack(">H", 9000)),
    option(33, inet_aton("10.9.0.0") + inet_aton("10.0.0.1")),
    option(43, b"\6\1\x08\x0a\2hi\xff"),
    option(46, b"\x08"),
    option(51, pack(">I", 86400)),
    option(58, pack(">I", 0xFFFFFFFF)),
    option(54, inet_aton("10.0.0.1")),
    option(61, b"\1" + _MAC),
    option(61, b"\xff" + pack(">IH", 7, 2) + pack(">I", 43793) + b"abcdefgh"),
    option(77, b"\4iPXE"),
    option(81, b"\4\0\0" + dns_name("pi.example.org")),
    option(82, option(1, b"eth1/7") + option(2, _MAC) + option(5, inet_aton("10.1.0.0"))),
    option(93, b"\0\7"),
    option(94, b"\1\3\x10"),
    option(97, b"\0" + bytes(range(16))),
    option(108, pack(">I", 300)),
    option(116, b"\1"),
    option(119, dns_name("example.org") + b"\3lab\xc0\0"),
    option(120, b"\1" + inet_aton("10.0.0.5")),
    option(121, _ROUTES),
    option(124, pack(">IB", 9, 4) + b"node"),
    option(150, inet_aton("10.0.0.6")),
    option(212, b"\0\x20" + inet_pton(AF_INET6, "2001:db8::") + inet_aton("192.0.2.1")),
    option(252, b"http://wpad/wpad.dat\0"),
    option(224, b"?"),
    b"\0\0\xff",
)

_STACK = "eth:ip:udp:dhcp"

CASES = [
    Case(
        "request",
        frame(
            message(
                1,
                option(53, b"\3"),
                option(50, inet_aton("10.0.0.9")),
                option(55, bytes([1, 3, 6, 15, 121, 224])),
                option(57, pack(">H", 1500)),
                option(60, b"MSFT 5.0"),
                option(80),
                b"\xff" + bytes(20),
            )
        ),
        _STACK,
        "DHCP",
        "DHCP Request  - Transaction ID 0x48ad22bf",
        (
            ("dhcp.Operation", "1 (request)"),
            ("dhcp.Client MAC", "02:fc:00:00:00:01"),
            ("dhcp.Broadcast", "yes"),
            ("dhcp.Boot file", "pxelinux.0"),
            ("dhcp.Message type", "3 (Request)"),
            ("dhcp.Requested address", "10.0.0.9"),
            (
                "dhcp.Parameter request list",
                "Subnet mask, Router, DNS servers, Domain name, Classless static routes, Option 224",
            ),
            ("dhcp.Vendor class", "MSFT 5.0"),
            ("dhcp.Padding", "20 bytes"),
        ),
    ),
    Case(
        "offer with options of many kinds",
        frame(_OFFER, (67, 68)),
        _STACK,
        "DHCP",
        "DHCP Offer    - Transaction ID 0x48ad22bf",
        (
            ("dhcp.Time offset", "-3600 s"),
            ("dhcp.DNS servers", "10.0.0.2, 10.0.0.3"),
            ("dhcp.Domain name", "example.org"),
            ("dhcp.MTU", "9000"),
            ("dhcp.Static routes", "10.9.0.0 10.0.0.1"),
            ("dhcp.Vendor information", "Suboption 6 08, Suboption 10 6869"),
            ("dhcp.NetBIOS node type", "8 (hybrid)"),
            ("dhcp.Lease time", "86400 s"),
            ("dhcp.Renewal time", "infinity"),
            ("dhcp.Client identifier", "02:fc:00:00:00:01"),
            ("dhcp.DUID type", "2 (enterprise number)"),
            ("dhcp.User class", "iPXE"),
            ("dhcp.Client FQDN", "pi.example.org"),
            ("dhcp.Circuit identifier", "eth1/7"),
            ("dhcp.Link selection", "10.1.0.0"),
            ("dhcp.Client architecture", "7 (x64 UEFI)"),
            ("dhcp.Client machine", bytes(range(16)).hex()),
            ("dhcp.IPv6-only preferred", "300 s"),
            ("dhcp.Domain search", "example.org, lab.example.org"),
            ("dhcp.SIP servers", "10.0.0.5"),
            ("dhcp.Classless static routes", "10.1.2.0/24 by 10.0.0.1, 0.0.0.0/0 by 10.0.0.2"),
            ("dhcp.Vendor class by enterprise", "Cisco: node"),
            ("dhcp.TFTP servers", "10.0.0.6"),
            ("dhcp.6rd", "2001:db8::/32 by 192.0.2.1"),
            ("dhcp.Web proxy auto-discovery", "http://wpad/wpad.dat"),
            ("dhcp.Option 224", "3f"),
        ),
    ),
    Case(
        "options that go on in the field of the boot file",
        frame(
            message(2, option(53, b"\5"), option(52, b"\1"), b"\xff", file=option(12, b"longname") + b"\xff"), (67, 68)
        ),
        _STACK,
        "DHCP",
        "DHCP ACK      - Transaction ID 0x48ad22bf",
        (("dhcp.Overload", "1 (boot file)"), ("dhcp.Host name", "longname")),
    ),
    Case(
        "BOOTP",
        frame(message(1, bytes(60), cookie=bytes(4))),
        _STACK,
        "BOOTP",
        "Boot Request from 02:fc:00:00:00:01",
        (("dhcp.Vendor area", "00" * 64),),
    ),
    Case("BOOTP reply", frame(message(2, b"\xff" + bytes(59)), (67, 68)), _STACK, "BOOTP", "Boot Reply"),
    Case("another protocol on its port", frame(b"hello"), "eth:ip:udp", "UDP", "68 → 67 Len=5"),
]
