# SPDX-License-Identifier: Apache-2.0
"""Frame Relay (ITU-T Q.922, RFC 2427): an address of two to four bytes, then a control byte and the number of a network
layer protocol, or, as Cisco has it, an Ethertype."""

from __future__ import annotations

from ringscope.decode.forms import coded, ethertype, hex2, is_set, mac, plain
from ringscope.decode.registry import ETHERTYPES, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

FRAME_RELAY = protocol("fr", "FR", link=(107,))

_NLPIDS = {
    0x80: "SNAP",
    0x81: "CLNP",
    0x82: "ES-IS",
    0x83: "IS-IS",
    0x8E: "IPv6",
    0xB0: "FRF.9",
    0xCC: "IPv4",
    0xCF: "PPP",
}
_UNNUMBERED = 0x03


def _address_size(data: bytes, at: int, stop: int) -> int:
    """Up to the byte whose lowest bit is set."""
    size = 1
    while size < 4 and at + size <= stop and not data[at + size - 1] & 1:
        size += 1
    return size


def _carried(walk: Walk, number: int, at: int, end: int) -> None:
    if number in (0xCC, 0x8E):
        walk.by_ethertype(0x0800 if number == 0xCC else 0x86DD, at, end)
    elif number == 0xCF:
        walk.by_ethertype(0x880B, at, end)
    elif number in (0x81, 0x82, 0x83):
        walk.by_sap(0xFE, at - 1, end)
    elif number == 0x80:
        walk.need(at, 5, end, "SNAP header")
        data = walk.data
        organization, kind = int.from_bytes(data[at : at + 3], "big"), int.from_bytes(data[at + 3 : at + 5], "big")
        walk.by_snap(organization, kind, at + 5, end)
    else:
        walk.unknown("protocol", number, at, end)


def _dlci(data: bytes, at: int, size: int) -> int:
    number = data[at] >> 2
    if size > 1:
        number = number << 4 | data[at + 1] >> 4
    for place in range(2, size):
        number = number << (6 if place == size - 1 else 7) | data[at + place] >> (2 if place == size - 1 else 1)
    return number


@FRAME_RELAY.row
def row(row: Row, at: int, end: int) -> None:
    """The connection, where nothing inside is known."""
    row.need(at, 2, end, "Frame Relay header")
    size = _address_size(row.data, at, min(end, row.size))
    row.need(at, size + 2, end, "Frame Relay header")
    row.info = f"DLCI {_dlci(row.data, at, size)}, {max(end - at - size, 0)} bytes"
    at += size
    kind = row.data[at] << 8 | row.data[at + 1]
    if row.data[at] == _UNNUMBERED:
        at += 1 if row.data[at + 1] else 2
        row.need(at, 1, end, "Frame Relay header")
        _carried(row, row.data[at], at + 1, end)
    elif kind in ETHERTYPES:
        row.by_ethertype(kind, at + 2, end)


@FRAME_RELAY.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Address and control."""
    draft = tree.open(FRAME_RELAY, at, end, "Frame Relay")
    draft.peek(2)
    size = _address_size(tree.data, at, min(end, tree.size))
    with draft.group("Address") as group:
        group.display = f"DLCI {_dlci(tree.data, at, size)}"
        draft.title = f"Frame Relay  {group.display}"
        draft.bits(1, ("Upper DLCI", 6, plain), ("Command or response", 1, plain), ("Extension", 1, plain))
        if size > 1:
            draft.bits(
                1,
                ("Second DLCI", 4, plain),
                ("Forward congestion", 1, is_set),
                ("Backward congestion", 1, is_set),
                ("Discard eligible", 1, is_set),
                ("Extension", 1, plain),
            )
        for _ in range(2, size):
            draft.uint("More of the DLCI", 1, hex2)
    kind = draft.peek(2)
    if kind >> 8 == _UNNUMBERED:
        draft.uint("Control", 1, hex2)
        if not draft.peek():
            draft.uint("Padding", 1, hex2)
        number = draft.peek()
        if number in (0x81, 0x82, 0x83):  # the number is the first byte of these protocols themselves
            _carried(tree, number, draft.at + 1, end)
            return
        draft.uint("Network layer protocol", 1, coded(2, _NLPIDS))
        at = draft.at
        if number == 0x80:
            draft.raw("Organization", 3, mac)
            draft.uint("Protocol", 2, ethertype)
        _carried(tree, number, at, end)
    elif kind in ETHERTYPES:
        draft.uint("Type", 2, ethertype)
        tree.by_ethertype(kind, draft.at, end)
