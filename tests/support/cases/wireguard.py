# SPDX-License-Identifier: Apache-2.0
"""The four messages of WireGuard, on its port and elsewhere, and what only looks like one."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4, udp

_KEYS = bytes(range(256))


def _case(name: str, message: bytes, info: str, *fields: tuple[str, str], port: int = 51820) -> Case:
    frame = ethernet(ipv4(udp(message, (40000, port)), 17))
    return Case(name, frame, "eth:ip:udp:wg", "WireGuard", info, fields)


_DATA = pack("<III", 4, 0xAB7DF406, 7) + bytes(4)

CASES = [
    _case(
        "a handshake begins",
        pack("<II", 1, 0x30D037D8) + _KEYS[:140],
        "Handshake Initiation, sender=0x30D037D8",
        ("wg.Type", "1 (Handshake Initiation)"),
        ("wg.Sender", "0x30D037D8"),
        ("wg.MAC 1", _KEYS[108:124].hex()),
    ),
    _case(
        "it is answered on another port",
        pack("<III", 2, 0xAB7DF406, 0x30D037D8) + _KEYS[:80],
        "Handshake Response, sender=0xAB7DF406, receiver=0x30D037D8",
        ("wg.Receiver", "0x30D037D8"),
        port=9999,
    ),
    _case("a cookie", pack("<II", 3, 0x06F47DAB) + _KEYS[:56], "Cookie Reply, receiver=0x06F47DAB"),
    _case(
        "a packet",
        _DATA + _KEYS[:112],
        "Transport Data, receiver=0xAB7DF406, counter=7, datalen=96",
        ("wg.Counter", "7"),
        ("wg.Authentication tag", _KEYS[96:112].hex()),
    ),
    _case(
        "a packet on another port",
        _DATA + _KEYS[:48],
        "Transport Data, receiver=0xAB7DF406, counter=7, datalen=32",
        port=9999,
    ),
    _case("nothing to say", _DATA + _KEYS[:16], "Keepalive, receiver=0xAB7DF406, counter=7"),
    Case(
        "something else on its port",
        ethernet(ipv4(udp(b"\1\0\0\0" + bytes(200), (40000, 51820)), 17)),
        "eth:ip:udp",
        "UDP",
        "40000 → 51820 Len=204",
    ),
]
