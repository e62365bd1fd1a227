# SPDX-License-Identifier: Apache-2.0
"""SIP (RFC 3261): requests and answers as lines of text, and of SDP (RFC 8866) in them the media that it announces."""

from __future__ import annotations

from ringscope.decode.dialogue import line_field
from ringscope.decode.lines import add_line, first_line, header_lines, take_line
from ringscope.decode.protocols.app.rtp import RTCP, RTP
from ringscope.decode.registry import TCP, UDP, protocol
from ringscope.decode.row import Row
from ringscope.decode.text import shorten, wire_text
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

_PORTS = (5060,)
SIP = protocol("sip", "SIP", tcp=_PORTS, udp=_PORTS, sctp=_PORTS)
SDP = protocol("sdp", "SDP")

_METHODS = (
    b"INVITE ", b"ACK ", b"BYE ", b"CANCEL ", b"OPTIONS ", b"REGISTER ", b"PRACK ", b"SUBSCRIBE ", b"NOTIFY ",
    b"PUBLISH ", b"INFO ", b"REFER ", b"MESSAGE ", b"UPDATE ",
)  # fmt: skip
_FIRST = b"IABCORPSNMU"
_VERSION = b"SIP/2.0"
_LINE = 4096  # bytes of a first line
_MOST_LINES = 200  # of a session
_HEADERS = 8192  # bytes searched for a header
_KINDS = {
    b"v": "Version",
    b"o": "Origin",
    b"s": "Session name",
    b"i": "Information",
    b"u": "URI",
    b"e": "E-mail",
    b"p": "Phone",
    b"c": "Connection",
    b"b": "Bandwidth",
    b"t": "Time",
    b"r": "Repeat",
    b"z": "Time zones",
    b"k": "Key",
    b"a": "Attribute",
    b"m": "Media",
}


@SIP.magic(TCP, first=_FIRST)
@SIP.magic(UDP, first=_FIRST)
@SIP.guard
def magic(data: bytes, at: int, stop: int) -> bool:
    """A request line or a status line; one that the capture cut is believed as far as it goes."""
    if data.startswith(_VERSION + b" ", at, stop):
        return data[at + 8 : at + 11].isdigit()
    if not data.startswith(_METHODS, at, stop):
        return False
    end = data.find(b"\n", at, min(stop, at + _LINE))
    return end >= 0 and data[at:end].rstrip(b"\r").endswith(_VERSION)


def _body_at(data: bytes, at: int, stop: int) -> int:
    """Where the body begins; `stop` when the header does not end here."""
    found = data.find(b"\r\n\r\n", at, stop)
    return stop if found < 0 else found + 4


def _values(data: bytes, at: int, body: int, *names: bytes) -> list[bytes]:
    """The values of the headers with one of these names, in lower case."""
    found = []
    for line in data[at : min(body, at + _HEADERS)].lower().split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip() in names:
            found.append(value.strip())
    return found


def _has_session(data: bytes, at: int, body: int, stop: int) -> bool:
    """Whether a description of a session is the body."""
    return body < stop and _values(data, at, body, b"content-type", b"c")[:1] == [b"application/sdp"]


def _learn(walk: Walk, at: int, stop: int) -> None:
    """The ends of the media that a session announces (RFC 8866 sections 5.7 and 5.14); an address behind the media
    holds for it, one before for all."""
    if walk.memory is None:
        return
    session, port, media = "", 0, False
    for line in walk.data[at:stop].split(b"\n", _MOST_LINES)[:_MOST_LINES]:
        words = line.strip().split(b" ")
        if words[0] == b"c=IN" and len(words) > 2:
            address = words[2].partition(b"/")[0].decode("latin-1")
            session = session if media else address
            _expect(walk, address, port)
        elif words[0].startswith(b"m="):
            port, media = _media_port(words), True
            _expect(walk, session, port)


def _media_port(words: list[bytes]) -> int:
    """The port of media that RTP carries, 0 of others and of those that are refused."""
    if len(words) < 3 or not words[2].startswith((b"RTP/", b"UDP/TLS/RTP/")):
        return 0
    port = words[1].partition(b"/")[0]
    return int(port) if port.isdigit() and len(port) < 6 and int(port) < 65535 else 0


def _expect(walk: Walk, address: str, port: int) -> None:
    if walk.memory is not None and address and port:
        walk.memory.expect("udp", (address, port), RTP)
        walk.memory.expect("udp", (address, port + 1), RTCP)


@SIP.row
def row(row: Row, at: int, end: int) -> None:
    """The request and whom it is for, or the status."""
    data, stop = row.data, min(end, row.size)
    line = first_line(data, at, stop)
    body = _body_at(data, at, stop)
    if not magic(data, at, stop):
        row.info = "Continuation"
        return
    if data.startswith(_VERSION, at):
        row.info = f"Status: {line[8:]}"
    else:
        row.info = f"Request: {line[: -len(_VERSION)].rstrip()}"
        if data.startswith(b"REGISTER", at):
            row.info += f"  ({_bindings(data, at, body)})"
    if _has_session(data, at, body, stop):
        row.names.append(SDP.name)
        row.protocol = "SIP/SDP"
        _learn(row, body, stop)


def _bindings(data: bytes, at: int, body: int) -> str:
    """What a registration wants of the addresses that are bound to a name (RFC 3261 section 10.2)."""
    contacts = [contact for value in _values(data, at, body, b"contact", b"m") for contact in value.split(b",")]
    if not contacts:
        return "fetch bindings"
    if contacts == [b"*"]:
        return "remove all bindings"
    kind = "remove " if _values(data, at, body, b"expires") == [b"0"] else ""
    return f"{kind}{len(contacts)} binding{'s' if len(contacts) > 1 else ''}"


@SIP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """First line and headers, each with its bytes, and the body."""
    draft = tree.open(SIP, at, end)
    draft.say()
    stop = min(end, tree.size)
    body = _body_at(tree.data, at, stop)
    if not magic(tree.data, at, stop):
        draft.raw("Data", stop - at)
        return
    if tree.data.startswith(_VERSION, at):
        line_field(draft, "Status", ("Version", "Reason"))
    else:
        line_field(draft, "Request", ("Method", "Target"))
    if not header_lines(draft) or draft.at >= stop:
        return
    if _has_session(tree.data, at, body, stop):
        _learn(tree, body, stop)
        _session(tree, body, end)
        return
    size = stop - draft.at
    draft.raw("Body", size, lambda raw: shorten(wire_text(raw), 2000))


def _session(tree: Tree, at: int, end: int) -> None:
    draft = tree.open(SDP, at, end, "SDP  session description")
    stop = min(end, tree.size)
    for _ in range(200):
        line, size = take_line(draft)
        if not size:
            break
        kind, equals, _ = line.partition(b"=")
        add_line(draft, _KINDS.get(kind, "Line") if equals else "Line", line.partition(b"=")[2] or line, size)
    if draft.at < stop:
        draft.raw("Data", stop - draft.at)
