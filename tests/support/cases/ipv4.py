# SPDX-License-Identifier: Apache-2.0
"""IPv4's options."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4, udp


def packet(*options: bytes) -> bytes:
    """A datagram behind these options, which are filled up to whole words."""
    together = b"".join(options)
    return ethernet(ipv4(udp(b"hello", (9000, 9001)), 17, options=together + bytes(-len(together) % 4)))


def option(kind: int, value: bytes) -> bytes:
    return bytes([kind, len(value) + 2]) + value


_HOPS = bytes([10, 0, 0, 7]) + bytes([10, 0, 0, 8])
_TRACE = option(82, pack(">HHH", 7, 1, 2) + _HOPS[:4])
_SAID = ("eth:ip:udp", "UDP", "9000 → 9001 Len=5")

CASES = [
    Case(
        "router alert and a route that is recorded",
        packet(option(148, b"\0\0"), option(7, b"\x08" + _HOPS)),
        *_SAID,
        (
            ("ip.Options", "16 bytes, Router alert, Record route"),
            ("ip.Router alert", "0 (every router is to examine the packet)"),
            ("ip.Copied to all fragments", "yes"),
            ("ip.Record route", "10.0.0.7; 1 more"),
        ),
    ),
    Case(
        "timestamps with addresses",
        packet(option(68, b"\x0d\x21" + _HOPS[:4] + pack(">I", 5000) + _HOPS[4:] + bytes(4))),
        *_SAID,
        (("ip.Timestamp", "10.0.0.7 5000 ms; 2 hosts found no room"), ("ip.Kind", "1 (addresses and timestamps)")),
    ),
    Case(
        "security, quick start, traceroute",
        packet(option(130, b"\x5a\x80"), option(25, b"\x05\x40" + bytes(4)), _TRACE),
        *_SAID,
        (
            ("ip.Security", "Secret"),
            ("ip.Quick start", "rate request, 1280 kbit/s"),
            ("ip.Traceroute", "id 0x0007, from 10.0.0.7"),
        ),
    ),
    Case("an option that is longer than the header", packet(b"\x94\x40\0\0"), *_SAID),
]  # fmt: skip
