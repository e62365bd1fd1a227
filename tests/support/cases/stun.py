# SPDX-License-Identifier: Apache-2.0
"""STUN and its attributes, as it is and as it was first."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4, udp

_COOKIE = b"\x21\x12\xa4\x42"
_ID = bytes(range(12))


def message(kind: int, *attributes: tuple[int, bytes]) -> bytes:
    body = b"".join(pack(">HH", name, len(value)) + value + bytes(-len(value) % 4) for name, value in attributes)
    return ethernet(ipv4(udp(pack(">HH", kind, len(body)) + _COOKIE + _ID + body, (3478, 40000)), 17))


def mixed(address: bytes, port: int) -> bytes:
    hidden = bytes(one ^ other for one, other in zip(address, _COOKIE + _ID, strict=False))
    return pack(">BBH", 0, 1 if len(address) == 4 else 2, port ^ 0x2112) + hidden


def classic(kind: int, *attributes: tuple[int, bytes], port: int = 3478) -> bytes:
    body = b"".join(pack(">HH", name, len(value)) + value for name, value in attributes)
    return ethernet(ipv4(udp(pack(">HH", kind, len(body)) + bytes(range(16)) + body, (port, 40000)), 17))


_SIX = bytes.fromhex("20010db8000000000000000000000007")

CASES = [
    Case(
        "binding answered",
        message(
            0x0101,
            (0x0020, mixed(bytes([70, 199, 128, 46]), 4587)),
            (0x802C, b"\0\1" + pack(">H", 3479) + bytes([3, 135, 212, 85])),
            (0x8022, b"server"),
        ),
        "eth:ip:udp:stun",
        "STUN",
        "Binding Success Response XOR-MAPPED-ADDRESS: 70.199.128.46:4587 OTHER-ADDRESS: 3.135.212.85:3479",
        (
            ("stun.XOR-MAPPED-ADDRESS", "70.199.128.46:4587"),
            ("stun.OTHER-ADDRESS", "3.135.212.85:3479"),
            ("stun.SOFTWARE", "server"),
        ),
    ),
    Case(
        "IPv6",
        message(0x0101, (0x0020, mixed(_SIX, 4587))),
        "eth:ip:udp:stun",
        "STUN",
        "Binding Success Response XOR-MAPPED-ADDRESS: 2001:db8::7:4587",
    ),
    Case(
        "allocation refused",
        message(0x0113, (0x0009, b"\0\0\4\1Unauthorized"), (0x0014, b"example.org"), (0x0015, b"n0nce")),
        "eth:ip:udp:stun",
        "STUN",
        "Allocate Error Response error-code: 401 (Unauthorized) realm: example.org with nonce",
        (("stun.ERROR-CODE", "401 (Unauthorized)"), ("stun.NONCE", "n0nce")),
    ),
    Case(
        "ICE",
        message(0x0001, (0x0006, b"a:b"), (0x0024, pack(">I", 1845501695)), (0x0025, b"")),
        "eth:ip:udp:stun",
        "STUN",
        "Binding Request user: a:b",
        (("stun.PRIORITY", "1845501695"), ("stun.USE-CANDIDATE", "")),
    ),
    Case(
        "as it was first",
        classic(0x0001, (0x0003, pack(">I", 6))),
        "eth:ip:udp:classicstun",
        "CLASSIC-STUN",
        "Message: Binding Request",
        (("classicstun.Type", "0x0001 (Binding Request)"), ("classicstun.CHANGE-REQUEST", "00000006")),
    ),
    Case(
        "as it was first, answered from another port",
        classic(
            0x0101, (0x0001, b"\0\1" + pack(">H", 4587) + bytes([70, 199, 128, 46])), (0x0009, b"\0\0\4\0No"), port=9
        ),
        "eth:ip:udp:classicstun",
        "CLASSIC-STUN",
        "Message: Binding Response",
        (("classicstun.MAPPED-ADDRESS", "70.199.128.46:4587"), ("classicstun.ERROR-CODE", "400 No")),
    ),
]
