# SPDX-License-Identifier: Apache-2.0
"""GTP, what a mobile network carries its users' packets in (specified in 3GPP TS 29.281) and sets these tunnels up
with: version 1 (TS 29.060), version 0 (GSM 09.60), GTP' for charging records (TS 32.295); version 2 is next door."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Bits, Draft
from ringscope.decode.forms import coded, hex2, hex4, hex8, hex16, is_set, octets, plain
from ringscope.decode.protocols.tunnel.gtp.elements import elements
from ringscope.decode.protocols.tunnel.gtp.names import EXTENSIONS, MESSAGES
from ringscope.decode.registry import ETHERTYPES, PPPS, PROTOCOLS, Protocol, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

GTP = protocol("gtp", "GTP", udp=(2123, 2152), tcp=(2123, 2152))
PRIME = protocol("gtpprime", "GTP", udp=(3386,), tcp=(3386,))

_PACKET = 255
_EXTENSION, _OPTIONAL = 0x04, 0x07
_IS_GTP = 0x10
_PDU_SESSION, _UDP_PORT, _PDCP_NUMBER = 0x85, 0x40, 0xC0
_SESSION_KINDS = {0: "DL PDU SESSION INFORMATION", 1: "UL PDU SESSION INFORMATION"}


@GTP.guard
@PRIME.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """Versions 0 to 2."""
    return data[at] >> 5 <= 2


def _header_size(flags: int) -> int:
    """Of the header without what follows in words of its own."""
    if not flags & _IS_GTP:
        return 20 if flags >> 5 == 0 and not flags & 1 else 6
    if flags >> 5 == 0:
        return 20
    return 12 if flags & _OPTIONAL else 8


def _end(flags: int, size: int, at: int, end: int) -> int:
    """Where the message ends: the length counts what stands behind the first eight bytes, or all of a long header."""
    head = 8 if flags & _IS_GTP and flags >> 5 else _header_size(flags)
    return min(at + head + size, end)


def _carried(walk: Walk, at: int, end: int) -> None:
    """A user's packet: IP, or PPP, or a frame of Ethernet; nothing in the header tells which."""
    data, stop = walk.data, min(end, walk.size)
    if at >= stop:
        return
    if data[at] >> 4 in (4, 6):
        walk.by_ip_version(at, end)
    elif data.startswith(b"\xff\x03", at) or int.from_bytes(data[at : at + 2], "big") in PPPS:
        walk.enter(PROTOCOLS["ppp"], at, end)
    elif at + 14 <= stop and int.from_bytes(data[at + 12 : at + 14], "big") in ETHERTYPES:
        walk.enter(PROTOCOLS["eth"], at, end)


@GTP.row
@PRIME.row
def row(row: Row, at: int, end: int) -> None:
    """The kind of message, or the packet inside."""
    row.need(at, 4, end, "GTP header")
    flags, kind, size = unpack_from(">BBH", row.data, at)
    if flags >> 5 == 2:
        row.enter(PROTOCOLS["gtpv2"], at, end)
        return
    row.info = MESSAGES.get(kind, f"message type {kind}")
    header = _header_size(flags)
    row.need(at, header, end, "GTP header")
    if kind != _PACKET:
        return
    if header > 6 and flags >> 5:
        row.info = f"{row.info}, TEID 0x{unpack_from('>I', row.data, at + 4)[0]:08x}"
    end = _end(flags, size, at, end)
    place = at + header
    following = row.data[place - 1] if header == 12 and flags & _EXTENSION else 0
    while following:
        row.need(place, 4, end, "GTP extension header")
        words = max(row.data[place], 1)
        row.need(place, words * 4, end, "GTP extension header")
        place += words * 4
        following = row.data[place - 1]
    _carried(row, place, end)


