# SPDX-License-Identifier: Apache-2.0
"""DNS messages with the byte range of every name, record and record field."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import Form, hex4, hex8, octets, plain, seconds, yes
from ringscope.decode.protocols.app.dns.messages import DNS, DNS_STREAM, LLMNR, MDNS
from ringscope.decode.protocols.app.dns.names import CLASSES, OPCODES, RCODE_SHORT, RCODES
from ringscope.decode.protocols.app.dns.wire import read_name, record_text, type_name
from ringscope.decode.registry import Protocol
from ringscope.decode.text import wire_text
from ringscope.decode.tree import Tree

_SECTIONS = ("Answer", "Authority", "Additional")
_OPT, _TEXTS = 41, (16, 99)


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
    """A message behind its two length bytes."""
    draft = tree.open(DNS_STREAM, at, end)
    draft.say()
    size = draft.uint("Length", 2)
    draft.end = min(draft.at + size, end)
    _fill(draft)


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


def _fill(draft: Draft) -> None:
    base = draft.at
    draft.uint("Transaction", 2, hex4)
    draft.flags(
        "Flags",
        2,
        hex4,
        ("Message is a", 1, {0: "query", 1: "response"}.__getitem__),
        ("Operation", 4, _operation),
        ("Authoritative", 1, yes),
        ("Truncated", 1, yes),
        ("Recursion desired", 1, yes),
        ("Recursion available", 1, yes),
        ("", 1, plain),
        ("Authentic data", 1, yes),
        ("Checking disabled", 1, yes),
        ("Reply code", 4, _reply),
    )
    questions, *counts = (draft.uint(label, 2) for label in ("Questions", "Answers", "Authorities", "Additionals"))
    for _ in range(questions):
        with draft.group("Question") as group:
            name = _name(draft, "Name", base)
            group.display = f"{name} {type_name(draft.uint('Type', 2, _kind))}"
            draft.uint("Class", 2, _class)
    for section, count in zip(_SECTIONS, counts, strict=True):
        for _ in range(count):
            _record(draft, section, base)


def _name(draft: Draft, label: str, base: int) -> str:
    name, after = read_name(draft.data, draft.at, base, draft.end)
    draft.raw(label, after - draft.at, lambda _: name)
    return name


def _record(draft: Draft, section: str, base: int) -> None:
    with draft.group(section) as group:
        name = _name(draft, "Name", base)
        kind = draft.uint("Type", 2, _kind)
        if kind == _OPT:
            group.display = f"OPT  UDP payload {draft.uint('UDP payload size', 2)}"
            draft.uint("Extended flags", 4, hex8)
        else:
            draft.uint("Class", 2, _class)
            ttl = draft.uint("Time to live", 4, seconds)
        size = draft.uint("Data length", 2)
        draft.tree.need(draft.at, size, draft.end, "DNS record data")
        text = record_text(draft.data, kind, draft.at, size, base, draft.end) if size else ""
        form: Form = (lambda _: text) if text else _texts if kind in _TEXTS else octets
        data = draft.raw("Data", size, form)
        if kind != _OPT:
            group.display = (
                f"{name} {type_name(kind)} {text or (_texts(data) if kind in _TEXTS else octets(data))}  ttl {ttl}"
            )


def _texts(raw: bytes) -> str:
    texts: list[str] = []
    while raw:
        texts.append(f'"{wire_text(raw[1 : 1 + raw[0]])}"')
        raw = raw[1 + raw[0] :]
    return " ".join(texts)
