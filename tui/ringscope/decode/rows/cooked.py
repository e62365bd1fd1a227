# SPDX-License-Identifier: Apache-2.0
"""Rows of Linux cooked captures: a header of the capture's own in place of link headers, which may be of several kinds.

Sources: LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2 at tcpdump.org; linux/if_packet.h, if_arp.h, if_ether.h.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from ringscope.decode.names import ARPHRD, LINUX_PROTOCOLS, PACKET_TYPES
from ringscope.decode.registry import decodes
from ringscope.decode.rows.link import ethernet, llc, tagged
from ringscope.decode.rows.row import LINKS, Row

FIRST_ETHERTYPE = 0x0600  # smaller numbers are Linux's own; a length, as in IEEE 802.3, is never there
ETHERNET, LLC = 0x0003, 0x0004
OTHER_PROTOCOLS = {770: "FR", 801: "WLAN", 802: "WLAN", 803: "WLAN", 824: "Netlink"}
"""What packets of these link types are called; their protocol field is no Ethertype."""


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


def version1(data: bytes, at: int) -> Cooked:
    """The header at offset `at`, all 16 bytes of it captured."""
    packet_type, hatype, length, protocol = _V1.unpack_from(data, at)
    return Cooked(protocol, hatype, packet_type, length, at + 6, min(length, 8))


def version2(data: bytes, at: int) -> Cooked:
    """The header at offset `at`, all 20 bytes of it captured."""
    protocol, hatype, packet_type, length = _V2.unpack_from(data, at)
    return Cooked(protocol, hatype, packet_type, length, at + 12, min(length, 8))


@decodes(LINKS, 113)
def cooked1(row: Row, at: int, end: int) -> None:
    """LINKTYPE_LINUX_SLL."""
    row.protocol = "SLL"
    row.need(at, 16, end, "cooked header")
    _carried(row, version1(row.data, at), at + 16, end)


@decodes(LINKS, 276)
def cooked2(row: Row, at: int, end: int) -> None:
    """LINKTYPE_LINUX_SLL2."""
    row.protocol = "SLL"
    row.need(at, 20, end, "cooked header")
    _carried(row, version2(row.data, at), at + 20, end)


def _carried(row: Row, header: Cooked, at: int, end: int) -> None:
    row.sender = (header.address, header.kept)
    kind = header.protocol
    other = OTHER_PROTOCOLS.get(header.hatype)
    if other is None and kind >= FIRST_ETHERTYPE:
        tagged(row, kind, at, end)
    elif other is None and kind == ETHERNET:
        ethernet(row, at, end)
    elif other is None and kind == LLC:
        llc(row, at, end)
    else:
        row.protocol = other or LINUX_PROTOCOLS.get(kind, "SLL")
        words = PACKET_TYPES.get(header.packet_type, f"packet type {header.packet_type}")
        link = ARPHRD.get(header.hatype, f"link type {header.hatype}")
        row.info = f"{words}, {link}, protocol 0x{kind:04x}, {max(end - at, 0)} bytes"
