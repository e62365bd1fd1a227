# SPDX-License-Identifier: Apache-2.0
"""Rows of TLS: the records of one segment by name, and what the hello messages say."""

from __future__ import annotations

from ringscope.decode.protocols.app.tls.hello import CLIENT, SERVER, read_hello
from ringscope.decode.protocols.app.tls.names import ALERTS, HANDSHAKES, HEARTBEATS, LEVELS, RECORDS, VERSIONS
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
from ringscope.decode.row import Row

_MOST = 8  # records that a row names


@TLS.row
def tls(row: Row, at: int, end: int) -> None:
    """The records that begin in this segment. A record that ends in a later one is marked."""
    data, stop = row.data, min(end, row.size)
    version = known_version(row.flow)
    row.protocol = VERSIONS.get(version, "TLS")
    if is_ssl2(data, at, stop):
        row.protocol = "SSLv2"
        row.info = "Client Hello" if data[at + 2] == CLIENT else "Server Hello"
        return
    words: list[str] = []
    if not is_record(data, at, stop):
        words.append("Continuation Data")
        at = inner_record(data, at, stop)
        if at < 0:
            row.info = words[0]
            return
    if not version:
        row.protocol = VERSIONS.get(data[at + 1] << 8 | data[at + 2], "TLS")
    encrypted = False
    owed = 0
    while len(words) < _MOST and is_record(data, at, stop):
        kind = data[at]
        size = data[at + 3] << 8 | data[at + 4]
        after = at + 5 + size
        if kind == HANDSHAKE and (not encrypted or data.startswith(b"\1", at + 5)):
            found, owed = _handshakes(row, at + 5, stop, after, owed)
            words += found
        else:
            words.append(_record(data, kind, at + 5, min(after, stop), size, encrypted))
        encrypted = encrypted or kind == CHANGE
        if after > end and words:
            words[-1] += " [continues]"
        at = after
    row.info = ", ".join(words)


def _record(data: bytes, kind: int, at: int, stop: int, size: int, encrypted: bool) -> str:
    if kind == ALERT:
        if size == 2 and stop - at == 2 and not encrypted:
            level = LEVELS.get(data[at], str(data[at]))
            return f"Alert (Level: {level}, Description: {ALERTS.get(data[at + 1], str(data[at + 1]))})"
        return "Encrypted Alert"
    if kind == HANDSHAKE:
        return "Encrypted Handshake Message"
    if kind == HEARTBEAT:
        return heartbeat(data, at, stop, size)
    return RECORDS[kind]


def heartbeat(data: bytes, at: int, stop: int, size: int) -> str:
    """The words for a heartbeat message (RFC 6520), which may be encrypted."""
    if stop - at >= 3 and data[at] in HEARTBEATS and 3 + (data[at + 1] << 8 | data[at + 2]) <= size:
        return f"Heartbeat {HEARTBEATS[data[at]]}"
    return "Encrypted Heartbeat"


def _handshakes(row: Row, at: int, stop: int, after: int, owed: int) -> tuple[list[str], int]:
    """Names of the messages of a record, and how many bytes of the last are left to the next record."""
    if owed:
        if at + owed >= after:
            return [], owed - (after - at)
        at += owed
    found = messages(row.data, at, min(stop, after), after)
    if found is None:
        return ["Handshake" if stop - at < 4 and stop < after else "Encrypted Handshake Message"], 0
    words: list[str] = []
    for kind, start, end in found:
        name = HANDSHAKES[kind]
        if kind in (CLIENT, SERVER):
            hello = read_hello(row.data, kind, start + 4, min(end, after, stop))
            name = "Hello Retry Request" if hello.retry else name + hello.note
            row.protocol = VERSIONS.get(hello.version, row.protocol)
            if kind == SERVER and hello.whole and row.flow is not None:
                row.flow.note(VERSION, hello.version)
        if len(words) < _MOST:
            words.append(name)
        owed = end - after
    return words, max(owed, 0)
