# SPDX-License-Identifier: Apache-2.0
"""IEEE 802.11 frames (clause 9): addresses, what management frames hold, and the LLC of data frames that are not
encrypted."""

from __future__ import annotations

from typing import NamedTuple

from ringscope.decode.address import mac
from ringscope.decode.draft import Bits, Draft
from ringscope.decode.forms import coded, hex4, is_set, plain
from ringscope.decode.protocols.link.wlan_management import BEACONING, body, network_name
from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

WLAN = protocol("wlan", "802.11", link=(105,))
SWAPPED = protocol("wlan", "802.11")

_MANAGEMENT, _CONTROL, _DATA = 0, 1, 2
_PROBE = 4
_TYPES = {_MANAGEMENT: "management", _CONTROL: "control", _DATA: "data", 3: "extension"}
_NAMES = {
    (0, 0): "Association Request",
    (0, 1): "Association Response",
    (0, 2): "Reassociation Request",
    (0, 3): "Reassociation Response",
    (0, 4): "Probe Request",
    (0, 5): "Probe Response",
    (0, 8): "Beacon frame",
    (0, 9): "ATIM",
    (0, 10): "Disassociate",
    (0, 11): "Authentication",
    (0, 12): "Deauthentication",
    (0, 13): "Action",
    (0, 14): "Action No Ack",
    (1, 7): "Control wrapper",
    (1, 8): "802.11 Block Ack Req",
    (1, 9): "802.11 Block Ack",
    (1, 10): "Power-Save poll",
    (1, 11): "Request-to-send",
    (1, 12): "Clear-to-send",
    (1, 13): "Acknowledgement",
    (1, 14): "CF-End",
    (2, 0): "Data",
    (2, 4): "Null function (No data)",
    (2, 8): "QoS Data",
    (2, 12): "QoS Null function (No data)",
}
_ONE_ADDRESS = frozenset({12, 13})  # control frames that name the receiver only


class Head(NamedTuple):
    """What the first two bytes say. `addresses`: how many stand behind them; `size`: of the whole header."""

    kind: int
    subtype: int
    to_ds: bool
    from_ds: bool
    protected: bool
    addresses: int
    qos: bool
    ht: bool
    size: int


def _head(first: int, second: int) -> Head:
    kind, subtype = first >> 2 & 3, first >> 4
    to_ds, from_ds = bool(second & 1), bool(second & 2)
    qos = kind == _DATA and bool(subtype & 8)
    ht = bool(second & 0x80) and (qos or kind == _MANAGEMENT)
    if kind == _CONTROL:
        addresses = 1 if subtype in _ONE_ADDRESS else 2
        return Head(kind, subtype, to_ds, from_ds, False, addresses, False, False, 4 + addresses * 6)
    addresses = 4 if to_ds and from_ds and kind == _DATA else 3
    size = 24 + (6 if addresses == 4 else 0) + (2 if qos else 0) + (4 if ht else 0)
    return Head(kind, subtype, to_ds, from_ds, bool(second & 0x40), addresses, qos, ht, size)


def _ends(head: Head, data: bytes, at: int) -> tuple[str, str]:
    """Source and destination (table 9-60: which address is what depends on the two direction bits)."""
    place = {(False, False): (10, 4), (False, True): (16, 4), (True, False): (10, 16), (True, True): (24, 16)}
    source, destination = place[head.to_ds, head.from_ds] if head.kind == _DATA else (10, 4)
    return mac(data[at + source : at + source + 6]), mac(data[at + destination : at + destination + 6])


def _words(head: Head) -> str:
    return _NAMES.get((head.kind, head.subtype), f"{_TYPES[head.kind]} subtype {head.subtype}")


def _carried(walk: Walk, head: Head, at: int, end: int) -> None:
    if head.kind == _DATA and not head.subtype & 4 and not head.protected and at < end:
        walk.enter(PROTOCOLS["llc"], at, end)


def swapped(walk: Walk, at: int, end: int) -> bool:
    """Whether the two bytes of frame control change places, as Cisco's access points send them to their controller.

    Version 0 is the only one, so one of the orders can mostly be ruled out; where none can, they did.
    """
    if at + 2 > min(end, walk.size):
        return False
    first, second = walk.data[at], walk.data[at + 1]
    return not (second & 3 or (first and not second))


