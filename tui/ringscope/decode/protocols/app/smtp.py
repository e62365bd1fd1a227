# SPDX-License-Identifier: Apache-2.0
"""SMTP (RFC 5321) with its extensions for pipelining (RFC 2920), authentication (RFC 4954), TLS (RFC 3207) and chunks
(RFC 3030), and LMTP (RFC 2033), which differs in its greeting."""

from __future__ import annotations

from itertools import pairwise

from ringscope.decode.dialogue import (
    is_reply,
    is_text,
    joined,
    line_field,
    lines,
    reply_field,
    rest_lines,
    to_server,
    verb,
)
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

_PORTS = (24, 25, 587)
SMTP = protocol("smtp", "SMTP", tcp=_PORTS)

_VERBS = frozenset(
    (
        "HELO", "EHLO", "LHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "VRFY", "EXPN", "HELP", "NOOP", "QUIT", "AUTH",
        "STARTTLS", "SEND", "SOML", "SAML", "TURN", "ETRN", "ATRN", "BURL", "XCLIENT", "XFORWARD",
    )
)  # fmt: skip
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_CREDENTIAL = 1024  # bytes of a line that answers a server's challenge


@SMTP.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """Text."""
    return is_text(data, at, stop)


def _is_command(data: bytes, at: int, stop: int) -> bool:
    return verb(data, at, stop) in _VERBS


def _is_credential(data: bytes, at: int, stop: int) -> bool:
    """A line of Base64 alone answers a challenge of the server (RFC 4954 section 4)."""
    line = data[at:stop]
    if stop - at > _CREDENTIAL or not line.endswith(b"\n"):
        return False
    line = line.rstrip(b"\r\n")
    return len(line) > 3 and len(line) % 4 == 0 and not line.translate(None, _BASE64)


def _to_server(walk: Walk) -> bool:
    return to_server(walk.ports, _PORTS, walk.from_client)


@SMTP.row
def row(row: Row, at: int, end: int) -> None:
    """Commands, replies, or how much there is of a message."""
    data, stop = row.data, min(end, row.size)
    if _to_server(row):
        if _is_command(data, at, stop) or _is_credential(data, at, stop):
            row.info = f"C: {joined(lines(data, at, stop))}"
        else:
            row.info = f"C: DATA fragment, {end - at} bytes"
        return
    found = lines(data, at, stop)
    words = [found[0]]
    for before, line in pairwise(found):
        # The number of a reply stands on each of its lines; once is enough.
        words.append(line[4:] if before[3:4] == b"-" and line[:3] == before[:3] else line)
    row.info = f"S: {joined(words)}"


@SMTP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Each command and reply with its parts, or the lines of a message."""
    draft = tree.open(SMTP, at, end)
    draft.say()
    stop = min(end, tree.size)
    client = _to_server(tree)
    for _ in range(100):
        if draft.at >= stop:
            return
        if client and _is_command(tree.data, draft.at, stop):
            line_field(draft, "Command", ("Verb", "Argument"))
        elif not client and is_reply(tree.data, draft.at, stop):
            reply_field(draft, "Reply")
        else:
            break
    rest_lines(draft, stop, "Line")
