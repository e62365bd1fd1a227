# SPDX-License-Identifier: Apache-2.0
"""The loopback headers of BSD and macOS: LINKTYPE_NULL, in the byte order of the machine that captured, and
LINKTYPE_LOOP, in network order. Both hold an address family, whose numbers for IPv6 differ from system to system."""

from __future__ import annotations

from typing import Literal

from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

NULL = protocol("null", "NULL", link=(0, 108))

_FAMILIES = {2: "IPv4", 7: "OSI", 10: "IPv6", 23: "IPX or IPv6", 24: "IPv6", 28: "IPv6", 30: "IPv6"}
_IPV4, _OSI = 2, 7


def _family(data: bytes, at: int) -> tuple[int, Literal["big", "little"]]:
    # A family is a small number: of the two ways to read it, the smaller one is right.
    big, little = int.from_bytes(data[at : at + 4], "big"), int.from_bytes(data[at : at + 4], "little")
    return (big, "big") if big < little else (little, "little")


def _carried(walk: Walk, family: int, at: int, end: int) -> None:
    if family > 0xFFFF:  # no family: PPP, or two bytes of something and an Ethertype, as some drivers have it
        if walk.data.startswith(b"\xff\x03", at - 4):
            walk.by_ppp(int.from_bytes(walk.data[at - 2 : at], "big"), at, end)
        else:
            walk.by_ethertype(int.from_bytes(walk.data[at - 2 : at], "big"), at, end)
    elif family > 0x0600:
        walk.by_ethertype(family, at, end)
    elif family == _OSI:
        walk.by_sap(0xFE, at, end)
    elif family in _FAMILIES:
        walk.by_ethertype(0x0800 if family == _IPV4 else 0x86DD, at, end)
    else:
        walk.unknown("family", family, at, end)


@NULL.row
def row(row: Row, at: int, end: int) -> None:
    """The family decides."""
    row.need(at, 4, end, "NULL header")
    _carried(row, _family(row.data, at)[0], at + 4, end)


@NULL.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(NULL, at, end, "BSD loopback")
    draft.peek(4)
    family, order = _family(tree.data, at)
    draft.uint("Family", 4, _FAMILIES, order=order)
    draft.title = f"BSD loopback  {_FAMILIES.get(family, f'family {family}')}"
    _carried(tree, family, draft.at, end)