@WLAN.row
def row(row: Row, at: int, end: int) -> None:
    """The kind of frame, and its two ends."""
    row.need(at, 2, end, "802.11 frame control")
    _row(row, _head(row.data[at], row.data[at + 1]), row.data[at + 1], at, end)


@SWAPPED.row
def swapped_row(row: Row, at: int, end: int) -> None:
    """The same, its first two bytes the other way round."""
    row.need(at, 2, end, "802.11 frame control")
    _row(row, _head(row.data[at + 1], row.data[at]), row.data[at], at, end)


def _letters(flags: int) -> str:
    """As Wireshark writes them: a letter for a flag that is set."""
    return "".join(letter if flags & 0x80 >> place else "." for place, letter in enumerate("opmPRMFT"))


def _network(row: Row, subtype: int, at: int, end: int) -> str:
    """The interval of beacons and the name of the network, where the frame has them."""
    told, stop = "", min(end, row.size)
    if subtype in BEACONING:
        row.need(at, 12, end, "802.11 beacon")
        told, at = f", BI={int.from_bytes(row.data[at + 8 : at + 10], 'little')}", at + 12
    name = network_name(row.data, at, stop) if subtype in BEACONING or subtype == _PROBE else None
    return told if name is None else f"{told}, SSID={name or 'Wildcard (Broadcast)'}"


def _row(row: Row, head: Head, flags: int, at: int, end: int) -> None:
    row.info = _words(head)
    row.need(at, head.size, end, "802.11 header")
    if head.kind == _CONTROL:
        row.destination = mac(row.data[at + 4 : at + 10])
        row.source = mac(row.data[at + 10 : at + 16]) if head.addresses == 2 else ""
    else:
        row.source, row.destination = _ends(head, row.data, at)
        order = int.from_bytes(row.data[at + 22 : at + 24], "little")
        row.info += f", SN={order >> 4}, FN={order & 15}"
    row.info += f", Flags={_letters(flags)}"
    if head.kind == _MANAGEMENT and not head.protected:
        row.info += _network(row, head.subtype, at + head.size, end)
    if head.protected:
        row.info += f", encrypted, {max(end - at - head.size, 0)} bytes"
    _carried(row, head, at + head.size, end)


_TYPE: tuple[Bits, ...] = (("Subtype", 4, plain), ("Type", 2, _TYPES), ("Version", 2, plain))
_FLAGS: tuple[Bits, ...] = (
    ("Order", 1, is_set),
    ("Protected", 1, is_set),
    ("More data", 1, is_set),
    ("Power management", 1, is_set),
    ("Retry", 1, is_set),
    ("More fragments", 1, is_set),
    ("From distribution system", 1, is_set),
    ("To distribution system", 1, is_set),
)


@WLAN.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header, and what management frames hold."""
    draft = tree.open(WLAN, at, end, "IEEE 802.11")
    head = _head(draft.peek(), draft.peek(1, 1))
    draft.bits(1, *_TYPE)
    draft.bits(1, *_FLAGS)
    _layer(draft, head)


@SWAPPED.layer
def swapped_layer(tree: Tree, at: int, end: int) -> None:
    """The same, its first two bytes the other way round."""
    draft = tree.open(SWAPPED, at, end, "IEEE 802.11")
    head = _head(draft.peek(1, 1), draft.peek())
    draft.bits(1, *_FLAGS)
    draft.bits(1, *_TYPE)
    _layer(draft, head)


def _layer(draft: Draft, head: Head) -> None:
    """Everything behind frame control, and what is inside."""
    draft.title = f"IEEE 802.11  {_words(head)}"
    draft.uint("Duration", 2, order="little")
    draft.raw("Receiver", 6, mac)
    if head.addresses > 1:
        draft.raw("Transmitter", 6, mac)
    if head.addresses > 2:
        draft.raw("Address 3", 6, mac)
        draft.bits(2, ("Sequence number", 12, plain), ("Fragment", 4, plain), order="little")
    if head.addresses > 3:
        draft.raw("Address 4", 6, mac)
    if head.qos:
        draft.uint("QoS control", 2, hex4, order="little")
    if head.ht:
        draft.uint("HT control", 4, coded(8, {}), order="little")
    if head.kind == _MANAGEMENT and not head.protected:
        body(draft, head.subtype)
    _carried(draft.tree, head, draft.at, draft.end)
