# SPDX-License-Identifier: Apache-2.0
"""HTTP/2 without TLS (RFC 9113): the preface of a client, and frames. Of header fields that is told which a block alone
tells (`ringscope.decode.hpack`). It stands inside HTTP, which recognizes it."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Bits, Draft
from ringscope.decode.forms import coded, hex2, is_set, plain
from ringscope.decode.hpack import fields
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.text import shorten, wire_text
from ringscope.decode.tree import Tree

HTTP2 = protocol("http2", "HTTP2", role="http")

_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEADER = 9
_LONGEST = 1 << 14  # of a frame, while nobody has allowed more (RFC 9113 section 4.2)
_MOST = 12  # frames of a segment that are named
_MOST_OPENED = 4  # of those whose header fields are told
_MOST_FRAMES = 100

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
_TYPES = {
    DATA: "DATA",
    HEADERS: "HEADERS",
    PRIORITY: "PRIORITY",
    RST_STREAM: "RST_STREAM",
    SETTINGS: "SETTINGS",
    PUSH_PROMISE: "PUSH_PROMISE",
    PING: "PING",
    GOAWAY: "GOAWAY",
    WINDOW_UPDATE: "WINDOW_UPDATE",
    CONTINUATION: "CONTINUATION",
    10: "ALTSVC",
    12: "ORIGIN",
    16: "PRIORITY_UPDATE",
}
"""RFC 9113; RFC 7838, RFC 8336, RFC 9218 for the last three."""

_SIZES = {PRIORITY: 5, RST_STREAM: 4, PING: 8, WINDOW_UPDATE: 4}
_OF_STREAMS = frozenset({DATA, HEADERS, PRIORITY, RST_STREAM, PUSH_PROMISE, CONTINUATION})
_OF_CONNECTIONS = frozenset({SETTINGS, PING, GOAWAY, 12, 16})
_SETTINGS = {
    1: "HEADER_TABLE_SIZE",
    2: "ENABLE_PUSH",
    3: "MAX_CONCURRENT_STREAMS",
    4: "INITIAL_WINDOW_SIZE",
    5: "MAX_FRAME_SIZE",
    6: "MAX_HEADER_LIST_SIZE",
    8: "ENABLE_CONNECT_PROTOCOL",
    9: "NO_RFC7540_PRIORITIES",
}
_ERRORS = {
    0: "NO_ERROR",
    1: "PROTOCOL_ERROR",
    2: "INTERNAL_ERROR",
    3: "FLOW_CONTROL_ERROR",
    4: "SETTINGS_TIMEOUT",
    5: "STREAM_CLOSED",
    6: "FRAME_SIZE_ERROR",
    7: "REFUSED_STREAM",
    8: "CANCEL",
    9: "COMPRESSION_ERROR",
    10: "CONNECT_ERROR",
    11: "ENHANCE_YOUR_CALM",
    12: "INADEQUATE_SECURITY",
    13: "HTTP_1_1_REQUIRED",
}
_error = coded(8, _ERRORS)
_REASONS = {
    "100": "Continue",
    "101": "Switching Protocols",
    "200": "OK",
    "201": "Created",
    "202": "Accepted",
    "204": "No Content",
    "206": "Partial Content",
    "301": "Moved Permanently",
    "302": "Found",
    "303": "See Other",
    "304": "Not Modified",
    "307": "Temporary Redirect",
    "308": "Permanent Redirect",
    "400": "Bad Request",
    "401": "Unauthorized",
    "403": "Forbidden",
    "404": "Not Found",
    "405": "Method Not Allowed",
    "408": "Request Timeout",
    "409": "Conflict",
    "413": "Content Too Large",
    "415": "Unsupported Media Type",
    "429": "Too Many Requests",
    "500": "Internal Server Error",
    "501": "Not Implemented",
    "502": "Bad Gateway",
    "503": "Service Unavailable",
    "504": "Gateway Timeout",
}
"""RFC 9110 section 15, and RFC 6585."""
_SHOWN = 300  # characters of method and path
_PADDED, _PRIORITIZED = 0x08, 0x20
_END_STREAM: Bits = ("End of stream", 1, is_set)
_END_HEADERS: Bits = ("End of headers", 1, is_set)
_PADDED_FLAG: Bits = ("Padded", 1, is_set)
_ACKNOWLEDGED: tuple[Bits, ...] = (("", 7, plain), ("Acknowledgement", 1, is_set))
_FLAGS: dict[int, tuple[Bits, ...]] = {
    DATA: (("", 4, plain), _PADDED_FLAG, ("", 2, plain), _END_STREAM),
    HEADERS: (
        *(("", 2, plain), ("Priority", 1, is_set), ("", 1, plain)),
        *(_PADDED_FLAG, _END_HEADERS, ("", 1, plain), _END_STREAM),
    ),
    SETTINGS: _ACKNOWLEDGED,
    PUSH_PROMISE: (("", 4, plain), _PADDED_FLAG, _END_HEADERS, ("", 2, plain)),
    PING: _ACKNOWLEDGED,
    CONTINUATION: (("", 5, plain), _END_HEADERS, ("", 2, plain)),
}


def preface(data: bytes, at: int, stop: int) -> bool:
    """The beginning of the connection preface (RFC 9113 section 3.4), as much as there is."""
    return stop - at >= 14 and data.startswith(_PREFACE[: stop - at], at)


def settings(data: bytes, at: int, stop: int) -> bool:
    """The first frame of a server: settings with known numbers, or none of them."""
    if not _is_frame(data, at, stop) or data[at + 3] != SETTINGS or data[at + 4] > 1:
        return False
    size = int.from_bytes(data[at : at + 3], "big")
    if at + _HEADER + size > stop or (data[at + 4] and size):
        return False
    return all(unpack_from(">H", data, at + _HEADER + place)[0] in _SETTINGS for place in range(0, size, 6))


def _is_frame(data: bytes, at: int, stop: int) -> bool:
    """Whether a frame's header stands there; bytes of a body hardly ever look like one."""
    if stop - at < _HEADER:
        return False
    size, kind = int.from_bytes(data[at : at + 3], "big"), data[at + 3]
    stream = unpack_from(">I", data, at + 5)[0]
    if kind not in _TYPES or size > _LONGEST or stream >> 31:
        return False
    if (kind in _OF_STREAMS and not stream) or (kind in _OF_CONNECTIONS and stream):
        return False
    if kind == SETTINGS:
        return size % 6 == 0
    return size == _SIZES.get(kind, size)


