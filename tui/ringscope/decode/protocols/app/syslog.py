# SPDX-License-Identifier: Apache-2.0
"""Syslog in its old form (RFC 3164) and its new one (RFC 5424), in datagrams (RFC 5426) and in streams, where a message
ends with its line or is counted beforehand (RFC 6587)."""

from __future__ import annotations

import re

from ringscope.decode.draft import Draft
from ringscope.decode.registry import TCP, UDP, protocol
from ringscope.decode.row import Row
from ringscope.decode.text import shorten, wire_text
from ringscope.decode.tree import Tree

SYSLOG = protocol("syslog", "Syslog", udp=(514,), tcp=(601, 1468))

_FACILITIES = (
    *("KERN", "USER", "MAIL", "DAEMON", "AUTH", "SYSLOG", "LPR", "NEWS", "UUCP", "CRON", "AUTHPRIV", "FTP"),
    *("NTP", "LOGAUDIT", "LOGALERT", "CRON"),
    *(f"LOCAL{number}" for number in range(8)),
)
_SEVERITIES = ("EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG")
_PRIORITY = re.compile(rb"<(\d{1,3})>")
_COUNTED = re.compile(rb"([1-9]\d{0,5}) (?=<\d{1,3}>)")
_WORD = rb"([^ :\[<>]{1,64})(?:\[([^\]\n]{1,64})\])?: ?"
_TIME = rb"""[A-Z][a-z]{2}\ [ \d]\d\ (?:\d{4}\ )?\d\d:\d\d:\d\d(?:\.\d+)?(?:\ [A-Z]{3,4})?
    | \d{4}-\d\d-\d\d[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?"""
_OLD = re.compile(
    rb"(?:(\d+):\ )?[*.]?"  # a router's sequence number, and a mark that its clock is not set
    rb"(" + _TIME + rb"):?\ "
    rb"(?:([\w.:%-]*[\w.%-])\ (?=[^ ]))?"  # host
    rb"(?:" + _WORD.replace(b" ", b"\\ ") + rb")?",
    re.VERBOSE,
)
_TAG = re.compile(_WORD)
_NEW = re.compile(rb"(\d{1,2}) (?=(?:-|\d{4}-\d\d-\d\dT))")
_PARAMETER = re.compile(rb' ([^ =\]"]{1,32})="((?:[^"\\\]]|\\.)*)"')
_CONTROLS = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f]")
_HIGHEST = 191
_BOM = b"\xef\xbb\xbf"
_SHOWN = 400  # characters of a message in a row
_MOST_SHOWN = 4000  # bytes of a message in a field
_MOST_MESSAGES = 64


def _priority(data: bytes, at: int, stop: int) -> int:
    """The number in angle brackets, -1 where there is none that facilities and severities reach."""
    found = _PRIORITY.match(data, at, stop)
    return int(found[1]) if found and int(found[1]) <= _HIGHEST else -1


def _words(priority: int) -> str:
    return f"{_FACILITIES[priority >> 3]}.{_SEVERITIES[priority & 7]}"


@SYSLOG.magic(UDP, first=b"<", weak=True)
@SYSLOG.magic(TCP, first=b"<", weak=True)
def magic(data: bytes, at: int, stop: int) -> bool:
    """A priority, and text behind it."""
    found = _PRIORITY.match(data, at, stop)
    return found is not None and int(found[1]) <= _HIGHEST and 32 <= data[min(found.end(), stop - 1)] < 127


@SYSLOG.magic(TCP, first=b"123456789", weak=True)
def counted(data: bytes, at: int, stop: int) -> bool:
    """A length, and a message behind it."""
    found = _COUNTED.match(data, at, stop)
    return found is not None and magic(data, found.end(), stop)


@SYSLOG.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """A priority, or at least text."""
    if _priority(data, at, stop) >= 0:
        return True
    return stop - at > 8 and not any(
        byte < 32 and byte not in b"\t\n\r\x1b\0" for byte in data[at : min(stop, at + 64)]
    )


@SYSLOG.row
def row(row: Row, at: int, end: int) -> None:
    """Facility, severity and the message."""
    data, stop = row.data, min(end, row.size)
    if row.piece == "segment" and (found := _COUNTED.match(data, at, stop)):
        at, stop = found.end(), min(stop, found.end() + int(found[1]))
    found = _PRIORITY.match(data, at, stop)
    priority = _priority(data, at, stop)
    if found is not None and priority >= 0:
        at = found.end()
    line = data[at : min(stop, at + _SHOWN)]
    if row.piece == "segment":
        line = line.partition(b"\n")[0]
    words = shorten(wire_text(line.rstrip(b"\r\n\0")), _SHOWN)
    row.info = f"{_words(priority)}: {words}" if priority >= 0 else words


