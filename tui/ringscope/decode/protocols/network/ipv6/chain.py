# SPDX-License-Identifier: Apache-2.0
"""From one header of the chain to the next."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import ip_number
from ringscope.decode.names import ip_protocol
from ringscope.decode.registry import Protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

NO_NEXT = 59


def next_row(row: Row, following: int, at: int, end: int) -> None:
    """Go on with the header of this number."""
    if following == NO_NEXT:
        row.info = "IPv6 no next header"
    else:
        row.by_ip(following, at, end)


def next_layer(tree: Tree, following: int, at: int, end: int) -> None:
    """Go on with the header of this number."""
    if following != NO_NEXT:
        tree.by_ip(following, at, end)


def extension_row(row: Row, at: int, end: int) -> None:
    """An extension header that says nothing in a row: on to the next one."""
    row.need(at, 8, end, "IPv6 extension header")
    size = (row.data[at + 1] + 1) * 8
    row.need(at, size, end, "IPv6 extension header")
    next_row(row, row.data[at], at + size, end)


def extension(kind: Protocol, title: str, tree: Tree, at: int, end: int) -> tuple[Draft, int]:
    """Open an extension header that tells its length; returns the draft, which ends with it, and what follows."""
    draft = tree.open(kind, at, end, title)
    following = draft.uint("Next header", 1, ip_number)
    draft.title = f"{title}  next {ip_protocol(following)}"
    size = (draft.uint("Length", 1, lambda value: f"{value} ({value * 8 + 8} bytes)") + 1) * 8
    tree.need(at, size, end, title)
    draft.end = at + size
    return draft, following
