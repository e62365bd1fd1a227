# SPDX-License-Identifier: Apache-2.0
"""LLDP (IEEE 802.1AB): what is plugged in at the other end of the cable, as a list of types, lengths and values."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.address import ip_text, mac
from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex4, is_set, octets, plain, seconds
from ringscope.decode.protocols.control.lldp.organizations import specific
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.text import wire_text
from ringscope.decode.tree import Tree

LLDP = protocol("lldp", "LLDP", role="routing", ethertype=(0x88CC,))

_END, _CHASSIS, _PORT, _LIFETIME, _DESCRIPTION, _NAME, _SYSTEM, _CAPABILITIES, _ADDRESS, _SPECIFIC = (*range(9), 127)
_TYPES = {
    _END: "End",
    _CHASSIS: "Chassis ID",
    _PORT: "Port ID",
    _LIFETIME: "Time to live",
    _DESCRIPTION: "Port description",
    _NAME: "System name",
    _SYSTEM: "System description",
    _CAPABILITIES: "Capabilities",
    _ADDRESS: "Management address",
    _SPECIFIC: "Organization specific",
}
_CHASSIS_KINDS = {
    1: "chassis component",
    2: "interface alias",
    3: "port component",
    4: "MAC address",
    5: "network address",
    6: "interface name",
    7: "locally assigned",
}
_PORT_KINDS = {
    1: "interface alias",
    2: "port component",
    3: "MAC address",
    4: "network address",
    5: "interface name",
    6: "agent circuit ID",
    7: "locally assigned",
}
_SHORT = {
    "chassis component": "CC",
    "interface alias": "IA",
    "port component": "PC",
    "MAC address": "MA",
    "network address": "NA",
    "interface name": "IN",
    "agent circuit ID": "AC",
    "locally assigned": "LA",
}
_SYSTEMS = (
    "Two-port MAC relay",
    "S-VLAN",
    "C-VLAN",
    "Station only",
    "DOCSIS cable device",
    "Telephone",
    "Router",
    "WLAN access point",
    "Bridge",
    "Repeater",
    "Other",
)
_FAMILIES = {1: "IPv4", 2: "IPv6", 6: "802 address"}
_NUMBERINGS = {1: "unknown", 2: "ifIndex", 3: "system port number"}
_MOST = 100


def _identity(kinds: dict[int, str], value: bytes) -> tuple[str, str]:
    """The kind of an identifier and its text; `value` begins with the kind."""
    kind = kinds.get(value[0], f"subtype {value[0]}") if value else ""
    rest = value[1:]
    if kind == "MAC address":
        return kind, mac(rest)
    if kind == "network address":
        return kind, ip_text(rest[1:])
    return kind, wire_text(rest.rstrip(b"\0"))


@LLDP.row
def row(row: Row, at: int, end: int) -> None:
    """Chassis, port and lifetime, and what the system calls itself."""
    words: list[str] = []
    for _ in range(_MOST):
        if at + 2 > end:
            break
        row.need(at, 2, end, "LLDP value")
        (head,) = unpack_from(">H", row.data, at)
        kind, size = head >> 9, head & 0x1FF
        if kind == _END:
            break
        row.need(at + 2, size, end, "LLDP value")
        words += _words(kind, row.data[at + 2 : at + 2 + size])
        row.info = " ".join(words)
        at += 2 + size


def _words(kind: int, value: bytes) -> list[str]:
    if kind in (_CHASSIS, _PORT) and value:
        name, text = _identity(_CHASSIS_KINDS if kind == _CHASSIS else _PORT_KINDS, value)
        return [f"{_SHORT.get(name, name)}/{text}"]
    if kind == _LIFETIME and len(value) >= 2:
        return [str(value[0] << 8 | value[1])]
    if kind in (_NAME, _SYSTEM):
        return [f"{'SysN' if kind == _NAME else 'SysD'}={wire_text(value)}"]
    return []


@LLDP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Every value under a heading."""
    draft = tree.open(LLDP, at, end)
    draft.say()
    while draft.left >= 2:
        kind = draft.peek(2) >> 9
        with draft.group(_TYPES.get(kind, f"Type {kind}")) as group:
            size = draft.bits(2, ("Type", 7, _TYPES), ("Length", 9, plain))[1]
            with draft.limited(size):
                group.display = _value(draft, kind)
        if kind == _END:
            break
    tree.narrow(draft.at)


def _value(draft: Draft, kind: int) -> str:
    if not draft.left:
        return ""
    if kind in (_CHASSIS, _PORT):
        kinds = _CHASSIS_KINDS if kind == _CHASSIS else _PORT_KINDS
        number = draft.uint("Subtype", 1, kinds)
        value = draft.rest("ID", lambda value: _identity(kinds, bytes([number]) + value)[1])
        return _identity(kinds, bytes([number]) + value)[1]
    if kind == _LIFETIME:
        return seconds(draft.uint("Time to live", 2, seconds))
    if kind in (_DESCRIPTION, _NAME, _SYSTEM):
        return draft.text("Text", draft.left)
    if kind == _CAPABILITIES:
        return _capabilities(draft)
    if kind == _ADDRESS:
        return _address(draft)
    if kind == _SPECIFIC:
        return specific(draft)
    return octets(draft.rest("Value"))


def _capabilities(draft: Draft) -> str:
    parts = (("Reserved", 5, plain), *((name, 1, is_set) for name in _SYSTEMS))
    draft.flags("Capabilities", 2, hex4, *parts)
    enabled = draft.flags("Enabled", 2, hex4, *parts)[2:]
    return ", ".join(name for name, value in zip(_SYSTEMS, enabled, strict=True) if value) or "none enabled"


def _address(draft: Draft) -> str:
    size = draft.uint("Address length", 1)
    family = draft.uint("Address family", 1, _FAMILIES)
    text = ip_text(draft.raw("Address", max(size - 1, 0), ip_text))
    draft.uint("Interface numbering", 1, _NUMBERINGS)
    draft.uint("Interface number", 4)
    draft.raw("Object identifier", draft.uint("Object identifier length", 1))
    return text if family in _FAMILIES else f"family {family}, {text}"
