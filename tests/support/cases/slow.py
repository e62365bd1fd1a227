# SPDX-License-Identifier: Apache-2.0
"""The slow protocols."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import FAR_MAC, NEAR_MAC, ethernet


def _side(kind: int, system: bytes, port: int, state: int) -> bytes:
    return pack(">BBH6sHHHB", kind, 20, 0x8000, system, 13, 0x8000, port, state) + bytes(3)


def _slow(payload: bytes) -> bytes:
    return ethernet(payload, 0x8809)


_CLOCK = b"\x0a\x00\x19\xa7\x00\x01\x10\0\0\0" + b"\x01\x00\x04\x04" + bytes(32)
_LOCAL = b"\x01\x10\x01\0\0\0\x0d\x05\xdc\0\1\2" + pack(">I", 9)

CASES = [
    Case(
        "LACP",
        _slow(b"\x01\x01" + _side(1, NEAR_MAC, 22, 0x3D) + _side(2, FAR_MAC, 25, 0x45) + b"\x03\x10\0\x64" + bytes(64)),
        "eth:slow:lacp",
        "LACP",
        "v1 ACTOR 02:fc:00:00:00:01 P: 22 K: 13 **DCSG*A PARTNER 02:fc:00:00:00:02 P: 25 K: 13 *F***G*A",
        (
            ("slow.Subtype", "1 (LACP)"),
            ("lacp.Actor", "02:fc:00:00:00:01 port 22 **DCSG*A"),
            ("lacp.Defaulted", "set"),
            ("lacp.Maximum delay", "100"),
        ),
    ),
    Case(
        "marker",
        _slow(b"\x02\x01\x01\x10" + pack(">H6sIH", 7, NEAR_MAC, 3, 0) + bytes(92)),
        "eth:slow:marker",
        "Marker",
        "Information SysId=02:fc:00:00:00:01, P=7, TId=3",
        (("marker.Transaction", "0x00000003"),),
    ),
    Case(
        "OAM information, dying gasp",
        _slow(b"\x03\x00\x52\x00" + _LOCAL + bytes(26)),
        "eth:slow:oampdu",
        "OAM",
        "OAMPDU: Information, dying gasp",
        (("oampdu.Largest message", "1500"), ("oampdu.Link events", "set"), ("oampdu.Dying gasp", "set")),
    ),
    Case(
        "OAM event",
        _slow(b"\x03\x00\x50\x01\0\1" + b"\x02\x1a" + pack(">HHIIQI", 25, 10, 1, 3, 30, 2) + bytes(20)),
        "eth:slow:oampdu",
        "OAM",
        "OAMPDU: Event Notification",
        (("oampdu.Time stamp", "2.5 s"), ("oampdu.Errors since reset", "30")),
    ),
    Case(
        "clock quality",
        _slow(_CLOCK),
        "eth:slow:ossp",
        "ESMC",
        "Event:Information, QL-SSU-A",
        (("ossp.Quality level", "QL-SSU-A"),),
    ),
    Case("a subtype that nobody has", _slow(b"\x63" + bytes(45)), "eth:slow", "Slow Protocols", "subtype 99, 46 bytes"),
]
