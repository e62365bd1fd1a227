# SPDX-License-Identifier: Apache-2.0
"""IRC (RFC 1459, RFC 2812), also with tags (IRCv3): lines of a source, a command and parameters."""

from __future__ import annotations

from ringscope.decode.dialogue import is_text, line_field, lines, rest_lines, to_server
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.text import shorten, wire_text
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

_PORTS = (194, 6667)
IRC = protocol("irc", "IRC", tcp=_PORTS)

_SHOWN = 200  # characters of a row
_LONGEST = 20  # letters of a command


@IRC.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """Text that begins with a tag, a source, or a command."""
    return is_text(data, at, stop) and bool(_command(data[at : min(stop, at + 512)].partition(b"\n")[0].rstrip(b"\r")))


def _command(line: bytes) -> bytes:
    """The command of a line, behind its tags and its source; b"" where it has none."""
    for mark in (b"@", b":"):
        if line.startswith(mark):
            line = line.partition(b" ")[2].lstrip(b" ")
    word = line.partition(b" ")[0]
    return word if word.isalnum() and len(word) <= _LONGEST else b""


def _to_server(walk: Walk) -> bool:
    return to_server(walk.ports, _PORTS, walk.from_client)


@IRC.row
def row(row: Row, at: int, end: int) -> None:
    """The commands, and of one alone its parameters."""
    found = [line for line in lines(row.data, at, min(end, row.size)) if line]
    side = "Request" if _to_server(row) else "Response"
    words = " ".join(f"({wire_text(_command(line))})" for line in found if _command(line))
    row.info = shorten(f"{side} {words}", _SHOWN)


@IRC.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Each line; of those without a source the command apart."""
    draft = tree.open(IRC, at, end)
    draft.say()
    stop = min(end, tree.size)
    label = "Request" if _to_server(tree) else "Response"
    for _ in range(100):
        if draft.at >= stop:
            return
        sourced = tree.data[draft.at] in b":@"
        line_field(draft, label, ("Source", "Command") if sourced else ("Command", "Parameters"))
    rest_lines(draft, stop, label)
