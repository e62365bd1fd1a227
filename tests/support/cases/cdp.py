# SPDX-License-Identifier: Apache-2.0
"""CDP and DTP."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import FAR_MAC, NEAR_MAC


def _frame(kind: int, body: bytes) -> bytes:
    llc = b"\xaa\xaa\x03\0\0\x0c" + pack(">H", kind) + body
    return FAR_MAC + NEAR_MAC + pack(">H", len(llc)) + llc


def _value(kind: int, value: bytes) -> bytes:
    return pack(">HH", kind, 4 + len(value)) + value


_ADDRESSES = pack(">I", 1) + b"\x01\x01\xcc\0\x04" + bytes([172, 17, 1, 54])
_CDP = (
    pack(">BBH", 2, 180, 0)
    + _value(1, b"R1")
    + _value(2, _ADDRESSES)
    + _value(3, b"FastEthernet0/0")
    + _value(4, pack(">I", 0x29))
    + _value(5, b"An OS\nline 2")
    + _value(6, b"Linux Unix")
    + _value(7, bytes([10, 172, 64, 6, 31]))
    + _value(9, b"lab")
    + _value(10, b"\x04\xbd")
    + _value(11, b"\1")
    + _value(14, b"\x01\0\x0a")
    + _value(16, b"\x18\x9c")
    + _value(17, pack(">I", 1500))
    + _value(22, _ADDRESSES)
    + _value(26, pack(">HHII", 0, 1, 0, 15400))
    + _value(27, b"\0")
)

CASES = [
    Case(
        "a router",
        _frame(0x2000, _CDP),
        "eth:llc:cdp",
        "CDP",
        "Device ID: R1  Port ID: FastEthernet0/0",
        (
            ("cdp.Device ID", "R1"),
            ("cdp.Addresses", "172.17.1.54"),
            ("cdp.Capabilities", "Router, Switch, IGMP capable"),
            ("cdp.IP prefixes", "10.172.64.6/31"),
            ("cdp.Native VLAN", "1213"),
            ("cdp.Duplex", "full"),
            ("cdp.VoIP VLAN reply", "10"),
            ("cdp.Power consumption", "6.3 W"),
            ("cdp.MTU", "1500"),
            ("cdp.Software version", "An OS\\x0aline 2"),
        ),
    ),
    Case(
        "a trunk",
        _frame(0x2004, b"\x01" + _value(1, b"lab\0") + _value(2, b"\x84") + _value(3, b"\xa5") + _value(4, NEAR_MAC)),
        "eth:llc:dtp",
        "DTP",
        "Dynamic Trunk Protocol, 29 bytes",
        (("dtp.Domain", "lab"), ("dtp.Trunk status", "Auto"), ("dtp.Sender", "02:fc:00:00:00:01")),
    ),
]