def _name(data: bytes, at: int, stop: int) -> str:
    words = f"{_TYPES[data[at + 3]]}[{unpack_from('>I', data, at + 5)[0]}]"
    if data[at + 3] == HEADERS and (told := _told(data, *_block(data, at, stop))):
        words += f": {told}"
    return words


def _block(data: bytes, at: int, stop: int) -> tuple[int, int]:
    """Where the block of a HEADERS frame begins and ends, as far as it is here."""
    flags = data[at + 4]
    end = min(at + _HEADER + int.from_bytes(data[at : at + 3], "big"), stop)
    start = at + _HEADER
    if flags & _PADDED and start < end:
        end = max(end - data[start], start + 1)
        start += 1
    if flags & _PRIORITIZED:
        start += 5
    return start, end


def _told(data: bytes, start: int, end: int) -> str:
    """Method and path of a request, or the status of an answer; what is not in this block is left out."""
    found: dict[bytes, bytes] = {}
    for field in fields(data, start, end):
        if field.name is not None and field.value is not None and field.name.startswith(b":"):
            found[field.name] = field.value
        elif field.name:
            break  # those with a colon stand first (RFC 9113 section 8.3)
    status = found.get(b":status")
    if status is not None:
        words = wire_text(status)
        return f"{words} {_REASONS[words]}" if words in _REASONS else words
    return shorten(" ".join(wire_text(found[name]) for name in (b":method", b":path") if name in found), _SHOWN)


@HTTP2.row
def row(row: Row, at: int, end: int) -> None:
    """The frames that begin in this segment, each with its stream."""
    data, stop = row.data, min(end, row.size)
    words: list[str] = []
    if preface(data, at, stop):
        words.append("Magic")
        at += len(_PREFACE)
    for _ in range(_MOST_FRAMES):
        if not _is_frame(data, at, stop):
            break
        if len(words) == _MOST:
            words.append("…")
            break
        words.append(_name(data, at, stop if len(words) <= _MOST_OPENED else 0))
        at += _HEADER + int.from_bytes(data[at : at + 3], "big")
        if at > end:
            words[-1] += " [continues]"
    row.info = ", ".join(words) or "Continuation"


