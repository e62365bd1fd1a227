# SPDX-License-Identifier: Apache-2.0
"""ICMP as rows and layers; what an error quotes follows as layers of its own, and extensions behind these."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.checksum import internet
from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, hex4, hex8, ipv4, octets, plain, seconds, words4, yes
from ringscope.decode.protocols.control.icmp.extensions import extension_at, extensions
from ringscope.decode.protocols.control.icmp.names import CODES, TYPES
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.values import names

ICMP = protocol("icmp", "ICMP", role="icmp", ip=(1,))

_ECHO = frozenset({0, 8})
_NUMBERED = frozenset({0, 8, 13, 14, 15, 16, 17, 18, 37, 38})
_QUOTING = frozenset({3, 4, 5, 11, 12, 40})
_MEASURED = frozenset({3, 11, 12})  # that may have extensions (RFC 4884 section 4)
_PROBE, _PROBE_ANSWER = 42, 43
_STATES = {0: "reserved", 1: "incomplete", 2: "reachable", 3: "stale", 4: "delay", 5: "probe", 6: "failed"}


def _swapped(number: int) -> int:
    return (number & 0xFF) << 8 | number >> 8


@ICMP.row
def row(row: Row, at: int, end: int) -> None:
    """Type and code in words; an echo with its numbers."""
    row.need(at, 4, end, "ICMP header")
    kind, code = row.data[at], row.data[at + 1]
    name = TYPES.get(kind)
    if name is None:
        row.info = f"type {kind}, code {code}"
        return
    row.info = name
    if kind in _NUMBERED:
        row.need(at, 8, end, "ICMP message")
        identifier, sequence = unpack_from(">HH", row.data, at + 4)
        row.info = f"{name:19}  id=0x{identifier:04x}, seq={sequence}/{_swapped(sequence)}, ttl={row.hops}"
        return
    if kind in (_PROBE, _PROBE_ANSWER):
        row.need(at, 8, end, "ICMP message")
        identifier, sequence = unpack_from(">HB", row.data, at + 4)
        row.info = f"{name} id=0x{identifier:04x}, seq={sequence}"
    meaning = CODES.get(kind, {}).get(code)
    if meaning:
        row.info = f"{row.info:20} ({meaning})"
    if kind in _QUOTING:
        row.need(at, 8, end, "ICMP message")
        told = row.data[at + 5] * 4 if kind in _MEASURED else 0
        row.quoted(0x0800, at + 8, extension_at(row, at + 8, end, told) if kind in _MEASURED else end)


@ICMP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The message by its type."""
    draft = tree.open(ICMP, at, end)
    draft.title = f"ICMP  {tree.words(ICMP, at, end)}"
    kind = draft.uint("Type", 1, TYPES)
    code = draft.uint("Code", 1, CODES.get(kind, {}))
    note = ""
    if not tree.piece and end <= tree.size:
        note = f"{'right' if internet(tree.data[at:end]) == 0 else 'wrong'}, computed over the message"
    draft.uint("Checksum", 2, hex4, note=note)
    if kind in _NUMBERED:
        draft.uint("Identifier", 2, hex4)
        draft.uint("Sequence number", 2)
        _numbered(draft, kind)
    elif kind in _QUOTING:
        _error(draft, kind, code)
        told = tree.data[at + 5] * 4 if kind in _MEASURED else 0
        stop = extension_at(tree, draft.at, end, told) if kind in _MEASURED else end
        tree.quoted(0x0800, draft.at, stop)
        if stop + 4 <= min(end, tree.size):
            extensions(tree.open(ICMP, stop, end, "ICMP  extensions", "trailer"))
    elif kind in _BODIES:
        _BODIES[kind](draft)


def _numbered(draft: Draft, kind: int) -> None:
    if kind in (13, 14):
        for label in ("Originate", "Receive", "Transmit"):
            draft.uint(f"{label} timestamp", 4, _midnight)
    elif kind in (17, 18):
        draft.raw("Address mask", 4, ipv4)
    elif kind == 38:
        draft.uint("Time to live", 4, seconds)
        names(draft, draft.left)


def _midnight(value: int) -> str:
    return "not a standard time" if value & 0x80000000 else f"{value} ms after midnight UTC"


def _routers(draft: Draft) -> None:
    count, size = draft.uint("Addresses", 1), draft.uint("Address entry size", 1)
    draft.uint("Lifetime", 2, seconds)
    for _ in range(count):
        draft.raw("Router", 4, ipv4)
        draft.sint("Preference", 4, plain)
        if size > 2:
            draft.raw("More", (size - 2) * 4, octets)
    while draft.left:  # mobile agents (RFC 5944 section 2.1)
        kind = draft.peek()
        if kind == 0:
            draft.uint("Padding", 1, lambda _: "")
            continue
        with draft.group({16: "Mobility agent", 19: "Prefix lengths"}.get(kind, f"Extension {kind}")):
            draft.uint("Extension", 1)
            size = draft.uint("Length", 1)
            with draft.limited(size):
                if kind == 16 and size >= 6:
                    draft.uint("Sequence number", 2)
                    draft.uint("Registration lifetime", 2, seconds)
                    draft.uint("Flags", 2, hex4)
                    while draft.left >= 4:
                        draft.raw("Care-of address", 4, ipv4)
                draft.rest("Value")


def _solicitation(draft: Draft) -> None:
    draft.uint("Reserved", 4, hex8)


def _route(draft: Draft) -> None:
    """RFC 1393."""
    draft.uint("Identifier", 2, hex4)
    draft.uint("Unused", 2, hex4)
    draft.uint("Outbound hops", 2)
    draft.uint("Return hops", 2)
    draft.uint("Output link speed", 4, lambda value: f"{value} bytes/s")
    draft.uint("Output link MTU", 4)


def _probe(draft: Draft) -> None:
    draft.uint("Identifier", 2, hex4)
    draft.uint("Sequence number", 1)
    draft.bits(1, ("", 7, plain), ("Local", 1, yes))
    if draft.left >= 4:
        extensions(draft)


def _probe_answer(draft: Draft) -> None:
    draft.uint("Identifier", 2, hex4)
    draft.uint("Sequence number", 1)
    draft.bits(1, ("State", 3, _STATES), ("", 2, plain), ("Active", 1, yes), ("IPv4", 1, yes), ("IPv6", 1, yes))


def _error(draft: Draft, kind: int, code: int) -> None:
    if kind == 5:
        draft.raw("Gateway", 4, ipv4)
        return
    if kind == 40:
        draft.uint("Reserved", 2, hex4)
        draft.uint("Pointer", 2)
        return
    draft.uint("Pointer" if kind == 12 else "Unused", 1, plain if kind == 12 else hex2)
    draft.uint("Length of quoted packet", 1, words4)
    draft.uint("MTU of next hop" if (kind, code) == (3, 4) else "Unused", 2)


_BODIES = {9: _routers, 10: _solicitation, 30: _route, _PROBE: _probe, _PROBE_ANSWER: _probe_answer}
