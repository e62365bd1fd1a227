# SPDX-License-Identifier: Apache-2.0
"""IPsec through address translation (RFC 3948): ESP in UDP, keep-alives, and key exchange behind four zero bytes."""

from __future__ import annotations

from ringscope.decode.forms import hex2, hex8
from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

UDPENCAP = protocol("udpencap", "UDPENCAP", udp=(4500,))

_KEEPALIVE = 0xFF
_MARKER = 4


def _is_keepalive(data: bytes, at: int, end: int) -> bool:
    return end - at == 1 and data[at] == _KEEPALIVE


@UDPENCAP.row
def row(row: Row, at: int, end: int) -> None:
    """What is inside."""
    row.need(at, 1, end, "UDP encapsulation")
    if _is_keepalive(row.data, at, end):
        row.info = "NAT-keepalive"
        return
    row.need(at, _MARKER, end, "security parameters index")
    if any(row.data[at : at + _MARKER]):
        row.enter(PROTOCOLS["esp"], at, end)
    else:
        row.enter(PROTOCOLS["isakmp"], at + _MARKER, end)


@UDPENCAP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The marker, where there is one; ESP has no bytes before it."""
    draft = tree.open(UDPENCAP, at, end, "UDP encapsulation of IPsec")
    draft.peek()
    if _is_keepalive(tree.data, at, end):
        draft.uint("Keep-alive", 1, hex2)
        return
    if draft.peek(_MARKER):
        tree.enter(PROTOCOLS["esp"], at, end)
    else:
        draft.uint("Non-ESP marker", _MARKER, hex8)
        tree.enter(PROTOCOLS["isakmp"], draft.at, end)
