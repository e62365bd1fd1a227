# SPDX-License-Identifier: Apache-2.0
"""Parameters in SCTP's chunks, and the causes of errors: a type, a length, a value, padded to four bytes."""

from __future__ import annotations

from collections.abc import Mapping

from ringscope.decode.address import ip_text
from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import coded, formed, hex8, octets, plain
from ringscope.decode.protocols.transport.sctp.names import CAUSES, CHUNKS, HMACS, PARAMETERS, RESULTS
from ringscope.decode.text import shorten
from ringscope.decode.values import Reader, blob, number, numbers, text

_DEEPEST = 3  # a parameter that tells of another one holds it


def parameters(draft: Draft, depth: int = 0) -> str:
    """All up to the draft's end; returns what the last one says."""
    words = ""
    while draft.left >= 4:
        words = _one(draft, depth)
    return words


def causes(draft: Draft) -> str:
    """Causes of an error; returns them in words."""
    found: list[str] = []
    while draft.left >= 4:
        code = draft.peek(2)
        reader = _CAUSES.get(code, blob)
        with draft.group("Cause") as group:
            size = _header(draft, CAUSES, "Code")
            with draft.limited(size):
                words = reader(draft, size)
                draft.rest("Rest of the value")
            group.display = CAUSES.get(code, str(code)) + (f": {words}" if words else "")
            _padding(draft, size)
        found.append(CAUSES.get(code, str(code)))
    return ", ".join(found)


def _one(draft: Draft, depth: int) -> str:
    kind = draft.peek(2)
    with draft.group(PARAMETERS.get(kind, f"Parameter 0x{kind:04x}")) as group:
        size = _header(draft, PARAMETERS, "Type")
        with draft.limited(size):
            if kind in _HOLDING and depth < _DEEPEST:
                group.display = _holding(draft, kind, size, depth)
            else:
                group.display = shorten(_READERS.get(kind, blob)(draft, size), 200)
            draft.rest("Rest of the value")
        _padding(draft, size)
    return group.display


def _header(draft: Draft, names: Mapping[int, str], label: str) -> int:
    draft.uint(label, 2, coded(4, names))
    size = draft.uint("Length", 2)
    if size < 4:
        raise Malformed(f"SCTP parameter of length {size}")
    return size - 4


def _padding(draft: Draft, size: int) -> None:
    # The last one's padding belongs to the chunk.
    if size % 4 and draft.left:
        draft.raw("Padding", min(-size % 4, draft.left))


_FAILED = 0xC003
_HOLDING = (0xC001, 0xC002, _FAILED, 0xC004)


def _holding(draft: Draft, kind: int, size: int, depth: int) -> str:
    if size < 4:
        return blob(draft, size)
    draft.uint("Correlation", 4, hex8)
    return causes(draft) if kind == _FAILED else parameters(draft, depth + 1)


def _address(draft: Draft, size: int) -> str:
    return ip_text(draft.raw("Address", size, ip_text)) if size else ""


def _streams(draft: Draft) -> str:
    found = [str(draft.uint("Stream", 2)) for _ in range(draft.left // 2)]
    return f"streams {', '.join(found)}" if found else "all streams"


def _outgoing(draft: Draft, size: int) -> str:
    if size < 12:
        return blob(draft, size)
    draft.uint("Request sequence number", 4)
    draft.uint("Response sequence number", 4)
    draft.uint("Last TSN assigned", 4)
    return _streams(draft)


def _incoming(draft: Draft, size: int) -> str:
    if size < 4:
        return blob(draft, size)
    draft.uint("Request sequence number", 4)
    return _streams(draft)


def _response(draft: Draft, size: int) -> str:
    if size < 8:
        return blob(draft, size)
    draft.uint("Response sequence number", 4)
    result = draft.uint("Result", 4, RESULTS)
    for label in ("Sender's next TSN", "Receiver's next TSN"):
        if draft.left >= 4:
            draft.uint(label, 4)
    return RESULTS.get(result, str(result))


def _more_streams(draft: Draft, size: int) -> str:
    if size < 8:
        return blob(draft, size)
    draft.uint("Request sequence number", 4)
    count = draft.uint("New streams", 2)
    draft.uint("Reserved", 2)
    return str(count)


_KINDS = {5: "IPv4", 6: "IPv6", 11: "host name"}
_READERS: dict[int, Reader] = {
    5: _address,
    6: _address,
    9: number(lambda value: f"{value} ms"),
    11: text,
    12: numbers(2, _KINDS, "Address type"),
    13: _outgoing,
    14: _incoming,
    15: _incoming,
    16: _response,
    17: _more_streams,
    18: _more_streams,
    0x8001: number(),
    0x8003: numbers(1, lambda kind: CHUNKS.get(kind, str(kind)), "Chunk"),
    0x8004: numbers(2, HMACS, "HMAC"),
    0x8008: numbers(1, lambda kind: CHUNKS.get(kind, str(kind)), "Chunk"),
    0xC005: number(hex8, "Correlation"),
    0xC006: number(hex8),
}


def _stream(draft: Draft, size: int) -> str:
    if size < 4:
        return blob(draft, size)
    stream = draft.uint("Stream", 2)
    draft.uint("Reserved", 2)
    return f"stream {stream}"


def _missing(draft: Draft, size: int) -> str:
    if size < 4:
        return blob(draft, size)
    count = draft.uint("Missing parameters", 4)
    found = [draft.uint("Parameter", 2, PARAMETERS) for _ in range(min(count, draft.left // 2))]
    return ", ".join(formed(PARAMETERS, kind) for kind in found)


def _stale(draft: Draft, size: int) -> str:
    return number(lambda value: f"{value} us")(draft, size)


def _told(draft: Draft, size: int) -> str:
    raw = draft.data[draft.at : min(draft.at + size, draft.tree.size)]
    if raw.isascii() and raw.decode("ascii").isprintable():
        return text(draft, size)
    return octets(draft.raw("Value", size)) if size else ""


_CAUSES: dict[int, Reader] = {1: _stream, 2: _missing, 3: _stale, 9: number(plain, "TSN"), 12: _told, 13: _told}
