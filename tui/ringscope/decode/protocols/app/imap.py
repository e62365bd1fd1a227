# SPDX-License-Identifier: Apache-2.0
"""IMAP (RFC 9051, RFC 3501): tagged commands, and replies that carry their tag or none."""

from __future__ import annotations

from ringscope.decode.dialogue import is_text, joined, line_field, lines, rest_lines, to_server
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

_PORTS = (143,)
IMAP = protocol("imap", "IMAP", tcp=_PORTS)

_SHOWN = 8  # lines of a reply that a row names


@IMAP.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """Text."""
    return is_text(data, at, stop)


def _to_server(walk: Walk) -> bool:
    return to_server(walk.ports, _PORTS, walk.from_client)


@IMAP.row
def row(row: Row, at: int, end: int) -> None:
    """The lines of a command or a reply."""
    words = joined(lines(row.data, at, min(end, row.size), _SHOWN))
    row.info = f"{'Request' if _to_server(row) else 'Response'}: {words}"


@IMAP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Each line; of those that begin a command or reply the tag apart."""
    draft = tree.open(IMAP, at, end)
    draft.say()
    stop = min(end, tree.size)
    client = _to_server(tree)
    for _ in range(100):
        if draft.at >= stop:
            return
        if not _has_tag(tree.data, draft.at, stop):
            break
        line_field(draft, "Request" if client else "Response", ("Tag", "Text"))
    rest_lines(draft, stop, "Line")


def _has_tag(data: bytes, at: int, stop: int) -> bool:
    """A star, a plus sign or a word of letters and digits (RFC 9051 section 9), then a space."""
    word = data[at : min(stop, at + 32)].partition(b" ")[0]
    return word in (b"*", b"+") or (word.isalnum() and len(word) < 32)
