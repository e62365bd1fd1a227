# SPDX-License-Identifier: Apache-2.0
"""IEEE 802.11 management frames, and what radiotap says of them."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import FAR_MAC, NEAR_MAC

_ELEMENTS = b"\0\7Coherer" + b"\1\4\x82\x84\x0b\x16" + b"\3\1\6" + b"\5\4\0\1\0\0" + b"\x2a\1\2" + b"\xdd\4\0\x50\xf2\1"
_BEACON = pack("<QHH", 4767641989, 100, 0x0411) + _ELEMENTS
_RADIO = pack("<BBHI", 0, 0, 24, 1 | 2 | 4 | 8 | 1 << 5 | 1 << 11)


def frame(subtype: int, body: bytes, flags: int = 0, sequence: int = 181) -> bytes:
    ends = b"\xff" * 6 + NEAR_MAC + FAR_MAC
    return bytes([subtype << 4, flags]) + pack("<H", 314) + ends + pack("<H", sequence << 4) + body


CASES = [
    Case(
        "a beacon",
        frame(8, _BEACON),
        "wlan",
        "802.11",
        "Beacon frame, SN=181, FN=0, Flags=........, BI=100, SSID=Coherer",
        (
            ("wlan.Beacon interval", "100 units, 102.4 ms"),
            ("wlan.SSID", "Coherer"),
            ("wlan.Supported rates (* basic)", "1* 2* 5.5 11 Mb/s"),
            ("wlan.Channel", "6"),
            ("wlan.Privacy", "set"),
        ),
        105,
    ),
    Case(
        "a probe for any network",
        frame(4, b"\0\0"),
        "wlan",
        "802.11",
        "Probe Request, SN=181, FN=0, Flags=........, SSID=Wildcard (Broadcast)",
        link_type=105,
    ),
    Case(
        "the end, and signal and channel",
        _RADIO + pack("<QBBHHbB", 5000, 0, 2, 2412, 0xA0, -61, 1) + frame(12, pack("<H", 7), 0x08),
        "radiotap:wlan",
        "802.11",
        "Deauthentication, SN=181, FN=0, Flags=....R...",
        (
            ("wlan.Reason", "7 (frame of class 3 from a station that is not associated)"),
            ("radiotap.Rate", "1 Mb/s"),
            ("radiotap.Frequency", "2412 MHz"),
            ("radiotap.Signal", "-61 dBm"),
            ("radiotap.Antenna", "1"),
        ),
        127,
    ),
    Case(
        "an element that is longer than the frame",
        frame(8, _BEACON + b"\x30\x40\1"),
        "wlan",
        "802.11",
        "Beacon frame, SN=181, FN=0, Flags=........, BI=100, SSID=Coherer",
        (("wlan.Rest of the frame", "304001"),),
        105,
    ),
]
