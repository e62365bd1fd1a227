# SPDX-License-Identifier: Apache-2.0
"""LWAPP (RFC 5412): frames of 802.11 between access points and their controller, and messages that control them."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, hex8, is_set, mac, octets, plain
from ringscope.decode.protocols.link.wlan import SWAPPED, WLAN, swapped
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

LWAPP = protocol("lwapp", "LWAPP", udp=(12222, 12223), ethertype=(0x88BB, 0xBBBB))

_CONTROL_PORT = 12223
_IS_CONTROL, _IS_FRAGMENT = 0x04, 0x02
_HEADER, _ADDRESS = 6, 6
_MESSAGES = {
    1: "DISCOVERY_REQUEST",
    2: "DISCOVERY_REPLY",
    3: "JOIN_REQUEST",
    4: "JOIN_REPLY",
    5: "KEY_UPDATE_REQUEST",
    6: "KEY_UPDATE_RESPONSE",
    7: "KEY_UPDATE_TRIGGER",
    10: "CONFIGURE_REQUEST",
    11: "CONFIGURE_RESPONSE",
    12: "CONFIGURE_COMMAND",
    13: "CONFIGURE_COMMAND_RES",
    14: "STATISTICS_INFO",
    15: "STATISTICS_INFO_RES",
    16: "CHANGE_STATE_EVENT",
    17: "CHANGE_STATE_EVENT_RES",
    22: "ECHO_REQUEST",
    23: "ECHO_RESPONSE",
    24: "IMAGE_DATA_REQUEST",
    25: "IMAGE_DATA_RESPONSE",
    26: "CHANNEL_STATUS_REQUEST",
    27: "CHANNEL_STATUS_RESPONSE",
    30: "CLIENT_CONFIG_REQUEST",
    31: "CLIENT_CONFIG_RESPONSE",
    32: "CONFIG_CHANGE_REQUEST",
    33: "CONFIG_CHANGE_RESPONSE",
}


def _identified(walk: Walk) -> bool:
    """A message for the controller begins with the access point's address."""
    return walk.ports[1] == _CONTROL_PORT


def _frame(walk: Walk, at: int, end: int) -> None:
    walk.enter(SWAPPED if swapped(walk, at, end) else WLAN, at, end)


@LWAPP.row
def row(row: Row, at: int, end: int) -> None:
    """The message, or the frame inside."""
    at += _ADDRESS if _identified(row) else 0
    row.need(at, _HEADER, end, "LWAPP header")
    flags, _, size = unpack_from(">BBH", row.data, at)
    if flags & _IS_CONTROL:
        row.info = "CNTL"
        row.need(at + _HEADER, 1, end, "LWAPP message")
        kind = row.data[at + _HEADER]
        row.info = f"CNTL {_MESSAGES.get(kind, f'message type {kind}')}"
        return
    row.info = f"frame, {size} bytes"
    if not flags & _IS_FRAGMENT or not row.data[at + 1]:
        _frame(row, at + _HEADER, min(end, at + _HEADER + size))


@LWAPP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header, and a control message's elements."""
    draft = tree.open(LWAPP, at, end)
    if _identified(tree):
        draft.raw("Access point", _ADDRESS, mac)
    flags = draft.flags(
        "Flags",
        1,
        hex2,
        ("Version", 2, plain),
        ("Radio", 3, plain),
        ("Type", 1, {0: "802.11", 1: "control"}),
        ("Fragment", 1, is_set),
        ("Last fragment", 1, is_set),
    )[0]
    fragment = draft.uint("Fragment ID", 1)
    size = draft.uint("Length", 2)
    if flags & _IS_CONTROL:
        draft.uint("Status", 2)
        draft.end = min(end, draft.at + size)
        _message(draft)
        return
    draft.sint("RSSI", 1, lambda value: f"{value} dBm")
    draft.sint("SNR", 1, lambda value: f"{value} dB")
    draft.title = "LWAPP  frame"
    if not flags & _IS_FRAGMENT or not fragment:
        _frame(tree, draft.at, min(end, draft.at + size))


def _message(draft: Draft) -> None:
    kind = draft.uint("Message type", 1, _MESSAGES)
    draft.title = f"LWAPP  {_MESSAGES.get(kind, f'message type {kind}')}"
    draft.uint("Sequence number", 1)
    size = draft.uint("Message length", 2)
    draft.uint("Session", 4, hex8)
    draft.end = min(draft.end, draft.at + size)
    while draft.left >= 3:
        with draft.group("Element") as group:
            number = draft.uint("Type", 1)
            length = draft.uint("Length", 2)
            group.display = f"type {number}, {length} bytes"
            draft.raw("Value", min(length, draft.left), octets)
