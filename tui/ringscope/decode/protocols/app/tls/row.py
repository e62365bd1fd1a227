# SPDX-License-Identifier: Apache-2.0
"""Rows of TLS: the records of one segment by name, and what the hello messages say."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.protocols.app.tls.names import ALERTS, HANDSHAKES, RECORDS, VERSIONS
from ringscope.decode.protocols.app.tls.records import ALERT, CHANGE, HANDSHAKE, TLS, is_record, readable
from ringscope.decode.row import Row
from ringscope.decode.text import wire_text

_MOST = 8  # records that a row names


@TLS.row
def tls(row: Row, at: int, end: int) -> None:
    """The records that begin in this segment. A record that ends in a later one is marked."""
    data, stop = row.data, min(end, row.size)
    if not is_record(data, at, stop):
        row.info = "Continuation Data"
        return
    version = data[at + 1] << 8 | data[at + 2]
    row.protocol = VERSIONS.get(version, "TLS")
    words: list[str] = []
    encrypted = False
    while len(words) < _MOST and is_record(data, at, stop):
        kind = data[at]
        size = data[at + 3] << 8 | data[at + 4]
        after = at + 5 + size
        words += _record(row, kind, at + 5, min(after, stop), size, encrypted)
        encrypted = encrypted or kind == CHANGE
        if after > end:
            words[-1] += " [continues]"
        at = after
    row.info = ", ".join(words)


def _record(row: Row, kind: int, at: int, stop: int, size: int, encrypted: bool) -> list[str]:
    if kind == ALERT:
        if size == 2 and stop - at == 2 and not encrypted:
            level = {1: "Warning", 2: "Fatal"}.get(row.data[at], str(row.data[at]))
            meaning = ALERTS.get(row.data[at + 1], str(row.data[at + 1]))
            return [f"Alert (Level: {level}, Description: {meaning})"]
        return ["Encrypted Alert"]
    if kind == HANDSHAKE:
        return _handshakes(row, at, stop, size, encrypted)
    return [RECORDS[kind]]


def _handshakes(row: Row, at: int, stop: int, size: int, encrypted: bool) -> list[str]:
    end = at + size
    words: list[str] = []
    while at + 4 <= stop and len(words) < _MOST:
        kind = row.data[at]
        length = int.from_bytes(row.data[at + 1 : at + 4], "big")
        if encrypted or not readable(kind, length):
            return ["Encrypted Handshake Message"]
        name = HANDSHAKES[kind]
        if kind in (1, 2):
            name += _hello(row, kind, at + 4, min(at + 4 + length, stop))
        words.append(name)
        at += 4 + length
        if at >= end:
            break
    return words or ["Handshake"]


def _hello(row: Row, kind: int, at: int, stop: int) -> str:
    """Set the version from a hello message; the server's name in parentheses, when the message holds it."""
    data = row.data
    if stop - at < 35:
        return ""
    version = data[at] << 8 | data[at + 1]
    place = at + 35 + data[at + 34]
    if kind == 1:
        if place + 2 > stop:
            return ""
        place += 2 + (data[place] << 8 | data[place + 1])
        if place + 1 > stop:
            return ""
        place += 1 + data[place]
    else:
        place += 3
    place += 2
    name = ""
    while place + 4 <= stop:
        extension, size = unpack_from(">HH", data, place)
        body = place + 4
        place = body + size
        if place > stop:
            break
        if extension == 43:
            version = _offered(data, kind, body, size) or version
        elif extension == 0 and size > 5:
            name = f" (SNI={wire_text(data[body + 5 : min(place, body + 5 + (data[body + 3] << 8 | data[body + 4]))])})"
    row.protocol = VERSIONS.get(version, row.protocol)
    return name


def _offered(data: bytes, kind: int, body: int, size: int) -> int:
    """The version a server chose, or the highest known one a client offers (RFC 8446 section 4.2.1)."""
    if kind == 2:
        return data[body] << 8 | data[body + 1] if size == 2 else 0
    offered = (data[at] << 8 | data[at + 1] for at in range(body + 1, body + size - 1, 2))
    return max((version for version in offered if version in VERSIONS), default=0)
