# SPDX-License-Identifier: Apache-2.0
"""Layers of TLS: records, and inside the readable ones the messages."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.protocols.app.tls.extensions import suite_form, version_form
from ringscope.decode.protocols.app.tls.handshake import body
from ringscope.decode.protocols.app.tls.hello import CLIENT, SERVER, read_hello
from ringscope.decode.protocols.app.tls.names import ALERTS, HANDSHAKES, HEARTBEATS, LEVELS, RECORDS
from ringscope.decode.protocols.app.tls.parameters import SSL2_SUITES
from ringscope.decode.protocols.app.tls.records import (
    ALERT,
    CHANGE,
    HANDSHAKE,
    HEARTBEAT,
    TLS,
    VERSION,
    inner_record,
    is_record,
    is_ssl2,
    known_version,
    messages,
)
from ringscope.decode.tree import Tree


@TLS.layer
def tls(tree: Tree, at: int, end: int) -> None:
    """One layer for all records that begin in this segment."""
    draft = tree.open(TLS, at, end)
    draft.say()
    stop = min(end, tree.size)
    if is_ssl2(tree.data, at, stop):
        _ssl2(draft)
        return
    if not is_record(tree.data, at, stop):
        begin = inner_record(tree.data, at, stop)
        _bytes(draft, "Part of a record that began in an earlier segment", (stop if begin < 0 else begin) - at)
    encrypted = False
    owed = 0
    while is_record(tree.data, draft.at, stop):
        kind, size = draft.peek(), draft.peek(2, 3)
        after = draft.at + 5 + size
        present = min(after, stop) - draft.at
        whole = "" if present == 5 + size else f", {present - 5} here"
        with draft.group("Record", f"{RECORDS[kind]}, {size} bytes{whole}"):
            draft.uint("Content type", 1, RECORDS)
            version = draft.uint("Version", 2, version_form)
            draft.uint("Length", 2)
            draft.end = min(after, end)
            # A client may send a second hello behind a change that changes nothing (RFC 8446 appendix D.4).
            if kind == HANDSHAKE and (not encrypted or (draft.left > 0 and draft.peek() == CLIENT)):
                owed = _handshakes(draft, after, known_version(tree.flow) or version, owed)
            else:
                content(draft, kind, size, encrypted)
            draft.at = draft.end
            draft.end = end
        encrypted = encrypted or kind == CHANGE


def _bytes(draft: Draft, label: str, size: int) -> None:
    if size > 0:
        draft.raw(label, size, lambda _: f"{size} bytes")


def here(draft: Draft, label: str) -> None:
    """What of the record is in this segment and was captured."""
    _bytes(draft, label, min(draft.end, draft.tree.size) - draft.at)


def content(draft: Draft, kind: int, size: int, encrypted: bool) -> None:
    """What is in a record that holds no readable handshake, up to the draft's end."""
    if kind == ALERT and size == 2 and not encrypted:
        draft.uint("Level", 1, LEVELS)
        draft.uint("Alert", 1, ALERTS)
    elif kind == HEARTBEAT and draft.left > 3 and draft.peek() in HEARTBEATS and 3 + draft.peek(2, 1) <= size:
        draft.uint("Heartbeat type", 1, HEARTBEATS)
        payload = draft.uint("Payload length", 2)
        _bytes(draft, "Payload", min(payload, draft.left, draft.tree.size - draft.at))
        here(draft, "Padding")
    elif kind == CHANGE:
        draft.rest("Message")
    else:
        here(draft, "Encrypted handshake" if kind == HANDSHAKE else "Data")


def _handshakes(draft: Draft, after: int, version: int, owed: int) -> int:
    """The messages of a record that ends at `after`; returns how many bytes of the last are in the next record."""
    if owed:
        part = min(owed, after - draft.at)
        _bytes(draft, "Part of the message before", min(part, draft.end - draft.at, draft.tree.size - draft.at))
        if part < owed or draft.at >= draft.end:
            return owed - part
    found = messages(draft.data, draft.at, min(draft.end, draft.tree.size), after)
    if found is None:
        here(draft, "Encrypted handshake")
        return 0
    stop = draft.end
    last = after
    for kind, start, last in found:
        present = "" if last <= stop else f", {stop - start - 4} here"
        with draft.group(HANDSHAKES[kind], f"{last - start - 4} bytes{present}") as group:
            draft.uint("Handshake type", 1, HANDSHAKES)
            draft.uint("Length", 3)
            draft.end = min(last, stop)
            if kind in (CLIENT, SERVER):
                version = _learn(draft, kind) or version
            said = body(draft, kind, version, whole=last <= stop)
            group.display += f", {said}" if said else ""
            draft.at = draft.end
            draft.end = stop
    here(draft, "Part of a message")
    return max(last - after, 0)


def _learn(draft: Draft, kind: int) -> int:
    hello = read_hello(draft.data, kind, draft.at, min(draft.end, draft.tree.size))
    if kind == SERVER and hello.whole and draft.tree.flow is not None:
        draft.tree.flow.note(VERSION, hello.version)
    return hello.version


def _ssl2(draft: Draft) -> None:
    """RFC 6101 appendix E, and the draft "The SSL Protocol"."""
    draft.uint("Length", 2, lambda value: str(value & 0x7FFF))
    if draft.uint("Message type", 1, {1: "Client Hello", 4: "Server Hello"}) == 1:
        draft.uint("Version", 2, version_form)
        suites, session, random = (draft.uint(f"{name} length", 2) for name in ("Suites", "Session", "Challenge"))
        names = ("Session", "Challenge")
    else:
        draft.uint("Session known", 1)
        draft.uint("Certificate type", 1)
        draft.uint("Version", 2, version_form)
        certificate, suites, random = (draft.uint(f"{name} length", 2) for name in ("Certificate", "Suites", "Random"))
        draft.raw("Certificate", certificate)
        session, names = 0, ("Session", "Random")
    for _ in range(suites // 3):
        draft.uint("Cipher suite", 3, _ssl2_suite)
    draft.raw(names[0], session)
    draft.raw(names[1], random)


def _ssl2_suite(code: int) -> str:
    return f"0x{code:06x} ({SSL2_SUITES[code]})" if code in SSL2_SUITES else suite_form(code)
