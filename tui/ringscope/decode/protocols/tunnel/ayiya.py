# SPDX-License-Identifier: Apache-2.0
"""AYIYA (draft-massar-v6ops-ayiya): IPv6 in UDP for who has no fixed address, signed."""

from __future__ import annotations

from ringscope.decode.forms import ip_number, octets, plain
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

AYIYA = protocol("ayiya", "AYIYA", udp=(5072,))

_OPERATIONS = {0: "no operation", 1: "forward", 2: "echo request", 3: "echo request and forward", 4: "echo response"}
_FORWARD = (1, 3)


@AYIYA.row
def row(row: Row, at: int, end: int) -> None:
    """The packet inside."""
    row.need(at, 8, end, "AYIYA header")
    identity, signature, operation = 1 << (row.data[at] >> 4), row.data[at + 1] >> 4, row.data[at + 2] & 15
    row.info = _OPERATIONS.get(operation, f"operation {operation}")
    place = at + 8 + identity + signature * 4
    row.need(at, place - at, end, "AYIYA header")
    if operation in _FORWARD:
        row.by_ip(row.data[at + 3], place, end)


@AYIYA.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Header, identity, signature."""
    draft = tree.open(AYIYA, at, end)
    power, _ = draft.bits(1, ("Identity length (power of two)", 4, plain), ("Identity type", 4, plain))
    words, _ = draft.bits(1, ("Signature length (words)", 4, plain), ("Hash", 4, {1: "MD5", 2: "SHA1"}))
    _, operation = draft.bits(1, ("Authentication", 4, plain), ("Operation", 4, _OPERATIONS))
    following = draft.uint("Next header", 1, ip_number)
    draft.uint("Epoch time", 4)
    draft.raw("Identity", 1 << power, octets)
    draft.raw("Signature", words * 4, octets)
    draft.title = f"AYIYA  {_OPERATIONS.get(operation, f'operation {operation}')}"
    if operation in _FORWARD:
        tree.by_ip(following, draft.at, end)
