# SPDX-License-Identifier: Apache-2.0
"""LISP's data (RFC 9300): a packet of IP between two places where its addresses are not routed."""

from __future__ import annotations

from ringscope.decode.forms import hex2, hex6, hex8, is_set, plain
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

LISP = protocol("lisp-data", "LISP Data", udp=(4341,))

_NONCE, _VERSIONS, _INSTANCE = 0x80, 0x10, 0x08


@LISP.row
def row(row: Row, at: int, end: int) -> None:
    """The packet inside."""
    row.need(at, 8, end, "LISP header")
    row.info = f"{max(end - at - 8, 0)} bytes"
    row.by_ip_version(at + 8, end)


@LISP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header, whose flags say what its words are."""
    draft = tree.open(LISP, at, end)
    flags = draft.flags(
        "Flags",
        1,
        hex2,
        ("Nonce present", 1, is_set),
        ("Locator status bits", 1, is_set),
        ("Echo nonce request", 1, is_set),
        ("Map version present", 1, is_set),
        ("Instance identifier present", 1, is_set),
        ("Reserved", 3, plain),
    )[0]
    if flags & _VERSIONS:
        draft.bits(3, ("Source map version", 12, plain), ("Destination map version", 12, plain))
    else:
        draft.uint("Nonce", 3, hex6, note="" if flags & _NONCE else "not used")
    if flags & _INSTANCE:
        instance = draft.uint("Instance identifier", 3)
        draft.uint("Locator status", 1, hex2)
        draft.title += f"  instance {instance}"
    else:
        draft.uint("Locator status", 4, hex8)
    tree.by_ip_version(draft.at, end)
