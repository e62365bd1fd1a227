# SPDX-License-Identifier: Apache-2.0
"""MQTT (specifications of OASIS, versions 3.1.1 and 5): packets of a kind, a length of one to four bytes, and a
body."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import is_set, plain
from ringscope.decode.registry import TCP, protocol
from ringscope.decode.row import Row
from ringscope.decode.text import shorten, wire_text
from ringscope.decode.tree import Tree

MQTT = protocol("mqtt", "MQTT", tcp=(1883,))

_CONNECT, _PUBLISH, _SUBSCRIBE, _UNSUBSCRIBE = 1, 3, 8, 10
_NAMES = {
    _CONNECT: "Connect Command",
    2: "Connect Ack",
    _PUBLISH: "Publish Message",
    4: "Publish Ack",
    5: "Publish Received",
    6: "Publish Release",
    7: "Publish Complete",
    _SUBSCRIBE: "Subscribe Request",
    9: "Subscribe Ack",
    _UNSUBSCRIBE: "Unsubscribe Request",
    11: "Unsubscribe Ack",
    12: "Ping Request",
    13: "Ping Response",
    14: "Disconnect Req",
    15: "Authentication Exchange",
}
_NUMBERED = frozenset({4, 5, 6, 7, _SUBSCRIBE, 9, _UNSUBSCRIBE, 11})
_SECOND_BIT = frozenset({6, _SUBSCRIBE, _UNSUBSCRIBE})
"""Kinds whose flags are 2; those of all others but Publish are 0 (section 2.1.3)."""
_EMPTY = frozenset({12, 13})
_MOST = 12  # packets that a row names
_MOST_PACKETS = 200
_SHOWN = 120  # characters of a topic


def _frame(data: bytes, at: int, stop: int) -> tuple[int, int]:
    """Where the body of a packet begins and ends; (0, 0) where no packet is."""
    if stop - at < 2:
        return 0, 0
    kind, flags = data[at] >> 4, data[at] & 15
    if kind not in _NAMES or (kind != _PUBLISH and flags != (2 if kind in _SECOND_BIT else 0)) or flags & 6 == 6:
        return 0, 0
    size = shift = 0
    for place in range(at + 1, min(at + 5, stop)):
        size |= (data[place] & 0x7F) << shift
        if not data[place] & 0x80:
            fits = size == 0 if kind in _EMPTY else size >= 2 or kind in (14, 15)
            return (place + 1, place + 1 + size) if fits else (0, 0)
        shift += 7
    return 0, 0


@MQTT.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """Packets, each with the flags of its kind, to the end of the segment."""
    for _ in range(_MOST_PACKETS):
        body, after = _frame(data, at, stop)
        if not body:
            return False
        if (
            data[at] >> 4 == _PUBLISH
            and body + 2 <= stop
            and int.from_bytes(data[body : body + 2], "big") > after - body - 2
        ):
            return False
        at = after
        if at >= stop:
            return True
    return True


@MQTT.magic(TCP, first=(_CONNECT << 4,))
def magic(data: bytes, at: int, stop: int) -> bool:
    """A Connect, which names the protocol."""
    body, _ = _frame(data, at, stop)
    return body > 0 and data.startswith((b"\0\4MQTT", b"\0\6MQIsdp"), body, stop)


@MQTT.row
def row(row: Row, at: int, end: int) -> None:
    """Each packet with its number and its topic."""
    stop = min(end, row.size)
    words: list[str] = []
    for _ in range(_MOST):
        body, after = _frame(row.data, at, stop)
        if not body:
            break
        words.append(_words(row.data, at, body, min(after, stop)))
        if after > end:
            words[-1] += " [continues]"
        at = after
    row.info = ", ".join(words) or "Continuation"


def _words(data: bytes, at: int, body: int, last: int) -> str:
    kind, flags = data[at] >> 4, data[at] & 15
    words = _NAMES[kind]
    if kind == _PUBLISH and body + 2 <= last:
        size = int.from_bytes(data[body : body + 2], "big")
        if flags & 6 and body + 4 + size <= last:
            words += f" (id={int.from_bytes(data[body + 2 + size : body + 4 + size], 'big')})"
        return f"{words} [{_topic(data, body, last)}]"
    if kind in _NUMBERED and body + 2 <= last:
        words += f" (id={int.from_bytes(data[body : body + 2], 'big')})"
    if kind == _SUBSCRIBE and body + 4 <= last:
        # Version 5 has properties before the topics, with a length of their own, which is nearly always zero.
        place = body + 2 if data[body + 2] == 0 and data[body + 3] else body + 3 + data[body + 2]
        words += f" [{_topic(data, place, last)}]" if place + 2 <= last else ""
    return words


def _topic(data: bytes, at: int, last: int) -> str:
    size = int.from_bytes(data[at : at + 2], "big")
    return shorten(wire_text(data[at + 2 : min(at + 2 + size, last)]), _SHOWN)


@MQTT.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Each packet: kind, flags, length, number, topic, and the rest of the body as bytes."""
    draft = tree.open(MQTT, at, end)
    draft.say()
    stop = min(end, tree.size)
    for _ in range(_MOST_PACKETS):
        body, after = _frame(tree.data, draft.at, stop)
        if not body:
            break
        _packet(draft, body, after, stop)
    size = stop - draft.at
    if size > 0:
        draft.raw("Part of a packet", size, lambda _: f"{size} bytes")


def _packet(draft: Draft, body: int, after: int, stop: int) -> None:
    at, last = draft.at, min(after, stop)
    with draft.group("Packet", _words(draft.data, at, body, last)):
        kind, *flags = draft.bits(
            1, ("Kind", 4, _NAMES), ("Duplicate", 1, is_set), ("Quality", 2, plain), ("Retain", 1, is_set)
        )
        draft.raw("Length", body - draft.at, lambda _: str(after - body))
        if kind in (_CONNECT, _PUBLISH) and last - draft.at >= 2:
            size = draft.uint("Length of text", 2)
            here = min(size, last - draft.at)
            if here:
                draft.text("Topic" if kind == _PUBLISH else "Protocol", here)
        if (kind in _NUMBERED or (kind == _PUBLISH and flags[1])) and last - draft.at >= 2:
            draft.uint("Packet number", 2)
        elif kind == _CONNECT and last - draft.at >= 4:
            draft.uint("Version", 1)
            draft.bits(
                1,
                *(
                    ("User name", 1, is_set),
                    ("Password", 1, is_set),
                    ("Retain will", 1, is_set),
                    ("Quality of will", 2, plain),
                ),
                *(("Will", 1, is_set), ("Clean", 1, is_set), ("Reserved", 1, plain)),
            )
            draft.uint("Keep alive", 2, lambda seconds: f"{seconds} s")
        here = last - draft.at
        if here > 0:
            draft.raw("Message" if kind == _PUBLISH else "Data", here, lambda _: f"{here} bytes")
