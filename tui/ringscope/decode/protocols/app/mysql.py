# SPDX-License-Identifier: Apache-2.0
"""MySQL and MariaDB (dev.mysql.com and mariadb.org, "Client/Server Protocol"): packets of a length, a number and a
body. The greeting, the login, commands and the first packet of an answer are told; rows of a result are bytes."""

from __future__ import annotations

from ringscope.decode.dialogue import to_server
from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex4, hex8
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.text import shorten, wire_text
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

_PORTS = (3306,)
MYSQL = protocol("mysql", "MySQL", tcp=_PORTS)

_HEADER = 4
_LONGEST = 1 << 20  # of a first packet that goes on elsewhere
_GREETING, _OK, _EOF, _ERROR = 10, 0x00, 0xFE, 0xFF
_TLS_REQUEST = 32  # bytes of a login that only asks for encryption
_LOGIN = 32  # bytes of a login before the user
_OLD_LOGIN, _NEW = 5, 0x02  # the same before version 4.1, and the ability, in the second byte, that tells
_DATABASE, _QUERY, _PREPARE = 2, 3, 22
_WITH_DATABASE, _SECURE, _LONG_AUTHENTICATION = 0x08, 0x8000, 0x200000
_TEXTS = frozenset({_DATABASE, _QUERY, _PREPARE})
_SHOWN = 300  # characters of a statement in a row
_COMMANDS = {
    0: "SLEEP",
    1: "Quit",
    2: "Use Database",
    3: "Query",
    4: "Show Fields",
    5: "Create Database",
    6: "Drop Database",
    7: "Refresh",
    8: "Shutdown",
    9: "Statistics",
    10: "Process List",
    11: "Connect",
    12: "Kill Server Thread",
    13: "Dump Debuginfo",
    14: "Ping",
    15: "Time",
    16: "Insert Delayed",
    17: "Change User",
    18: "Send Binlog",
    19: "Send Table",
    20: "Slave Connect",
    21: "Register Slave",
    22: "Prepare Statement",
    23: "Execute Statement",
    24: "Send BLOB",
    25: "Close Statement",
    26: "Reset Statement",
    27: "Set Option",
    28: "Fetch Data",
    29: "Daemon",
    30: "Send Binlog GTID",
    31: "Reset Connection",
    250: "Execute Bulk Statement",
}


def _packets(data: bytes, at: int, stop: int) -> bool:
    """Whether packets stand there one behind the other, each with the next number."""
    number = -1
    for _ in range(64):
        if stop - at < _HEADER:
            return number >= 0
        size, found = int.from_bytes(data[at : at + 3], "little"), data[at + 3]
        if not size or size > _LONGEST or (number >= 0 and found not in (number + 1 & 0xFF, 0)):
            return False
        number = found
        at += _HEADER + size
        if at >= stop:
            return True
    return True


@MYSQL.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """Packets to the end of the segment."""
    return stop - at > _HEADER and _packets(data, at, stop)


def _to_server(walk: Walk) -> bool:
    return to_server(walk.ports, _PORTS, walk.from_client)


def _is_login(data: bytes, at: int, size: int) -> bool:
    """Whether a packet of a client is a login: the second of a connection, and long enough."""
    return data[at + 3] in (1, 2) and size >= _TLS_REQUEST


def _is_old_login(data: bytes, at: int, size: int) -> bool:
    """Whether it is a login as before version 4.1, with two bytes of abilities and three of a length."""
    return data[at + 3] == 1 and size > _OLD_LOGIN and not data[at + _HEADER + 1] & _NEW


def _zero_ended(data: bytes, at: int, stop: int) -> tuple[str, int]:
    found = data.find(b"\0", at, stop)
    after = stop if found < 0 else found
    return shorten(wire_text(data[at:after]), 80), min(after + 1, stop)


@MYSQL.row
def row(row: Row, at: int, end: int) -> None:
    """A command with its statement, or what is answered."""
    stop = min(end, row.size)
    row.need(at, _HEADER + 1, end, "MySQL packet")
    size = int.from_bytes(row.data[at : at + 3], "little")
    body, last = at + _HEADER, min(at + _HEADER + size, stop)
    told = _asked if _to_server(row) else _answered
    row.info = told(row.data, at, size, body, last)
    if at + _HEADER + size > end:
        row.info += " [continues]"


def _asked(data: bytes, at: int, size: int, body: int, last: int) -> str:
    if _is_login(data, at, size):
        if size == _TLS_REQUEST:
            return "SSL Request"
        user, database = _login(data, body, last)
        return f"Login Request user={user}{f' db={database}' if database else ''}"
    if _is_old_login(data, at, size):
        return f"Login Request user={_zero_ended(data, body + _OLD_LOGIN, last)[0]}"
    command = data[body]
    if data[at + 3] or command not in _COMMANDS:
        return "Request"
    words = f"Request {_COMMANDS[command]}"
    if command in _TEXTS:
        words += f"  {shorten(wire_text(data[body + 1 : min(last, body + 1 + 4 * _SHOWN)]), _SHOWN)}"
    return words


