# SPDX-License-Identifier: Apache-2.0
"""HTTP/1 (RFC 9112), wherever its body is, and SSDP (UPnP Device Architecture): its header in a datagram."""

from __future__ import annotations

import re

from ringscope.decode.lines import add_line, first_line, header_lines, take_line
from ringscope.decode.registry import TCP, UDP, Protocol, protocol
from ringscope.decode.row import Row
from ringscope.decode.text import shorten, wire_text
from ringscope.decode.tree import Tree

HTTP = protocol("http", "HTTP", role="http")
SSDP = protocol("ssdp", "SSDP", role="http", udp=(1900,))

_REQUEST = re.compile(
    rb"(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PROPFIND|PROPPATCH|MKCOL|COPY|MOVE|LOCK|UNLOCK|REPORT"
    rb"|SEARCH|PURGE|NOTIFY|SUBSCRIBE|UNSUBSCRIBE|M-SEARCH|RPC_IN_DATA|RPC_OUT_DATA|BASELINE-CONTROL|MKACTIVITY"
    rb"|CHECKOUT|MERGE) [^\r\n]*"
)
_RESPONSE = re.compile(rb"HTTP/1\.\d \d{3}")
_FIRST = b"GHPDCOTMLURSNB"
_CONTENT_TYPE = re.compile(rb"\r?\ncontent-type:[ \t]*([^\r\n;]+)", re.IGNORECASE)
_HEADERS = 8192  # bytes searched for a header


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


@HTTP.row
@SSDP.row
def row(row: Row, at: int, end: int) -> None:
    """The request or status line, and for a response its media type."""
    stop = min(end, row.size)
    if not magic(row.data, at, stop):
        row.info = "Continuation"
        return
    row.info = first_line(row.data, at, stop)
    if row.data.startswith(b"HTTP/", at):
        found = _CONTENT_TYPE.search(row.data, at, min(stop, at + _HEADERS))
        if found:
            row.info += f"  ({wire_text(found[1].strip())})"


def _layer(kind: Protocol, tree: Tree, at: int, end: int) -> None:
    draft = tree.open(kind, at, end)
    stop = min(end, tree.size)
    if not magic(tree.data, at, stop):
        draft.title = f"{kind.title}  Continuation"
        draft.rest("Body")
        return
    draft.title = f"{kind.title}  {shorten(first_line(tree.data, at, stop), 120)}"
    line, size = take_line(draft)
    add_line(draft, "Status" if line.startswith(b"HTTP/") else "Request", line, size)
    header_lines(draft)


@HTTP.layer
def http(tree: Tree, at: int, end: int) -> None:
    """First line and headers, each with its bytes; the body is left to the data layer."""
    _layer(HTTP, tree, at, end)


@SSDP.layer
def ssdp(tree: Tree, at: int, end: int) -> None:
    """First line and headers."""
    _layer(SSDP, tree, at, end)
