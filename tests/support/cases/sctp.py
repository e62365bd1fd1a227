# SPDX-License-Identifier: Apache-2.0
"""SCTP."""

from __future__ import annotations

from socket import inet_aton
from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4


def chunk(kind: int, value: bytes = b"", flags: int = 0) -> bytes:
    return pack(">BBH", kind, flags, 4 + len(value)) + value + bytes(-len(value) % 4)


def parameter(kind: int, value: bytes = b"") -> bytes:
    return pack(">HH", kind, 4 + len(value)) + value + bytes(-len(value) % 4)


def frame(*chunks: bytes) -> bytes:
    return ethernet(ipv4(pack(">HHII", 5000, 5001, 0x1234, 0) + b"".join(chunks), 132))


_ADDRESS = parameter(5, inet_aton("10.0.0.1"))
_INIT = chunk(
    1,
    pack(">IIHHI", 7, 106496, 10, 65535, 1000)
    + _ADDRESS
    + parameter(6, bytes(15) + b"\1")
    + parameter(12, pack(">HH", 5, 6))
    + parameter(0x8000)
    + parameter(0x8002, b"r" * 31)
    + parameter(0x8003, b"\xc1\x80")
    + parameter(0x8004, pack(">HH", 3, 1))
    + parameter(0x8008, b"\xc0\x82\x40")
    + parameter(0xC000)
    + parameter(0xC006, pack(">I", 9)),
)
_DATA = chunk(0, pack(">IHHI", 1000, 1, 2, 53) + b"hello", 0x0B)

_STACK = "eth:ip:sctp"

CASES = [
    Case(
        "init",
        frame(_INIT),
        _STACK,
        "SCTP",
        "5000 → 5001 INIT",
        (
            ("sctp.Initiate tag", "0x00000007"),
            ("sctp.IPv4 address", "10.0.0.1"),
            ("sctp.IPv6 address", "::1"),
            ("sctp.Supported address types", "5 (IPv4), 6 (IPv6)"),
            ("sctp.Chunk list", "ASCONF, ASCONF_ACK"),
            ("sctp.HMAC algorithms", "3 (SHA-256), 1 (SHA-1)"),
            ("sctp.Supported extensions", "FORWARD_TSN, RE_CONFIG, I_DATA"),
            ("sctp.Adaptation layer indication", "0x00000009"),
        ),
    ),
    Case(
        "acknowledgement and data",
        frame(chunk(3, pack(">IIHHHHI", 999, 4096, 1, 1, 2, 3, 998)), _DATA),
        _STACK,
        "SCTP",
        "5000 → 5001 SACK (Ack=999, Arwnd=4096) DATA (TSN=1000)",
        (
            ("sctp.Chunk", "SACK (Ack=999, Arwnd=4096), 24 bytes"),
            ("sctp.Gap end", "3"),
            ("sctp.Duplicate TSN", "998"),
            ("sctp.Immediate (I)", "set"),
            ("sctp.Payload protocol", "53 (WebRTC binary)"),
            ("sctp.Data", "68656c6c6f"),
        ),
    ),
    Case(
        "interleaved data and its later piece",
        frame(
            chunk(64, pack(">IHHII", 5, 1, 0, 77, 53) + b"ab", 2), chunk(64, pack(">IHHII", 6, 1, 0, 77, 1) + b"cd", 1)
        ),
        _STACK,
        "SCTP",
        "5000 → 5001 I_DATA (TSN=5) (Message Fragment) I_DATA (TSN=6) (Message Fragment)",
        (("sctp.Message", "77"), ("sctp.Fragment sequence number", "1"), ("sctp.Data", "6364")),
    ),
    Case(
        "heartbeats, cookies and the end",
        frame(
            chunk(4, parameter(1, b"path")),
            chunk(5, parameter(1, b"path")),
            chunk(10, b"cookie"),
            chunk(11),
            chunk(7, pack(">I", 1000)),
            chunk(8),
            chunk(14, b"", 1),
        ),
        _STACK,
        "SCTP",
        "5000 → 5001 HEARTBEAT HEARTBEAT_ACK COOKIE_ECHO COOKIE_ACK SHUTDOWN (Ack=1000) SHUTDOWN_ACK SHUTDOWN_COMPLETE",
        (
            ("sctp.Heartbeat information", "70617468"),
            ("sctp.Cookie", "636f6f6b6965"),
            ("sctp.Tag is reflected (T)", "yes"),
        ),
    ),
    Case(
        "abort and error",
        frame(
            chunk(9, parameter(1, pack(">HH", 5, 0)) + parameter(2, pack(">IHH", 1, 7, 0)) + parameter(3, bytes(4))),
            chunk(6, parameter(12, b"going down")),
        ),
        _STACK,
        "SCTP",
        "5000 → 5001 ERROR ABORT",
        (
            ("sctp.Cause", "invalid stream identifier: stream 5"),
            ("sctp.Cause", "missing mandatory parameter: 7 (State cookie)"),
            ("sctp.Cause", "user initiated abort: going down"),
        ),
    ),
    Case(
        "address change, authenticated",
        frame(
            chunk(15, pack(">HH", 0, 3) + b"h" * 32),
            chunk(193, pack(">I", 8) + _ADDRESS + parameter(0xC001, pack(">I", 1) + _ADDRESS)),
            chunk(128, pack(">I", 8) + parameter(0xC003, pack(">I", 1) + parameter(0xA1, b""))),
        ),
        _STACK,
        "SCTP",
        "5000 → 5001 AUTH ASCONF ASCONF_ACK",
        (
            ("sctp.HMAC algorithm", "3 (SHA-256)"),
            ("sctp.Add address", "10.0.0.1"),
            ("sctp.Error cause indication", "refused due to resource shortage"),
        ),
    ),
    Case(
        "resets and skips",
        frame(
            chunk(
                130,
                parameter(13, pack(">IIIHH", 1, 2, 3, 4, 5))
                + parameter(16, pack(">II", 1, 1))
                + parameter(17, pack(">IHH", 2, 8, 0)),
            ),
            chunk(192, pack(">IHH", 1005, 1, 9)),
            chunk(194, pack(">IHHI", 1006, 1, 1, 9)),
            chunk(132, bytes(3)),
            chunk(12, pack(">I", 5)),
            chunk(99, b"?"),
        ),
        _STACK,
        "SCTP",
        "5000 → 5001 RE_CONFIG FORWARD_TSN (TSN=1005) I_FORWARD_TSN PAD ECNE chunk 99",
        (
            ("sctp.Outgoing SSN reset request", "streams 4, 5"),
            ("sctp.Re-configuration response", "success, performed"),
            ("sctp.Add outgoing streams request", "8"),
            ("sctp.Stream sequence number", "9"),
        ),
    ),
]