@HTTP2.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The preface, and each frame."""
    draft = tree.open(HTTP2, at, end)
    draft.say()
    stop = min(end, tree.size)
    if preface(tree.data, at, stop):
        size = min(len(_PREFACE), stop - at)
        draft.raw("Preface", size, lambda raw: raw.split(b"\r")[0].decode("ascii"))
    for number in range(_MOST_FRAMES):
        if draft.at >= stop:
            return
        if not _is_frame(tree.data, draft.at, stop):
            break
        _frame(draft, stop, opened=number < _MOST_OPENED)
    size = stop - draft.at
    if size > 0:
        draft.raw("Part of a frame", size, lambda _: f"{size} bytes")


def _frame(draft: Draft, stop: int, *, opened: bool) -> None:
    """A frame; `opened`: what its header block says, too."""
    size = draft.peek(3)
    with draft.group("Frame", f"{_name(draft.data, draft.at, stop if opened else 0)}, {size} bytes") as group:
        draft.uint("Length", 3)
        kind = draft.uint("Type", 1, _TYPES)
        parts = _FLAGS.get(kind)
        flags = draft.flags("Flags", 1, hex2, *parts)[0] if parts else draft.uint("Flags", 1, hex2)
        draft.bits(4, ("Reserved", 1, plain), ("Stream", 31, plain))
        end, after = draft.end, draft.at + size
        if after > stop:
            group.display += f", {stop - draft.at} here"
        draft.end = min(after, stop)
        if after <= stop:
            _payload(draft, kind, flags, opened=opened)
        here = draft.left
        if here and opened and kind == HEADERS and after > stop and not flags & (_PADDED | _PRIORITIZED):
            _header_fields(draft)
            here = draft.left
        if here:
            draft.raw("Header block" if kind in (HEADERS, CONTINUATION) else "Data", here, lambda _: f"{here} bytes")
        draft.end = end


def _payload(draft: Draft, kind: int, flags: int, *, opened: bool) -> None:
    """What stands in a whole frame, up to what is shown as bytes."""
    padding = draft.uint("Padding length", 1) if kind in (DATA, HEADERS, PUSH_PROMISE) and flags & _PADDED else 0
    if kind == PRIORITY or (kind == HEADERS and flags & _PRIORITIZED):
        draft.bits(4, ("Exclusive", 1, is_set), ("Depends on stream", 31, plain))
        draft.uint("Weight", 1, lambda weight: str(weight + 1))
    elif kind == RST_STREAM:
        draft.uint("Error", 4, _error)
    elif kind == SETTINGS:
        while draft.left:
            number, value = draft.peek(2), draft.peek(4, 2)
            with draft.group(_SETTINGS.get(number, f"Setting {number}"), str(value)):
                draft.uint("Setting", 2, _SETTINGS)
                draft.uint("Value", 4)
    elif kind == PUSH_PROMISE:
        draft.bits(4, ("Reserved", 1, plain), ("Promised stream", 31, plain))
    elif kind == GOAWAY:
        draft.bits(4, ("Reserved", 1, plain), ("Last stream", 31, plain))
        draft.uint("Error", 4, _error)
    elif kind == WINDOW_UPDATE:
        draft.bits(4, ("Reserved", 1, plain), ("Increment", 31, plain))
    if kind in (DATA, HEADERS, PUSH_PROMISE):
        size = draft.left - padding
        if kind == HEADERS and size > 0 and opened:
            end, draft.end = draft.end, draft.at + size
            _header_fields(draft)
            size, draft.end = draft.left, end
        if size > 0:
            label = "Data" if kind == DATA else "Header block"
            draft.raw(label, size, lambda _: f"{size} bytes")
        if padding:
            draft.rest("Padding")


def _header_fields(draft: Draft) -> None:
    """The fields of a block, up to what is cut; the bytes of many are no text but stand for it."""
    for found in fields(draft.data, draft.at, min(draft.end, draft.tree.size)):
        name = "Table size" if found.name == b"" else shorten(wire_text(found.name), 80) if found.name else "Field"
        size = found.end - found.start
        note = ""
        if found.name is None or found.value is None:
            note = f"entry {found.index} of a table that earlier blocks have filled"
        draft.take(size, "header field")
        draft.add(name, shorten(wire_text(found.value or b""), 2000), found.start, size, note=note)
