# SPDX-License-Identifier: Apache-2.0
"""Layers of TLS: records, and inside the readable ones the handshake messages and the extensions of the hellos."""

from __future__ import annotations

from dpkt import ssl_ciphersuites

from ringscope.decode.draft import Draft
from ringscope.decode.forms import coded, octets
from ringscope.decode.protocols.app.tls.names import ALERTS, EXTENSIONS, GROUPS, HANDSHAKES, RECORDS, VERSIONS
from ringscope.decode.protocols.app.tls.records import ALERT, CHANGE, HANDSHAKE, TLS, is_record, readable
from ringscope.decode.text import wire_text
from ringscope.decode.tree import Tree

_SUITES: dict[int, str] = {code: suite.name for code, suite in ssl_ciphersuites.BY_CODE.items()}
_LEVELS = {1: "warning", 2: "fatal"}
_CLIENT_HELLO, _SERVER_HELLO = 1, 2

_version = coded(4, VERSIONS)
_suite = coded(4, _SUITES)


@TLS.layer
def tls(tree: Tree, at: int, end: int) -> None:
    """One layer for all records that begin in this segment."""
    draft = tree.open(TLS, at, end)
    draft.say()
    if not is_record(tree.data, at, min(end, tree.size)):
        draft.rest("Part of a record that began in an earlier segment")
        return
    encrypted = False
    while is_record(tree.data, draft.at, min(end, tree.size)):
        kind, size = draft.peek(), draft.peek(2, 3)
        present = min(draft.at + 5 + size, end, tree.size) - draft.at
        whole = "" if present == 5 + size else f", {present - 5} here"
        with draft.group("Record", f"{RECORDS[kind]}, {size} bytes{whole}"):
            draft.uint("Content type", 1, RECORDS)
            draft.uint("Version", 2, _version)
            draft.uint("Length", 2)
            draft.end = min(draft.at + size, end)
            _body(draft, kind, size, encrypted)
            draft.at = draft.end
            draft.end = end
        encrypted = encrypted or kind == CHANGE


def _body(draft: Draft, kind: int, size: int, encrypted: bool) -> None:
    if kind == ALERT and size == 2 and not encrypted:
        draft.uint("Level", 1, _LEVELS)
        draft.uint("Alert", 1, ALERTS)
    elif kind == HANDSHAKE:
        _handshakes(draft, encrypted)
    elif draft.at < min(draft.end, draft.tree.size):
        _here(draft, "Data")


def _here(draft: Draft, label: str) -> None:
    """What of the record is in this segment and was captured."""
    size = min(draft.end, draft.tree.size) - draft.at
    draft.raw(label, size, lambda _: f"{size} bytes")


def _handshakes(draft: Draft, encrypted: bool) -> None:
    stop = min(draft.end, draft.tree.size)
    while draft.at + 4 <= stop:
        kind, size = draft.peek(), draft.peek(3, 1)
        if encrypted or not readable(kind, size):
            _here(draft, "Encrypted handshake")
            return
        with draft.group(HANDSHAKES[kind], f"{size} bytes"):
            draft.uint("Handshake type", 1, HANDSHAKES)
            draft.uint("Length", 3)
            end = draft.end
            draft.end = min(draft.at + size, end)
            if kind in (_CLIENT_HELLO, _SERVER_HELLO):
                _hello(draft, kind)
            elif draft.at < min(draft.end, draft.tree.size):
                _here(draft, "Body")
            draft.at, draft.end = draft.end, end


def _hello(draft: Draft, kind: int) -> None:
    draft.uint("Version", 2, _version)
    draft.raw("Random", 32)
    with draft.group("Session") as group:
        group.display = octets(draft.raw("Identifier", draft.uint("Length", 1))) or "none"
    if kind == _CLIENT_HELLO:
        _offers(draft)
    else:
        draft.uint("Cipher suite", 2, _suite)
        draft.uint("Compression", 1)
    if draft.left < 2:
        return
    size = draft.uint("Extensions length", 2)
    stop = draft.at + size
    while draft.at < stop:
        _extension(draft, kind)


def _offers(draft: Draft) -> None:
    with draft.group("Cipher suites") as group:
        count = draft.uint("Length", 2) // 2
        group.display = str(count)
        for _ in range(count):
            draft.uint("Cipher suite", 2, _suite)
    with draft.group("Compression methods") as group:
        group.display = octets(draft.raw("Methods", draft.uint("Length", 1)))


def _extension(draft: Draft, hello: int) -> None:
    kind = draft.peek(2)
    name = EXTENSIONS.get(kind, "GREASE" if kind & 0x0F0F == 0x0A0A else f"extension {kind}")
    with draft.group(name) as group:
        draft.uint("Type", 2, coded(4, EXTENSIONS))
        raw = draft.raw("Data", draft.uint("Length", 2))
        group.display = _text(kind, raw, hello)


def _text(kind: int, raw: bytes, hello: int) -> str:
    """What an extension says, in words where it is one people look for."""
    try:
        if kind == 0 and raw:
            return wire_text(raw[5 : 5 + (raw[3] << 8 | raw[4])])
        if kind == 16:
            return ", ".join(_protocols(raw[2:]))
        if kind == 43:
            numbers = raw if hello == _SERVER_HELLO else raw[1:]
            return ", ".join(VERSIONS.get(number, f"0x{number:04x}") for number in _words(numbers))
        if kind == 10:
            return ", ".join(GROUPS.get(number, f"0x{number:04x}") for number in _words(raw[2:]))
    except IndexError:  # the extension's inner lengths are wrong; its bytes still say something
        return octets(raw)
    return octets(raw)


def _words(raw: bytes) -> list[int]:
    return [raw[place] << 8 | raw[place + 1] for place in range(0, len(raw) - 1, 2)]


def _protocols(raw: bytes) -> list[str]:
    names: list[str] = []
    while raw:
        names.append(wire_text(raw[1 : 1 + raw[0]]))
        raw = raw[1 + raw[0] :]
    return names
