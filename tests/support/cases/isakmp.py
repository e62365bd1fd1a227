# SPDX-License-Identifier: Apache-2.0
"""IKE of both versions, alone and with ESP in UDP."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4, udp


def _message(exchange: int, flags: int, first: int, body: bytes, *, version: int = 0x20, number: int = 0) -> bytes:
    return pack(">QQBBBBII", 0x1122334455667788, 0, first, version, exchange, flags, number, 28 + len(body)) + body


def _payload(following: int, value: bytes) -> bytes:
    return pack(">BBH", following, 0, 4 + len(value)) + value


def _sent(payload: bytes, port: int = 500) -> bytes:
    return ethernet(ipv4(udp(payload, (port, port)), 17))


_TRANSFORMS = (
    pack(">BBHBBHHH", 3, 0, 12, 1, 0, 20, 0x800E, 256)
    + pack(">BBHBBH", 3, 0, 8, 2, 0, 5)
    + pack(">BBHBBH", 0, 0, 8, 4, 0, 19)
)
_PROPOSAL = pack(">BBHBBBB", 0, 0, 8 + len(_TRANSFORMS), 1, 1, 0, 3) + _TRANSFORMS
_INIT = (
    _payload(34, _PROPOSAL)
    + _payload(40, pack(">HH", 19, 0) + bytes(64))
    + _payload(43, bytes(32))
    + _payload(41, bytes.fromhex("4048b7d56ebce88525e7de7f00d6c2d3"))
    + _payload(44, pack(">BBH", 0, 0, 16388) + bytes(20))
    + _payload(42, pack(">BBBB", 1, 0, 0, 0) + pack(">BBHHH", 7, 0, 16, 0, 65535) + bytes([10, 0, 0, 0, 10, 0, 0, 255]))
    + _payload(35, pack(">BBH", 3, 4, 1) + pack(">I", 7))
    + _payload(0, b"\x02\0\0\0vpn.example.org")
)
_OLD = pack(">BBHBBH", 0, 0, 32, 1, 1, 0) + pack(
    ">HHHHHHHHHHI", 0x8001, 7, 0x8002, 2, 0x8003, 1, 0x8004, 14, 0x000C, 4, 86400
)
_MAIN = _payload(13, pack(">II", 1, 1) + pack(">BBHBBBB", 0, 0, 8 + len(_OLD), 1, 1, 0, 1) + _OLD) + _payload(
    0, bytes.fromhex("afcad71368a1f1c96b8696fc77570100")
)

CASES = [
    Case(
        "IKEv2 begins",
        _sent(_message(34, 8, 33, _INIT)),
        "eth:ip:udp:isakmp",
        "ISAKMP",
        "IKE_SA_INIT MID=00 Initiator Request",
        (
            ("isakmp.Next payload", "33 (Security association)"),
            ("isakmp.Transform", "Encryption, AES-GCM-16, key length 256"),
            ("isakmp.Transform", "Key exchange method, 256-bit random ECP"),
            ("isakmp.Key exchange", "19 (256-bit random ECP)"),
            ("isakmp.Vendor ID", "Fragmentation"),
            ("isakmp.Notify", "NAT_DETECTION_SOURCE_IP"),
            ("isakmp.Traffic selector - initiator", "10.0.0.0 to 10.0.0.255"),
            ("isakmp.Delete", "ESP, 1 SPIs"),
            ("isakmp.Identity", "vpn.example.org"),
        ),
    ),
    Case(
        "IKEv2 encrypted, behind its marker",
        _sent(bytes(4) + _message(35, 0x20, 46, _payload(36, bytes(40)), number=1), 4500),
        "eth:ip:udp:udpencap:isakmp",
        "ISAKMP",
        "IKE_AUTH MID=01 Responder Response",
        (("udpencap.Non-ESP marker", "0x00000000"), ("isakmp.Encrypted and authenticated", "40 bytes")),
    ),
    Case(
        "IKEv1",
        _sent(_message(2, 0, 1, _MAIN, version=0x10)),
        "eth:ip:udp:isakmp",
        "ISAKMP",
        "Identity Protection (Main Mode)",
        (
            ("isakmp.Encryption algorithm", "7 (AES-CBC)"),
            ("isakmp.Life duration", "86400"),
            ("isakmp.Vendor ID", "Dead peer detection"),
        ),
    ),
    Case(
        "IKEv1 encrypted",
        _sent(_message(32, 1, 8, bytes(32), version=0x10, number=77)),
        "eth:ip:udp:isakmp",
        "ISAKMP",
        "Quick Mode",
        (("isakmp.Encrypted", "set"),),
    ),
    Case(
        "ESP in UDP",
        _sent(pack(">II", 0x78BD5377, 1) + bytes(24), 4500),
        "eth:ip:udp:udpencap:esp",
        "ESP",
        "ESP (SPI=0x78bd5377)",
        (("esp.Sequence number", "1"),),
    ),
    Case("keep-alive", _sent(b"\xff", 4500), "eth:ip:udp:udpencap", "UDPENCAP", "NAT-keepalive"),
]
