# SPDX-License-Identifier: Apache-2.0
"""Information elements of GTP versions 0 and 1: those below 128 have sizes of their own, the others a length
(3GPP TS 29.060 section 7.7)."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import formed, hex2, hex4, hex6, hex8, ip_text, is_set, octets, plain
from ringscope.decode.protocols.tunnel.gtp.names import CAUSES, EXTENSIONS, FIXED, FIXED_0, RADIO, VARIABLE
from ringscope.decode.text import wire_text

_IMSI, _MSISDN, _IMEI = 2, 134, 154
_END_USER, _APN, _GSN, _EXTENSIONS, _RADIO, _PRIVATE = 128, 131, 133, 141, 151, 255
_FLAGS = frozenset({8, 13, 19})
_HEX = {1: hex2, 2: hex4, 3: hex6, 4: hex8}
_TEIDS = frozenset({4, 5, 12, 16, 17})
_ADDRESSES = {0x21: "IPv4", 0x57: "IPv6", 0x8D: "IPv4 and IPv6", 0x01: "PPP", 0x02: "OSP:IHOSS"}


def digits(value: bytes) -> str:
    """Decimal digits, two to a byte, the lower half first; a half of all ones fills up (3GPP TS 24.008)."""
    text = value.hex()
    return "".join(text[place + 1] + text[place] for place in range(0, len(text), 2)).rstrip("f")


def name_labels(value: bytes) -> str:
    """An access point name: labels behind their lengths (3GPP TS 23.003)."""
    labels, place = [], 0
    while place < len(value):
        labels.append(value[place + 1 : place + 1 + value[place]])
        place += 1 + value[place]
    return wire_text(b".".join(labels))


def elements(draft: Draft, version: int) -> None:
    """All elements up to the end of the draft. Raises Malformed for one whose size nobody knows."""
    while draft.left:
        kind = draft.peek()
        if kind >= 128:
            size = draft.peek(2, 1)
            with draft.group(VARIABLE.get(kind, f"Element {kind}")) as group:
                draft.uint("Type", 1)
                draft.uint("Length", 2)
                with draft.limited(size):
                    group.display = _variable(draft, kind)
            continue
        known = (FIXED_0.get(kind) if version == 0 else None) or FIXED.get(kind)
        if known is None:
            raise Malformed(f"information element {kind} has no known size")
        with draft.group(known[0]) as group:
            draft.uint("Type", 1)
            group.display = _fixed(draft, kind, known[1])


def _fixed(draft: Draft, kind: int, size: int) -> str:
    if kind == _IMSI:
        return digits(draft.raw("IMSI", size, digits))
    if kind == 1:
        return formed(CAUSES, draft.uint("Cause", 1, CAUSES))
    if kind in _FLAGS:
        value = draft.bits(1, ("Spare", 7, plain), ("Flag", 1, is_set))[1]
        return is_set(value)
    if kind in _TEIDS:
        return _HEX[size](draft.uint("Value", size, _HEX[size]))
    if size <= 4:
        return str(draft.uint("Value", size))
    return octets(draft.raw("Value", size))


def _variable(draft: Draft, kind: int) -> str:
    if not draft.left:
        return ""
    if kind == _APN:
        return name_labels(draft.rest("Name", name_labels))
    if kind == _GSN:
        return ip_text(draft.rest("Address", ip_text))
    if kind == _MSISDN:
        draft.uint("Numbering plan", 1, hex2)
        return digits(draft.rest("Digits", digits))
    if kind == _IMEI:
        return digits(draft.rest("Digits", digits))
    if kind == _RADIO:
        return formed(RADIO, draft.uint("RAT type", 1, RADIO))
    if kind == _EXTENSIONS:
        return ", ".join(EXTENSIONS.get(each, hex2(each)) for each in draft.rest("Types"))
    if kind == _END_USER:
        draft.bits(1, ("Spare", 4, plain), ("Organization", 4, {0: "ETSI", 1: "IETF"}))
        number = draft.uint("Number", 1, _ADDRESSES)
        if draft.left in (4, 16):
            return ip_text(draft.rest("Address", ip_text))
        draft.rest("Addresses")
        return _ADDRESSES.get(number, str(number))
    if kind == _PRIVATE and draft.left >= 2:
        draft.uint("Enterprise", 2)
    return octets(draft.rest("Value"))
