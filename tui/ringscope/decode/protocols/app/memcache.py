# SPDX-License-Identifier: Apache-2.0
"""memcached (memcached.org, "protocol.txt" and "BinaryProtocolRevamped"): lines of text, or headers of 24 bytes; in UDP
behind eight bytes that say which datagram of how many it is."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.dialogue import joined, line_field, lines, rest_lines
from ringscope.decode.draft import Draft
from ringscope.decode.forms import coded, hex2, hex4, hex8, hex16, octets
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.text import shorten, wire_text
from ringscope.decode.tree import Tree

MEMCACHE = protocol("memcache", "MEMCACHE", tcp=(11211,))
MEMCACHE_UDP = protocol("memcache", "MEMCACHE", udp=(11211,))

_REQUEST, _RESPONSE = 0x80, 0x81
_HEADER, _FRAME = 24, 8
_MOST = 100  # messages of a packet
_STORING = (b"set", b"add", b"replace", b"append", b"prepend", b"cas")
_COMMANDS = frozenset(
    b"""
    get gets gat gats set add replace append prepend cas delete incr decr touch stats flush_all version verbosity quit
    slabs lru lru_crawler watch cache_memlimit shutdown misbehave mn mg ms md ma me""".split()
)
_REPLIES = frozenset(
    b"""
    STORED NOT_STORED EXISTS NOT_FOUND VALUE END DELETED TOUCHED OK STAT VERSION ERROR CLIENT_ERROR SERVER_ERROR RESET
    BUSY BADCLASS NOSPARE NOTFULL UNSAFE SAME VA HD EN NF NS EX MN ME""".split()
)
_OPCODES = {
    0x00: "Get",
    0x01: "Set",
    0x02: "Add",
    0x03: "Replace",
    0x04: "Delete",
    0x05: "Increment",
    0x06: "Decrement",
    0x07: "Quit",
    0x08: "Flush",
    0x09: "Get Quietly",
    0x0A: "NOOP",
    0x0B: "Version",
    0x0C: "Get Key",
    0x0D: "Get Key Quietly",
    0x0E: "Append",
    0x0F: "Prepend",
    0x10: "Statistics",
    0x11: "Set Quietly",
    0x12: "Add Quietly",
    0x13: "Replace Quietly",
    0x14: "Delete Quietly",
    0x15: "Increment Quietly",
    0x16: "Decrement Quietly",
    0x17: "Quit Quietly",
    0x18: "Flush Quietly",
    0x19: "Append Quietly",
    0x1A: "Prepend Quietly",
    0x1B: "Verbosity",
    0x1C: "Touch",
    0x1D: "Get and Touch",
    0x20: "List SASL Mechanisms",
    0x21: "SASL Authenticate",
    0x22: "SASL Step",
}
_STATUSES = {
    0x0000: "No error",
    0x0001: "Key not found",
    0x0002: "Key exists",
    0x0003: "Value too large",
    0x0004: "Invalid arguments",
    0x0005: "Item not stored",
    0x0006: "Value is not a number",
    0x0020: "Authentication error",
    0x0021: "Authentication continues",
    0x0081: "Unknown command",
    0x0082: "Out of memory",
}
_opcode = coded(2, _OPCODES)


def _is_binary(data: bytes, at: int, stop: int) -> bool:
    """A header whose lengths fit one another."""
    if stop - at < _HEADER or data[at] not in (_REQUEST, _RESPONSE) or data[at + 1] not in _OPCODES or data[at + 5]:
        return False
    key, extras, total = unpack_from(">xxHBxxxI", data, at)
    return bool(key + extras <= total)


def _is_line(data: bytes, at: int, stop: int) -> bool:
    word = data[at : min(stop, at + 32)].partition(b"\n")[0].rstrip(b"\r").partition(b" ")[0]
    return word in _COMMANDS or word in _REPLIES


@MEMCACHE.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """A command, a reply, or a number alone, which answers one that counts."""
    if data[at] in (_REQUEST, _RESPONSE):
        return _is_binary(data, at, stop)
    line = data[at : min(stop, at + 22)]
    return _is_line(data, at, stop) or (line.endswith(b"\r\n") and line[:-2].isdigit())


@MEMCACHE_UDP.guard
def guard_udp(data: bytes, at: int, stop: int) -> bool:
    """A frame of a request or an answer: its number is below how many there are, and two bytes are zero."""
    if stop - at <= _FRAME:
        return False
    number: int
    count: int
    number, count, reserved = unpack_from(">HHH", data, at + 2)
    return reserved == 0 and number < count


@MEMCACHE.row
def row(row: Row, at: int, end: int) -> None:
    """The first line, or the operation of the first header."""
    row.info = _words(row.data, at, min(end, row.size))


def _words(data: bytes, at: int, stop: int) -> str:
    if not _is_binary(data, at, stop):
        return joined(lines(data, at, stop, 1))
    status = unpack_from(">H", data, at + 6)[0]
    if data[at] == _REQUEST:
        return f"{_OPCODES[data[at + 1]]} Request"
    return f"{_OPCODES[data[at + 1]]} Response{f', {_status(status)}' if status else ''}"


def _status(number: int) -> str:
    return _STATUSES.get(number, f"Error 0x{number:04x}")


@MEMCACHE_UDP.row
def row_udp(row: Row, at: int, end: int) -> None:
    """What is behind the frame's header; the middle of an answer is none of it."""
    row.need(at, _FRAME, end, "memcached frame")
    at, stop = at + _FRAME, min(end, row.size)
    row.info = _words(row.data, at, stop) if at < stop and guard(row.data, at, stop) else "MEMCACHE Continuation"


