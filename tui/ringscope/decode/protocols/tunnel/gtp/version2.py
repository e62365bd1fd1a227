# SPDX-License-Identifier: Apache-2.0
"""GTP version 2, which only sets tunnels up (specified in 3GPP TS 29.274): one header, and elements that all have a
length."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.forms import formed, hex2, hex8, ip_text, ipv4, ipv6, is_set, octets, plain
from ringscope.decode.protocols.tunnel.gtp.elements import digits, name_labels
from ringscope.decode.protocols.tunnel.gtp.names import RADIO
from ringscope.decode.protocols.tunnel.gtp.names2 import CAUSES, ELEMENTS, INTERFACES, MESSAGES, PDN_TYPES
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

GTP2 = protocol("gtpv2", "GTPv2")

_PIGGYBACKED, _HAS_TEID = 0x10, 0x08
_IMSI, _CAUSE, _APN, _EBI, _ADDRESS, _MEI, _MSISDN = 1, 2, 71, 73, 74, 75, 76
_PAA, _RADIO, _FTEID, _BEARER, _PDN_TYPE, _NETWORK = 79, 82, 87, 93, 99, 83
_NUMBERS = frozenset({3, 72, 127, 128})
_GROUPED = frozenset({93, 109, 180, 191})
_DEEPEST = 4


def _name(kind: int) -> str:
    return MESSAGES.get(kind, f"message type {kind}")


@GTP2.row
def row(row: Row, at: int, end: int) -> None:
    """The message, and the one that rides on it."""
    names = []
    while True:
        row.need(at, 4, end, "GTPv2 header")
        flags, kind, size = unpack_from(">BBH", row.data, at)
        names.append(_name(kind))
        row.info = " / ".join(names)
        if not flags & _PIGGYBACKED or len(names) > 1:
            return
        row.need(at, 4 + size, end, "GTPv2 message")
        at += 4 + size


@GTP2.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """One layer for both messages."""
    draft = tree.open(GTP2, at, end)
    draft.say()
    more = _message(draft)
    draft.end = end
    if more and draft.left:
        with draft.group("Piggybacked message") as group:
            group.display = _name(draft.peek(1, 1))
            _message(draft)


def _message(draft: Draft) -> bool:
    """Header and elements; returns whether another message follows."""
    flags = draft.flags(
        "Flags",
        1,
        hex2,
        ("Version", 3, plain),
        ("Piggybacking", 1, is_set),
        ("TEID present", 1, is_set),
        ("Message priority", 1, is_set),
        ("Spare", 2, plain),
    )[0]
    draft.uint("Message type", 1, MESSAGES)
    size = draft.uint("Length", 2)
    draft.end = min(draft.end, draft.at + size)
    if flags & _HAS_TEID:
        draft.uint("TEID", 4, hex8)
    draft.uint("Sequence number", 3)
    draft.uint("Priority and spare", 1, hex2)
    _elements(draft, 0)
    return bool(flags & _PIGGYBACKED)


def _elements(draft: Draft, depth: int) -> None:
    while draft.left:
        kind, size = draft.peek(), draft.peek(2, 1)
        with draft.group(ELEMENTS.get(kind, f"Element {kind}")) as group:
            draft.uint("Type", 1)
            draft.uint("Length", 2)
            draft.bits(1, ("Spare", 4, plain), ("Instance", 4, plain))
            with draft.limited(size):
                group.display = _element(draft, kind, depth)


def _element(draft: Draft, kind: int, depth: int) -> str:
    if kind in _GROUPED and depth < _DEEPEST:
        _elements(draft, depth + 1)
        return ""
    if not draft.left:
        return ""
    if kind in (_IMSI, _MEI, _MSISDN):
        return digits(draft.rest("Digits", digits))
    if kind == _CAUSE:
        text = formed(CAUSES, draft.uint("Cause", 1, CAUSES))
        draft.rest("Origin and offending element")
        return text
    if kind == _APN:
        return name_labels(draft.rest("Name", name_labels))
    if kind == _ADDRESS:
        return ip_text(draft.rest("Address", ip_text))
    if kind == _EBI:
        number = draft.bits(1, ("Spare", 4, plain), ("Bearer", 4, plain))[1]
        draft.rest("Value")
        return str(number)
    if kind in (_RADIO, _PDN_TYPE):
        table = RADIO if kind == _RADIO else PDN_TYPES
        text = formed(table, draft.uint("Value", 1, table))
        draft.rest("Rest")
        return text
    if kind == _NETWORK and draft.left >= 3:
        value = draft.raw("Network", 3, _network)
        draft.rest("Rest")
        return _network(value)
    if kind == _PAA:
        return _paa(draft)
    if kind == _FTEID:
        return _fteid(draft)
    if kind in _NUMBERS and draft.left in (1, 2, 4, 8):
        return str(draft.uint("Value", draft.left if kind != 72 else 4)) if draft.left != 8 else _rates(draft)
    return octets(draft.rest("Value"))


def _network(value: bytes) -> str:
    """Country and network code (3GPP TS 24.008 section 10.5.1.13)."""
    text = value.hex()
    network = text[5] + text[4] + ("" if text[2] == "f" else text[2])
    return f"MCC {text[1]}{text[0]}{text[3]} MNC {network}"


def _rates(draft: Draft) -> str:
    up, down = draft.uint("Uplink kbit/s", 4), draft.uint("Downlink kbit/s", 4)
    return f"{up} kbit/s up, {down} kbit/s down"


def _paa(draft: Draft) -> str:
    """The address a user gets."""
    kind = draft.bits(1, ("Spare", 5, plain), ("PDN type", 3, PDN_TYPES))[1]
    found = []
    if kind in (2, 3):
        draft.uint("Prefix length", 1)
        found.append(ipv6(draft.raw("IPv6 address", 16, ipv6)))
    if kind in (1, 3):
        found.append(ipv4(draft.raw("IPv4 address", 4, ipv4)))
    draft.rest("Rest")
    return ", ".join(found)


def _fteid(draft: Draft) -> str:
    """One end of a tunnel."""
    has4, has6, interface = draft.bits(1, ("IPv4", 1, is_set), ("IPv6", 1, is_set), ("Interface", 6, INTERFACES))
    words = [INTERFACES.get(interface, f"interface {interface}"), f"TEID 0x{draft.uint('TEID', 4, hex8):08x}"]
    if has4:
        words.append(ipv4(draft.raw("IPv4 address", 4, ipv4)))
    if has6:
        words.append(ipv6(draft.raw("IPv6 address", 16, ipv6)))
    draft.rest("Rest")
    return ", ".join(words)
