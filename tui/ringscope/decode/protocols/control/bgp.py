# SPDX-License-Identifier: Apache-2.0
"""BGP (RFC 4271): the messages that begin in a segment."""

from __future__ import annotations

from struct import unpack_from

from dpkt.bgp import BGP as HEADER

from ringscope.decode.registry import TCP, protocol
from ringscope.decode.row import Row

BGP = protocol("bgp", "BGP", role="routing", packet=HEADER)

_MARKER = b"\xff" * 16
_MESSAGES = {1: "OPEN", 2: "UPDATE", 3: "NOTIFICATION", 4: "KEEPALIVE", 5: "ROUTE-REFRESH"}
_MOST_NAMED = 8


@BGP.magic(TCP, first=(0xFF,))
def magic(data: bytes, at: int, stop: int) -> bool:
    """Sixteen bytes of ones."""
    return data.startswith(_MARKER, at, stop)


@BGP.row
def row(row: Row, at: int, end: int) -> None:
    """The kinds of the messages."""
    row.need(at, 19, end, "BGP message")
    words: list[str] = []
    while at + 19 <= min(end, row.size) and len(words) < _MOST_NAMED:
        words.append(f"{_MESSAGES.get(row.data[at + 18], f'type {row.data[at + 18]}')} Message")
        at += max(unpack_from(">H", row.data, at + 16)[0], 19)
    row.info = ", ".join(words)
