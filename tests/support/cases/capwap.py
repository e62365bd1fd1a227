# SPDX-License-Identifier: Apache-2.0
"""CAPWAP, EtherIP, UDP-Lite."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import FAR_MAC, NEAR_MAC, dns_query, ethernet, ipv4, udp

_QUERY = ipv4(udp(dns_query()), 17)
_LLC = b"\xaa\xaa\x03\0\0\0\x08\0"
_FRAME = b"\x08\x01\0\0" + FAR_MAC + NEAR_MAC + FAR_MAC + b"\x10\0" + _LLC + _QUERY
_SAID = ("DNS", "Standard query 0x50b5 AAAA db1.internal")


def _head(words: int, flags: int, more: bytes = b"", offset: int = 0) -> bytes:
    return pack(">IHH", words << 19 | 1 << 14 | 1 << 9 | flags, 0, offset << 3) + more


def _sent(payload: bytes, port: int) -> bytes:
    return ethernet(ipv4(udp(payload, (40000, port)), 17))


CASES = [
    Case(
        "a frame of 802.11",
        _sent(_head(4, 0x110, b"\x06" + NEAR_MAC + b"\0") + _FRAME, 5247),
        "eth:ip:udp:capwap.data:wlan:llc:ip:udp:dns",
        *_SAID,
        (("capwap.data.Radio address", "02:fc:00:00:00:01"), ("capwap.data.Wireless binding", "1 (802.11)")),
    ),
    Case(
        "a frame of Ethernet",
        _sent(_head(2, 0) + ethernet(_QUERY), 5247),
        "eth:ip:udp:capwap.data:eth:ip:udp:dns",
        *_SAID,
    ),
    Case(
        "keep-alive",
        _sent(_head(2, 8) + bytes(4), 5247),
        "eth:ip:udp:capwap.data",
        "CAPWAP-Data",
        "CAPWAP-Data keep-alive",
    ),
    Case(
        "a later fragment",
        _sent(_head(2, 0xC0, b"", 20) + bytes(40), 5247),
        "eth:ip:udp:capwap.data",
        "CAPWAP-Data",
        "CAPWAP fragment 0, offset 160",
    ),
    Case(
        "a message",
        _sent(_head(2, 0) + pack(">IBHB", 1, 0, 13, 0) + pack(">HHB", 20, 1, 0) + pack(">HH", 45, 1) + b"a", 5246),
        "eth:ip:udp:capwap",
        "CAPWAP-Control",
        "CAPWAP-Control - Discovery Request",
        (("capwap.WTP name", "a"),),
    ),
    Case(
        "EtherIP",
        ethernet(ipv4(b"\x30\0" + ethernet(_QUERY), 97)),
        "eth:ip:etherip:eth:ip:udp:dns",
        *_SAID,
        (("etherip.Version", "3"),),
    ),
    Case(
        "UDP-Lite",
        ethernet(ipv4(pack(">HHHH", 40000, 53, 8, 0) + dns_query(), 136)),
        "eth:ip:udplite:dns",
        *_SAID,
        (("udplite.Checksum coverage", "8 bytes"),),
    ),
]
