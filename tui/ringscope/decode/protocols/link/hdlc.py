# SPDX-License-Identifier: Apache-2.0
"""Cisco HDLC (LINKTYPE_C_HDLC): address, control, and an Ethertype; its keep-alive SLARP (cisco's description of 1994,
as tcpdump and Wireshark read it)."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.forms import coded, ethertype, hex2, ipv4, octets
from ringscope.decode.registry import ETHERTYPES, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

HDLC = protocol("chdlc", "CHDLC", link=(104,))
SLARP = protocol("slarp", "SLARP")

_ADDRESSES = {0x0F: "unicast", 0x8F: "multicast"}
_SLARP, _CDP, _OSI = 0x8035, 0x2000, 0xFEFE
_KINDS = {0: "Request", 1: "Reply", 2: "Line keepalive"}


def _carried(walk: Walk, kind: int, at: int, end: int) -> None:
    if kind == _SLARP:
        walk.enter(SLARP, at, end)
    elif kind == _CDP:
        walk.by_snap(0x00000C, _CDP, at, end)
    elif kind == _OSI:
        # One byte may pad the header to four (as in Frame Relay); OSI packets begin with a number above 0x80.
        at += 1 if at < walk.size and walk.data[at] in (0, 3) else 0
        walk.by_sap(0xFE, at, end)
    elif kind in ETHERTYPES or kind > 1500:
        walk.by_ethertype(kind, at, end)
    else:
        walk.unknown("ethertype", kind, at, end)


@HDLC.row
def row(row: Row, at: int, end: int) -> None:
    """The type decides."""
    row.need(at, 4, end, "HDLC header")
    _carried(row, unpack_from(">H", row.data, at + 2)[0], at + 4, end)


@HDLC.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(HDLC, at, end, "Cisco HDLC")
    draft.uint("Address", 1, coded(2, _ADDRESSES))
    draft.uint("Control", 1, hex2)
    kind = draft.uint("Protocol", 2, ethertype)
    draft.title = f"Cisco HDLC  {ethertype(kind)}"
    _carried(tree, kind, draft.at, end)


@SLARP.row
def slarp_row(row: Row, at: int, end: int) -> None:
    """Addresses or sequence numbers."""
    row.need(at, 4, end, "SLARP header")
    (kind,) = unpack_from(">I", row.data, at)
    row.info = _KINDS.get(kind, f"packet type {kind}")
    row.need(at + 4, 8, end, "SLARP packet")
    first, second = unpack_from(">II", row.data, at + 4)
    if kind == 2:
        row.info += f", outgoing sequence {first}, returned sequence {second}"
    elif kind < 2:
        row.info += f", {ipv4(row.data[at + 4 : at + 8])} mask {ipv4(row.data[at + 8 : at + 12])}"


@SLARP.layer
def slarp_layer(tree: Tree, at: int, end: int) -> None:
    """Its packet, which is one of three."""
    draft = tree.open(SLARP, at, end)
    draft.say()
    if draft.uint("Packet type", 4, _KINDS) == 2:
        draft.uint("Outgoing sequence number", 4)
        draft.uint("Returned sequence number", 4)
        draft.uint("Reliability", 2)
    else:
        draft.raw("Address", 4, ipv4)
        draft.raw("Mask", 4, ipv4)
    draft.rest("Unused", octets)
