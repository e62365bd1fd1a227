# SPDX-License-Identifier: Apache-2.0
"""DTLS 1.0, 1.2 and 1.3 (RFC 4347, RFC 6347, RFC 9147) and connection IDs (RFC 9146): TLS in datagrams."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, is_set, octets, plain
from ringscope.decode.memory import Flow
from ringscope.decode.protocols.app.tls.extensions import version_form
from ringscope.decode.protocols.app.tls.handshake import body
from ringscope.decode.protocols.app.tls.hello import CLIENT, SERVER, read_hello
from ringscope.decode.protocols.app.tls.layer import content, here
from ringscope.decode.protocols.app.tls.names import ALERTS, HANDSHAKES, LEVELS, RECORDS, VERSIONS
from ringscope.decode.protocols.app.tls.records import ALERT, CHANGE, HANDSHAKE, HEARTBEAT
from ringscope.decode.protocols.app.tls.row import heartbeat
from ringscope.decode.registry import UDP, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

DTLS = protocol("dtls", "DTLS", role="tls", udp=(853, 2221, 5684, 5868), sctp_payload=(47,))

_VERSIONS = (b"\xfe\xff", b"\xfe\xfd", b"\xfe\xfc", b"\x01\x00")
_NUMBERS = {0xFEFF, 0xFEFD, 0xFEFC, 0x0100}
_HEADER, _MESSAGE = 13, 12
_IDENTIFIED = 25  # content type of a record with a connection ID
_LONGEST_IDENTIFIER = 32
_MOST = 8  # records that a row names
_VERSION = "dtls.version"


@DTLS.magic(UDP, first=range(20, 27))
def is_record(data: bytes, at: int, stop: int) -> bool:
    """A record header stands at `at`, and what must be so in its epoch is so."""
    if stop - at < _HEADER or data[at + 1 : at + 3] not in _VERSIONS or not 20 <= data[at] <= 26:
        return False
    if data[at] == _IDENTIFIED:
        return data[at + 3 : at + 5] != b"\0\0"
    size = data[at + 11] << 8 | data[at + 12]
    first = data[at + 3 : at + 5] == b"\0\0"
    if data[at + 1] == 1:  # such a version is a weak mark, and only a hello is a strong one
        return data[at] == HANDSHAKE and first and size > _MESSAGE and data[at + _HEADER : at + _HEADER + 1] <= b"\3"
    return size == 1 if data[at] == CHANGE and first else 0 < size <= 0x4800


def _is_ciphertext(data: bytes, at: int, stop: int) -> bool:
    """What may be a record of DTLS 1.3, whose header has three fixed bits (RFC 9147 section 4)."""
    return data[at] & 0xE0 == 0x20 and stop - at >= 8


@DTLS.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """Flows may have STUN and SRTP in them as well (RFC 7983)."""
    return is_record(data, at, stop) or _is_ciphertext(data, at, stop)


def _identifier(data: bytes, at: int, end: int) -> int:
    """How long the connection ID of a record is: the one with which records fill the datagram; -1 for none."""
    for size in range(_LONGEST_IDENTIFIER + 1):
        place = at + 11 + size
        if place + 2 <= min(end, len(data)) and place + 2 + (data[place] << 8 | data[place + 1]) == end:
            return size
    return -1


@DTLS.row
def row(row: Row, at: int, end: int) -> None:
    """The records of a datagram, and what the hello messages say."""
    data, stop = row.data, min(end, row.size)
    version = _agreed(row.flow)
    words: list[str] = []
    if not version and is_record(data, at, stop):
        version = data[at + 1] << 8 | data[at + 2]
    row.protocol = VERSIONS.get(version, "DTLS")
    while at < stop and len(words) < _MOST:
        if not is_record(data, at, stop):
            if _is_ciphertext(data, at, stop):
                words.append("Encrypted Record")
            break
        kind, epoch = data[at], data[at + 3] << 8 | data[at + 4]
        if kind == _IDENTIFIED:
            words.append("Connection ID")
            break
        size = data[at + 11] << 8 | data[at + 12]
        after = at + _HEADER + size
        if kind == HANDSHAKE and not epoch:
            words += _messages(row, at + _HEADER, min(after, stop))
        else:
            words.append(_word(data, kind, at + _HEADER, min(after, stop), size, epoch))
        at = after
    row.info = ", ".join(words) or "Continuation Data"
    row.need(at, 0, end, "DTLS record")


def _agreed(flow: Flow | None) -> int:
    found = flow.facts.get(_VERSION, 0) if flow is not None else 0
    return found if isinstance(found, int) else 0


def _word(data: bytes, kind: int, at: int, stop: int, size: int, epoch: int) -> str:
    if kind == ALERT:
        if epoch or size != 2 or stop - at < 2:
            return "Encrypted Alert"
        level, meaning = LEVELS.get(data[at], data[at]), ALERTS.get(data[at + 1], data[at + 1])
        return f"Alert (Level: {level}, Description: {meaning})"
    if kind == HANDSHAKE:
        return "Encrypted Handshake Message"
    if kind == HEARTBEAT:
        return heartbeat(data, at, stop, size)
    return RECORDS[kind]


def _messages(row: Row, at: int, stop: int) -> list[str]:
    words: list[str] = []
    while at + _MESSAGE <= stop and len(words) < _MOST:
        kind, size, first, here = _header(row.data, at)
        name = HANDSHAKES.get(kind, f"Handshake type {kind}")
        if here < size:
            name += " (Fragment)"
        if kind in (CLIENT, SERVER) and not first:
            hello = read_hello(row.data, kind, at + _MESSAGE, min(at + _MESSAGE + here, stop), datagram=True)
            name = "Hello Retry Request" if hello.retry else name + hello.note
            _learn(row.flow, kind, hello.version, hello.whole)
            row.protocol = VERSIONS.get(hello.version, row.protocol)
        words.append(name)
        at += _MESSAGE + here
    return words or ["Handshake"]


def _header(data: bytes, at: int) -> tuple[int, int, int, int]:
    """Type, length, where this fragment begins, and how long it is."""
    sizes = (int.from_bytes(data[place : place + 3], "big") for place in (at + 1, at + 6, at + 9))
    return data[at], *sizes  # type: ignore[return-value]


def _learn(flow: Flow | None, kind: int, version: int, whole: bool) -> None:
    if kind == SERVER and whole and version in _NUMBERS and flow is not None:
        flow.note(_VERSION, version)


@DTLS.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Records, and the messages in those that are readable."""
    draft = tree.open(DTLS, at, end)
    draft.say()
    stop = min(end, tree.size)
    while draft.at < stop:
        if is_record(tree.data, draft.at, stop):
            _record(draft, end)
        elif _is_ciphertext(tree.data, draft.at, stop):
            _ciphertext(draft)
        else:
            return


