# SPDX-License-Identifier: Apache-2.0
"""IEEE 802.2 logical link control, and SNAP inside it (RFC 1042, IEEE 802)."""

from __future__ import annotations

from ringscope.decode.forms import coded, ethertype, hex2, hex4, mac
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

LLC = protocol("llc", "LLC", link=(100,))

_SNAP = 0xAA
_CISCO = {0x2000: "CDP", 0x2003: "VTP", 0x2004: "DTP", 0x0111: "UDLD", 0x010B: "PVST"}
_SAPS = {0x06: "IPv4", 0x42: "STP", 0x98: "ARP", 0xAA: "SNAP", 0xE0: "IPX", 0xF0: "NetBIOS", 0xFE: "OSI"}


def _unnumbered(control: int) -> bool:
    return control & 3 == 3


def _carries(control: int) -> bool:
    """Unnumbered information or a numbered information frame; the others are about the link."""
    return control & 1 == 0 or control & 0xEF == 3


@LLC.row
def row(row: Row, at: int, end: int) -> None:
    """The access points, where what they announce is not known."""
    row.need(at, 3, end, "LLC header")
    data = row.data
    dsap, ssap, control = data[at], data[at + 1], data[at + 2]
    header = 3 if _unnumbered(control) else 4
    size = f"{max(end - at - header, 0)} bytes"
    row.info = f"DSAP 0x{dsap:02x} SSAP 0x{ssap:02x}, {size}"
    if dsap & 0xFE == ssap & 0xFE == _SNAP and _carries(control):
        at += header
        row.need(at, 5, end, "SNAP header")
        organization = data[at] << 16 | data[at + 1] << 8 | data[at + 2]
        kind = data[at + 3] << 8 | data[at + 4]
        row.info = f"SNAP {organization:06x} 0x{kind:04x}, {max(end - at - 5, 0)} bytes"
        if organization == 0x00000C and kind in _CISCO:
            row.protocol = _CISCO[kind]
        row.by_snap(organization, kind, at + 5, end)
    elif _carries(control) and at + header < end:
        row.protocol = _SAPS.get(dsap, "LLC")
        row.by_sap(dsap, at + header, end)


@LLC.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header, with SNAP's in the same layer."""
    draft = tree.open(LLC, at, end)
    dsap = draft.uint("DSAP", 1, coded(2, _SAPS))
    ssap = draft.uint("SSAP", 1, coded(2, _SAPS))
    draft.title = f"LLC  DSAP 0x{dsap:02x}  SSAP 0x{ssap:02x}"
    control = draft.uint("Control", 1 if _unnumbered(draft.peek()) else 2, hex2, order="little")
    if dsap & 0xFE == ssap & 0xFE == _SNAP and _carries(control):
        organization = int.from_bytes(draft.raw("Organization", 3, mac), "big")
        kind = draft.uint("Protocol", 2, hex4 if organization else ethertype)
        draft.title = f"LLC  SNAP {organization:06x} 0x{kind:04x}"
        tree.by_snap(organization, kind, draft.at, end)
    elif _carries(control) and draft.left:
        tree.by_sap(dsap, draft.at, end)
