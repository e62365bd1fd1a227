# SPDX-License-Identifier: Apache-2.0
"""Spanning trees: plain, rapid, multiple, and one a VLAN, also tagged."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import FAR_MAC, NEAR_MAC

_ROOT = pack(">H", 0x8001) + FAR_MAC
_BRIDGE = pack(">H", 0x9001) + NEAR_MAC
_SAID = "Root = 32768/1/02:fc:00:00:00:02  Cost = 4  Port = 0x8004"
_PVST = bytes.fromhex("aaaa03 00000c 010b")


def _unit(version: int, kind: int, flags: int) -> bytes:
    return (
        pack(">HBBB", 0, version, kind, flags)
        + _ROOT
        + pack(">I", 4)
        + _BRIDGE
        + pack(">HHHHH", 0x8004, 0, 5120, 512, 3840)
    )


def _frame(llc: bytes, tag: bytes = b"") -> bytes:
    return FAR_MAC + NEAR_MAC + tag + pack(">H", len(llc)) + llc


_TREE = pack(">B", 0x7C) + pack(">H", 0x8005) + FAR_MAC + pack(">IBBB", 0, 0x80, 0x80, 20)
_REGION = b"\0" + b"region1".ljust(32, b"\0") + pack(">H", 3) + bytes(16) + pack(">I", 0) + _BRIDGE + b"\x14" + _TREE
_ORIGIN = pack(">HHH", 0, 2, 1213)

CASES = [
    Case("plain", _frame(b"\x42\x42\x03" + _unit(0, 0, 1)), "eth:llc:stp", "STP", f"Conf. TC + {_SAID}"),
    Case(
        "rapid",
        _frame(b"\x42\x42\x03" + _unit(2, 2, 0x3C) + b"\0"),
        "eth:llc:stp",
        "STP",
        f"RST. {_SAID}",
        (("stp.Port role", "3 (designated)"), ("stp.Forwarding", "set"), ("stp.Hello time", "2 s")),
    ),
    Case(
        "multiple",
        _frame(b"\x42\x42\x03" + _unit(3, 2, 0x7C) + b"\0" + pack(">H", len(_REGION)) + _REGION),
        "eth:llc:stp",
        "STP",
        f"MST. {_SAID}",
        (
            ("stp.Configuration", "region1, revision 3"),
            ("stp.Instance", "5, designated port, root 32768/5/02:fc:00:00:00:02"),
            ("stp.Remaining hops", "20"),
        ),
    ),
    Case(
        "notification, tagged",
        _frame(b"\x42\x42\x03\0\0\0\x80", b"\x81\0\0\x07"),
        "eth:vlan:llc:stp",
        "STP",
        "Topology Change Notification",
    ),
    Case(
        "of a VLAN",
        _frame(_PVST + _unit(0, 0, 0) + b"\0" + _ORIGIN, b"\x81\0\x04\xbd"),
        "eth:vlan:llc:stp",
        "STP",
        f"Conf. {_SAID}",
        (("stp.Originating VLAN", "1213"),),
    ),
    Case(
        "of a VLAN, rapid",
        _frame(_PVST + _unit(2, 2, 0x3C) + b"\0" + _ORIGIN),
        "eth:llc:stp",
        "STP",
        f"RST. {_SAID}",
        (("stp.Originating VLAN", "1213"),),
    ),
]
