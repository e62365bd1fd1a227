# SPDX-License-Identifier: Apache-2.0
"""DNS, mDNS and LLMNR: a record of every type, the options of EDNS, updates, stateful operations, streams."""

from __future__ import annotations

from socket import AF_INET6, inet_aton, inet_pton
from struct import pack

from support.cases import Case
from support.packets import IPV6, dns_name, dns_query, ethernet, ipv4, ipv6, tcp, udp

_SIX = inet_pton(AF_INET6, "2001:db8::1")
_ROOT = b"\0"
_HOST = dns_name("mx.example.org")
_FINGERPRINT = bytes(range(20))
_BITS = b"\0\x06\x40\x01\0\0\0\x03"  # A, MX, RRSIG, NSEC


def _string(text: bytes) -> bytes:
    return bytes([len(text)]) + text


def _record(kind: int, data: bytes, group: int = 1, ttl: int = 300, name: bytes = b"\xc0\x0c") -> bytes:
    return name + pack(">HHIH", kind, group, ttl, len(data)) + data


def _answer(kind: int, data: bytes) -> bytes:
    question = dns_name("example.org") + pack(">HH", kind, 1)
    return pack(">HHHHHH", 7, 0x8180, 1, 1, 0, 0) + question + _record(kind, data)


def _datagram(message: bytes, ports: tuple[int, int] = (53, 40000)) -> bytes:
    return ethernet(ipv4(udp(message, ports), 17))


def _typed(kind: int, name: str, data: bytes, said: str, info: str = "", *fields: tuple[str, str]) -> Case:
    """A response with one record; what its heading and its row say."""
    words = f" {info}" if info else ""
    return Case(
        f"{name} record",
        _datagram(_answer(kind, data)),
        "eth:ip:udp:dns",
        "DNS",
        f"Standard query response 0x0007 {name} example.org {name}{words}",
        (("dns.Answer", f"example.org {name} {said}  ttl 300"), *fields),
    )


_SIGNATURE = pack(">HBBIIIH", 1, 13, 2, 300, 1700000000, 1690000000, 4711) + dns_name("example.org") + b"sig!"
_SERVICE = (
    pack(">H", 1) + _ROOT + pack(">HHH", 0, 2, 1) + pack(">HH", 1, 6) + b"\x02h2\x02h3" + pack(">HH", 2, 0)
    + pack(">HHH", 3, 2, 8443) + pack(">HH", 4, 4) + inet_aton("192.0.2.7") + pack(">HH", 5, 3) + b"ech"
    + pack(">HH", 6, 16) + _SIX + pack(">HH", 7, 10) + b"/q{?dns}/x" + pack(">HH", 65280, 1) + b"\xff"
)  # fmt: skip

