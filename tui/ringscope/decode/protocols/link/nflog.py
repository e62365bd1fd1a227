# SPDX-License-Identifier: Apache-2.0
"""Packets from Linux's netfilter log (LINKTYPE_NFLOG at tcpdump.org; linux/netfilter/nfnetlink_log.h)."""

from __future__ import annotations

import sys
from typing import Literal

from ringscope.decode.forms import octets
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

NFLOG = protocol("nflog", "NFLOG", link=(239,))

_FAMILIES = {0: "unspecified", 2: "IPv4", 3: "ARP", 7: "bridge", 10: "IPv6"}
_ETHERTYPES = {2: 0x0800, 3: 0x0806, 10: 0x86DD}
_ATTRIBUTES = {
    1: "Packet header",
    2: "Mark",
    3: "Timestamp",
    4: "Incoming interface",
    5: "Outgoing interface",
    6: "Incoming physical interface",
    7: "Outgoing physical interface",
    8: "Hardware address",
    9: "Payload",
    10: "Prefix",
    11: "User",
    12: "Sequence number",
    13: "Global sequence number",
    14: "Group",
    15: "Hardware type",
    16: "Hardware header",
    17: "Hardware header length",
}
_PAYLOAD = 9


def _order(data: bytes, at: int) -> Literal["big", "little"]:
    """Attributes have the byte order of the machine that captured; a length below 256 can be read in one way only."""
    if len(data) < at + 2 or data[at : at + 2] == b"\0\0":
        return sys.byteorder
    return "little" if data[at + 1] < data[at] or not data[at + 1] else "big"


@NFLOG.row
def row(row: Row, at: int, end: int) -> None:
    """The packet that the payload attribute holds."""
    row.need(at, 4, end, "NFLOG header")
    data, family, at = row.data, row.data[at], at + 4
    order = _order(data, at)
    while at + 4 <= end:
        row.need(at, 4, end, "NFLOG attribute")
        size, kind = int.from_bytes(data[at : at + 2], order), int.from_bytes(data[at + 2 : at + 4], order) & 0x7FFF
        if kind == _PAYLOAD:
            row.info = f"{_FAMILIES.get(family, f'family {family}')}, {max(size - 4, 0)} bytes"
            if family in _ETHERTYPES:
                row.by_ethertype(_ETHERTYPES[family], at + 4, min(at + size, end))
            return
        at += max(size + 3 & ~3, 4)


@NFLOG.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The attributes up to the payload."""
    draft = tree.open(NFLOG, at, end, "Netfilter log")
    family = draft.uint("Family", 1, _FAMILIES)
    draft.uint("Version", 1)
    draft.uint("Resource", 2)
    order = _order(tree.data, draft.at)
    while draft.left >= 4:
        start = draft.at
        size = int.from_bytes(tree.data[start : start + 2], order)
        kind = int.from_bytes(tree.data[start + 2 : start + 4], order) & 0x7FFF
        with draft.group(_ATTRIBUTES.get(kind, f"Attribute {kind}"), f"{max(size - 4, 0)} bytes") as group:
            draft.uint("Length", 2, order=order)
            draft.uint("Type", 2, order=order)
            if kind != _PAYLOAD:
                group.display = octets(draft.raw("Value", max(size - 4, 0)))
        if kind == _PAYLOAD:
            if family in _ETHERTYPES:
                tree.by_ethertype(_ETHERTYPES[family], draft.at, min(start + size, end))
            return
        draft.at = min(start + max(size + 3 & ~3, 4), draft.end)
