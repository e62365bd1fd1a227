# SPDX-License-Identifier: Apache-2.0
"""DTP, Cisco's trunk negotiation in SNAP frames: a list of types and values, as tcpdump and Wireshark read it."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, mac, padded_text
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

DTP = protocol("dtp", "DTP", role="routing", snap=((0x00000C, 0x2004),))

_DOMAIN, _STATUS, _KIND, _NEIGHBOUR = 1, 2, 3, 4
_VALUES = {_DOMAIN: "Domain", _STATUS: "Trunk status", _KIND: "Trunk type", _NEIGHBOUR: "Sender"}
_NAMED = {1: "On", 2: "Off", 3: "Desirable", 4: "Auto"}


@DTP.row
def row(row: Row, at: int, end: int) -> None:
    """Named only."""
    row.info = f"Dynamic Trunk Protocol, {max(end - at, 0)} bytes"


@DTP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Version and values."""
    draft = tree.open(DTP, at, end, "Dynamic Trunking Protocol")
    draft.uint("Version", 1)
    while draft.left >= 4 and draft.peek(2, 2) >= 4:
        _value(draft)


def _value(draft: Draft) -> None:
    kind = draft.peek(2)
    with draft.group(_VALUES.get(kind, f"Value 0x{kind:04x}")) as group:
        draft.uint("Type", 2, _VALUES)
        size = draft.uint("Length", 2) - 4
        if kind == _STATUS and size == 1:
            value = draft.uint("Value", 1, lambda value: f"{hex2(value)} ({_NAMED.get(value & 7, 'unknown')})")
            group.display = _NAMED.get(value & 7, hex2(value))
        elif kind == _DOMAIN:
            group.display = padded_text(draft.raw("Value", size, padded_text))
        elif kind == _NEIGHBOUR:
            group.display = mac(draft.raw("Value", size, mac))
        else:
            group.display = draft.raw("Value", size).hex()
