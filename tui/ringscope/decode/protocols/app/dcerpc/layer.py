# SPDX-License-Identifier: Apache-2.0
"""Layers of DCE RPC: the header of each packet, what is offered and accepted, and how much the arguments are."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, hex8, is_set, plain
from ringscope.decode.protocols.app.dcerpc.names import AUTHENTICATIONS, LEVELS, PACKETS, RESULTS
from ringscope.decode.protocols.app.dcerpc.packets import (
    ALTER,
    ALTER_ANSWER,
    BIND,
    BIND_ACK,
    DCERPC,
    FAULT,
    HEADER,
    OBJECT,
    REQUEST,
    RESPONSE,
    Header,
    fault,
    interface,
    magic,
    read,
    results_at,
    transfer,
    uuid,
)
from ringscope.decode.tree import Tree

_TRAILER = 8  # bytes before a token
_MOST = 16  # packets of a segment


@DCERPC.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The packets that begin in this segment."""
    draft = tree.open(DCERPC, at, end)
    draft.say()
    stop = min(end, tree.size)
    draft.peek(HEADER)
    for _ in range(_MOST):
        if not magic(tree.data, draft.at, stop):
            break
        header = read(tree.data, draft.at)
        after = draft.at + header.size
        with draft.group("Packet", PACKETS[header.kind]) as group:
            if after > end:
                group.display += f", {end - draft.at} of {header.size} bytes"
            kept, draft.end = draft.end, min(after, end)
            _packet(draft, header, stop)
            draft.end = kept
        if after >= stop:
            return
    _rest(draft, "Part of a packet", stop)


def _rest(draft: Draft, label: str, stop: int) -> None:
    size = stop - draft.at
    if size > 0:
        draft.raw(label, size, lambda _: f"{size} bytes")


def _packet(draft: Draft, header: Header, stop: int) -> None:
    start, order = draft.at, header.order
    draft.uint("Version", 1)
    draft.uint("Minor version", 1)
    draft.uint("Kind", 1, dict(enumerate(PACKETS)))
    parts = (("Object", 1, is_set), ("", 5, plain), ("Last fragment", 1, is_set), ("First fragment", 1, is_set))
    draft.flags("Flags", 1, hex2, *parts)
    draft.bits(1, ("Byte order", 4, {0: "big-endian", 1: "little-endian"}), ("Character set", 4, plain))
    draft.uint("Floating point", 1)
    draft.uint("Reserved", 2)
    draft.uint("Fragment length", 2, order=order)
    draft.uint("Authentication length", 2, order=order)
    draft.uint("Call", 4, order=order)
    whole = start + header.size
    trailer = whole - header.authentication - _TRAILER if header.authentication else whole
    last = max(min(trailer, stop), draft.at)
    if last >= min(trailer, whole) or header.kind in (REQUEST, RESPONSE):
        _body(draft, header, last)
    _rest(draft, "Stub data" if header.kind in (REQUEST, RESPONSE, FAULT) else "Data", last)
    if header.authentication and whole <= stop and draft.at == trailer:
        _token(draft, header)
    _rest(draft, "Data", min(whole, stop))


def _body(draft: Draft, header: Header, last: int) -> None:
    order = header.order
    left = last - draft.at
    if header.kind == REQUEST and left >= 8:
        draft.uint("Allocation hint", 4, order=order)
        draft.uint("Context", 2, order=order)
        draft.uint("Operation", 2, order=order)
        if header.flags & OBJECT and left >= 24:
            draft.raw("Object", 16, lambda raw: uuid(raw, order))
    elif header.kind in (RESPONSE, FAULT) and left >= 8:
        draft.uint("Allocation hint", 4, order=order)
        draft.uint("Context", 2, order=order)
        draft.uint("Cancels", 1)
        draft.uint("Reserved", 1)
        if header.kind == FAULT and left >= 12:
            draft.uint("Status", 4, lambda status: f"0x{status:08x} ({fault(status)})", order=order)
    elif header.kind in (BIND, ALTER) and left >= 12:
        _sizes(draft, header)
        count = draft.uint("Contexts", 1)
        draft.uint("Reserved", 3)
        for _ in range(count):
            if last - draft.at < 24 or last - draft.at < 24 + 20 * draft.peek(1, 2):
                return
            _context(draft, header)
    elif header.kind in (BIND_ACK, ALTER_ANSWER) and left >= 10:
        _answer(draft, header, last)


def _sizes(draft: Draft, header: Header) -> None:
    draft.uint("Longest to send", 2, order=header.order)
    draft.uint("Longest to receive", 2, order=header.order)
    draft.uint("Association group", 4, hex8, order=header.order)


def _context(draft: Draft, header: Header) -> None:
    order = header.order
    with draft.group("Context") as group:
        draft.uint("Number", 2, order=order)
        count = draft.uint("Transfer syntaxes", 1)
        draft.uint("Reserved", 1)
        raw = draft.raw("Interface", 16, lambda value: interface(value, order))
        major = draft.uint("Major version", 2, order=order)
        minor = draft.uint("Minor version", 2, order=order)
        group.display = f"{interface(raw, order)} V{major}.{minor}"
        for _ in range(count):
            draft.raw("Transfer syntax", 16, lambda value: transfer(value, order))
            draft.uint("Transfer syntax version", 4, order=order)


def _answer(draft: Draft, header: Header, last: int) -> None:
    body = draft.at
    _sizes(draft, header)
    size = draft.uint("Address length", 2, order=header.order)
    place = results_at(draft.data, header, body)
    if place + 4 > last:
        return
    draft.text("Address", size)
    if place > draft.at:
        draft.raw("Filling", place - draft.at)
    count = draft.uint("Results", 1)
    draft.uint("Reserved", 3)
    for _ in range(count):
        if last - draft.at < 24:
            return
        with draft.group("Result") as group:
            result = draft.uint("Result", 2, RESULTS, order=header.order)
            group.display = RESULTS.get(result, str(result))
            draft.uint("Reason", 2, order=header.order)
            draft.raw("Transfer syntax", 16, lambda value: transfer(value, header.order))
            draft.uint("Transfer syntax version", 4, order=header.order)


def _token(draft: Draft, header: Header) -> None:
    """MS-RPCE section 2.2.2.11."""
    with draft.group("Authentication") as group:
        kind = draft.uint("Type", 1, AUTHENTICATIONS)
        level = draft.uint("Level", 1, LEVELS)
        draft.uint("Filling", 1)
        draft.uint("Reserved", 1)
        draft.uint("Context", 4, order=header.order)
        draft.raw("Token", header.authentication)
        group.display = f"{AUTHENTICATIONS.get(kind, kind)}, {LEVELS.get(level, level)}"
