# SPDX-License-Identifier: Apache-2.0
"""L2TP of both versions."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import dns_query, ethernet, ipv4, udp

_PPP = b"\xff\x03\0\x21" + ipv4(udp(dns_query()), 17)


def _sent(payload: bytes) -> bytes:
    return ethernet(ipv4(udp(payload, (1701, 1701)), 17))


def _pair(kind: int, value: bytes) -> bytes:
    return pack(">HHH", 0x8000 | 6 + len(value), 0, kind) + value


_PAIRS = _pair(0, b"\0\1") + _pair(2, b"\1\0") + _pair(7, b"lac1") + _pair(9, b"\0\x2a") + _pair(11, bytes(8))
_STOP = _pair(0, b"\0\4") + _pair(1, b"\0\1\0\0bye")

CASES = [
    Case(
        "a query inside",
        _sent(pack(">HHHH", 0x4002, 8 + len(_PPP), 7, 9) + _PPP),
        "eth:ip:udp:l2tp:ppp:ip:udp:dns",
        "DNS",
        "Standard query 0x50b5 AAAA db1.internal",
        (("l2tp.Tunnel", "7"), ("l2tp.Session", "9")),
    ),
    Case(
        "an offset, no length",
        _sent(pack(">HHHH", 0x0202, 7, 9, 2) + bytes(2) + _PPP),
        "eth:ip:udp:l2tp:ppp:ip:udp:dns",
        "DNS",
        "Standard query 0x50b5 AAAA db1.internal",
        (("l2tp.Offset padding", "0000"),),
    ),
    Case(
        "a tunnel is asked for",
        _sent(pack(">HHHHHH", 0xC802, 12 + len(_PAIRS), 0, 0, 0, 0) + _PAIRS),
        "eth:ip:udp:l2tp",
        "L2TP",
        "Control Message - SCCRQ (tunnel id=0, session id=0)",
        (("l2tp.Message type", "1 (SCCRQ)"), ("l2tp.Host name", "lac1"), ("l2tp.Assigned tunnel", "42")),
    ),
    Case(
        "acknowledged",
        _sent(pack(">HHHHHH", 0xC802, 12, 7, 0, 1, 1)),
        "eth:ip:udp:l2tp",
        "L2TP",
        "Control Message - ZLB (tunnel id=7, session id=0)",
    ),
    Case(
        "version 3, control",
        _sent(pack(">HHIHH", 0xC803, 12 + len(_STOP), 0x2A, 3, 2) + _STOP),
        "eth:ip:udp:l2tp",
        "L2TPv3",
        "Control Message - StopCCN (control connection id=0x0000002a)",
        (("l2tp.Result code", "1 (general request to clear), bye"),),
    ),
    Case(
        "version 3 in IP",
        ethernet(ipv4(pack(">I", 77) + bytes(20), 115)),
        "eth:ip:l2tp",
        "L2TPv3",
        "Data Message (session id=77)",
        (("l2tp.Session", "77"),),
    ),
    Case(
        "version 3 in IP, control",
        ethernet(ipv4(pack(">IHHIHH", 0, 0xC803, 12 + len(_STOP), 0x2A, 3, 2) + _STOP, 115)),
        "eth:ip:l2tp",
        "L2TPv3",
        "Control Message - StopCCN (control connection id=0x0000002a)",
    ),
]
