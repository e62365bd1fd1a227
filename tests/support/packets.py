# SPDX-License-Identifier: Apache-2.0
"""Hand-made packets for tests and measurements: headers with the fields a test cares about, the rest plausible."""

from __future__ import annotations

from collections.abc import Sequence
from socket import AF_INET6, inet_aton, inet_pton
from struct import pack

NEAR_MAC = bytes.fromhex("02fc00000001")
FAR_MAC = bytes.fromhex("02fc00000002")
IPV4, IPV6, ARP = 0x0800, 0x86DD, 0x0806


def ethernet(payload: bytes, kind: int = IPV4, tags: Sequence[tuple[int, int]] = ()) -> bytes:
    """An Ethernet frame from NEAR_MAC to FAR_MAC. `tags` are (Ethertype, VLAN) pairs, outermost first."""
    words = b"".join(pack(">HH", tag, vlan) for tag, vlan in tags)
    return FAR_MAC + NEAR_MAC + words + pack(">H", kind) + payload


def checksum(header: bytes) -> int:
    """The Internet checksum (RFC 1071) of an even number of bytes."""
    total = sum(header[place] << 8 | header[place + 1] for place in range(0, len(header), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def ipv4(
    payload: bytes,
    protocol: int,
    *,
    source: str = "10.0.0.1",
    destination: str = "10.0.0.2",
    fragment: int = 0,
    options: bytes = b"",
    total: int | None = None,
) -> bytes:
    """An IPv4 packet with a right checksum. `fragment` is the 16-bit word of flags and offset."""
    size = 20 + len(options) + len(payload) if total is None else total
    words = 5 + len(options) // 4
    fields = (0x40 | words, 0, size, 0x1234, fragment, 64, protocol)
    ends = inet_aton(source) + inet_aton(destination) + options
    header = pack(">BBHHHBBH", *fields, 0) + ends
    return pack(">BBHHHBBH", *fields, checksum(header)) + ends + payload


def ipv6(payload: bytes, following: int, *, source: str = "fd00::1", destination: str = "fd00::2") -> bytes:
    """An IPv6 packet with hop limit 64."""
    ends = inet_pton(AF_INET6, source) + inet_pton(AF_INET6, destination)
    return pack(">IHBB", 6 << 28, len(payload), following, 64) + ends + payload


def tcp(
    payload: bytes = b"",
    *,
    ports: tuple[int, int] = (40412, 443),
    sequence: int = 1000,
    acknowledged: int = 2000,
    flags: int = 0x18,
    options: bytes = b"",
) -> bytes:
    """A TCP segment; `options` must fill whole words."""
    control = (5 + len(options) // 4) << 12 | flags
    return pack(">HHIIHHHH", *ports, sequence, acknowledged, control, 512, 0, 0) + options + payload


def udp(payload: bytes, ports: tuple[int, int] = (40000, 53), length: int | None = None) -> bytes:
    """A UDP datagram."""
    return pack(">HHHH", *ports, 8 + len(payload) if length is None else length, 0) + payload


def dns_name(name: str) -> bytes:
    """A name without compression."""
    labels = name.encode().split(b".")
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def dns_query(name: str = "db1.internal", kind: int = 28, identifier: int = 0x50B5) -> bytes:
    """A standard query with one question."""
    return pack(">HHHHHH", identifier, 0x0100, 1, 0, 0, 0) + dns_name(name) + pack(">HH", kind, 1)


def dns_response(
    name: str = "db1.internal", answers: Sequence[tuple[int, bytes]] = (), flags: int = 0x8180, kind: int = 28
) -> bytes:
    """A response to `dns_query`; each answer is (type, data) and names the question by a compression pointer."""
    message = pack(">HHHHHH", 0x50B5, flags, 1, len(answers), 0, 0) + dns_name(name) + pack(">HH", kind, 1)
    for answer, data in answers:
        message += b"\xc0\x0c" + pack(">HHIH", answer, 1, 30, len(data)) + data
    return message


def tls_record(kind: int, body: bytes, version: int = 0x0301) -> bytes:
    """A TLS record."""
    return pack(">BHH", kind, version, len(body)) + body


def client_hello(name: bytes = b"example.org", versions: Sequence[int] = (0x0304, 0x0303)) -> bytes:
    """A TLS record with a Client Hello that names a server, two application protocols and versions."""
    server = pack(">HBH", len(name) + 3, 0, len(name)) + name
    offered = b"".join(pack(">H", version) for version in versions)
    protocols = b"\x02h2\x08http/1.1"
    extensions = (
        pack(">HH", 0, len(server))
        + server
        + pack(">HHH", 16, len(protocols) + 2, len(protocols))
        + protocols
        + pack(">HHB", 43, len(offered) + 1, len(offered))
        + offered
    )
    suites = pack(">HH", 0x1301, 0xC02F)
    body = b"\x03\x03" + bytes(range(32)) + b"\0" + pack(">H", len(suites)) + suites + b"\x01\0"
    body += pack(">H", len(extensions)) + extensions
    return tls_record(22, b"\x01" + len(body).to_bytes(3, "big") + body)


def arp(operation: int, sender: str, target: str) -> bytes:
    """An ARP packet for Ethernet and IPv4."""
    hardware = pack(">HHBBH", 1, IPV4, 6, 4, operation)
    return hardware + NEAR_MAC + inet_aton(sender) + bytes(6) + inet_aton(target)


def samples() -> dict[str, bytes]:
    """One Ethernet frame of every kind the decoders know, by name."""
    echo = pack(">BBHHH", 8, 0, 0, 7, 1) + b"x" * 32
    quoted = ipv4(udp(b"y" * 8, (1, 2))[:8], 17, total=100)
    solicitation = pack(">BBHI", 135, 0, 0, 0) + inet_pton(AF_INET6, "fe80::1") + b"\x01\x01" + NEAR_MAC
    report = pack(">BBHHH", 143, 0, 0, 0, 1) + pack(">BBH", 4, 0, 0) + inet_pton(AF_INET6, "ff02::fb")
    discover = bytes([1, 1, 6, 0]) + pack(">I", 0x48AD22BF) + bytes(228) + b"\x63\x82\x53\x63\x35\x01\x01\x0c\x02pi\xff"
    timestamps = b"\x01\x01\x08\x0a" + pack(">II", 11, 22)
    synchronize = b"\x02\x04\x05\xb4\x04\x02\x08\x0a" + pack(">II", 11, 0) + b"\x01\x03\x03\x07"
    address = dns_response(answers=[(28, inet_pton(AF_INET6, "fd00::31")), (5, b"\xc0\x0c"), (65, b"\0\1\0")])
    request = b"GET /index.html HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\n\r\n"
    response = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html>"
    hop_by_hop = b"\x3a\x00\x05\x02\0\0\x01\0"
    bridge = bytes.fromhex("424203 0000 02 02 01 8000001f6d96ec00 00000004 8001001f6d96ec01 8004 0000 1400 0200 0f00")
    return {
        "tcp": ethernet(ipv4(tcp(options=timestamps), 6)),
        "syn": ethernet(ipv4(tcp(flags=2, options=synchronize), 6)),
        "udp": ethernet(ipv4(udp(b"hello", (9000, 9001)), 17)),
        "options": ethernet(ipv4(udp(b"hello", (9000, 9001)), 17, options=b"\x94\x04\0\0")),
        "fragment": ethernet(ipv4(b"z" * 64, 17, fragment=0x2003)),
        "dns": ethernet(ipv6(udp(dns_query()), 17), IPV6),
        "dns response": ethernet(ipv6(udp(address, (53, 40000)), 17), IPV6),
        "dns over tcp": ethernet(ipv4(tcp(pack(">H", len(address)) + address, ports=(53, 40000)), 6)),
        "mdns": ethernet(ipv4(udp(dns_query("_ipp._tcp.local", 12), (5353, 5353)), 17)),
        "tls": ethernet(ipv4(tcp(client_hello()), 6)),
        "http": ethernet(ipv4(tcp(request, ports=(40000, 8080)), 6)),
        "http response": ethernet(ipv4(tcp(response, ports=(80, 40000)), 6)),
        "ssh": ethernet(ipv4(tcp(b"SSH-2.0-OpenSSH_9.7\r\n", ports=(22, 40000)), 6)),
        "dhcp": ethernet(ipv4(udp(discover, (68, 67)), 17)),
        "ntp": ethernet(ipv4(udp(b"\x23" + bytes(47), (40000, 123)), 17)),
        "icmp": ethernet(ipv4(echo, 1)),
        "icmp error": ethernet(ipv4(pack(">BBHI", 3, 3, 0, 0) + quoted, 1)),
        "icmpv6": ethernet(ipv6(solicitation, 58), IPV6),
        "hop by hop": ethernet(ipv6(hop_by_hop + report, 0), IPV6),
        "igmp": ethernet(ipv4(b"\x22\0\0\0\0\0\0\x01\x04\0\0\0\xe0\0\0\xfb", 2)),
        "arp": ethernet(arp(1, "192.168.0.11", "192.168.0.2"), ARP),
        "vlan": ethernet(ipv4(udp(b"hello", (9000, 9001)), 17), tags=[(0x88A8, 100), (0x8100, 7), (0x8100, 8)]),
        "stp": FAR_MAC + NEAR_MAC + pack(">H", len(bridge)) + bridge,
        "mpls": ethernet(pack(">II", 16 << 12 | 64, 17 << 12 | 0x140) + ipv4(echo, 1), 0x8847),
        "pppoe": ethernet(pack(">BBHHH", 0x11, 0, 1, 62, 0x21) + ipv4(echo, 1), 0x8864),
        "gre": ethernet(ipv4(pack(">HHI", 0x2000, IPV4, 9) + ipv4(echo, 1), 47)),
        "vxlan": ethernet(ipv4(udp(b"\x08\0\0\0\0\0\x2a\0" + ethernet(ipv4(echo, 1)), (40000, 4789)), 17)),
        "erspan": ethernet(ipv4(pack(">HHIII", 0x1000, 0x88BE, 1, 0x10050007, 0) + ethernet(ipv4(echo, 1)), 47)),
        "geneve": ethernet(
            ipv4(udp(pack(">BBHI", 1, 0, 0x6558, 0x2A00) + bytes(4) + ethernet(ipv4(echo, 1)), (1, 6081)), 17)
        ),
        "ah": ethernet(ipv4(pack(">BBHII", 1, 1, 0, 0x7B, 1) + echo, 51)),
        "esp": ethernet(ipv4(pack(">II", 0x7B, 1) + bytes(16), 50)),
        "routing": ethernet(ipv6(pack(">BBBBI", 17, 2, 4, 1, 0) + bytes(16) + udp(b"hi", (1, 2)), 43), IPV6),
        "sctp": ethernet(ipv4(pack(">HHII", 1, 2, 3, 0) + pack(">BBH", 11, 0, 4), 132)),
        "bgp": ethernet(ipv4(tcp(b"\xff" * 16 + pack(">HB", 19, 4), ports=(40000, 179)), 6)),
        "rip": ethernet(ipv4(udp(b"\2\2\0\0" + pack(">HHIIII", 2, 0, 1, 2, 3, 4), (520, 520)), 17)),
        "hsrp": ethernet(ipv4(udp(b"\0\0\x10\3\x0a\x64\1\0cisco\0\0\0\x0a\0\0\x01", (1985, 1985)), 17)),
        "radius": ethernet(ipv4(udp(b"\1\x07\0\x1b" + bytes(16) + b"\1\7steve", (40000, 1812)), 17)),
        "stun": ethernet(ipv4(udp(b"\0\1\0\x08\x21\x12\xa4\x42" + bytes(12) + b"\x80\x22\0\4test", (1, 3478)), 17)),
        "vrrp": ethernet(ipv4(b"\x21\1\x64\2\0\1\0\0" + bytes([10, 0, 0, 8, 10, 0, 0, 9]) + bytes(8), 112)),
        "unknown": ethernet(b"\1\2\3\4", 0x88B5),
    }
