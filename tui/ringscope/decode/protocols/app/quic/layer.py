# SPDX-License-Identifier: Apache-2.0
"""Layers of QUIC: one for all packets of a datagram. What was decrypted stands in no bytes, and says so."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, is_set, plain
from ringscope.decode.memory import Endpoint
from ringscope.decode.protocols.app.quic.initial import Opened, opened
from ringscope.decode.protocols.app.quic.packets import (
    INITIAL,
    NAMES,
    NEGOTIATION,
    QUIC,
    QUIC_BY_PORT,
    RETRY,
    SHORT,
    Header,
    learn,
    magic,
    read_header,
    version_name,
)
from ringscope.decode.protocols.app.quic.row import hello_words
from ringscope.decode.protocols.app.tls.names import VERSIONS
from ringscope.decode.tree import Tree

_FROM = "decrypted by the key that the connection ID gives; not authenticated"


@QUIC.layer
@QUIC_BY_PORT.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Every packet's header, and what of it can be read."""
    draft = tree.open(QUIC, at, end)
    draft.say()
    sender, receiver = (tree.source, tree.ports[0]), (tree.destination, tree.ports[1])
    stop = min(end, tree.size)
    first = True
    while draft.at < stop and (first or magic(tree.data, draft.at, stop) or draft.peek() & 0xC0 == 0x40):
        first = False
        header = read_header(tree.data, draft.at, end, tree.flow, receiver)
        learn(tree.flow, header, sender)
        draft.end = header.end
        with draft.group("Packet", NAMES[header.kind]) as group:
            _packet(draft, header, sender)
            group.display += f", {header.end - header.at} bytes"
        draft.end = end
        if header.kind in (SHORT, NEGOTIATION, RETRY):
            return


def _packet(draft: Draft, header: Header, sender: Endpoint) -> None:
    if header.kind == SHORT:
        draft.flags("First byte", 1, hex2, ("Long header", 1, is_set), ("Fixed bit", 1, is_set), ("", 6, plain))
        if header.destination:
            draft.raw("Destination connection ID", len(header.destination))
        draft.rest("Protected payload", lambda raw: f"{len(raw)} bytes")
        return
    if header.kind == NEGOTIATION:
        draft.flags("First byte", 1, hex2, ("Long header", 1, is_set), ("", 7, plain))
    else:
        number = NAMES[header.kind]
        draft.flags(
            "First byte",
            1,
            hex2,
            ("Long header", 1, is_set),
            ("Fixed bit", 1, is_set),
            ("Packet type", 2, lambda value: f"{value} ({number})"),
            ("", 4, plain),
        )
    draft.uint("Version", 4, version_name)
    for label in ("Destination connection ID", "Source connection ID"):
        draft.raw(label, draft.uint(f"{label} length", 1))
    if header.kind == NEGOTIATION:
        while draft.left >= 4:
            draft.uint("Supported version", 4, version_name)
    elif header.kind == RETRY:
        draft.raw("Token", header.token[1] - header.token[0])
        draft.raw("Integrity tag", min(16, draft.left))
    else:
        _protected(draft, header, sender)


def _varint(draft: Draft, label: str) -> int:
    size = 1 << (draft.peek() >> 6)
    return draft.bits(size, ("", 2, plain), (label, size * 8 - 2, plain))[1]


def _protected(draft: Draft, header: Header, sender: Endpoint) -> None:
    if header.numbered <= draft.at:  # a version of which nothing more is known
        draft.rest("Payload", lambda raw: f"{len(raw)} bytes")
        return
    if header.kind == INITIAL:
        size = _varint(draft, "Token length")
        if size:
            draft.raw("Token", size)
    _varint(draft, "Length")
    found = opened(draft.data, header, draft.tree.flow, sender) if header.kind == INITIAL else None
    if found is not None:
        _decrypted(draft, found)
    draft.rest("Protected packet number and payload", lambda raw: f"{len(raw)} bytes")


def _decrypted(draft: Draft, found: Opened) -> None:
    draft.computed("Packet number", str(found.number), _FROM)
    for frame in found.frames:
        draft.computed("Frame", frame.words, _FROM)
    for words in hello_words(found):
        draft.computed("Message", words, _FROM)
    hello = found.hello
    if hello is None:
        return
    if hello.server:
        draft.computed("Server name", hello.server, _FROM)
    if hello.protocols:
        draft.computed("Application protocols", ", ".join(hello.protocols), _FROM)
    if hello.version:
        draft.computed("TLS version", VERSIONS.get(hello.version, f"0x{hello.version:04x}"), _FROM)
