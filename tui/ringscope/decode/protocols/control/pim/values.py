# SPDX-License-Identifier: Apache-2.0
"""What PIM's messages are made of: encoded addresses (RFC 7761 section 4.9.1) and the options of a hello."""

from __future__ import annotations

from ringscope.decode.address import ip_text
from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex2, hex8, plain, seconds, yes
from ringscope.decode.values import Table, blob, number

_WIDTHS = {1: 4, 2: 16}
_FAMILIES = {1: "IPv4", 2: "IPv6"}
_FOREVER = 0xFFFF


def _address(draft: Draft, label: str, family: int) -> str:
    width = _WIDTHS.get(family)
    if width is None:
        raise Malformed(f"address family {family}")
    return ip_text(draft.raw(label, width, ip_text))


def unicast(draft: Draft, label: str) -> str:
    """An encoded unicast address."""
    with draft.group(label) as group:
        family = draft.uint("Family", 1, _FAMILIES)
        draft.uint("Encoding", 1)
        group.display = _address(draft, "Address", family)
    return group.display


def multicast(draft: Draft, label: str) -> str:
    """An encoded group address."""
    with draft.group(label) as group:
        family = draft.uint("Family", 1, _FAMILIES)
        draft.uint("Encoding", 1)
        draft.flags("Flags", 1, hex2, ("Bidirectional (B)", 1, yes), ("", 6, plain), ("Scope zone (Z)", 1, yes))
        length = draft.uint("Mask length", 1)
        group.display = f"{_address(draft, 'Address', family)}/{length}"
    return group.display


def source(draft: Draft, label: str) -> str:
    """An encoded source address, which may have attributes (RFC 5384)."""
    with draft.group(label) as group:
        family = draft.uint("Family", 1, _FAMILIES)
        encoding = draft.uint("Encoding", 1, {0: "plain", 1: "with attributes"})
        parts = (
            ("", 5, plain),
            ("Sparse (S)", 1, yes),
            ("Wildcard (W)", 1, yes),
            ("RP tree (R)", 1, yes),
        )
        flags = draft.flags("Flags", 1, hex2, *parts)[0]
        length = draft.uint("Mask length", 1)
        words = "".join(letter for bit, letter in ((4, "S"), (2, "W"), (1, "R")) if flags & bit)
        group.display = f"{_address(draft, 'Address', family)}/{length}{f' ({words})' if words else ''}"
        last = encoding != 1
        while not last:
            last = bool(draft.peek() & 0x40)
            draft.bits(1, ("Forward", 1, yes), ("Last attribute", 1, yes), ("Attribute", 6, plain))
            size = draft.uint("Attribute length", 1)
            if size:
                draft.raw("Attribute value", size)
    return group.display


def holdtime(value: int) -> str:
    """Seconds, of which the most stand for ever."""
    return "infinity" if value == _FOREVER else seconds(value)


def _delays(draft: Draft, size: int) -> str:
    if size != 4:
        return blob(draft, size)
    _, delay = draft.bits(2, ("Tracking support (T)", 1, yes), ("Propagation delay", 15, lambda value: f"{value} ms"))
    interval = draft.uint("Override interval", 2, lambda value: f"{value} ms")
    return f"propagation delay {delay} ms, override interval {interval} ms"


def _refresh(draft: Draft, size: int) -> str:
    if size != 4:
        return blob(draft, size)
    draft.uint("Version", 1)
    interval = draft.uint("Interval", 1, seconds)
    draft.uint("Reserved", 2)
    return f"every {interval} s"


def _addresses(draft: Draft, size: int) -> str:
    found: list[str] = []
    while draft.left >= 6:
        found.append(unicast(draft, "Secondary address"))
    return ", ".join(found)


HELLO: Table = {
    1: ("Hold time", number(holdtime)),
    2: ("LAN prune delay", _delays),
    17: ("DR priority (old)", number()),
    18: ("DR priority (old)", number()),
    19: ("DR priority", number()),
    20: ("Generation identifier", number(hex8)),
    21: ("State refresh", _refresh),
    22: ("Bidirectional capable", blob),
    24: ("Address list", _addresses),
    26: ("Join attributes", blob),
    27: ("DR load balancing capability", blob),
    28: ("DR load balancing list", blob),
    30: ("Over reliable transport (TCP)", blob),
    31: ("Over reliable transport (SCTP)", blob),
    35: ("Assert packing capability", blob),
    37: ("Interface identifier", blob),
    65001: ("Address list (old)", _addresses),
    65004: ("RPF proxy vector (Cisco)", blob),
}
"""Options of hellos by number (IANA's "PIM-Hello Options")."""


def options(draft: Draft) -> None:
    """A hello's options."""
    while draft.left >= 4:
        kind = draft.peek(2)
        name, reader = HELLO.get(kind, (f"Option {kind}", blob))
        with draft.group(name) as group:
            draft.uint("Option", 2)
            size = draft.uint("Length", 2)
            with draft.limited(size):
                group.display = reader(draft, size)
                draft.rest("Rest of the value")
