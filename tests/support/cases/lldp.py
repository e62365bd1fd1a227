# SPDX-License-Identifier: Apache-2.0
"""LLDP with values of its own and of organizations."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import NEAR_MAC, ethernet


def _value(kind: int, value: bytes) -> bytes:
    return pack(">H", kind << 9 | len(value)) + value


def _specific(organization: str, kind: int, value: bytes) -> bytes:
    return _value(127, bytes.fromhex(organization) + bytes([kind]) + value)


_BASIC = _value(1, b"\x04" + NEAR_MAC) + _value(2, b"\x05Eth1/9") + _value(3, b"\0\x78")
_MORE = (
    _value(4, b"uplink")
    + _value(5, b"switch1")
    + _value(6, b"An OS, version 4")
    + _value(7, b"\0\x14\0\x04")
    + _value(8, b"\x05\x01\x0a\0\0\x09\x02" + pack(">I", 7) + b"\0")
    + _specific("0080c2", 1, b"\0\x2a")
    + _specific("0080c2", 3, b"\0\x2a\x04data")
    + _specific("0080c2", 7, b"\x03\0\0\0\x05")
    + _specific("0080c2", 9, b"\x80\x01\x23\x45\x67" + bytes([50, 50, 0, 0, 0, 0, 0, 0]) + bytes(8))
    + _specific("0080c2", 11, b"\x08\x18")
    + _specific("0080c2", 12, b"\0\x61\x89\x06")
    + _specific("00120f", 1, b"\x03\x6c\x11\0\x1e")
    + _specific("00120f", 2, b"\x07\x01\x04\x52\0\x64\0\x82")
    + _specific("00120f", 4, b"\x05\xee")
    + _specific("00120f", 5, pack(">HHHHH", 17, 17, 17, 17, 17))
    + _specific("0012bb", 1, b"\0\x33\x03")
    + _specific("0012bb", 2, b"\x01\x40\xc9\x6e")
    + _specific("0012bb", 4, b"\x43\0\x3f")
    + _specific("0012bb", 8, b"SN1234")
    + _specific("00aabb", 1, b"\1\2")
)

CASES = [
    Case(
        "the mandatory three",
        ethernet(_BASIC + _value(0, b"") + bytes(20), 0x88CC),
        "eth:lldp",
        "LLDP",
        "MA/02:fc:00:00:00:01 IN/Eth1/9 120",
        (("lldp.Chassis ID", "02:fc:00:00:00:01"), ("lldp.Port ID", "Eth1/9"), ("lldp.Time to live", "120 s")),
    ),
    Case(
        "values of organizations",
        ethernet(_BASIC + _MORE + _value(0, b""), 0x88CC),
        "eth:lldp",
        "LLDP",
        "MA/02:fc:00:00:00:01 IN/Eth1/9 120 SysN=switch1 SysD=An OS, version 4",
        (
            ("lldp.Capabilities", "Bridge"),
            ("lldp.Management address", "10.0.0.9"),
            ("lldp.Organization specific", "IEEE 802.1 Port VLAN ID: 42"),
            ("lldp.Organization specific", "IEEE 802.1 VLAN name: 42 data"),
            ("lldp.Organization specific", "IEEE 802.1 Link aggregation: enabled, port 5"),
            ("lldp.Organization specific", "IEEE 802.1 Priority flow control configuration: priorities 3, 4"),
            (
                "lldp.Organization specific",
                "IEEE 802.3 MAC/PHY configuration and status: auto-negotiation on, MAU type 30",
            ),
            ("lldp.Organization specific", "IEEE 802.3 Power via MDI: enabled, 13 W"),
            ("lldp.Organization specific", "IEEE 802.3 Maximum frame size: 1518 bytes"),
            ("lldp.Organization specific", "LLDP-MED Network policy: Voice, VLAN 100, priority 5, DSCP 46"),
            ("lldp.Organization specific", "LLDP-MED Extended power via MDI: 6.3 W"),
            ("lldp.Organization specific", "LLDP-MED Serial number: SN1234"),
            ("lldp.Organization specific", "00:aa:bb subtype 1: 0102"),
        ),
    ),
    Case(
        "address and local name",
        ethernet(
            _value(1, b"\x05\x01\xc0\0\2\1") + _value(2, b"\x07port 3") + _value(3, b"\0\1") + _value(0, b""), 0x88CC
        ),
        "eth:lldp",
        "LLDP",
        "NA/192.0.2.1 LA/port 3 1",
    ),
]
