# SPDX-License-Identifier: Apache-2.0
"""DCCP."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4


def _long(kind: int, body: bytes, words: int) -> bytes:
    head = pack(">HHBBHBB", 39420, 5001, words, 0, 0, kind << 1 | 1, 0)
    return ethernet(ipv4(head + (1960341146).to_bytes(6, "big") + body, 33))


_ACK = b"\0\0" + (38464816758).to_bytes(6, "big")

CASES = [
    Case(
        "request",
        _long(0, b"perf" + b"\x20\x04\x01\x02" + b"\x01\x22\x04\x05\x02\0\0\0", 8),
        "eth:ip:dccp",
        "DCCP",
        "39420 → 5001 [Request] Seq=1960341146 (service=perf)",
        (
            ("dccp.Change L", "Congestion control ID 02"),
            ("dccp.Change R", "Ack ratio 02"),
            ("dccp.Service code", "perf"),
        ),
    ),
    Case(
        "response",
        _long(1, _ACK + bytes(4), 7),
        "eth:ip:dccp",
        "DCCP",
        "39420 → 5001 [Response] Seq=1960341146 (Ack=38464816758) (service=not specified)",
        (("dccp.Acknowledgment number", "38464816758"),),
    ),
    Case(
        "reset",
        _long(7, _ACK + b"\x07\0\0\0", 7),
        "eth:ip:dccp",
        "DCCP",
        "39420 → 5001 [Reset] Seq=1960341146 (Ack=38464816758) (code=Connection Refused)",
    ),
    Case(
        "short numbers",
        ethernet(ipv4(pack(">HHBBHB", 1, 2, 4, 0, 0, 4 << 1) + b"\0\0\x09" + b"\0\0\0\x08" + b"data", 33)),
        "eth:ip:dccp",
        "DCCP",
        "1 → 2 [DataAck] Seq=9 (Ack=8)",
    ),
]
