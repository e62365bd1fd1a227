# SPDX-License-Identifier: Apache-2.0
"""WireGuard (its specification, "WireGuard: Next Generation Kernel Network Tunnel", section 5.4): four messages, and
what they carry is encrypted. Its numbers are little-endian."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex6, plain
from ringscope.decode.registry import UDP, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

WIREGUARD = protocol("wg", "WireGuard", udp=(51820,))

_INITIATION, _RESPONSE, _COOKIE, _DATA = 1, 2, 3, 4
_NAMES = {
    _INITIATION: "Handshake Initiation",
    _RESPONSE: "Handshake Response",
    _COOKIE: "Cookie Reply",
    _DATA: "Transport Data",
}
_SIZES = {_INITIATION: 148, _RESPONSE: 92, _COOKIE: 64}
_EMPTY, _TAG = 32, 16  # bytes of a message without data, and of the tag behind the data


@WIREGUARD.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """A type, three zero bytes, and the one size that each but data has."""
    if stop - at < 4 or any(data[at + 1 : at + 4]):
        return False
    size = _SIZES.get(data[at])
    # The capture may have cut the message, so on its port a shorter one is believed as well.
    return stop - at <= size if size else data[at] == _DATA and stop - at >= 16


@WIREGUARD.magic(UDP, first=range(_INITIATION, _DATA + 1), weak=True)
def magic(data: bytes, at: int, stop: int) -> bool:
    """The same, whole; and a counter of data that nobody reaches is none."""
    if stop - at < 4 or any(data[at + 1 : at + 4]):
        return False
    if data[at] == _DATA:
        return stop - at >= _EMPTY and (stop - at) % 16 == 0 and not any(data[at + 13 : at + 16])
    return _SIZES.get(data[at]) == stop - at


def _peer(number: int) -> str:
    return f"0x{number:08X}"


@WIREGUARD.row
def row(row: Row, at: int, end: int) -> None:
    """The message, and who it is for: both sides know each other by numbers."""
    row.need(at, 4, end, "WireGuard header")
    kind = row.data[at]
    size = end - at
    row.info = _NAMES[kind] if kind != _DATA or size > _EMPTY else "Keepalive"
    row.need(at, 8, end, "WireGuard header")
    label = "sender" if kind in (_INITIATION, _RESPONSE) else "receiver"
    row.info += f", {label}={_peer(unpack_from('<I', row.data, at + 4)[0])}"
    if kind == _RESPONSE:
        row.need(at, 12, end, "WireGuard header")
        row.info += f", receiver={_peer(unpack_from('<I', row.data, at + 8)[0])}"
    elif kind == _DATA:
        row.need(at, 16, end, "WireGuard header")
        row.info += f", counter={unpack_from('<Q', row.data, at + 8)[0]}"
        if size > _EMPTY:
            row.info += f", datalen={size - 16 - _TAG}"


@WIREGUARD.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The numbers, and the keys and bytes that only the two sides can read."""
    draft = tree.open(WIREGUARD, at, end)
    draft.say()
    kind = draft.uint("Type", 1, _NAMES)
    draft.uint("Reserved", 3, hex6)
    if kind in (_INITIATION, _RESPONSE):
        _number(draft, "Sender")
    if kind != _INITIATION:
        _number(draft, "Receiver")
    if kind == _COOKIE:
        draft.raw("Nonce", 24)
        draft.raw("Encrypted cookie", 32)
    elif kind == _DATA:
        draft.uint("Counter", 8, plain, order="little")
        if draft.left > _TAG:
            draft.raw("Encrypted packet", draft.left - _TAG)
        draft.raw("Authentication tag", _TAG)
    else:
        draft.raw("Ephemeral key", 32)
        if kind == _INITIATION:
            draft.raw("Encrypted static key", 48)
            draft.raw("Encrypted timestamp", 28)
        else:
            draft.raw("Encrypted nothing", 16)
        draft.raw("MAC 1", 16)
        draft.raw("MAC 2", 16)


def _number(draft: Draft, label: str) -> None:
    draft.uint(label, 4, _peer, order="little")
