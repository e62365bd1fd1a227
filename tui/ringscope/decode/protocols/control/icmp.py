# SPDX-License-Identifier: Apache-2.0
"""ICMP (RFC 792) with the packet that an error quotes and its extensions (RFC 4884), router discovery (RFC 1256),
address masks (RFC 950), and the MTU that "fragmentation needed" tells (RFC 1191)."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex4, ip_text, ipv4, octets, plain
from ringscope.decode.names import ICMP_CODES, ICMP_TYPES
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

ICMP = protocol("icmp", "ICMP", role="icmp", ip=(1,))

_ECHO = frozenset({0, 8})
_NUMBERED = frozenset({0, 8, 13, 14, 15, 16, 17, 18})
_QUOTING = frozenset({3, 4, 5, 11, 12})


def _swapped(number: int) -> int:
    return (number & 0xFF) << 8 | number >> 8


@ICMP.row
def row(row: Row, at: int, end: int) -> None:
    """Type and code in words; an echo with its numbers."""
    row.need(at, 4, end, "ICMP header")
    kind, code = row.data[at], row.data[at + 1]
    name = ICMP_TYPES.get(kind)
    if name is None:
        row.info = f"type {kind}, code {code}"
        return
    row.info = name
    if kind in _ECHO:
        row.need(at, 8, end, "ICMP echo")
        identifier, sequence = unpack_from(">HH", row.data, at + 4)
        row.info = f"{name:19}  id=0x{identifier:04x}, seq={sequence}/{_swapped(sequence)}, ttl={row.hops}"
        return
    meaning = ICMP_CODES.get(kind, {}).get(code)
    if meaning:
        row.info = f"{name} ({meaning})"
    if kind in _QUOTING:
        row.need(at, 8, end, "ICMP message")
        row.quoted(0x0800, at + 8, end)


@ICMP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The message; what an error quotes follows as layers of its own."""
    draft = tree.open(ICMP, at, end)
    draft.title = f"ICMP  {tree.words(ICMP, at, end)}"
    kind = draft.uint("Type", 1, ICMP_TYPES)
    code = draft.uint("Code", 1, ICMP_CODES.get(kind, {}))
    draft.uint("Checksum", 2, hex4)
    if kind in _NUMBERED:
        draft.uint("Identifier", 2, hex4)
        draft.uint("Sequence number", 2)
        _numbered(draft, kind)
    elif kind == 9:
        _routers(draft)
    elif kind in _QUOTING:
        _error(draft, kind, code)
        tree.quoted(0x0800, draft.at, end)


def _numbered(draft: Draft, kind: int) -> None:
    if kind in (13, 14):
        for label in ("Originate", "Receive", "Transmit"):
            draft.uint(f"{label} timestamp", 4, lambda value: f"{value} ms after midnight UTC")
    elif kind in (17, 18):
        draft.raw("Address mask", 4, ipv4)


def _routers(draft: Draft) -> None:
    count, size = draft.uint("Addresses", 1), draft.uint("Address entry size", 1)
    draft.uint("Lifetime", 2, lambda value: f"{value} s")
    for _ in range(count):
        draft.raw("Router", 4, ipv4)
        draft.sint("Preference", 4, plain)
        if size > 2:
            draft.raw("More", (size - 2) * 4, octets)


def _error(draft: Draft, kind: int, code: int) -> None:
    if kind == 5:
        draft.raw("Gateway", 4, ip_text)
        return
    draft.uint("Pointer" if kind == 12 else "Unused", 1)
    draft.uint("Length of quoted packet", 1, lambda value: f"{value} ({value * 4} bytes)")
    draft.uint("MTU of next hop" if (kind, code) == (3, 4) else "Unused", 2)
