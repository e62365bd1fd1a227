# SPDX-License-Identifier: Apache-2.0
"""NTP."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4, udp


def frame(payload: bytes, ports: tuple[int, int] = (40000, 123)) -> bytes:
    return ethernet(ipv4(udp(payload, ports), 17))


def times(first: int, stratum: int, reference: bytes, behind: bytes = b"") -> bytes:
    head = pack(">BBbbII", first, stratum, 6, -20, 0x8000, 0x4000) + reference
    return head + bytes(8) + pack(">IIIIII", 3913056000, 0, 3913056000, 1 << 31, 1, 0) + behind


def extension(kind: int, value: bytes) -> bytes:
    return pack(">HH", kind, 4 + len(value)) + value


_STACK = "eth:ip:udp:ntp"

CASES = [
    Case(
        "server",
        frame(times(0x24, 2, b"\xc0\0\2\1"), (123, 40000)),
        _STACK,
        "NTP",
        "NTP Version 4, server",
        (
            ("ntp.Leap indicator", "0 (no warning)"),
            ("ntp.Version", "4"),
            ("ntp.Mode", "4 (server)"),
            ("ntp.Poll interval", "2^6 s"),
            ("ntp.Precision", "2^-20 s"),
            ("ntp.Root delay", "0.500000 s"),
            ("ntp.Reference", "192.0.2.1"),
            ("ntp.Reference time", "none"),
            ("ntp.Originate time", "2024-01-01 00:00:00.000000000 UTC"),
            ("ntp.Receive time", "2024-01-01 00:00:00.500000000 UTC"),
            ("ntp.Transmit time", "2036-02-07 06:28:17.000000000 UTC"),
        ),
    ),
    Case(
        "primary server with a digest",
        frame(times(0xDC, 1, b"GPS\0", pack(">I", 10) + b"d" * 16), (123, 40000)),
        _STACK,
        "NTP",
        "NTP Version 3, server",
        (("ntp.Reference", "GPS (GPS)"), ("ntp.Key", "0x0000000a"), ("ntp.Digest", "64" * 16)),
    ),
    Case(
        "kiss of death",
        frame(times(0xE4, 0, b"RATE"), (123, 40000)),
        _STACK,
        "NTP",
        "NTP Version 4, server (kiss of death RATE: asked too often)",
        (("ntp.Reference", "RATE (asked too often)"), ("ntp.Stratum", "0 (unspecified or kiss of death)")),
    ),
    Case(
        "client with network time security",
        frame(times(0x23, 0, bytes(4), extension(0x0104, b"u" * 32) + extension(0x0204, b"c" * 100))),
        _STACK,
        "NTP",
        "NTP Version 4, client",
        (("ntp.Unique identifier", "75" * 32), ("ntp.Type", "0x0204 (NTS cookie)")),
    ),
    Case(
        "control answer",
        frame(pack(">BBHHHHH", 0x16, 0x82, 1, 0x0615, 0, 0, 21) + b'version="ntpd", rot=1' + bytes(3), (123, 40000)),
        _STACK,
        "NTP",
        "NTP Version 2, control",
        (
            ("ntp.Response", "yes"),
            ("ntp.Operation", "2 (read variables)"),
            ("ntp.Data", 'version="ntpd", rot=1'),
        ),
    ),
    Case(
        "private request",
        frame(b"\x17\0\3\x2a" + bytes(4)),
        _STACK,
        "NTP",
        "NTP Version 2, private, Request, MON_GETLIST_1",
        (("ntp.Request", "42 (MON_GETLIST_1)"), ("ntp.Implementation", "3 (ntpd)")),
    ),
    Case(
        "private answer",
        frame(b"\xd7\1\3\x2a" + pack(">HH", 2, 8) + b"a" * 8 + b"b" * 8, (123, 40000)),
        _STACK,
        "NTP",
        "NTP Version 2, private, Response, MON_GETLIST_1",
        (("ntp.More", "yes"), ("ntp.Items", "2"), ("ntp.Item", "62" * 8)),
    ),
]
