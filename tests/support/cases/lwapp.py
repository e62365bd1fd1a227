# SPDX-License-Identifier: Apache-2.0
"""LWAPP."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import FAR_MAC, NEAR_MAC, dns_query, ethernet, ipv4, udp

_LLC = b"\xaa\xaa\x03\0\0\0\x08\0"
_FRAME = b"\x08\x01\0\0" + FAR_MAC + NEAR_MAC + FAR_MAC + b"\x10\0" + _LLC + ipv4(udp(dns_query()), 17)
_MESSAGE = pack(">BBHI", 12, 3, 5, 7) + pack(">BH", 9, 2) + b"\1\2"


def _sent(payload: bytes, ports: tuple[int, int]) -> bytes:
    return ethernet(ipv4(udp(payload, ports), 17))


CASES = [
    Case(
        "a frame",
        _sent(pack(">BBHbb", 0x08, 0, len(_FRAME), -29, 66) + _FRAME, (40000, 12222)),
        "eth:ip:udp:lwapp:wlan:llc:ip:udp:dns",
        "DNS",
        "Standard query 0x50b5 AAAA db1.internal",
        (("lwapp.RSSI", "-29 dBm"), ("lwapp.Radio", "1")),
    ),
    Case(
        "a frame with its first bytes changed round",
        _sent(pack(">BBHbb", 0x08, 0, len(_FRAME), -29, 66) + b"\x01\x08" + _FRAME[2:], (40000, 12222)),
        "eth:ip:udp:lwapp:wlan:llc:ip:udp:dns",
        "DNS",
        "Standard query 0x50b5 AAAA db1.internal",
        (("wlan.Type", "2 (data)"), ("wlan.To distribution system", "set")),
    ),
    Case(
        "to an access point",
        _sent(pack(">BBHH", 0x04, 0, len(_MESSAGE), 0) + _MESSAGE, (12223, 40000)),
        "eth:ip:udp:lwapp",
        "LWAPP",
        "CNTL CONFIGURE_COMMAND",
        (("lwapp.Element", "type 9, 2 bytes"),),
    ),
    Case(
        "to the controller",
        _sent(NEAR_MAC + pack(">BBHH", 0x04, 0, len(_MESSAGE), 0) + _MESSAGE, (40000, 12223)),
        "eth:ip:udp:lwapp",
        "LWAPP",
        "CNTL CONFIGURE_COMMAND",
        (("lwapp.Access point", "02:fc:00:00:00:01"),),
    ),
]
