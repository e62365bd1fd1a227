# SPDX-License-Identifier: Apache-2.0
"""L2TP: PPP through a tunnel in UDP (version 2, RFC 2661), or frames of any link, also directly in IP (version 3,
RFC 3931). What a session of version 3 carries was agreed on when it was set up, so it is shown as bytes."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Bits, Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex4, hex8, is_set, octets, plain
from ringscope.decode.protocols.tunnel.l2tp.pairs import MESSAGES, pairs
from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

L2TP = protocol("l2tp", "L2TP", udp=(1701,))
IN_IP = protocol("l2tp", "L2TPv3", ip=(115,))

_CONTROL, _LENGTH, _SEQUENCE, _OFFSET = 0x8000, 0x4000, 0x0800, 0x0200
_FLAGS: tuple[Bits, ...] = (
    ("Control", 1, {0: "data", 1: "control"}),
    ("Length present", 1, is_set),
    ("Reserved", 2, plain),
    ("Sequence numbers present", 1, is_set),
    ("Reserved", 1, plain),
    ("Offset present", 1, is_set),
    ("Priority", 1, is_set),
    ("Reserved", 4, plain),
    ("Version", 4, plain),
)
_PAIR = 6
_TYPE_PAIR = 8


@L2TP.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """Versions 2 and 3."""
    return at + 1 >= stop or data[at + 1] & 15 in (2, 3)


def _message(row: Row, at: int, end: int) -> str:
    """What a control message is about: its first pair says so; one without pairs only acknowledges."""
    if at + _PAIR > end:
        return "ZLB"
    row.need(at, _TYPE_PAIR, end, "L2TP message type")
    kind = unpack_from(">H", row.data, at + 6)[0]
    return MESSAGES.get(kind, f"message type {kind}")


@L2TP.row
def row(row: Row, at: int, end: int) -> None:
    """The control message, or what the session carries."""
    row.need(at, 2, end, "L2TP header")
    (flags,) = unpack_from(">H", row.data, at)
    if flags & 15 == 3:
        row.protocol = "L2TPv3"
        _row_3(row, flags, at, end)
        return
    place = at + 2
    if flags & _LENGTH:
        row.need(at, 4, end, "L2TP header")
        end = min(end, at + unpack_from(">H", row.data, place)[0])
        place += 2
    row.need(place, 4, end, "L2TP header")
    tunnel, session = unpack_from(">HH", row.data, place)
    place += 8 if flags & _SEQUENCE else 4
    where = f"(tunnel id={tunnel}, session id={session})"
    if flags & _CONTROL:
        row.info = f"Control Message {where}"
        row.info = f"Control Message - {_message(row, place, end)} {where}"
        return
    row.info = f"Data Message {where}"
    if flags & _OFFSET:
        row.need(place, 2, end, "L2TP header")
        place += 2 + unpack_from(">H", row.data, place)[0]
    if place < end:
        row.enter(PROTOCOLS["ppp"], place, end)


def _row_3(row: Row, flags: int, at: int, end: int) -> None:
    row.need(at, 8, end, "L2TPv3 header")
    (number,) = unpack_from(">I", row.data, at + 4)
    if not flags & _CONTROL:
        row.info = f"Data Message (session id={number})"
        return
    row.info = f"Control Message (control connection id=0x{number:08x})"
    row.need(at, 12, end, "L2TPv3 header")
    words = _message(row, at + 12, end)
    row.info = f"Control Message - {words} (control connection id=0x{number:08x})"


@IN_IP.row
def row_in_ip(row: Row, at: int, end: int) -> None:
    """Session 0 is that of control messages."""
    row.need(at, 4, end, "L2TPv3 header")
    (number,) = unpack_from(">I", row.data, at)
    if number:
        row.info = f"Data Message (session id={number})"
    else:
        row.info = "Control Message"
        row.need(at, 6, end, "L2TPv3 header")
        _row_3(row, unpack_from(">H", row.data, at + 4)[0] | _CONTROL, at + 4, end)


@L2TP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header, whose flags say which words it has."""
    draft = tree.open(L2TP, at, end)
    version = draft.peek(2) & 15
    flags = draft.flags("Flags and version", 2, hex4, *_FLAGS)[0]
    if version == 3:
        _layer_3(draft, flags)
        return
    if flags & _LENGTH:
        size = draft.uint("Length", 2)
        if size < 6:
            raise Malformed(f"L2TP length {size}")
        draft.end = end = min(end, at + size)
    tunnel, session = draft.uint("Tunnel", 2), draft.uint("Session", 2)
    draft.title = f"L2TP  {'control' if flags & _CONTROL else 'data'}  tunnel {tunnel}  session {session}"
    if flags & _SEQUENCE:
        draft.uint("Sent (Ns)", 2)
        draft.uint("Expected (Nr)", 2)
    if flags & _CONTROL:
        pairs(draft)
        return
    if flags & _OFFSET:
        draft.raw("Offset padding", draft.uint("Offset", 2))
    if draft.left:
        tree.enter(PROTOCOLS["ppp"], draft.at, end)


def _layer_3(draft: Draft, flags: int) -> None:
    """Version 3 behind the flags."""
    start = draft.at - 2
    if not flags & _CONTROL:
        draft.uint("Reserved", 2)
        _session(draft)
        return
    size = draft.uint("Length", 2)
    if size < 12:
        raise Malformed(f"L2TP length {size}")
    draft.end = min(draft.end, start + size)
    number = draft.uint("Control connection", 4, hex8)
    draft.title = f"L2TPv3  control connection 0x{number:08x}"
    draft.uint("Sent (Ns)", 2)
    draft.uint("Expected (Nr)", 2)
    pairs(draft)


def _session(draft: Draft) -> None:
    draft.title = f"L2TPv3  session {draft.uint('Session', 4)}"
    draft.rest("Cookie and data", octets)


@IN_IP.layer
def layer_in_ip(tree: Tree, at: int, end: int) -> None:
    """The session, or behind a session of zero a control message."""
    draft = tree.open(IN_IP, at, end, "L2TPv3")
    if draft.peek(4):
        _session(draft)
        return
    draft.uint("Session", 4)
    flags = draft.flags("Flags and version", 2, hex4, *_FLAGS)[0]
    _layer_3(draft, flags | _CONTROL)