_TYPES = [
    _typed(1, "A", inet_aton("192.0.2.1"), "192.0.2.1", "192.0.2.1"),
    _typed(2, "NS", _HOST, "mx.example.org", "mx.example.org"),
    _typed(
        6, "SOA", b"\x02ns\xc0\x0c" + b"\x01h\xc0\x0c" + pack(">IIIII", 2024, 7200, 3600, 99, 60),
        "ns.example.org h.example.org 2024 7200 3600 99 60", "ns.example.org", ("dns.Serial", "2024"),
    ),
    _typed(11, "WKS", inet_aton("192.0.2.1") + b"\x06\0\0\x40\x40", "192.0.2.1 6 (TCP) 17 25", "192.0.2.1"),
    _typed(13, "HINFO", _string(b"RISC-V") + _string(b"Linux"), '"RISC-V" "Linux"', "RISC-V Linux"),
    _typed(14, "MINFO", _HOST + _ROOT, "mx.example.org <Root>"),
    _typed(15, "MX", pack(">H", 10) + b"\x02mx\xc0\x0c", "10 mx.example.org", "10 mx.example.org"),
    _typed(16, "TXT", _string(b"v=spf1 -all") + _string(b"") + _string(b"x"), '"v=spf1 -all" "" "x"'),
    _typed(17, "RP", _HOST + _ROOT, "mx.example.org <Root>"),
    _typed(18, "AFSDB", pack(">H", 2) + _HOST, "2 mx.example.org", "", ("dns.Subtype", "2 (DCE)")),
    _typed(20, "ISDN", _string(b"150862028003217"), '"150862028003217"'),
    _typed(22, "NSAP", b"\x47\x00\x05", "470005"),
    _typed(26, "PX", pack(">H", 10) + _HOST + _ROOT, "10 mx.example.org <Root>"),
    _typed(27, "GPOS", _string(b"-32.6") + _string(b"116.8") + _string(b"10.0"), '"-32.6" "116.8" "10.0"'),
    _typed(28, "AAAA", _SIX, "2001:db8::1", "2001:db8::1"),
    _typed(
        29, "LOC", bytes.fromhex("00121613") + pack(">III", (1 << 31) + 150743000, (1 << 31) - 410011000, 10010000),
        "41 52 23.000 N 113 53 31.000 W 100.00 m, 1 m, 10000 m, 10 m",
    ),
    _typed(33, "SRV", pack(">HHH", 0, 5, 389) + _HOST, "0 5 389 mx.example.org", "0 5 389 mx.example.org"),
    _typed(
        35, "NAPTR", pack(">HH", 100, 10) + _string(b"u") + _string(b"E2U+sip") + _string(b"!^.*$!sip:a@b!") + _ROOT,
        '100 10 "u" "E2U+sip" "!^.*$!sip:a@b!" <Root>', "100 10 u",
    ),
    _typed(36, "KX", pack(">H", 1) + _HOST, "1 mx.example.org", "1 mx.example.org"),
    _typed(37, "CERT", pack(">HHB", 1, 7, 8) + b"cert", "1 7 RSASHA256 Y2VydA==", "",
           ("dns.Certificate type", "1 (PKIX)")),
    _typed(38, "A6", b"\x40" + bytes(7) + b"\x01" + _HOST, "64 ::1 mx.example.org"),
    _typed(42, "APL", pack(">HBB", 1, 21, 2) + b"\xc0\xa8" + pack(">HBB", 2, 8, 0x81) + b"\xff",
           "1:192.168.0.0/21 !2:ff00::/8"),
    _typed(43, "DS", pack(">HBB", 60485, 13, 2) + _FINGERPRINT, f"60485 ECDSAP256SHA256 2 {_FINGERPRINT.hex()}", "",
           ("dns.Digest type", "2 (SHA-256)")),
    _typed(44, "SSHFP", b"\x04\x02" + _FINGERPRINT, f"4 2 {_FINGERPRINT.hex()}", "", ("dns.Algorithm", "4 (Ed25519)")),
    _typed(45, "IPSECKEY", b"\x0a\x01\x02" + inet_aton("192.0.2.38") + b"key", "10 1 2 192.0.2.38 a2V5"),
    _typed(
        46, "RRSIG", _SIGNATURE,
        "A ECDSAP256SHA256 2 300 2023-11-14 22:13:20 UTC 2023-07-22 04:26:40 UTC 4711 example.org c2lnIQ==",
        "", ("dns.Type covered", "1 (A)"),
    ),
    _typed(47, "NSEC", _HOST + _BITS, "mx.example.org A MX RRSIG NSEC", "mx.example.org"),
    _typed(48, "DNSKEY", pack(">HBB", 257, 3, 13) + b"public key",
           "257 3 ECDSAP256SHA256 cHVibGljIGtleQ== (key tag 50743)",
           "", ("dns.Zone key", "set"), ("dns.Secure entry point", "set"), ("dns.Revoked", "not set")),
    _typed(49, "DHCID", b"\0\1\2", "AAEC"),
    _typed(50, "NSEC3", b"\1\1\0\x0c\x04\xaa\xbb\xcc\xdd\x02\x01\x02" + _BITS, "1 1 12 aabbccdd 0102 A MX RRSIG NSEC"),
    _typed(51, "NSEC3PARAM", b"\1\0\0\x0c\0", "1 0 12 -"),
    _typed(52, "TLSA", b"\x03\1\1" + _FINGERPRINT, f"3 1 1 {_FINGERPRINT.hex()}"),
    _typed(53, "SMIMEA", b"\0\0\1" + _FINGERPRINT, f"0 0 1 {_FINGERPRINT.hex()}"),
    _typed(55, "HIP", b"\x02\x02\0\x03\x20\x01key" + _HOST, "2 2001 a2V5 mx.example.org"),
    _typed(58, "TALINK", _ROOT + _HOST, "<Root> mx.example.org"),
    _typed(61, "OPENPGPKEY", b"key", "a2V5"),
    _typed(62, "CSYNC", pack(">IH", 66, 3) + _BITS, "66 3 A MX RRSIG NSEC"),
    _typed(63, "ZONEMD", pack(">IBB", 2018, 1, 1) + b"\xab", "2018 1 1 ab"),
    _typed(64, "SVCB", pack(">H", 0) + _HOST, "0 mx.example.org", "0 mx.example.org"),
    _typed(
        65, "HTTPS", _SERVICE,
        "1 <Root> mandatory=alpn alpn=h2,h3 no-default-alpn port=8443 ipv4hint=192.0.2.7 ech=ZWNo"
        " ipv6hint=2001:db8::1 dohpath=/q{?dns}/x key65280=ff",
        "1 <Root>", ("dns.Parameter", "port=8443"),
    ),
    _typed(99, "SPF", _string(b"v=spf1"), '"v=spf1"'),
    _typed(104, "NID", pack(">HQ", 10, 0x0014_4FFF_FF20_EE64), "10 14:4fff:ff20:ee64"),
    _typed(105, "L32", pack(">H", 10) + inet_aton("10.1.2.0"), "10 10.1.2.0"),
    _typed(107, "LP", pack(">H", 10) + _HOST, "10 mx.example.org"),
    _typed(108, "EUI48", bytes(range(6)), "00:01:02:03:04:05"),
    _typed(
        249, "TKEY", dns_name("gss-tsig") + pack(">IIHHH", 1700000000, 1700000060, 3, 0, 2) + b"ab" + pack(">H", 0),
        "gss-tsig 2023-11-14 22:13:20 UTC 2023-11-14 22:14:20 UTC GSS-API NOERROR",
    ),
    _typed(
        250, "TSIG", dns_name("hmac-sha256") + pack(">HIHH", 0, 1700000000, 300, 2) + b"ab" + pack(">HHH", 7, 16, 0),
        "hmac-sha256 2023-11-14 22:13:20 UTC id 0x0007 BADVERS or BADSIG",
    ),
    _typed(256, "URI", pack(">HH", 10, 1) + b"ftp://a/b", '10 1 "ftp://a/b"'),
    _typed(257, "CAA", b"\x80" + _string(b"issue") + b"ca.example.net", '128 "issue" "ca.example.net"',
           '128 issue "ca.example.net"', ("dns.Flags", "0x80 (critical)")),
    _typed(259, "DOA", pack(">IIB", 1, 2, 3) + _string(b"text/plain") + b"a", '1 2 3 "text/plain" YQ=='),
    _typed(260, "AMTRELAY", b"\x0a\x83" + _HOST, "10 1 3 mx.example.org"),
    _typed(65281, "WINS", pack(">IIII", 0, 2, 900, 1) + inet_aton("10.0.0.9"), "flags 0x00000000 2 900 10.0.0.9"),
    _typed(4711, "TYPE4711", b"\1\2", "0102"),
]  # fmt: skip

