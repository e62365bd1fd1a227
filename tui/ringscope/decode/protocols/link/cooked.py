# SPDX-License-Identifier: Apache-2.0
"""Linux cooked captures: a header of the capture's own in place of link headers, which may be of several kinds.

Sources: LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2 at tcpdump.org; linux/if_packet.h, if_arp.h, if_ether.h.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from ringscope.decode.address import ip_text
from ringscope.decode.draft import Draft
from ringscope.decode.forms import octets
from ringscope.decode.names import ARPHRD, ETHERTYPES, LINUX_PROTOCOLS, PACKET_TYPES
from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

VERSION_1 = protocol("sll", "SLL", link=(113,))
VERSION_2 = protocol("sll", "SLL", link=(276,))

_FIRST_ETHERTYPE = 0x0600  # smaller numbers are Linux's own; a length, as in IEEE 802.3, is never there
_INSIDE = {0x0001: "ipx", 0x0003: "eth", 0x0004: "llc", 0x0007: "ppp", 0x0008: "ppp"}
_OTHERS = {770: "FR", 801: "WLAN", 802: "WLAN", 803: "WLAN", 824: "Netlink"}  # their protocol is no Ethertype


class Cooked(NamedTuple):
    """What both versions of the header say. The sender's link address has `length` bytes, of which the `kept` from
    offset `address` on are there."""

    protocol: int
    hatype: int
    packet_type: int
    length: int
    address: int
    kept: int


_V1 = Struct(">HHH8xH")
_V2 = Struct(">H6xHBB")


def _version1(data: bytes, at: int) -> Cooked:
    packet_type, hatype, length, kind = _V1.unpack_from(data, at)
    return Cooked(kind, hatype, packet_type, length, at + 6, min(length, 8))


def _version2(data: bytes, at: int) -> Cooked:
    kind, hatype, packet_type, length = _V2.unpack_from(data, at)
    return Cooked(kind, hatype, packet_type, length, at + 12, min(length, 8))


@VERSION_1.row
def row1(row: Row, at: int, end: int) -> None:
    """Version 1: 16 bytes."""
    row.need(at, 16, end, "cooked header")
    _row(row, _version1(row.data, at), at + 16, end)


@VERSION_2.row
def row2(row: Row, at: int, end: int) -> None:
    """Version 2: 20 bytes."""
    row.need(at, 20, end, "cooked header")
    _row(row, _version2(row.data, at), at + 20, end)


def _row(row: Row, header: Cooked, at: int, end: int) -> None:
    row.sender = (header.address, header.kept)
    if not _carried(row, header, at, end):
        row.protocol = _OTHERS.get(header.hatype) or LINUX_PROTOCOLS.get(header.protocol, "SLL")
        words = PACKET_TYPES.get(header.packet_type, f"packet type {header.packet_type}")
        link = ARPHRD.get(header.hatype, f"link type {header.hatype}")
        row.info = f"{words}, {link}, protocol 0x{header.protocol:04x}, {max(end - at, 0)} bytes"


def _carried(walk: Walk, header: Cooked, at: int, end: int) -> bool:
    """Pass on what is inside; returns whether anything is."""
    if header.hatype in _OTHERS:
        return False
    if header.protocol >= _FIRST_ETHERTYPE:
        walk.by_ethertype(header.protocol, at, end)
        return True
    inside = PROTOCOLS.get(_INSIDE.get(header.protocol, ""))
    if inside is None:
        return False
    walk.enter(inside, at, end)
    return True


@VERSION_1.layer
def layer1(tree: Tree, at: int, end: int) -> None:
    """Version 1."""
    draft = tree.open(VERSION_1, at, end, "Linux cooked capture v1")
    tree.need(at, 16, end, "cooked header")
    header = _version1(tree.data, at)
    draft.uint("Packet type", 2, PACKET_TYPES)
    draft.uint("Link-layer address type", 2, ARPHRD)
    draft.uint("Link-layer address length", 2)
    _address(draft, header)
    _protocol(draft, header)
    draft.title += f"  {_words(draft, header)}"
    _carried(tree, header, draft.at, end)


@VERSION_2.layer
def layer2(tree: Tree, at: int, end: int) -> None:
    """Version 2, which also tells the interface."""
    draft = tree.open(VERSION_2, at, end, "Linux cooked capture v2")
    tree.need(at, 20, end, "cooked header")
    header = _version2(tree.data, at)
    _protocol(draft, header)
    draft.at += 2
    interface = draft.uint("Interface index", 4)
    draft.uint("Link-layer address type", 2, ARPHRD)
    draft.uint("Packet type", 1, PACKET_TYPES)
    draft.uint("Link-layer address length", 1)
    _address(draft, header)
    draft.title += f"  {_words(draft, header)}, interface {interface}"
    _carried(tree, header, draft.at, end)


def _protocol(draft: Draft, header: Cooked) -> None:
    names = ETHERTYPES if header.protocol >= _FIRST_ETHERTYPE else LINUX_PROTOCOLS
    name = None if header.hatype in _OTHERS else names.get(header.protocol)
    draft.uint("Protocol", 2, lambda kind: f"0x{kind:04x} ({name})" if name else f"0x{kind:04x}")


def _address(draft: Draft, header: Cooked) -> None:
    """The address, and what it leaves of the eight bytes there are for it."""
    draft.raw("Source", header.kept, ip_text)
    draft.raw("Unused", 8 - header.kept, octets)


def _words(draft: Draft, header: Cooked) -> str:
    sender = ip_text(draft.data[header.address : header.address + header.kept])
    words = PACKET_TYPES.get(header.packet_type, f"packet type {header.packet_type}")
    return f"from {sender}, {words}" if sender else words
