# SPDX-License-Identifier: Apache-2.0
"""AMQP 0-9 and 0-9-1 (the specification of that name): the header of the protocol, and frames of a kind, a channel and
a size; methods have names and a few arguments of theirs."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2
from ringscope.decode.registry import TCP, protocol
from ringscope.decode.row import Row
from ringscope.decode.text import shorten, wire_text
from ringscope.decode.tree import Tree

AMQP = protocol("amqp", "AMQP", tcp=(5672,))

_METHOD, _END = 1, 0xCE
_FRAMES = {_METHOD: "Method", 2: "Content-Header", 3: "Content-Body", 8: "Heartbeat"}
_LONGEST = 1 << 24
_MOST = 6  # frames that a row names
_SHOWN = 80  # characters of a name
_CLASSES = {
    10: "Connection",
    20: "Channel",
    30: "Access",
    40: "Exchange",
    50: "Queue",
    60: "Basic",
    85: "Confirm",
    90: "Tx",
}
_METHODS = {
    (10, 10): "Start",
    (10, 11): "Start-Ok",
    (10, 20): "Secure",
    (10, 21): "Secure-Ok",
    (10, 30): "Tune",
    (10, 31): "Tune-Ok",
    (10, 40): "Open",
    (10, 41): "Open-Ok",
    (10, 50): "Close",
    (10, 51): "Close-Ok",
    (10, 60): "Blocked",
    (10, 61): "Unblocked",
    (20, 10): "Open",
    (20, 11): "Open-Ok",
    (20, 20): "Flow",
    (20, 21): "Flow-Ok",
    (20, 40): "Close",
    (20, 41): "Close-Ok",
    (30, 10): "Request",
    (30, 11): "Request-Ok",
    (40, 10): "Declare",
    (40, 11): "Declare-Ok",
    (40, 20): "Delete",
    (40, 21): "Delete-Ok",
    (40, 30): "Bind",
    (40, 31): "Bind-Ok",
    (40, 40): "Unbind",
    (40, 51): "Unbind-Ok",
    (50, 10): "Declare",
    (50, 11): "Declare-Ok",
    (50, 20): "Bind",
    (50, 21): "Bind-Ok",
    (50, 30): "Purge",
    (50, 31): "Purge-Ok",
    (50, 40): "Delete",
    (50, 41): "Delete-Ok",
    (50, 50): "Unbind",
    (50, 51): "Unbind-Ok",
    (60, 10): "Qos",
    (60, 11): "Qos-Ok",
    (60, 20): "Consume",
    (60, 21): "Consume-Ok",
    (60, 30): "Cancel",
    (60, 31): "Cancel-Ok",
    (60, 40): "Publish",
    (60, 50): "Return",
    (60, 60): "Deliver",
    (60, 70): "Get",
    (60, 71): "Get-Ok",
    (60, 72): "Get-Empty",
    (60, 80): "Ack",
    (60, 90): "Reject",
    (60, 100): "Recover-Async",
    (60, 110): "Recover",
    (60, 111): "Recover-Ok",
    (60, 120): "Nack",
    (85, 10): "Select",
    (85, 11): "Select-Ok",
    (90, 10): "Select",
    (90, 11): "Select-Ok",
    (90, 20): "Commit",
    (90, 21): "Commit-Ok",
    (90, 30): "Rollback",
    (90, 31): "Rollback-Ok",
}
_TICKET, _CODE, _DELIVERY = 2, 2, 9
_ARGUMENTS: dict[tuple[int, int], tuple[int, tuple[str, ...]]] = {
    (10, 40): (0, ("vhost",)),
    (10, 50): (_CODE, ("reply",)),
    (20, 40): (_CODE, ("reply",)),
    (40, 10): (_TICKET, ("x",)),
    (40, 20): (_TICKET, ("x",)),
    (40, 30): (_TICKET, ("dx", "sx", "rk")),
    (50, 10): (_TICKET, ("q",)),
    (50, 11): (0, ("q",)),
    (50, 20): (_TICKET, ("q", "x", "bk")),
    (50, 30): (_TICKET, ("q",)),
    (50, 40): (_TICKET, ("q",)),
    (50, 50): (_TICKET, ("q", "x", "bk")),
    (60, 20): (_TICKET, ("q",)),
    (60, 40): (_TICKET, ("x", "rk")),
    (60, 50): (_CODE, ("reply", "x", "rk")),
    (60, 60): (0, ("tag",)),
    (60, 70): (_TICKET, ("q",)),
    (60, 71): (_DELIVERY, ("x", "rk")),
}
"""Of methods whose short texts a row names: how many bytes stand before them, and what tshark calls them."""


@AMQP.magic(TCP, first=b"A")
def magic(data: bytes, at: int, stop: int) -> bool:
    """The header of the protocol."""
    return stop - at == 8 and data.startswith(b"AMQP", at) and data[at + 4] < 4


@AMQP.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """That, or frames that end in the byte that ends them."""
    return magic(data, at, stop) or _frame(data, at, stop) > 0


def _frame(data: bytes, at: int, stop: int) -> int:
    """The bytes of the frame there, 0 where none is."""
    if stop - at < 8 or data[at] not in _FRAMES:
        return 0
    size: int = unpack_from(">I", data, at + 3)[0]
    last = at + 7 + size
    if size > _LONGEST or (last < stop and data[last] != _END):
        return 0
    if data[at] == _METHOD and (stop - at < 11 or unpack_from(">HH", data, at + 7) not in _METHODS):
        return 0
    return size + 8


@AMQP.row
def row(row: Row, at: int, end: int) -> None:
    """The methods with the names that they use, and what else there is."""
    stop = min(end, row.size)
    if magic(row.data, at, stop):
        row.info = f"Protocol-Header {'-'.join(str(part) for part in row.data[at + 5 : at + 8])}"
        return
    words: list[str] = []
    for _ in range(_MOST):
        size = _frame(row.data, at, stop)
        if not size:
            break
        words.append(_words(row.data, at, min(at + size - 1, stop)))
        at += size
        if at > end:
            words[-1] += " [continues]"
    row.info = " ".join(words)


def _words(data: bytes, at: int, last: int) -> str:
    if data[at] != _METHOD:
        return _FRAMES[data[at]]
    key = unpack_from(">HH", data, at + 7)
    words = f"{_CLASSES[key[0]]}.{_METHODS[key[0], key[1]]}"
    skipped, names = _ARGUMENTS.get((key[0], key[1]), (0, ()))
    place = at + 11 + skipped
    for name in names:
        if place >= last or place + 1 + data[place] > last:
            break
        words += f" {name}={shorten(wire_text(data[place + 1 : place + 1 + data[place]]), _SHOWN)}"
        place += 1 + data[place]
    return words


@AMQP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header of the protocol, or each frame; arguments as bytes."""
    draft = tree.open(AMQP, at, end)
    draft.say()
    stop = min(end, tree.size)
    if magic(tree.data, at, stop):
        draft.text("Protocol", 4)
        for label in ("Protocol number", "Major version", "Minor version", "Revision"):
            draft.uint(label, 1)
        return
    for _ in range(200):
        size = _frame(tree.data, draft.at, stop)
        if not size:
            break
        _show(draft, size, stop)
    here = stop - draft.at
    if here > 0:
        draft.raw("Part of a frame", here, lambda _: f"{here} bytes")


def _show(draft: Draft, size: int, stop: int) -> None:
    at = draft.at
    last = min(at + size - 1, stop)
    with draft.group("Frame", _words(draft.data, at, last)):
        kind = draft.uint("Type", 1, _FRAMES)
        draft.uint("Channel", 2)
        draft.uint("Size", 4)
        if kind == _METHOD:
            group = draft.uint("Class", 2, _CLASSES)
            draft.uint("Method", 2, lambda number: f"{number} ({_METHODS[group, number]})")
        here = last - draft.at
        if here > 0:
            draft.raw("Arguments" if kind == _METHOD else "Data", here, lambda _: f"{here} bytes")
        if draft.at < stop and draft.at == at + size - 1:
            draft.uint("Frame end", 1, hex2)