def _record(draft: Draft, end: int) -> None:
    kind = draft.peek()
    with draft.group("Record", RECORDS[kind]) as group:
        draft.uint("Content type", 1, RECORDS)
        version = draft.uint("Version", 2, version_form)
        epoch = draft.uint("Epoch", 2)
        draft.uint("Sequence number", 6)
        if kind == _IDENTIFIED:
            size = _identifier(draft.data, draft.at - 11, end)
            if size < 0:
                draft.rest("Connection ID and data")
                return
            draft.raw("Connection ID", size)
        size = draft.uint("Length", 2)
        group.display += f", {size} bytes"
        with draft.limited(size):
            if kind == HANDSHAKE and not epoch:
                while draft.left >= _MESSAGE:
                    version = _message(draft, _agreed(draft.tree.flow) or version)
                draft.rest("Rest")
            elif kind == 26 and not epoch:
                draft.rest("Record numbers")
            else:
                content(draft, kind, size, bool(epoch))


def _message(draft: Draft, version: int) -> int:
    draft.tree.need(draft.at, _MESSAGE, draft.end, "DTLS message")
    kind, size, first, present = _header(draft.data, draft.at)
    part = "" if present == size else f", {present} from {first} on here"
    with draft.group(HANDSHAKES.get(kind, f"Handshake type {kind}"), f"{size} bytes{part}") as group:
        draft.uint("Handshake type", 1, HANDSHAKES)
        draft.uint("Length", 3)
        draft.uint("Message sequence", 2)
        draft.uint("Fragment offset", 3)
        draft.uint("Fragment length", 3)
        with draft.limited(present):
            if kind in (CLIENT, SERVER) and not first:
                stop = min(draft.end, draft.tree.size)
                hello = read_hello(draft.data, kind, draft.at, stop, datagram=True)
                _learn(draft.tree.flow, kind, hello.version, hello.whole)
                version = hello.version or version
            if first:
                here(draft, "Fragment")
            elif draft.left:
                said = body(draft, kind, version, whole=present == size, datagram=True)
                group.display += f", {said}" if said else ""
    return version


def _ciphertext(draft: Draft) -> None:
    """RFC 9147 section 4: nothing says how long a connection ID is, but most have none."""
    with draft.group("Encrypted record") as group:
        _, _, identified, long, sized, epoch = draft.flags(
            "Header",
            1,
            hex2,
            ("", 3, plain),
            ("Connection ID present", 1, is_set),
            ("Long sequence number", 1, is_set),
            ("Length present", 1, is_set),
            ("Low bits of the epoch", 2, plain),
        )
        group.display = f"epoch …{epoch:02b}"
        if identified:
            draft.rest("Connection ID and data", octets)
            return
        draft.raw("Sequence number (encrypted)", 2 if long else 1)
        size = draft.uint("Length", 2) if sized else draft.left
        draft.raw("Data", size, lambda raw: f"{len(raw)} bytes")
