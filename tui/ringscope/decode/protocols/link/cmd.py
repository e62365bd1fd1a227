# SPDX-License-Identifier: Apache-2.0
"""Cisco MetaData (Cisco TrustSec): the security group of a frame, before its own type; in GRE behind it."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.forms import ethertype, plain
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

CMD = protocol("cmd", "CMD", ethertype=(0x8909,))
IN_GRE = protocol("cmd", "CMD")

_HEADER = 8


@CMD.row
def row(row: Row, at: int, end: int) -> None:
    """The group, where nothing inside is known."""
    row.need(at, _HEADER, end, "MetaData header")
    group, kind = unpack_from(">HH", row.data, at + 4)
    row.info = f"security group {group}"
    row.by_ethertype(kind, at + _HEADER, end)


@IN_GRE.row
def row_in_gre(row: Row, at: int, end: int) -> None:
    """The same, with the type first."""
    row.need(at, _HEADER, end, "MetaData header")
    kind, group = unpack_from(">H4xH", row.data, at)
    row.info = f"security group {group}"
    row.by_ethertype(kind, at + _HEADER, end)


@CMD.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header with its one option."""
    draft = tree.open(CMD, at, end, "Cisco MetaData")
    _option(draft)
    tree.by_ethertype(draft.uint("Type", 2, ethertype), draft.at, end)


@IN_GRE.layer
def layer_in_gre(tree: Tree, at: int, end: int) -> None:
    """The same, with the type first."""
    draft = tree.open(IN_GRE, at, end, "Cisco MetaData")
    kind = draft.uint("Type", 2, ethertype)
    _option(draft)
    tree.by_ethertype(kind, draft.at, end)


def _option(draft: Draft) -> None:
    draft.uint("Version", 1)
    draft.uint("Length", 1)
    draft.bits(2, ("Option length", 4, plain), ("Option type", 12, plain))
    draft.title = f"Cisco MetaData  security group {draft.uint('Security group', 2)}"
