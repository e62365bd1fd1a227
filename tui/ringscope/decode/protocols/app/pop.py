# SPDX-License-Identifier: Apache-2.0
"""POP3 (RFC 1939) with its extensions (RFC 2449, RFC 5034, RFC 2595)."""

from __future__ import annotations

from ringscope.decode.dialogue import is_text, joined, line_field, lines, rest_lines, to_server, verb
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

_PORTS = (110,)
POP = protocol("pop", "POP", tcp=_PORTS)

_VERBS = frozenset(
    (
        "USER", "PASS", "APOP", "STAT", "LIST", "RETR", "DELE", "NOOP", "RSET", "QUIT", "TOP", "UIDL", "CAPA", "AUTH",
        "STLS", "UTF8", "LANG", "XTND",
    )
)  # fmt: skip
_STATUS = (b"+OK", b"-ERR", b"+ ")


@POP.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """Text."""
    return is_text(data, at, stop)


def _to_server(walk: Walk) -> bool:
    return to_server(walk.ports, _PORTS, walk.from_client)


def _is_line(data: bytes, at: int, stop: int, client: bool) -> bool:
    return verb(data, at, stop) in _VERBS if client else data.startswith(_STATUS, at, stop)


@POP.row
def row(row: Row, at: int, end: int) -> None:
    """A command, a reply, or how much there is of a message."""
    data, stop = row.data, min(end, row.size)
    client = _to_server(row)
    if _is_line(data, at, stop, client):
        words = joined(lines(data, at, stop, 1 if not client else 8))
    else:
        words = f"DATA fragment, {end - at} bytes"
    row.info = f"{'C' if client else 'S'}: {words}"


@POP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Commands, the status of a reply, and the lines behind it."""
    draft = tree.open(POP, at, end)
    draft.say()
    stop = min(end, tree.size)
    client = _to_server(tree)
    for _ in range(100):
        if draft.at >= stop or not _is_line(tree.data, draft.at, stop, client):
            break
        if client:
            line_field(draft, "Command", ("Verb", "Argument"))
        else:
            line_field(draft, "Reply", ("Status", "Text"))
    if draft.at < stop:
        rest_lines(draft, stop, "Line")
