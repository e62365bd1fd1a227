# SPDX-License-Identifier: Apache-2.0
"""The headers of Linux cooked captures, versions 1 and 2. The second also tells the interface."""

from __future__ import annotations

from ringscope.decode.address import ip_text
from ringscope.decode.names import ARPHRD, ETHERTYPES, LINUX_PROTOCOLS, PACKET_TYPES, named
from ringscope.decode.registry import decodes
from ringscope.decode.rows import cooked as rows
from ringscope.decode.rows.cooked import Cooked
from ringscope.decode.tree.draft import LINKS, Draft, Frame
from ringscope.decode.tree.link import ethernet, llc, tagged


@decodes(LINKS, 113)
def cooked1(frame: Frame, at: int, end: int) -> None:
    """LINKTYPE_LINUX_SLL."""
    draft = frame.open("sll", "Linux cooked capture v1", at)
    frame.need(at, 16, end, "cooked header")
    header = rows.version1(frame.data, at)
    _packet_type(draft, header, at, 2)
    _hardware(draft, header, at + 2)
    _address(draft, header, at + 4, 2)
    _protocol(draft, header, at + 14)
    draft.title += f"  {_words(draft, header)}"
    _carried(frame, header, at + 16, end)


@decodes(LINKS, 276)
def cooked2(frame: Frame, at: int, end: int) -> None:
    """LINKTYPE_LINUX_SLL2."""
    draft = frame.open("sll", "Linux cooked capture v2", at)
    frame.need(at, 20, end, "cooked header")
    header = rows.version2(frame.data, at)
    interface = int.from_bytes(frame.data[at + 4 : at + 8], "big")
    _protocol(draft, header, at)
    draft.add("Interface index", str(interface), at + 4, 4)
    _hardware(draft, header, at + 8)
    _packet_type(draft, header, at + 10, 1)
    _address(draft, header, at + 11, 1)
    draft.title += f"  {_words(draft, header)}, interface {interface}"
    _carried(frame, header, at + 20, end)


def _protocol(draft: Draft, header: Cooked, start: int) -> None:
    kind = header.protocol
    names = ETHERTYPES if kind >= rows.FIRST_ETHERTYPE else LINUX_PROTOCOLS
    name = None if header.hatype in rows.OTHER_PROTOCOLS else names.get(kind)
    draft.add("Protocol", f"0x{kind:04x} ({name})" if name else f"0x{kind:04x}", start, 2)


def _hardware(draft: Draft, header: Cooked, start: int) -> None:
    draft.add("Link-layer address type", named(ARPHRD, header.hatype), start, 2)


def _packet_type(draft: Draft, header: Cooked, start: int, size: int) -> None:
    draft.add("Packet type", named(PACKET_TYPES, header.packet_type), start, size)


def _address(draft: Draft, header: Cooked, start: int, size: int) -> None:
    """The address, and what it leaves of the eight bytes there are for it."""
    draft.add("Link-layer address length", str(header.length), start, size)
    rest = header.address + header.kept
    if header.kept:
        draft.add("Source", _sender(draft, header), header.address, header.kept)
    if header.kept < 8:
        unused = header.address + 8 - rest
        draft.add("Unused", draft.data[rest : rest + unused].hex(), rest, unused)


def _sender(draft: Draft, header: Cooked) -> str:
    return ip_text(draft.data[header.address : header.address + header.kept])


def _words(draft: Draft, header: Cooked) -> str:
    sender = _sender(draft, header)
    words = PACKET_TYPES.get(header.packet_type, f"packet type {header.packet_type}")
    return f"from {sender}, {words}" if sender else words


def _carried(frame: Frame, header: Cooked, at: int, end: int) -> None:
    kind = header.protocol
    if header.hatype in rows.OTHER_PROTOCOLS:
        return
    if kind >= rows.FIRST_ETHERTYPE:
        tagged(frame, kind, at, end)
    elif kind == rows.ETHERNET:
        ethernet(frame, at, end)
    elif kind == rows.LLC:
        llc(frame, at, end)
