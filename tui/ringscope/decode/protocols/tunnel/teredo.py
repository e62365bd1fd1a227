# SPDX-License-Identifier: Apache-2.0
"""Teredo (RFC 4380): IPv6 in UDP through address translation, behind an authentication or an origin indication."""

from __future__ import annotations

from ringscope.decode.forms import hex4, ipv4
from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

TEREDO = protocol("teredo", "Teredo", udp=(3544,))

_ORIGIN, _AUTHENTICATION = 0x0000, 0x0001


@TEREDO.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """An IPv6 header, or an indicator before it."""
    return data[at] >> 4 == 6 or (data[at] == 0 and (at + 1 >= stop or data[at + 1] <= 1))


@TEREDO.row
def row(row: Row, at: int, end: int) -> None:
    """The packet inside."""
    row.need(at, 2, end, "Teredo header")
    data = row.data
    if data[at] << 8 | data[at + 1] == _AUTHENTICATION:
        row.info = "authentication"
        row.need(at, 4, end, "Teredo authentication")
        size = 13 + data[at + 2] + data[at + 3]
        row.need(at, size, end, "Teredo authentication")
        at += size
        row.need(at, 2, end, "Teredo header")
    if data[at] << 8 | data[at + 1] == _ORIGIN:
        row.info = "origin indication"
        row.need(at, 8, end, "Teredo origin")
        at += 8
    row.enter(PROTOCOLS["ipv6"], at, end)


@TEREDO.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Both indications, where they are."""
    draft = tree.open(TEREDO, at, end)
    if draft.peek(2) == _AUTHENTICATION:
        with draft.group("Authentication"):
            draft.uint("Indicator", 2, hex4)
            client, value = draft.uint("Client identifier length", 1), draft.uint("Authentication length", 1)
            draft.raw("Client identifier", client)
            draft.raw("Authentication value", value)
            draft.raw("Nonce", 8)
            draft.uint("Confirmation", 1)
    if draft.peek(2) == _ORIGIN:
        with draft.group("Origin") as group:
            draft.uint("Indicator", 2, hex4)
            port = draft.uint("Port", 2, lambda value: str(value ^ 0xFFFF), note="stored with every bit turned")
            address = draft.raw("Address", 4, _turned, note="stored with every bit turned")
            group.display = f"{_turned(address)} port {port ^ 0xFFFF}"
    tree.enter(PROTOCOLS["ipv6"], draft.at, end)


def _turned(value: bytes) -> str:
    return ipv4(bytes(byte ^ 0xFF for byte in value))
