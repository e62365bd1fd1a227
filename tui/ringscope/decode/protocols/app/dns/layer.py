# SPDX-License-Identifier: Apache-2.0
"""DNS messages with the byte range of every name, record and record field."""

from __future__ import annotations

from ringscope.decode.draft import Bits, Draft
from ringscope.decode.forms import hex4, is_set, octets, plain, seconds, yes
from ringscope.decode.protocols.app.dns.messages import (
    DNS,
    DNS_STREAM,
    HEADER,
    LLMNR,
    LLMNR_STREAM,
    MDNS,
    is_message,
)
from ringscope.decode.protocols.app.dns.names import CLASSES, OPCODES, RCODE_SHORT, RCODES, STATEFUL
from ringscope.decode.protocols.app.dns.options import options
from ringscope.decode.protocols.app.dns.parts import take_name
from ringscope.decode.protocols.app.dns.records import RECORDS
from ringscope.decode.protocols.app.dns.wire import type_name
from ringscope.decode.registry import Protocol
from ringscope.decode.tree import Tree

_SECTIONS = ("Question", "Answer", "Authority", "Additional")
_UPDATE_SECTIONS = ("Zone", "Prerequisite", "Update", "Additional")  # RFC 2136
_COUNTS = ("Questions", "Answers", "Authorities", "Additionals")
_UPDATE_COUNTS = ("Zones", "Prerequisites", "Updates", "Additionals")
_OPT, _UPDATE, _STATEFUL = 41, 5, 6


@DNS.layer
def dns(tree: Tree, at: int, end: int) -> None:
    """A message in a datagram."""
    _message(tree, DNS, "DNS", at, end)


@MDNS.layer
def mdns(tree: Tree, at: int, end: int) -> None:
    """A multicast message."""
    _message(tree, MDNS, "mDNS", at, end)


@LLMNR.layer
def llmnr(tree: Tree, at: int, end: int) -> None:
    """A link-local message."""
    _message(tree, LLMNR, "LLMNR", at, end)


@DNS_STREAM.layer
def stream(tree: Tree, at: int, end: int) -> None:
    """Messages, each behind its two length bytes."""
    _stream(tree, DNS_STREAM, at, end)


@LLMNR_STREAM.layer
def llmnr_stream(tree: Tree, at: int, end: int) -> None:
    """The same for LLMNR."""
    _stream(tree, LLMNR_STREAM, at, end)


def _stream(tree: Tree, protocol: Protocol, at: int, end: int) -> None:
    draft = tree.open(protocol, at, end)
    draft.say()
    stop = min(end, tree.size)
    tree.need(at, min(2 + HEADER, end - at), end, "DNS header")
    if not is_message(tree.data, at, stop):
        draft.raw("Part of a message", stop - at, lambda _: f"{stop - at} bytes")
    while draft.left >= 2 and is_message(tree.data, draft.at, stop):
        with draft.group("Message") as group:
            size = draft.uint("Length", 2)
            group.display = f"{size} bytes"
            after = draft.at + size
            draft.end = min(after, end)
            _fill(draft)
        tree.need(after, 0, end, "DNS message")
        draft.at, draft.end = after, end


def _message(tree: Tree, protocol: Protocol, title: str, at: int, end: int) -> None:
    draft = tree.open(protocol, at, end, title)
    draft.say()
    _fill(draft)


def _reply(code: int) -> str:
    return f"{code} ({RCODE_SHORT.get(code, '?')}, {RCODES.get(code, 'unknown')})"


def _operation(code: int) -> str:
    return f"{code} ({OPCODES.get(code, '?')})"


def _kind(number: int) -> str:
    return f"{number} ({type_name(number)})"


def _class(number: int) -> str:
    # mDNS uses the highest bit for itself (RFC 6762 sections 5.4 and 10.2).
    name = CLASSES.get(number) or CLASSES.get(number & 0x7FFF)
    words = name or str(number & 0x7FFF)
    return f"{words} (with the mDNS bit)" if number & 0x8000 else words


_FIRST: tuple[Bits, ...] = (
    ("Message is a", 1, {0: "query", 1: "response"}.__getitem__),
    ("Operation", 4, _operation),
)
_LAST: Bits = ("Reply code", 4, _reply)
_FLAGS: tuple[Bits, ...] = (
    *_FIRST,
    ("Authoritative", 1, yes),
    ("Truncated", 1, yes),
    ("Recursion desired", 1, yes),
    ("Recursion available", 1, yes),
    ("Reserved", 1, is_set),
    ("Authentic data", 1, yes),
    ("Checking disabled", 1, yes),
    _LAST,
)
_LLMNR_FLAGS: tuple[Bits, ...] = (  # RFC 4795 section 2.1.1
    *_FIRST,
    ("Conflict", 1, yes),
    ("Truncated", 1, yes),
    ("Tentative", 1, yes),
    ("", 4, plain),
    _LAST,
)


def _fill(draft: Draft) -> None:
    base = draft.at
    draft.uint("Transaction", 2, hex4)
    flags = _LLMNR_FLAGS if draft.protocol in (LLMNR, LLMNR_STREAM) else _FLAGS
    operation = draft.flags("Flags", 2, hex4, *flags)[2]
    update = operation == _UPDATE
    questions, *counts = (draft.uint(label, 2) for label in (_UPDATE_COUNTS if update else _COUNTS))
    question, *sections = _UPDATE_SECTIONS if update else _SECTIONS
    for _ in range(questions):
        with draft.group(question) as group:
            name = take_name(draft, "Name", base)
            group.display = f"{name} {type_name(draft.uint('Type', 2, _kind))}"
            draft.uint("Class", 2, _class)
    for section, count in zip(sections, counts, strict=True):
        for _ in range(count):
            _record(draft, section, base)
    if operation == _STATEFUL:
        _stateful(draft)


def _record(draft: Draft, section: str, base: int) -> None:
    with draft.group(section) as group:
        name = take_name(draft, "Name", base)
        kind = draft.uint("Type", 2, _kind)
        if kind == _OPT:
            group.display = f"OPT  UDP payload {draft.uint('UDP payload size', 2)}"
            draft.uint("Upper bits of the reply code", 1)
            draft.uint("Version", 1)
            draft.flags("Extended flags", 2, hex4, ("DNSSEC answers wanted", 1, yes), ("", 15, plain))
        else:
            group.display = f"{name} {type_name(kind)}"
            draft.uint("Class", 2, _class)
            ttl = draft.uint("Time to live", 4, seconds)
        size = draft.uint("Data length", 2)
        with draft.limited(size):
            if kind == _OPT:
                names = options(draft, base)
                group.display += f"  {names}" if names else ""
            else:
                read = RECORDS.get(kind)
                # An update may name records by an empty one (RFC 2136 section 2.4).
                text = read(draft, base) if read is not None and size else ""
                rest = draft.rest("Data")
                group.display += f" {text or octets(rest)}".rstrip() + f"  ttl {ttl}"


def _stateful(draft: Draft) -> None:
    """RFC 8490."""
    while draft.left:
        with draft.group("Operation") as group:
            kind = draft.uint("Type", 2, STATEFUL)
            group.display = STATEFUL.get(kind, f"type {kind}")
            size = draft.uint("Length", 2)
            if kind == 1 and size == 8:
                draft.uint("Inactivity timeout", 4, lambda value: f"{value} ms")
                draft.uint("Keepalive interval", 4, lambda value: f"{value} ms")
            elif kind == 2 and size == 4:
                draft.uint("Retry delay", 4, lambda value: f"{value} ms")
            elif size:
                draft.raw("Value", size)