def _layer(kind: Protocol, tree: Tree, at: int, end: int) -> None:
    draft = tree.open(kind, at, end)
    if draft.peek() >> 5 == 2:
        tree.enter(PROTOCOLS["gtpv2"], at, end)
        return
    flags = draft.flags("Flags", 1, hex2, *_flag_parts(draft.peek()))[0]
    message = draft.uint("Message type", 1, MESSAGES)
    draft.title = f"GTP  {MESSAGES.get(message, f'message type {message}')}"
    size = draft.uint("Length", 2)
    if not flags & _IS_GTP:
        draft.uint("Sequence number", 2)
        draft.raw("Unused", _header_size(flags) - 6, octets)
    elif flags >> 5 == 0:
        draft.uint("Sequence number", 2)
        draft.uint("Flow label", 2)
        draft.uint("SNDCP N-PDU number", 1)
        draft.raw("Spare", 3, octets)
        draft.title += f"  tunnel 0x{draft.uint('Tunnel identifier', 8, hex16):016x}"
    else:
        draft.title += f"  TEID 0x{draft.uint('TEID', 4, hex8):08x}"
        if flags & _OPTIONAL:
            _optional(draft, flags)
    draft.end = _end(flags, size, at, end)
    if message == _PACKET:
        _carried(tree, draft.at, draft.end)
    else:
        elements(draft, version=flags >> 5 if flags & _IS_GTP else 1)


def _flag_parts(flags: int) -> tuple[Bits, ...]:
    version: Bits = ("Version", 3, plain)
    kind: Bits = ("Protocol type", 1, {0: "GTP'", 1: "GTP"})
    if not flags & _IS_GTP:
        return version, kind, ("Reserved", 3, plain), ("Short header", 1, is_set)
    if flags >> 5 == 0:
        return version, kind, ("Reserved", 3, plain), ("SNDCP N-PDU number present", 1, is_set)
    return (
        version,
        kind,
        ("Reserved", 1, plain),
        ("Extension header present", 1, is_set),
        ("Sequence number present", 1, is_set),
        ("N-PDU number present", 1, is_set),
    )


def _optional(draft: Draft, flags: int) -> None:
    """Four bytes as soon as one of three flags is set; those without their flag say nothing."""
    unused = "not used"
    draft.uint("Sequence number", 2, note="" if flags & 2 else unused)
    draft.uint("N-PDU number", 1, note="" if flags & 1 else unused)
    following = draft.uint("Next extension header", 1, coded(2, EXTENSIONS), note="" if flags & 4 else unused)
    while following and flags & _EXTENSION:
        with draft.group("Extension header", EXTENSIONS.get(following, f"type 0x{following:02x}")):
            size = max(draft.uint("Length", 1, lambda words: f"{words} ({words * 4} bytes)"), 1) * 4
            draft.tree.need(draft.at, size - 1, draft.end, "GTP extension header")
            _extension(draft, following, draft.at + size - 2)
            following = draft.uint("Next extension header", 1, coded(2, EXTENSIONS))


def _extension(draft: Draft, kind: int, stop: int) -> None:
    """The content, up to `stop`."""
    if kind == _PDU_SESSION:  # TS 38.415
        direction = draft.bits(1, ("PDU type", 4, _SESSION_KINDS), ("Flags", 4, plain))[0]
        first = "Paging policy present" if direction == 0 else "Flag"
        draft.bits(1, (first, 1, is_set), ("Reflective QoS", 1, is_set), ("QoS flow", 6, plain))
    elif kind == _UDP_PORT:
        draft.uint("UDP port", 2)
    elif kind == _PDCP_NUMBER:
        draft.uint("PDCP PDU number", 2, hex4)
    draft.raw("Content", max(stop - draft.at, 0), octets)


@GTP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Header, extension headers, and the information elements of a message."""
    _layer(GTP, tree, at, end)


@PRIME.layer
def prime(tree: Tree, at: int, end: int) -> None:
    """The port of GTP', which was also that of version 0."""
    _layer(PRIME, tree, at, end)