@SYSLOG.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The parts of the message; in a stream, of every message in the segment."""
    draft = tree.open(SYSLOG, at, end)
    draft.say()
    draft.title = shorten(draft.title, 200)
    stop = min(end, tree.size)
    if tree.piece != "segment":
        _message(draft, stop)
        return
    for _ in range(_MOST_MESSAGES):
        if draft.at >= stop:
            return
        size = _framed(draft, stop)
        with draft.group("Message") as group:
            start = draft.at
            _message(draft, min(draft.at + size, stop))
            group.display = shorten(wire_text(draft.data[start : min(draft.at, start + 120)].rstrip(b"\r\n")), 80)
        draft.tree.need(start, size, end, "syslog message")


def _framed(draft: Draft, stop: int) -> int:
    """Bytes of the next message, its line end included; its count, if it has one, is read here."""
    found = _COUNTED.match(draft.data, draft.at, stop)
    if found is not None:
        draft.text("Count", len(found[1]))
        draft.take(1, "space")
        return int(found[1])
    line = draft.data.find(b"\n", draft.at, stop)
    return (line + 1 if line >= 0 else stop) - draft.at


def _message(draft: Draft, stop: int) -> None:
    data = draft.data
    found = _PRIORITY.match(data, draft.at, stop)
    priority = _priority(data, draft.at, stop)
    if found is not None and priority >= 0:
        draft.take(1, "bracket")
        raw = draft.take(len(found[1]), "priority").decode("ascii")
        draft.add("Priority", f"{raw} ({_words(priority)})", draft.at - len(raw), len(raw), value=raw)
        draft.computed("Facility", f"{priority >> 3} ({_FACILITIES[priority >> 3]})", "priority / 8")
        draft.computed("Severity", f"{priority & 7} ({_SEVERITIES[priority & 7]})", "priority modulo 8")
        draft.take(1, "bracket")
    if (new := _NEW.match(data, draft.at, stop)) is not None:
        _new(draft, stop, len(new[1]))
    elif (old := _OLD.match(data, draft.at, stop)) is not None or (old := _TAG.match(data, draft.at, stop)):
        labels = ("Sequence number", "Timestamp", "Host", "Tag", "Process")[-len(old.groups()) :]
        for number, label in enumerate(labels, 1):
            if old[number]:
                draft.take(old.start(number) - draft.at, "separator")
                draft.text(label, len(old[number]))
        draft.take(old.end() - draft.at, "separator")
    _text(draft, "Message", stop)


def _new(draft: Draft, stop: int, digits: int) -> None:
    draft.text("Version", digits)
    for label in ("Timestamp", "Host", "Application", "Process", "Message identifier"):
        draft.take(1, "space")
        size = draft.data.find(b" ", draft.at, stop)
        size = (size if size >= 0 else stop) - draft.at
        draft.text(label, size)
        if draft.at >= stop:
            return
    draft.take(1, "space")
    if draft.data[draft.at : draft.at + 1] == b"-":
        draft.text("Structured data", 1)
    while draft.at < stop and draft.data[draft.at] == 0x5B and _element(draft, stop):
        pass
    if draft.at < stop and draft.data[draft.at] == 0x20:
        draft.take(1, "space")
    if draft.data.startswith(_BOM, draft.at, stop):
        draft.raw("Byte order mark", 3)


def _element(draft: Draft, stop: int) -> bool:
    """One element in square brackets; False where it does not end as one must."""
    with draft.group("Structured data") as group:
        draft.take(1, "bracket")
        here = draft.at
        while here < stop and draft.data[here] not in b" ]":
            here += 1
        if here > draft.at:
            group.display = draft.text("Identifier", here - draft.at)
        while (found := _PARAMETER.match(draft.data, draft.at, stop)) is not None:
            draft.take(1, "space")
            name, value = wire_text(found[1]), wire_text(found[2])
            draft.take(found.end() - draft.at, "parameter")
            draft.add(name, value, found.start(2), len(found[2]), value=value if found[2] else None)
        closed = draft.at < stop and draft.data[draft.at] == 0x5D
        if closed:
            draft.take(1, "bracket")
    return closed


def _text(draft: Draft, label: str, stop: int) -> None:
    size = stop - draft.at
    if size > 0:
        shown = wire_text(draft.data[draft.at : min(stop, draft.at + _MOST_SHOWN)].rstrip(b"\r\n\0"))
        start = draft.at
        draft.take(size, label.lower())
        draft.add(label, shown, start, size, value=shown)
