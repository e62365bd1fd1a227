# SPDX-License-Identifier: Apache-2.0
"""TLS records, and inside the readable ones the hello messages (RFC 5246, RFC 8446)."""

from __future__ import annotations

from dpkt import ssl_ciphersuites

from ringscope.decode.app_names import (
    TLS_ALERTS,
    TLS_EXTENSIONS,
    TLS_GROUPS,
    TLS_HANDSHAKES,
    TLS_RECORDS,
    TLS_VERSIONS,
)
from ringscope.decode.apps import is_tls
from ringscope.decode.names import named
from ringscope.decode.rows import tls as rows
from ringscope.decode.text import wire_text
from ringscope.decode.tree.draft import Draft, Frame

_SUITES: dict[int, str] = {code: suite.name for code, suite in ssl_ciphersuites.BY_CODE.items()}
_MOST_SUITES = 64


def _word(data: bytes, at: int) -> int:
    return data[at] << 8 | data[at + 1]


def _version(number: int) -> str:
    return f"0x{number:04x} ({TLS_VERSIONS[number]})" if number in TLS_VERSIONS else f"0x{number:04x}"


def _suite(number: int) -> str:
    name = _SUITES.get(number)
    return f"0x{number:04x} ({name})" if name else f"0x{number:04x}"


def tls(frame: Frame, at: int, end: int) -> None:
    """One layer for all records that begin in this segment."""
    draft = frame.open("tls", "TLS", at)
    draft.title = f"TLS  {frame.words(rows.tls, at, end)}"
    encrypted = False
    while is_tls(frame.data, at, min(end, frame.size)):
        kind, size = frame.data[at], _word(frame.data, at + 3)
        present = min(at + 5 + size, end, frame.size) - at
        whole = "" if present == 5 + size else f", {present - 5} here"
        draft.add("Record", f"{TLS_RECORDS[kind]}, {size} bytes{whole}", at, present)
        draft.add("Content type", f"{kind} ({TLS_RECORDS[kind]})", at, 1, depth=1)
        draft.add("Version", _version(_word(frame.data, at + 1)), at + 1, 2, depth=1)
        draft.add("Length", str(size), at + 3, 2, depth=1)
        if kind == 21 and size == 2 and not encrypted:
            frame.need(at + 5, 2, end, "TLS alert")
            draft.add("Level", named({1: "warning", 2: "fatal"}, frame.data[at + 5]), at + 5, 1, depth=1)
            draft.add("Alert", named(TLS_ALERTS, frame.data[at + 6]), at + 6, 1, depth=1)
        elif kind == 22:
            _handshakes(draft, at + 5, min(at + 5 + size, end), encrypted)
        encrypted = encrypted or kind == 20
        at += 5 + size


def _handshakes(draft: Draft, at: int, end: int, encrypted: bool) -> None:
    stop = min(end, draft.frame.size)
    while at + 4 <= stop:
        kind = draft.data[at]
        size = int.from_bytes(draft.data[at + 1 : at + 4], "big")
        if encrypted or not rows.readable(kind, size):
            draft.add("Encrypted handshake", f"{stop - at} bytes", at, stop - at, depth=1)
            return
        draft.add(TLS_HANDSHAKES[kind], f"{size} bytes", at, min(4 + size, stop - at), depth=1)
        draft.add("Handshake type", f"{kind} ({TLS_HANDSHAKES[kind]})", at, 1, depth=2)
        draft.add("Length", str(size), at + 1, 3, depth=2)
        if kind in (1, 2):
            _hello(draft, kind, at + 4, min(at + 4 + size, end))
        at += 4 + size


class _Reader:
    """Walks the fields of a hello; every step checks that the bytes are there."""

    def __init__(self, draft: Draft, at: int, end: int, what: str) -> None:
        self.draft = draft
        self.at = at
        self.end = end
        self.what = what

    def take(self, size: int) -> tuple[int, bytes]:
        """The next `size` bytes and where they begin."""
        self.draft.frame.need(self.at, size, self.end, self.what)
        at = self.at
        self.at += size
        return at, self.draft.data[at : at + size]

    def number(self, size: int) -> int:
        """The next `size` bytes as a number."""
        return int.from_bytes(self.take(size)[1], "big")


def _hello(draft: Draft, kind: int, at: int, end: int) -> None:
    reader = _Reader(draft, at, end, "TLS hello")
    place, raw = reader.take(2)
    draft.add("Version", _version(_word(raw, 0)), place, 2, depth=2)
    place, raw = reader.take(32)
    draft.add("Random", raw.hex(), place, 32, depth=2)
    size = reader.number(1)
    place, raw = reader.take(size)
    draft.add("Session", raw.hex() or "none", place - 1, size + 1, depth=2)
    if kind == 1:
        _offers(draft, reader)
    else:
        place, raw = reader.take(2)
        draft.add("Cipher suite", _suite(_word(raw, 0)), place, 2, depth=2)
        place, raw = reader.take(1)
        draft.add("Compression", str(raw[0]), place, 1, depth=2)
    if reader.at + 2 > end:
        return
    stop = reader.number(2) + reader.at
    reader.end = min(stop, end)
    while reader.at < stop:
        _extension(draft, reader, kind)


def _offers(draft: Draft, reader: _Reader) -> None:
    size = reader.number(2)
    place, raw = reader.take(size)
    draft.add("Cipher suites", str(size // 2), place - 2, size + 2, depth=2)
    for index in range(0, min(size - 1, _MOST_SUITES * 2), 2):
        draft.add("Cipher suite", _suite(_word(raw, index)), place + index, 2, depth=3)
    size = reader.number(1)
    place, raw = reader.take(size)
    draft.add("Compression methods", raw.hex(), place - 1, size + 1, depth=2)


def _extension(draft: Draft, reader: _Reader, hello: int) -> None:
    start = reader.at
    kind, size = reader.number(2), reader.number(2)
    _, raw = reader.take(size)
    name = TLS_EXTENSIONS.get(kind, "GREASE" if kind & 0x0F0F == 0x0A0A else f"extension {kind}")
    draft.add(name, _extension_text(kind, raw, hello), start, 4 + size, depth=2)


def _extension_text(kind: int, raw: bytes, hello: int) -> str:
    """What an extension says, in words where it is one people look for."""
    try:
        if kind == 0 and raw:
            return wire_text(raw[5 : 5 + _word(raw, 3)])
        if kind == 16:
            return ", ".join(_protocols(raw[2:]))
        if kind == 43:
            numbers = raw if hello == 2 else raw[1:]
            return ", ".join(TLS_VERSIONS.get(number, f"0x{number:04x}") for number in _words(numbers))
        if kind == 10:
            return ", ".join(TLS_GROUPS.get(number, f"0x{number:04x}") for number in _words(raw[2:]))
    except IndexError:  # the extension's inner lengths are wrong; its bytes still say something
        return raw.hex()
    return raw.hex()


def _words(raw: bytes) -> list[int]:
    return [_word(raw, place) for place in range(0, len(raw) - 1, 2)]


def _protocols(raw: bytes) -> list[str]:
    names: list[str] = []
    while raw:
        names.append(wire_text(raw[1 : 1 + raw[0]]))
        raw = raw[1 + raw[0] :]
    return names
