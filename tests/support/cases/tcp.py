# SPDX-License-Identifier: Apache-2.0
"""TCP's options."""

from __future__ import annotations

from socket import inet_aton
from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4, tcp


def option(kind: int, value: bytes = b"") -> bytes:
    return bytes([kind, 2 + len(value)]) + value


def frame(*options: bytes, flags: int = 0x02) -> bytes:
    whole = b"".join(options)
    return ethernet(ipv4(tcp(ports=(40000, 9000), flags=flags, options=whole + b"\1" * (-len(whole) % 4)), 6))


def segment(words: str, flags: str = "SYN", acknowledged: str = "") -> str:
    return f"40000 → 9000 [{flags}] Seq=1000{acknowledged} Win=512 Len=0{words}"


_STACK = "eth:ip:tcp"
_ACK = " Ack=2000"
_KEY = bytes(range(8))

CASES = [
    Case(
        "of a beginning",
        frame(
            option(2, b"\x05\xb4"),
            option(3, b"\7"),
            option(4),
            option(8, pack(">II", 11, 0)),
            option(34, b"cookie12"),
            option(28, b"\x80\x05"),
        ),
        _STACK,
        "TCP",
        segment(" MSS=1460 WS=128 SACK_PERM TSval=11 TSecr=0 TFO=C USER_TO=5"),
        (
            ("tcp.Maximum segment size", "1460"),
            ("tcp.Window scale", "7 (multiply by 128)"),
            ("tcp.Timestamps", "value 11, echo reply 0"),
            ("tcp.Fast open cookie", f"cookie {b'cookie12'.hex()}"),
            ("tcp.User timeout", "5 min"),
        ),
    ),
    Case(
        "selective acknowledgement, signed",
        frame(option(5, pack(">II", 3000, 4000)), option(19, b"d" * 16), flags=0x10),
        _STACK,
        "TCP",
        segment(" SLE=3000 SRE=4000 MD5", "ACK", _ACK),
        (("tcp.SACK", "3 000 - 4 000"), ("tcp.MD5 signature", "64" * 16)),
    ),
    Case(
        "authenticated",
        frame(option(29, b"\1\2" + b"m" * 12), flags=0x10),
        _STACK,
        "TCP",
        segment(" AO", "ACK", _ACK),
        (("tcp.Authentication", f"key 1, next 2, MAC {'6d' * 12}"),),
    ),
    Case(
        "multipath capable",
        frame(option(30, b"\1\x81" + _KEY)),
        _STACK,
        "MPTCP",
        segment(""),
        (
            ("tcp.Multipath TCP", "MP_CAPABLE version 1, sender's key 0x0001020304050607"),
            ("tcp.Subtype", "0 (MP_CAPABLE)"),
            ("tcp.Checksum required (A)", "yes"),
            ("tcp.HMAC-SHA256 (H)", "yes"),
        ),
    ),
    Case(
        "multipath join",
        frame(option(30, b"\x11\x05" + pack(">II", 0xCAFE, 0xBEEF))),
        _STACK,
        "MPTCP",
        segment(""),
        (("tcp.Multipath TCP", "MP_JOIN address 5, token 0x0000cafe"), ("tcp.Backup (B)", "yes")),
    ),
    Case(
        "multipath joined",
        frame(option(30, b"\x10\x05" + b"hmac1234" + pack(">I", 9)), option(30, b"\x10\0" + b"h" * 20), flags=0x12),
        _STACK,
        "MPTCP",
        segment("", "SYN, ACK", _ACK),
        (("tcp.Multipath TCP", "MP_JOIN address 5"), ("tcp.Multipath TCP", f"MP_JOIN HMAC {'68' * 20}")),
    ),
    Case(
        "multipath sequence",
        frame(option(30, b"\x20\x1f" + pack(">QQIHH", 7, 8, 1, 100, 0xABCD)), flags=0x10),
        _STACK,
        "MPTCP",
        segment("", "ACK", _ACK),
        (("tcp.Multipath TCP", "DSS data FIN, ack 7, seq 8, 100 bytes"), ("tcp.Checksum", "0xabcd")),
    ),
    Case(
        "multipath addresses",
        frame(
            option(30, b"\x30\7" + inet_aton("10.0.0.7") + b"\x23\x28" + b"hmac1234"),
            option(30, b"\x40\7\x08"),
            option(30, b"\x51\7"),
            flags=0x10,
        ),
        _STACK,
        "MPTCP",
        segment("", "ACK", _ACK),
        (
            ("tcp.Multipath TCP", "ADD_ADDR 7 10.0.0.7, port 9000"),
            ("tcp.Multipath TCP", "REMOVE_ADDR 7, 8"),
            ("tcp.Multipath TCP", "MP_PRIO backup"),
        ),
    ),
    Case(
        "multipath failures",
        frame(option(30, b"\x60\0" + _KEY), option(30, b"\x70\0" + _KEY), option(30, b"\x81\2"), flags=0x14),
        _STACK,
        "MPTCP",
        segment("", "RST, ACK", _ACK),
        (
            ("tcp.Multipath TCP", "MP_FAIL seq 283686952306183"),
            ("tcp.Multipath TCP", "MP_FASTCLOSE key 0x0001020304050607"),
            ("tcp.Multipath TCP", "MP_TCPRST lack of resources, transient"),
        ),
    ),
    Case(
        "experiments, and counters of congestion",
        frame(option(254, b"\xf9\x89"), option(172, bytes(8) + b"\7"), option(69, b"\x23"), option(200, b"?")),
        _STACK,
        "TCP",
        segment(" TFO=R"),
        (
            ("tcp.Experiment", "fast open"),
            ("tcp.Accurate ECN, order 0", "0, 0, 7"),
            ("tcp.Encryption negotiation", "23"),
            ("tcp.Option 200", "3f"),
        ),
    ),
]