_OPTIONS = b"".join(
    pack(">HH", kind, len(data)) + data
    for kind, data in (
        (3, b"ns1"),
        (8, b"\0\1\x18\0\xc0\0\x02"),
        (9, pack(">I", 86400)),
        (10, bytes(range(16))),
        (11, pack(">H", 300)),
        (12, bytes(4)),
        (14, pack(">HH", 20326, 38696)),
        (15, pack(">H", 15) + b"blocked by policy"),
        (5, b"\x08\x0d"),
        (18, dns_name("agent.example")),
        (19, b"\2\0" + pack(">I", 2024)),
        (1, pack(">HHHQI", 1, 2, 0, 5, 60)),
        (2, pack(">I", 1800)),
        (65001, b"\1"),
    )
)
_EXTENDED = (
    pack(">HHHHHH", 7, 0x0120, 1, 0, 0, 1)
    + dns_name("example.org")
    + pack(">HH", 1, 1)
    + b"\0"
    + pack(">HHBBHH", 41, 1232, 0, 0, 0x8000, len(_OPTIONS))
    + _OPTIONS
)
_UPDATE = (
    pack(">HHHHHH", 9, 5 << 11, 1, 1, 1, 0)
    + dns_name("example.org")
    + pack(">HH", 6, 1)
    + _record(255, b"", 254, 0)
    + _record(1, inet_aton("192.0.2.9"))
)
_STATEFUL = pack(">HHHHHH", 3, 6 << 11, 0, 0, 0, 0) + pack(">HHII", 1, 8, 15000, 30000)
_MULTICAST = (
    pack(">HHHHHH", 0, 0x8400, 0, 1, 0, 1)
    + _record(12, dns_name("pi._ssh._tcp.local"), name=dns_name("_ssh._tcp.local"))
    + _record(1, inet_aton("10.0.0.5"), 0x8001, 120, name=dns_name("pi.local"))
)


def _framed(*messages: bytes) -> bytes:
    return b"".join(pack(">H", len(message)) + message for message in messages)


