# SPDX-License-Identifier: Apache-2.0
"""BFD."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4, udp


def _control(flags: int, more: bytes = b"", *, first: int = 0x20) -> bytes:
    return pack(">BBBBIIIII", first, flags, 3, 24 + len(more), 1, 2, 300000, 50000, 0) + more


def _sent(payload: bytes, port: int = 3784) -> bytes:
    return ethernet(ipv4(udp(payload, (49152, port)), 17))


CASES = [
    Case(
        "up",
        _sent(_control(0xC8)),
        "eth:ip:udp:bfd",
        "BFD Control",
        "Diag: No Diagnostic, State: Up, Flags: 0x08",
        (
            ("bfd.Desired minimum transmit interval", "300 ms"),
            ("bfd.My discriminator", "0x00000001"),
            ("bfd.State", "3 (Up)"),
        ),
    ),
    Case(
        "down, with a digest",
        _sent(_control(0x44, b"\x05\x1c\x01\0" + pack(">I", 9) + bytes(20), first=0x21), 4784),
        "eth:ip:udp:bfd",
        "BFD Control",
        "Diag: Control Detection Time Expired, State: Down, Flags: 0x04",
        (("bfd.Authentication", "meticulous keyed SHA1"), ("bfd.Sequence number", "9")),
    ),
    Case(
        "with a password",
        _sent(_control(0x84, b"\x01\x09\x07secret")),
        "eth:ip:udp:bfd",
        "BFD Control",
        "Diag: No Diagnostic, State: Init, Flags: 0x04",
        (("bfd.Password", "secret"),),
    ),
    Case(
        "echo",
        _sent(b"\1\2\3\4", 3785),
        "eth:ip:udp:bfd_echo",
        "BFD Echo",
        "Originator specific content, 4 bytes",
    ),
]
