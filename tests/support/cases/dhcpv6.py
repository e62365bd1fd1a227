# SPDX-License-Identifier: Apache-2.0
"""DHCPv6."""

from __future__ import annotations

from socket import AF_INET6, inet_pton
from struct import pack

from support.cases import Case
from support.packets import IPV6, dns_name, ethernet, ipv4, ipv6, tcp, udp


def _six(address: str) -> bytes:
    return inet_pton(AF_INET6, address)


def option(kind: int, value: bytes = b"") -> bytes:
    return pack(">HH", kind, len(value)) + value


def message(kind: int, *options: bytes, transaction: int = 0x4F90C5) -> bytes:
    return pack(">I", kind << 24 | transaction) + b"".join(options)


def frame(payload: bytes, ports: tuple[int, int] = (546, 547)) -> bytes:
    return ethernet(ipv6(udp(payload, ports), 17), IPV6)


_CLIENT = option(1, bytes.fromhex("00030001a0f3c1165aca"))
_SERVER = option(2, bytes.fromhex("000100011ea22bd002fc00000001"))
_STATUS = option(13, b"\0\0all fine")
_ADDRESS = option(5, _six("2001:db8::31") + pack(">II", 300, 0xFFFFFFFF) + _STATUS)
_ADDRESSES = option(3, pack(">III", 7, 100, 200) + _ADDRESS)
_PREFIX = option(26, pack(">IIB", 300, 600, 56) + _six("2001:db8:1200::"))
_PREFIXES = option(25, pack(">III", 8, 100, 200) + _PREFIX)
_SOLICIT = message(1, _CLIENT, option(6, pack(">HH", 23, 24)), option(8, pack(">H", 150)), option(14))
_LINK, _PEER = _six("2001:db8:1::1"), _six("fe80::a2f3:c1ff:fe16:5aca")
_RELAYED = b"\x0c\x01" + _LINK + _PEER + option(18, b"eth1/7") + option(9, _SOLICIT) + option(79, b"\0\1\2\xfc\0\0\0\1")
_NAMED = message(
    7,
    _CLIENT,
    _SERVER,
    _ADDRESSES,
    _PREFIXES,
    option(23, _six("2001:db8::53") + _six("2001:db8::54")),
    option(24, dns_name("example.org") + dns_name("example.com")),
    option(39, b"\x01" + dns_name("pi.example.org")),
    option(56, option(1, _six("2001:db8::123")) + option(3, dns_name("ntp.example.org"))),
    option(59, b"tftp://[2001:db8::1]/boot.efi"),
    option(61, b"\0\7"),
    option(62, b"\1\3\x10"),
    option(16, pack(">IH", 311, 8) + b"MSFT 5.0"),
    option(17, pack(">I", 4491) + option(1, b"\0\1")),
    option(11, bytes.fromhex("030100") + bytes(8) + b"\1key"),
    option(37, pack(">I", 9) + b"port 7"),
    option(94, option(89, bytes.fromhex("000818c000022020") + bytes.fromhex("20010db8")) + option(93, b"\6\0\0\1")),
    option(82, pack(">I", 3600)),
    option(9999, b"what"),
)

CASES = [
    Case(
        "solicit",
        frame(_SOLICIT),
        "eth:ipv6:udp:dhcpv6",
        "DHCPv6",
        "Solicit XID: 0x4f90c5 CID: 00030001a0f3c1165aca",
        (
            ("dhcpv6.Message", "1 (Solicit)"),
            ("dhcpv6.Transaction", "0x4f90c5"),
            ("dhcpv6.Client identifier", "a0:f3:c1:16:5a:ca"),
            ("dhcpv6.DUID type", "3 (link-layer address)"),
            ("dhcpv6.Option request", "DNS servers, Domain search list"),
            ("dhcpv6.Elapsed time", "1500 ms"),
        ),
    ),
    Case(
        "reply with options of many kinds",
        frame(_NAMED, (547, 546)),
        "eth:ipv6:udp:dhcpv6",
        "DHCPv6",
        "Reply XID: 0x4f90c5 CID: 00030001a0f3c1165aca IAA: 2001:db8::31 IAP: 2001:db8:1200::/56",
        (
            ("dhcpv6.Server identifier", "02:fc:00:00:00:01"),
            ("dhcpv6.Time", "2016-04-14 10:22:08 UTC"),
            ("dhcpv6.Address", "2001:db8::31"),
            ("dhcpv6.Valid lifetime", "infinity"),
            ("dhcpv6.Status code", "Success: all fine"),
            ("dhcpv6.Prefix", "2001:db8:1200::/56"),
            ("dhcpv6.DNS servers", "2001:db8::53, 2001:db8::54"),
            ("dhcpv6.Domain search list", "example.org, example.com"),
            ("dhcpv6.Client FQDN", "pi.example.org"),
            ("dhcpv6.NTP servers", "2001:db8::123, ntp.example.org"),
            ("dhcpv6.Boot file URL", "tftp://[2001:db8::1]/boot.efi"),
            ("dhcpv6.Client architecture", "7 (x64 UEFI)"),
            ("dhcpv6.Network interface", "1, version 3.16"),
            ("dhcpv6.Vendor class", "MSFT 5.0"),
            ("dhcpv6.Vendor options", "enterprise 4491 (CableLabs)"),
            ("dhcpv6.Remote id", "port 7"),
            ("dhcpv6.S46 rule", "192.0.2.32/24 2001:db8::/32"),
            ("dhcpv6.S46 port parameters", "offset 6, PSID 1/0"),
            ("dhcpv6.SOL_MAX_RT", "3600 s"),
            ("dhcpv6.Option 9999", "77686174"),
        ),
    ),
    Case(
        "relayed solicit",
        frame(_RELAYED, (547, 547)),
        "eth:ipv6:udp:dhcpv6",
        "DHCPv6",
        "Relay-forw L: 2001:db8:1::1 Solicit XID: 0x4f90c5 CID: 00030001a0f3c1165aca",
        (
            ("dhcpv6.Hop count", "1"),
            ("dhcpv6.Peer address", "fe80::a2f3:c1ff:fe16:5aca"),
            ("dhcpv6.Interface id", "eth1/7"),
            ("dhcpv6.Relay message", "Solicit"),
            ("dhcpv6.Client link-layer address", "02:fc:00:00:00:01"),
        ),
    ),
    Case(
        "bulk lease query over TCP",
        ethernet(
            ipv4(
                tcp(
                    pack(">H", len(message(14, option(44, b"\1" + bytes(16)))))
                    + message(14, option(44, b"\1" + bytes(16))),
                    ports=(40000, 547),
                ),
                6,
            )
        ),
        "eth:ip:tcp:dhcpv6.bulk_leasequery",
        "DHCPv6 BulkLease",
        "Leasequery XID: 0x4f90c5",
        (("dhcpv6.bulk_leasequery.Query type", "1 (by address)"),),
    ),
    Case(
        "another protocol on its port",
        frame(b"\x40\0\0\0"),
        "eth:ipv6:udp",
        "UDP",
        "546 → 547 Len=4",
    ),
]