CASES = [
    *_TYPES,
    Case(
        "options of EDNS",
        _datagram(_EXTENDED, (40000, 53)),
        "eth:ip:udp:dns",
        "DNS",
        "Standard query 0x0007 A example.org OPT",
        (
            ("dns.Option", "NSID  ns1"),
            ("dns.Option", "Client subnet  192.0.2.0/24, scope 0"),
            ("dns.Option", "Expire  86400 s"),
            ("dns.Option", "Cookie  0001020304050607 08090a0b0c0d0e0f"),
            ("dns.Option", "TCP keepalive  30 s"),
            ("dns.Option", "Padding  4 bytes"),
            ("dns.Option", "Key tag  20326, 38696"),
            ("dns.Option", "Extended DNS error  Blocked: blocked by policy"),
            ("dns.Option", "DAU  8, 13"),
            ("dns.Option", "Report channel  agent.example"),
            ("dns.Option", "Zone version  2 labels, 2024"),
            ("dns.Option", "LLQ  refresh, 60 s"),
            ("dns.Option", "Update lease  1800 s"),
            ("dns.Option", "option 65001  01"),
            ("dns.DNSSEC answers wanted", "yes"),
            ("dns.Authentic data", "yes"),
        ),
    ),
    Case(
        "a dynamic update",
        _datagram(_UPDATE, (40000, 53)),
        "eth:ip:udp:dns",
        "DNS",
        "Dynamic update 0x0009 SOA example.org ANY A 192.0.2.9",
        (("dns.Zone", "example.org SOA"), ("dns.Prerequisite", "example.org ANY  ttl 0")),
    ),
    Case(
        "a stateful operation",
        ethernet(ipv4(tcp(_framed(_STATEFUL), ports=(40000, 53)), 6)),
        "eth:ip:tcp:dns",
        "DNS",
        "DNS stateful operation 0x0003",
        (("dns.Operation", "Keepalive"), ("dns.Keepalive interval", "30000 ms")),
    ),
    Case(
        "two messages in a segment",
        ethernet(ipv4(tcp(_framed(dns_query(), dns_query("b.example", 1)), ports=(40000, 53)), 6)),
        "eth:ip:tcp:dns",
        "DNS",
        "Standard query 0x50b5 AAAA db1.internal, Standard query 0x50b5 A b.example",
        (("dns.Question", "b.example A"),),
    ),
    Case(
        "a message that goes on in another segment",
        ethernet(ipv4(tcp(_framed(dns_query())[:-3], ports=(40000, 53)), 6)),
        "eth:ip:tcp:dns",
        "DNS",
        "Standard query 0x50b5 [continues in another segment]",
    ),
    Case(
        "the middle of a message on port 53",
        ethernet(ipv4(tcp(b"\xfe\xff" * 40, ports=(53, 40000)), 6)),
        "eth:ip:tcp:dns",
        "DNS",
        "Continuation",
        (("dns.Part of a message", "80 bytes"),),
    ),
    Case(
        "an announcement by multicast",
        ethernet(ipv6(udp(_MULTICAST, (5353, 5353)), 17, destination="ff02::fb"), IPV6),
        "eth:ipv6:udp:mdns",
        "MDNS",
        "Standard query response 0x0000 PTR pi._ssh._tcp.local A, cache flush 10.0.0.5",
        (("mdns.Class", "IN (with the mDNS bit)"),),
    ),
    Case(
        "a link-local query",
        ethernet(ipv4(udp(dns_query("printer", 1), (50000, 5355)), 17, destination="224.0.0.252")),
        "eth:ip:udp:llmnr",
        "LLMNR",
        "Standard query 0x50b5 A printer",
        (("llmnr.Tentative", "yes"),),
    ),
    Case(
        "a query to an unusual port",
        _datagram(dns_query("db1.internal", 1), (40000, 5300)),
        "eth:ip:udp:dns",
        "DNS",
        "Standard query 0x50b5 A db1.internal",
    ),
    Case(
        "what only looks like a query",
        _datagram(dns_query("db1.internal", 1) + b"x", (40000, 5300)),
        "eth:ip:udp",
        "UDP",
        "40000 → 5300 Len=31",
    ),
    Case(
        "a refusal",
        _datagram(pack(">HHHHHH", 8, 0x8185, 1, 0, 0, 0) + dns_name("a.b") + pack(">HH", 1, 1)),
        "eth:ip:udp:dns",
        "DNS",
        "Standard query response 0x0008 Refused A a.b",
        (("dns.Reply code", "5 (REFUSED, Refused)"),),
    ),
]
