# SPDX-License-Identifier: Apache-2.0
"""Routing headers: source routes (RFC 5095 on why not), type 2 (RFC 6275), RPL's (RFC 6554), segments (RFC 8754)."""

from __future__ import annotations

from ringscope.decode.address import ipv6
from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, hex4, hex8, octets, plain
from ringscope.decode.protocols.network.ipv6.chain import extension, extension_row, next_layer
from ringscope.decode.registry import protocol
from ringscope.decode.tree import Tree

ROUTING = protocol("ipv6.routing", "IPv6", ip=(43,))

ROUTING.row(extension_row)

_TYPES = {
    0: "source route",
    1: "Nimrod",
    2: "type 2",
    3: "RPL source route",
    4: "segment routing",
    5: "compact, 16 bits",
    6: "compact, 32 bits",
}
_SEGMENTS, _RPL = 4, 3
_COMPACT = {5: 2, 6: 4}
_VALUES = {0: "Pad1", 4: "PadN", 5: "HMAC"}


@ROUTING.layer
def routing(tree: Tree, at: int, end: int) -> None:
    """What the type has."""
    draft, following = extension(ROUTING, "IPv6 routing", tree, at, end)
    kind = draft.uint("Type", 1, _TYPES)
    left = draft.uint("Segments left", 1)
    draft.title = f"{draft.title}  {_TYPES.get(kind, f'type {kind}')}, {left} left"
    if kind == _SEGMENTS:
        _segments(draft)
    elif kind == _RPL:
        _compressed(draft)
    elif kind in _COMPACT:
        while draft.left >= _COMPACT[kind]:
            draft.uint("Segment", _COMPACT[kind])
    elif draft.left >= 4:
        draft.uint("Reserved", 4, hex8)
        while kind in (0, 2) and draft.left >= 16:
            draft.raw("Address", 16, ipv6)
    draft.rest("Data")
    next_layer(tree, following, draft.end, end)


def _segments(draft: Draft) -> None:
    last = draft.uint("Last entry", 1)
    draft.uint("Flags", 1, hex2)
    draft.uint("Tag", 2, hex4)
    for _ in range(last + 1):
        if draft.left < 16:
            return
        draft.raw("Segment", 16, ipv6)
    while draft.left:
        kind = draft.peek()
        if kind == 0:
            draft.uint("Pad1", 1, lambda _: "")
            continue
        with draft.group(_VALUES.get(kind, f"TLV {kind}")) as group:
            draft.uint("TLV", 1, _VALUES)
            size = min(draft.uint("Length", 1), draft.left)
            if kind == 5 and size >= 6:
                draft.uint("Reserved", 2, hex4)
                draft.uint("Key", 4, hex8)
                size -= 6
            group.display = octets(draft.raw("Value", size)) if size else ""


def _compressed(draft: Draft) -> None:
    """Addresses of which only what differs from the destination's is there."""
    shared, last, padding, _ = draft.bits(
        4,
        ("Bytes left out", 4, plain),
        ("Bytes left out of the last", 4, plain),
        ("Padding", 4, plain),
        ("", 20, plain),
    )
    body = draft.left - padding
    if body < 16 - last:
        return  # shorter than its last address: what is there are bytes
    while body > 16 - last:
        draft.raw("Address without its beginning", 16 - shared)
        body -= 16 - shared
    if draft.left > padding:
        draft.raw("Last address without its beginning", min(16 - last, draft.left - padding))