@MEMCACHE.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Lines, or headers with their values."""
    draft = tree.open(MEMCACHE, at, end)
    draft.say()
    _messages(draft)


@MEMCACHE_UDP.layer
def layer_udp(tree: Tree, at: int, end: int) -> None:
    """The frame's header, and what is behind it."""
    draft = tree.open(MEMCACHE_UDP, at, end)
    draft.say()
    draft.uint("Request", 2, hex4)
    draft.uint("Datagram", 2)
    draft.uint("Datagrams", 2)
    draft.uint("Reserved", 2, hex4)
    _messages(draft)


def _messages(draft: Draft) -> None:
    stop = min(draft.end, draft.tree.size)
    for _ in range(_MOST):
        if draft.at >= stop or not _is_binary(draft.data, draft.at, stop):
            break
        _binary(draft, stop)
    for _ in range(_MOST):
        if draft.at >= stop or not _is_line(draft.data, draft.at, stop):
            break
        _line(draft, stop)
    if draft.at < stop:
        rest_lines(draft, stop, "Line")


def _line(draft: Draft, stop: int) -> None:
    """A line, and the value behind one that says its length."""
    line = line_field(draft, "Line", ("Command", "Arguments"))
    words = line.split(b" ")
    place = 3 if words[0] == b"VALUE" else 4 if words[0] in _STORING else 0
    if not place or len(words) <= place or not words[place].isdigit() or len(words[place]) > 9:
        return
    size = min(int(words[place]), stop - draft.at)
    if size > 0:
        draft.raw("Value", size, lambda raw: shorten(wire_text(raw), 400))
    if draft.data[draft.at : min(draft.at + 2, stop)] == b"\r\n":
        draft.take(2, "line end")


def _binary(draft: Draft, stop: int) -> None:
    with draft.group("Message", _words(draft.data, draft.at, stop)):
        magic = draft.uint("Magic", 1, hex2)
        draft.uint("Operation", 1, _opcode)
        key = draft.uint("Key length", 2)
        extras = draft.uint("Extras length", 1)
        draft.uint("Data type", 1)
        if magic == _REQUEST:
            draft.uint("Bucket", 2)
        else:
            draft.uint("Status", 2, lambda number: f"0x{number:04x} ({_status(number)})")
        total = draft.uint("Body length", 4)
        draft.uint("Opaque", 4, hex8)
        draft.uint("CAS", 8, hex16)
        for label, size in (("Extras", extras), ("Key", key), ("Value", total - key - extras)):
            here = min(size, stop - draft.at)
            if here > 0:
                draft.raw(label, here, octets if label == "Extras" else lambda raw: shorten(wire_text(raw), 400))
