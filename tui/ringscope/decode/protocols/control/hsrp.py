# SPDX-License-Identifier: Apache-2.0
"""HSRP (RFC 2281), version 2 as a list of types and values (Cisco's description, as tcpdump and Wireshark read it),
also over IPv6."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex8, ipv4, ipv6, mac, octets, padded_text, seconds
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

HSRP = protocol("hsrp", "HSRP", role="routing", udp=(1985, 2029))

_CODES = {0: "Hello", 1: "Coup", 2: "Resign", 3: "Advertise"}
_ADVERTISE = 3
_STATES_1 = {0: "Initial", 1: "Learn", 2: "Listen", 4: "Speak", 8: "Standby", 16: "Active"}
_STATES_2 = {0: "Disabled", 1: "Init", 2: "Learn", 3: "Listen", 4: "Speak", 5: "Standby", 6: "Active"}
_ADVERTISED = {1: "Dormant", 2: "Passive", 3: "Active"}
_VALUES = {1: "Group state", 2: "Interface state", 3: "Text authentication", 4: "MD5 authentication"}
_GROUP, _INTERFACE, _TEXT, _MD5 = 1, 2, 3, 4


def _is_list(data: bytes, at: int) -> bool:
    """Version 1 begins with its version, 0; version 2 with a type."""
    return data[at] != 0


@HSRP.row
def row(row: Row, at: int, end: int) -> None:
    """The kind of message and the state of its sender."""
    row.need(at, 2, end, "HSRP message")
    data = row.data
    if _is_list(data, at):
        row.protocol = "HSRPv2"
        if data[at] == _GROUP:
            row.need(at, 5, end, "HSRP group state")
            row.info = f"{_words(_CODES, data[at + 3], 'code')} (state {_words(_STATES_2, data[at + 4], 'state')})"
        elif data[at] == _INTERFACE:
            row.need(at, 6, end, "HSRP interface state")
            active, passive = (int.from_bytes(data[place : place + 2], "big") for place in (at + 2, at + 4))
            row.info = f"Interface State TLV (Act={active} Pass={passive})"
        else:
            row.info = _words(_VALUES, data[at], "type")
        return
    code = data[at + 1]
    row.info = _words(_CODES, code, "code")
    row.need(at, 8, end, "HSRP message")
    if code == _ADVERTISE:
        row.info += f" (state {_words(_ADVERTISED, data[at + 6], 'state')})"
    else:
        row.info += f" (state {_words(_STATES_1, data[at + 2], 'state')})"


def _words(table: dict[int, str], value: int, what: str) -> str:
    return table.get(value, f"{what} {value}")


@HSRP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Either version."""
    draft = tree.open(HSRP, at, end)
    draft.say()
    if _is_list(tree.data, at):
        while draft.left:
            _value(draft)
        return
    draft.uint("Version", 1)
    code = draft.uint("Code", 1, _CODES)
    if code == _ADVERTISE:
        draft.uint("Advertisement type", 2)
        draft.uint("Advertisement length", 2)
        draft.uint("State", 1, _ADVERTISED)
        draft.uint("Reserved", 1)
        draft.uint("Active groups", 2)
        draft.uint("Passive groups", 2)
        draft.uint("Reserved", 4)
        return
    draft.uint("State", 1, _STATES_1)
    draft.uint("Hello time", 1, seconds)
    draft.uint("Hold time", 1, seconds)
    draft.uint("Priority", 1)
    draft.uint("Group", 1)
    draft.uint("Reserved", 1)
    draft.raw("Authentication", 8, padded_text)
    draft.raw("Virtual address", 4, ipv4)
    # Version 1 may have a digest behind its fixed message, written as version 2 does.
    while draft.left >= 2 and draft.peek():
        _value(draft)


def _value(draft: Draft) -> None:
    kind = draft.peek()
    with draft.group(_VALUES.get(kind, f"Type {kind}")):
        draft.uint("Type", 1, _VALUES)
        size = draft.uint("Length", 1)
        if not size:
            raise Malformed("HSRP value without a length")
        with draft.limited(size):
            if kind == _GROUP:
                _group(draft)
            elif kind == _INTERFACE:
                draft.uint("Active groups", 2)
                draft.uint("Passive groups", 2)
            elif kind == _TEXT:
                draft.rest("Password", padded_text)
            elif kind == _MD5:
                draft.uint("Algorithm", 1, {1: "MD5"})
                draft.uint("Padding", 1)
                draft.uint("Flags", 2)
                draft.raw("Sender", 4, ipv4)
                draft.uint("Key ID", 4, hex8)
            draft.rest("Digest" if kind == _MD5 else "Rest", octets)


def _group(draft: Draft) -> None:
    draft.uint("Version", 1)
    draft.uint("Code", 1, _CODES)
    draft.uint("State", 1, _STATES_2)
    version = draft.uint("IP version", 1)
    draft.uint("Group", 2)
    draft.raw("Identifier", 6, mac)
    draft.uint("Priority", 4)
    draft.uint("Hello time", 4, _milliseconds)
    draft.uint("Hold time", 4, _milliseconds)
    if version == 6:
        draft.raw("Virtual address", 16, ipv6)
    else:
        draft.raw("Virtual address", 4, ipv4)


def _milliseconds(value: int) -> str:
    return f"{value / 1000:g} s"