def _login(data: bytes, body: int, last: int) -> tuple[str, str]:
    """User and database; the length of the answer to the challenge stands between them."""
    abilities = int.from_bytes(data[body : body + 4], "little")
    user, at = _zero_ended(data, body + _LOGIN, last)
    if not abilities & _WITH_DATABASE or at >= last:
        return user, ""
    if abilities & (_SECURE | _LONG_AUTHENTICATION):
        at += 1 + data[at]
    else:
        at = _zero_ended(data, at, last)[1]
    return user, _zero_ended(data, at, last)[0] if at < last else ""


def _answered(data: bytes, at: int, size: int, body: int, last: int) -> str:
    kind = data[body]
    if kind == _GREETING and not data[at + 3]:
        return f"Server Greeting  proto=10 version={_zero_ended(data, body + 1, last)[0]}"
    if kind == _ERROR and size >= 3:
        number = int.from_bytes(data[body + 1 : body + 3], "little")
        text = body + 9 if data[body + 3 : body + 4] == b"#" else body + 3
        return f"Response  Error {number}  {shorten(wire_text(data[text:last]), _SHOWN)}".rstrip()
    if kind == _OK and size >= 3:
        return "Response  OK"
    if kind == _EOF and size < 9:
        return "Response  EOF"
    if data[at + 3] == 1 and size == 1:
        return f"Response TABULAR Response, {kind} columns"
    return "Response"


@MYSQL.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Each packet: length, number, and what of its body is told."""
    draft = tree.open(MYSQL, at, end)
    draft.say()
    stop = min(end, tree.size)
    client = _to_server(tree)
    for number in range(200):
        if stop - draft.at <= _HEADER:
            break
        _packet(draft, stop, client, first=not number)
    size = stop - draft.at
    if size > 0:
        draft.raw("Part of a packet", size, lambda _: f"{size} bytes")


def _packet(draft: Draft, stop: int, client: bool, *, first: bool) -> None:
    at = draft.at
    size = int.from_bytes(draft.data[at : at + 3], "little")
    body, last = at + _HEADER, min(at + _HEADER + size, stop)
    told = _asked if client else _answered
    with draft.group("Packet", told(draft.data, at, size, body, last) if size and first else f"{size} bytes"):
        draft.uint("Length", 3, order="little")
        draft.uint("Number", 1)
        if size and first and client:
            _request(draft, at, size, last)
        elif size and first:
            _response(draft, at, size, last)
        here = last - draft.at
        if here > 0:
            draft.raw("Data", here, lambda _: f"{here} bytes")


def _request(draft: Draft, at: int, size: int, last: int) -> None:
    if _is_login(draft.data, at, size):
        if last - draft.at >= _LOGIN:
            draft.uint("Abilities", 4, hex8, order="little")
            draft.uint("Longest packet", 4, order="little")
            draft.uint("Character set", 1)
            draft.raw("Reserved", 23)
            _text(draft, "User", last)
        return
    if _is_old_login(draft.data, at, size) and last - draft.at >= _OLD_LOGIN:
        draft.uint("Abilities", 2, hex4, order="little")
        draft.uint("Longest packet", 3, order="little")
        _text(draft, "User", last)
        return
    if draft.data[at + 3]:
        return
    command = draft.uint("Command", 1, _COMMANDS)
    here = last - draft.at
    if command in _TEXTS and here > 0:
        draft.raw("Statement", here, lambda raw: shorten(wire_text(raw), 2000))


def _response(draft: Draft, at: int, size: int, last: int) -> None:
    kind = draft.data[draft.at]
    if kind == _GREETING and not draft.data[at + 3]:
        draft.uint("Protocol", 1)
        _text(draft, "Version", last)
        if last - draft.at >= 4:
            draft.uint("Connection", 4, order="little")
    elif kind == _ERROR and size >= 3 and last - draft.at >= 3:
        draft.uint("Status", 1, {_ERROR: "error"})
        draft.uint("Error", 2, order="little")
        if last - draft.at >= 6 and draft.peek() == ord("#"):
            draft.text("State", 6)
        if last > draft.at:
            draft.text("Text", last - draft.at)
    elif kind == _OK and size >= 3:
        draft.uint("Status", 1, {_OK: "OK"})


def _text(draft: Draft, label: str, last: int) -> None:
    """Text up to its zero, which is read with it."""
    found = draft.data.find(b"\0", draft.at, last)
    size = (last if found < 0 else found) - draft.at
    if size:
        draft.text(label, size)
    if found >= 0:
        draft.take(1, "end of text")
