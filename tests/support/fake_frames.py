# SPDX-License-Identifier: Apache-2.0
"""The packets of the fake session: frames of ten kinds, worked out from their numbers."""

from __future__ import annotations

import struct
from collections.abc import Callable

_MACS = bytes.fromhex("02fc0000000102fc00000002")


def frame(number: int) -> bytes:
    """One of the kinds of frame below, by number."""
    return _KINDS[number % len(_KINDS)](number)


def arp(number: int) -> bytes:
    """Who has 10.1.x.x?"""
    asked = bytes((10, 1, number >> 8 & 255, number & 255))
    return (
        b"\xff" * 6
        + _MACS[6:]
        + bytes.fromhex("08060001080006040001")
        + _MACS[6:]
        + bytes((10, 0, 3, 209))
        + (bytes(6) + asked)
    )


def ipv4(protocol: int, payload: bytes, number: int) -> bytes:
    """An Ethernet frame with an IPv4 packet, its header checksum right."""
    header = struct.pack(
        ">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), number & 0xFFFF, 0x4000, 64, protocol, 0,
        bytes((10, 0, 3, number % 250)), bytes((10, 1, 0, 27)),
    )  # fmt: skip
    header = header[:10] + struct.pack(">H", checksum(header)) + header[12:]
    return _MACS + b"\x08\x00" + header + payload


def checksum(data: bytes) -> int:
    """RFC 1071."""
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def tcp(number: int, payload: bytes = b"") -> bytes:
    """A TCP segment to port 443."""
    return ipv4(6, struct.pack(">HHIIBBHHH", 40000 + number % 1000, 443, number, 518, 0x50, 0x18 if payload else 0x10,
                               64128, 0, 0) + payload, number)  # fmt: skip


def http(number: int) -> bytes:
    """An HTTP request."""
    text = b"GET /index/%d HTTP/1.1\r\nHost: api.example.net\r\nUser-Agent: test\r\n\r\n" % number
    segment = struct.pack(">HHIIBBHHH", 41000 + number % 1000, 80, number, 518, 0x50, 0x18, 64128, 0, 0)
    return ipv4(6, segment + text, number)


def udp(number: int, payload: bytes = b"a datagram of no protocol", port: int = 9000) -> bytes:
    """A UDP datagram."""
    return ipv4(17, struct.pack(">HHHH", 50000 + number % 1000, port, 8 + len(payload), 0) + payload, number)


def dns(number: int, name: bytes = b"db1.internal") -> bytes:
    """A DNS query for an AAAA record."""
    labels = b"".join(bytes((len(label),)) + label for label in name.split(b"."))
    query = struct.pack(">HHHHHH", number & 0xFFFF, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", 28, 1)
    return udp(number, query, 53)


def dns6(number: int) -> bytes:
    """The same over IPv6, between long addresses."""
    query = dns(number)[42:]
    datagram = struct.pack(">HHHH", 50000, 53, 8 + len(query), 0) + query
    source = bytes.fromhex("20010db8000000010a0b0c0d0e0f1011")
    destination = bytes.fromhex("20010db8000000020000000000000035")
    header = struct.pack(">IHBB", 6 << 28, len(datagram), 17, 64) + source + destination
    return _MACS + b"\x86\xdd" + header + datagram


_KINDS: tuple[Callable[[int], bytes], ...] = (tcp, tcp, dns, tcp, udp, http, dns6, tcp, arp, udp)
