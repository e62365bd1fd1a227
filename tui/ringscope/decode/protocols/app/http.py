# SPDX-License-Identifier: Apache-2.0
"""HTTP/1 (RFC 9110, RFC 9112), wherever its body is, and SSDP (UPnP Device Architecture): its header in a datagram."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import replace

from ringscope.decode.draft import Draft
from ringscope.decode.lines import add_line, first_line, header_lines, take_line
from ringscope.decode.memory import Flow
from ringscope.decode.protocols.app.http2 import HTTP2, preface, settings
from ringscope.decode.registry import TCP, UDP, protocol
from ringscope.decode.row import Row
from ringscope.decode.text import shorten, wire_text
from ringscope.decode.tree import Tree

_PORTS = (80, 591, 631, 1900, 2710, 2869, 3128, 3132, 3689, 5985, 8000, 8008, 8080, 8088, 11371)
HTTP = protocol("http", "HTTP", role="http", tcp=_PORTS)
SSDP = protocol("ssdp", "SSDP", role="http", udp=(1900,))

_METHODS = """
GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH QUERY
ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY LABEL LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF
MKWORKSPACE MOVE ORDERPATCH PROPFIND PROPPATCH REBIND REPORT SEARCH UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE
UPDATEREDIRECTREF VERSION-CONTROL
BCOPY BDELETE BMOVE BPROPFIND BPROPPATCH POLL
NOTIFY SUBSCRIBE UNSUBSCRIBE M-SEARCH PURGE DEBUG
RPC_CONNECT RPC_IN_DATA RPC_OUT_DATA CCM_POST SSTP_DUPLEX_POST
"""
"""IANA registry "HTTP Methods"; those of Exchange's WebDAV; UPnP, caches; Microsoft's own."""

_REQUEST = re.compile(rb"(?:%s) [^\r\n]*" % b"|".join(name.encode() for name in _METHODS.split()))
_RESPONSE = re.compile(rb"(?:HTTP/1\.\d|ICY) \d{3}(?= |\r|\n|$)")
_FIRST = sorted({name[0].encode()[0] for name in _METHODS.split()} | {ord("I")})
_CONTENT_TYPE = re.compile(rb"\r?\ncontent-type:[ \t]*([^\r\n;]+)", re.IGNORECASE)
_HEADERS = 8192  # bytes searched for a header
_MOST = 4  # messages of one segment that are named
_MOST_CHUNKS = 50
_MOST_LINES = 60  # of a body that are shown
_TEXTS = r"text/|application/(?:(?:[\w.-]+\+)?(?:json|xml)|javascript|ecmascript|x-www-form-urlencoded|graphql|soap)"
"""Of bodies that can be read; compiled with the first body, which no row shows."""
_ASKED = "http.connect"
"""Fact of a flow: a client wants to be let through."""
_SECOND = "http.2"
"""Fact of a flow: both sides speak HTTP/2."""


@HTTP.magic(TCP, first=_FIRST)
def magic(data: bytes, at: int, stop: int) -> bool:
    """A request line or a status line."""
    if stop - at < 5:
        return False
    if _RESPONSE.match(data, at, stop):
        return True
    found = _REQUEST.match(data, at, stop)
    # A line that goes on beyond the segment cannot show its version; a whole one must.
    return found is not None and (found.end() == stop or found[0].rfind(b" HTTP/1.") > 0)


HTTP.magic(UDP, first=_FIRST, weak=True)(magic)
SSDP.guard(magic)


@HTTP.magic(TCP, first=b"P")
def begins_2(data: bytes, at: int, stop: int) -> bool:
    """What a client of HTTP/2 says first."""
    return preface(data, at, stop)


@HTTP.magic(TCP, first=(0,), weak=True)
def answers_2(data: bytes, at: int, stop: int) -> bool:
    """What a server of HTTP/2 says first."""
    return settings(data, at, stop)


@HTTP.row
@SSDP.row
def row(row: Row, at: int, end: int) -> None:
    """The request or status lines, and the media type of what has a body."""
    data, stop = row.data, min(end, row.size)
    if not _begins(data, at, stop):
        if _is_second(row.flow, data, at, stop):
            row.enter(HTTP2, at, end)
            return
        row.info = "Continuation"
        if row.flow is not None and row.flow.through is HTTP:
            row.through(TCP, at, end)
        return
    words: list[str] = []
    while at < stop and len(words) < _MOST and (not words or magic(data, at, stop)):
        line = first_line(data, at, stop)
        body = _body_at(data, at, stop)
        size = _length(data, at, body)
        if size or data.startswith((b"HTTP/", b"ICY "), at):
            found = _CONTENT_TYPE.search(data, at, min(body, at + _HEADERS))
            line += f"  ({wire_text(found[1].strip())})" if found else ""
        _learn(row.flow, data, at, stop)
        words.append(line)
        at = body + size if size >= 0 and body < stop else stop
    row.info = ", ".join(words)


def _begins(data: bytes, at: int, stop: int) -> bool:
    """Whether a message begins there. On its port it may be one of HTTP/0.9, without a version."""
    return magic(data, at, stop) or data.startswith((b"GET /", b"GET http://"), at, stop)


def _is_second(flow: Flow | None, data: bytes, at: int, stop: int) -> bool:
    """Whether it is HTTP/2: its first bytes tell, or what they told before."""
    if preface(data, at, stop):
        if flow is not None:
            flow.note(_SECOND, 1)
        return True
    return (flow is not None and _SECOND in flow.facts) or settings(data, at, stop)


def _learn(flow: Flow | None, data: bytes, at: int, stop: int) -> None:
    """A proxy that grants a CONNECT lets everything through from there on (RFC 9110 section 9.3.6)."""
    if flow is None:
        return
    if data.startswith(b"CONNECT ", at, stop):
        flow.note(_ASKED, 1)
    elif flow.facts.get(_ASKED) and data.startswith(b"HTTP/1.", at, stop) and data[at + 9 : at + 10] == b"2":
        flow.through = HTTP


def _body_at(data: bytes, at: int, stop: int) -> int:
    """Where the body of a message begins; `stop` when its header does not end here."""
    found = [place + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if (place := data.find(mark, at, stop)) >= 0]
    return min(found, default=stop)


def _header(data: bytes, name: bytes, at: int, body: int) -> bytes:
    """The value of a header, in lower case."""
    lowered = data[at:body].lower()
    place = lowered.find(b"\n" + name + b":")
    if place < 0:
        return b""
    place += len(name) + 2
    stop = lowered.find(b"\n", place)
    return lowered[place : None if stop < 0 else stop].strip()


def _length(data: bytes, at: int, body: int) -> int:
    """How long the body is, as far as its header says; -1 where it does not, or where chunks say it."""
    if _header(data, b"transfer-encoding", at, body):
        return -1
    size = _header(data, b"content-length", at, body)
    if size.isdigit() and len(size) < 19:
        return int(size)
    if data.startswith(b"ICY", at):
        return -1
    status = data[at + 9 : at + 12] if data.startswith(b"HTTP/1.", at) else b"1"
    return 0 if status[:1] == b"1" or status in (b"204", b"304") else -1


@HTTP.layer
def http(tree: Tree, at: int, end: int) -> None:
    """First line and headers, each with its bytes, and what of the body is in this segment."""
    draft = tree.open(HTTP, at, end)
    stop = min(end, tree.size)
    if not _begins(tree.data, at, stop) and _is_second(tree.flow, tree.data, at, stop):
        tree.enter(HTTP2, at, end)
        return
    if tree.flow is not None and tree.flow.through is HTTP and not _begins(tree.data, at, stop):
        draft.title = "HTTP  through a proxy"
        tree.through(TCP, at, end)
        return
    _messages(draft)


@SSDP.layer
def ssdp(tree: Tree, at: int, end: int) -> None:
    """First line and headers."""
    _messages(tree.open(SSDP, at, end))


def _messages(draft: Draft) -> None:
    tree, at = draft.tree, draft.at
    stop = min(draft.end, tree.size)
    if not _begins(tree.data, at, stop):
        draft.title = f"{draft.protocol.title}  Continuation"
        draft.raw("Body", stop - at, lambda _: f"{stop - at} bytes")
        return
    draft.title = f"{draft.protocol.title}  {shorten(tree.words(draft.protocol, at, draft.end), 160)}"
    for _ in range(_MOST):
        _message(draft, stop)
        if draft.at >= stop or not magic(tree.data, draft.at, stop):
            return


def _message(draft: Draft, stop: int) -> None:
    at = draft.at
    _learn(draft.tree.flow, draft.data, at, stop)
    _first(draft)
    first = len(draft.fields)
    if not header_lines(draft):
        return
    _explain(draft, first)
    size = _length(draft.data, at, draft.at)
    kind = _header(draft.data, b"content-type", at, draft.at).decode("latin-1")
    readable = bool(re.match(_TEXTS, kind, re.IGNORECASE)) and not _header(
        draft.data, b"content-encoding", at, draft.at
    )
    if b"chunked" in _header(draft.data, b"transfer-encoding", at, draft.at):
        _chunks(draft, stop, readable)
    elif size and draft.at < stop:
        _body(draft, stop if size < 0 else min(draft.at + size, stop), size, readable)


def _first(draft: Draft) -> None:
    """The line, and below it its parts."""
    at = draft.at
    line, size = take_line(draft)
    status = line.startswith((b"HTTP/", b"ICY"))
    add_line(draft, "Status" if status else "Request", line, size)
    parts = line.split(b" ", 2) if status else [line[: (found := line.find(b" "))], *line[found + 1 :].rsplit(b" ", 1)]
    labels = ("Version", "Status code", "Reason") if status else ("Method", "Target", "Version")
    draft.depth += 1
    for label, part in zip(labels, parts, strict=False):
        if part and len(part) < 2000:
            text = wire_text(part)
            draft.add(label, text, at, len(part), value=text)
        at += len(part) + 1
    draft.depth -= 1


def _explain(draft: Draft, first: int) -> None:
    """Notes on headers whose text says more than it shows."""
    for place in range(first, len(draft.fields)):
        field = draft.fields[place]
        scheme, _, secret = field.display.partition(" ")
        if field.name.lower() in ("authorization", "proxy-authorization") and scheme.lower() == "basic":
            try:
                words = wire_text(b64decode(secret.strip(), validate=True))
            except (NotBase64, ValueError):
                continue
            draft.fields[place] = replace(field, note=f"{shorten(words, 200)}, from its Base64")


def _body(draft: Draft, stop: int, size: int, readable: bool) -> None:
    here = stop - draft.at
    words = f"{here} bytes" if size in (here, -1) else f"{here} of {size} bytes"
    with draft.group("Body", words):
        _content(draft, stop, readable)


def _content(draft: Draft, stop: int, readable: bool) -> None:
    """Text line by line, all else as bytes."""
    for _ in range(_MOST_LINES if readable else 0):
        if draft.at >= stop:
            return
        found = draft.data.find(b"\n", draft.at, stop)
        after = stop if found < 0 else found + 1
        add_line(draft, "Line", draft.data[draft.at : after].rstrip(b"\r\n"), after - draft.at)
    size = stop - draft.at
    if size > 0:
        draft.raw("Data", size, lambda _: f"{size} bytes")


def _chunks(draft: Draft, stop: int, readable: bool) -> None:
    """RFC 9112 section 7.1; the last chunk that begins here may end elsewhere."""
    for _ in range(_MOST_CHUNKS):
        found = draft.data.find(b"\n", draft.at, stop)
        if found < 0:
            return
        try:
            size = int(draft.data[draft.at : found].split(b";", 1)[0].strip() or b"-", 16)
        except ValueError:
            return
        if size < 0:
            return
        with draft.group("Chunk", f"{size} bytes") as group:
            add_line(draft, "Size", draft.data[draft.at : found].rstrip(b"\r"), found + 1 - draft.at)
            last = min(draft.at + size, stop)
            if last < draft.at + size:
                group.display += f", {last - draft.at} here"
            _content(draft, last, readable)
            if size and draft.data[draft.at : draft.at + 2] == b"\r\n" and draft.at + 2 <= stop:
                draft.take(2, "chunk end")
        if not size:
            header_lines(draft)
            return
        if draft.at >= stop:
            return
