# SPDX-License-Identifier: Apache-2.0
"""SSH: its identification string (RFC 4253 section 4.2); what follows is binary and has no mark of its own."""

from __future__ import annotations

from ringscope.decode.lines import add_line, first_line, take_line
from ringscope.decode.registry import TCP, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

SSH = protocol("ssh", "SSHv2", role="tcp", tcp=(22,))


@SSH.magic(TCP, first=b"S")
def magic(data: bytes, at: int, stop: int) -> bool:
    """The beginning of the string."""
    return data.startswith((b"SSH-2.0-", b"SSH-1."), at, stop)


@SSH.row
def row(row: Row, at: int, end: int) -> None:
    """The string."""
    if row.data.startswith(b"SSH-1.5", at):
        row.protocol = "SSHv1"
    if row.data.startswith(b"SSH-", at):
        row.info = f"Protocol ({first_line(row.data, at, min(end, row.size))})"
    else:
        row.info = f"Encrypted packet (len={end - at})"


@SSH.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The string; binary packets are left to the data layer."""
    draft = tree.open(SSH, at, end, "SSH")
    if not tree.data.startswith(b"SSH-", at):
        draft.title = f"SSH  {tree.words(SSH, at, end)}"
        return
    line, size = take_line(draft)
    add_line(draft, "Protocol", line, size)
    draft.title = f"SSH  {first_line(tree.data, at, min(end, tree.size))}"
