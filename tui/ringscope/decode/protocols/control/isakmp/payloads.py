# SPDX-License-Identifier: Apache-2.0
"""The payloads of IKE (RFC 2408 section 3, RFC 7296 section 3): what each has behind its four bytes."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import formed, hex8, ip_number, ip_text, is_set, octets, plain
from ringscope.decode.protocols.control.isakmp.names import (
    ATTRIBUTE_VALUES,
    ATTRIBUTES_IKE,
    ATTRIBUTES_IPSEC,
    GROUPS,
    IDENTITIES,
    NOTIFICATIONS,
    PAYLOADS_1,
    PAYLOADS_2,
    PROTOCOLS,
    TRANSFORM_TYPES,
    TRANSFORMS,
    VENDORS,
)
from ringscope.decode.text import wire_text

_ENCRYPTED_2 = (46, 53)
_NAMED_IDENTITIES = frozenset({2, 3})
_ADDRESS_IDENTITIES = frozenset({1, 5})


def payloads(draft: Draft, kind: int, *, two: bool) -> None:
    """The chain that begins with a payload of this kind. Raises Malformed for a length below four."""
    names = PAYLOADS_2 if two else PAYLOADS_1
    while kind and draft.left:
        with draft.group(names.get(kind, f"Payload {kind}")) as group:
            following = draft.uint("Next payload", 1, names)
            if two:
                draft.bits(1, ("Critical", 1, is_set), ("Reserved", 7, plain))
            else:
                draft.uint("Reserved", 1)
            size = draft.uint("Length", 2)
            if size < 4:
                raise Malformed(f"payload length {size}")
            with draft.limited(size - 4):
                group.display = _body(draft, kind, two=two)
        # The encrypted payload is the last; its next payload is the first one inside.
        kind = 0 if two and kind in _ENCRYPTED_2 else following


def _body(draft: Draft, kind: int, *, two: bool) -> str:
    if two:
        return _body2(draft, kind)
    if kind == 1:
        draft.uint("Domain of interpretation", 4, {1: "IPsec"})
        draft.uint("Situation", 4, hex8)
        _proposals(draft, two=False)
        return ""
    if kind == 5:
        number = draft.uint("Type", 1, IDENTITIES)
        draft.uint("Protocol", 1, ip_number)
        draft.uint("Port", 2)
        return _identity(draft, number)
    if kind in (6, 7) and draft.left:
        draft.uint("Encoding", 1)
    elif kind == 11:
        draft.uint("Domain of interpretation", 4, {1: "IPsec"})
        return _notification(draft)
    elif kind == 12:
        draft.uint("Domain of interpretation", 4, {1: "IPsec"})
        return _delete(draft)
    elif kind == 13:
        return _vendor(draft)
    elif kind in (15, 16, 14) and draft.left >= 4:
        draft.uint("Type", 1)
        draft.uint("Reserved", 1)
        draft.uint("Identifier", 2)
    return _rest(draft)


def _body2(draft: Draft, kind: int) -> str:
    if kind == 33:
        _proposals(draft, two=True)
        return ""
    if kind == 34:
        group = draft.uint("Key exchange method", 2, GROUPS)
        draft.uint("Reserved", 2)
        draft.rest("Key")
        return formed(GROUPS, group)
    if kind in (35, 36):
        number = draft.uint("Type", 1, IDENTITIES)
        draft.uint("Reserved", 3)
        return _identity(draft, number)
    if kind in (37, 38):
        draft.uint("Encoding", 1)
    elif kind == 39:
        draft.uint("Method", 1, {1: "RSA signature", 2: "shared key", 9: "ECDSA-256", 14: "digital signature"})
        draft.uint("Reserved", 3)
    elif kind == 41:
        return _notification(draft)
    elif kind == 42:
        return _delete(draft)
    elif kind == 43:
        return _vendor(draft)
    elif kind in (44, 45):
        return _selectors(draft)
    elif kind == 53:
        number, total = draft.uint("Fragment", 2), draft.uint("Fragments", 2)
        draft.rest("Encrypted")
        return f"{number} of {total}"
    return _rest(draft)


def _rest(draft: Draft) -> str:
    size = draft.left
    draft.rest("Data")
    return f"{size} bytes"


def _identity(draft: Draft, kind: int) -> str:
    if kind in _NAMED_IDENTITIES:
        return draft.text("Identity", draft.left)
    return (
        octets(draft.rest("Identity")) if kind not in _ADDRESS_IDENTITIES else ip_text(draft.rest("Identity", ip_text))
    )


def _vendor(draft: Draft) -> str:
    value = draft.rest("Vendor ID")
    text = value.hex()
    for beginning, name in VENDORS.items():
        if text.startswith(beginning):
            return name
    return wire_text(value) if value.isascii() and value.decode("ascii").isprintable() else octets(value)


def _notification(draft: Draft) -> str:
    draft.uint("Protocol", 1, PROTOCOLS)
    size = draft.uint("SPI size", 1)
    kind = draft.uint("Message", 2, NOTIFICATIONS)
    draft.raw("SPI", size)
    draft.rest("Data")
    return NOTIFICATIONS.get(kind, f"message {kind}")


def _delete(draft: Draft) -> str:
    number = draft.uint("Protocol", 1, PROTOCOLS)
    size = draft.uint("SPI size", 1)
    count = draft.uint("Number of SPIs", 2)
    while size and draft.left:
        draft.raw("SPI", size)
    return f"{PROTOCOLS.get(number, str(number))}, {count} SPIs"


def _selectors(draft: Draft) -> str:
    count = draft.uint("Number of selectors", 1)
    draft.uint("Reserved", 3)
    words = []
    for _ in range(count):
        if not draft.left:
            break
        with draft.group("Traffic selector") as group:
            draft.uint("Type", 1, {7: "IPv4 range", 8: "IPv6 range"})
            draft.uint("Protocol", 1, ip_number)
            size = draft.uint("Length", 2)
            with draft.limited(max(size - 4, 4)):
                draft.uint("First port", 2)
                draft.uint("Last port", 2)
                half = draft.left // 2
                first, last = draft.raw("First address", half, ip_text), draft.raw("Last address", half, ip_text)
                draft.rest("Rest")
            group.display = f"{ip_text(first)} to {ip_text(last)}"
        words.append(group.display)
    return ", ".join(words)


def _proposals(draft: Draft, *, two: bool) -> None:
    """What is offered, or what was chosen of it."""
    while draft.left:
        with draft.group("Proposal") as group:
            draft.uint("Next", 1, {0: "last", 2: "more"})
            draft.uint("Reserved", 1)
            size = draft.uint("Length", 2)
            if size < 8:
                raise Malformed(f"proposal length {size}")
            with draft.limited(size - 4):
                number = draft.uint("Number", 1)
                protocol = draft.uint("Protocol", 1, PROTOCOLS)
                spi = draft.uint("SPI size", 1)
                draft.uint("Number of transforms", 1)
                draft.raw("SPI", spi)
                group.display = f"{number}, {PROTOCOLS.get(protocol, str(protocol))}"
                while draft.left:
                    _transform(draft, protocol, two=two)


def _transform(draft: Draft, protocol: int, *, two: bool) -> None:
    with draft.group("Transform") as group:
        draft.uint("Next", 1, {0: "last", 3: "more"})
        draft.uint("Reserved", 1)
        size = draft.uint("Length", 2)
        if size < 8:
            raise Malformed(f"transform length {size}")
        with draft.limited(size - 4):
            if two:
                kind = draft.uint("Type", 1, TRANSFORM_TYPES)
                draft.uint("Reserved", 1)
                names = TRANSFORMS.get(kind, {})
                number = draft.uint("Transform ID", 2, names)
                words = [TRANSFORM_TYPES.get(kind, str(kind)), names.get(number, str(number))]
            else:
                words = [f"{draft.uint('Number', 1)}"]
                draft.uint("Transform ID", 1)
                draft.uint("Reserved", 2)
            while draft.left:
                text = _attribute(draft, {14: "Key length"} if two else _attribute_names(protocol))
                if text:
                    words.append(text)
        group.display = ", ".join(words)


def _attribute_names(protocol: int) -> dict[int, str]:
    return ATTRIBUTES_IKE if protocol == 1 else ATTRIBUTES_IPSEC


def _attribute(draft: Draft, names: dict[int, str]) -> str:
    """A type and two bytes of value, or, without the first bit, a length and the value."""
    kind = draft.peek(2) & 0x7FFF
    with draft.group(names.get(kind, f"Attribute {kind}")) as group:
        short = draft.bits(2, ("Short form", 1, is_set), ("Type", 15, plain))[0]
        if short:
            values = ATTRIBUTE_VALUES.get(kind, {}) if names is ATTRIBUTES_IKE else {}
            group.display = formed(values, draft.uint("Value", 2, values))
        else:
            size = draft.uint("Length", 2)
            if size == 4:
                group.display = str(draft.uint("Value", 4))
            else:
                group.display = octets(draft.raw("Value", size))
    return f"{names.get(kind, f'attribute {kind}').lower()} {group.display}"
