# SPDX-License-Identifier: Apache-2.0
"""Extensions of ICMP and ICMPv6 messages (RFC 4884): MPLS labels (RFC 4950), interfaces (RFC 5837), what a probe asks
for (RFC 8335), and the place where they begin behind a quoted packet."""

from __future__ import annotations

from ringscope.decode.address import ip_text
from ringscope.decode.checksum import internet
from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex4, plain, yes
from ringscope.decode.text import wire_text
from ringscope.decode.walk import Walk

OLD_QUOTE = 128
"""Bytes of the quoted packet where no length tells how many they are (RFC 4884 section 5.5)."""

_CLASSES = {1: "MPLS label stack", 2: "Interface", 3: "Interface identification", 4: "Upstream and error", 5: "Node"}
_ROLES = {0: "incoming", 1: "sub-interface of the incoming", 2: "outgoing", 3: "next hop"}
_KINDS = {1: "by name", 2: "by index", 3: "by address"}
_WIDTHS = {1: 4, 2: 16}


def extension_at(walk: Walk, at: int, end: int, told: int) -> int:
    """Where the extensions begin behind the quoted packet at `at`, or `end` where there are none.

    told: bytes of the quoted packet by its length field, 0 where that says nothing; then they are believed in only
    where an old implementation puts them and their checksum is right.
    """
    if told:
        return min(at + told, end)
    start = at + OLD_QUOTE
    if start + 8 <= end <= walk.size and walk.data[start] >> 4 == 2 and internet(walk.data[start:end]) == 0:
        return start
    return end


def extensions(draft: Draft) -> None:
    """The extension header and its objects."""
    start = draft.at
    note = ""
    if draft.end <= draft.tree.size:
        total = internet(draft.data[start : draft.end])
        note = f"{'right' if total == 0 else 'wrong'}, computed over the extensions"
    draft.bits(2, ("Extension version", 4, plain), ("Reserved", 12, hex4))
    draft.uint("Extension checksum", 2, hex4, note=note)
    while draft.left >= 4:
        kind = draft.peek(1, 2)
        with draft.group(_CLASSES.get(kind, f"Object of class {kind}")) as group:
            size = draft.uint("Length", 2)
            draft.uint("Class", 1, _CLASSES)
            subtype = draft.peek()
            if kind == 2:
                parts = (("Address told", 1, yes), ("Name told", 1, yes), ("MTU told", 1, yes))
                draft.bits(1, ("Role", 2, _ROLES), ("", 1, plain), ("Index told", 1, yes), *parts)
            else:
                draft.uint("Subtype", 1, _KINDS if kind == 3 else plain)
            if size < 4:
                raise Malformed(f"extension object of length {size}")
            with draft.limited(size - 4):
                if kind in _OBJECTS:
                    group.display = _OBJECTS[kind](draft, subtype)
                draft.rest("Value")


def _labels(draft: Draft, _: int) -> str:
    found: list[str] = []
    while draft.left >= 4:
        parts = (("Label", 20, plain), ("Traffic class", 3, plain), ("Bottom of stack", 1, yes), ("TTL", 8, plain))
        label, _, _, ttl = draft.bits(4, *parts)
        found.append(f"label {label} TTL {ttl}")
    return ", ".join(found)


def _interface(draft: Draft, told: int) -> str:
    words = [_ROLES[told >> 6]]
    if told & 8 and draft.left >= 4:
        words.append(f"index {draft.uint('Index', 4)}")
    if told & 4 and draft.left >= 4:
        words.append(_address(draft))
    if told & 2 and draft.left:
        size = draft.uint("Name length", 1)
        if size > 1:
            words.append(wire_text(draft.raw("Name", min(size - 1, draft.left), _name).rstrip(b"\0")))
    if told & 1 and draft.left >= 4:
        words.append(f"MTU {draft.uint('MTU', 4)}")
    return ", ".join(words)


def _name(value: bytes) -> str:
    return wire_text(value.rstrip(b"\0"))


def _address(draft: Draft) -> str:
    family = draft.uint("Address family", 2, {1: "IPv4", 2: "IPv6"})
    draft.uint("Reserved", 2, hex4)
    width = _WIDTHS.get(family, 0)
    return ip_text(draft.raw("Address", width, ip_text)) if width else f"family {family}"


def _identification(draft: Draft, kind: int) -> str:
    if kind == 1 and draft.left:
        return _name(draft.rest("Name", _name))
    if kind == 2 and draft.left >= 4:
        return f"index {draft.uint('Index', 4)}"
    if kind == 3 and draft.left >= 4:
        draft.uint("Address family", 2, {1: "IPv4", 2: "IPv6", 16389: "MAC", 16390: "EUI-64"})
        size = draft.uint("Address length", 1)
        draft.uint("Reserved", 1)
        return ip_text(draft.raw("Address", min(size, draft.left), ip_text)) if size else ""
    return ""


_OBJECTS = {1: _labels, 2: _interface, 3: _identification}
