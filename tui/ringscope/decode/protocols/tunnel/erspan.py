# SPDX-License-Identifier: Apache-2.0
"""ERSPAN (draft-foschiano-erspan): mirrored Ethernet frames in GRE, behind nothing (type I), behind eight bytes
(type II), or behind twelve and eight more (type III)."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex2, hex8, is_set, plain
from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

ERSPAN = protocol("erspan", "ERSPAN")
TYPE_1 = protocol("erspan", "ERSPAN")

_TYPE_2, _TYPE_3 = 1, 2
_PLATFORM = 0x01
_FRAMES = {0: "Ethernet", 1: "802.11", 2: "IP"}
_IP = 2
_TIMES = {0: "100 µs", 1: "100 ns", 2: "IEEE 1588", 3: "by the platform"}


def _carried(walk: Walk, kind: int, at: int, end: int) -> None:
    if kind == _IP:
        walk.by_ip_version(at, end)
    else:
        walk.enter(PROTOCOLS["eth"], at, end)


@TYPE_1.row
def bare_row(row: Row, at: int, end: int) -> None:
    """The frame inside."""
    row.enter(PROTOCOLS["eth"], at, end)


@TYPE_1.layer
def bare_layer(tree: Tree, at: int, end: int) -> None:
    """No bytes at all."""
    tree.open(TYPE_1, at, end, "ERSPAN type I").computed("Type", "I", "from the missing sequence number of GRE")
    tree.enter(PROTOCOLS["eth"], at, end)


@ERSPAN.row
def row(row: Row, at: int, end: int) -> None:
    """The frame inside. Raises Malformed for another version."""
    row.need(at, 8, end, "ERSPAN header")
    version = row.data[at] >> 4
    row.info = f"session {(row.data[at + 2] << 8 | row.data[at + 3]) & 0x3FF}"
    if version == _TYPE_2:
        row.enter(PROTOCOLS["eth"], at + 8, end)
        return
    if version != _TYPE_3:
        raise Malformed(f"ERSPAN version {version}")
    row.need(at, 12, end, "ERSPAN header")
    kind = row.data[at + 10] >> 2 & 0x1F
    _carried(row, kind, at + (20 if row.data[at + 11] & _PLATFORM else 12), end)


@ERSPAN.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(ERSPAN, at, end)
    version = draft.bits(2, ("Version", 4, {_TYPE_2: "type II", _TYPE_3: "type III"}), ("VLAN", 12, plain))[0]
    session = draft.bits(
        2, ("Class of service", 3, plain), ("Encapsulation", 2, plain), ("Truncated", 1, is_set), ("Session", 10, plain)
    )[3]
    if version == _TYPE_2:
        draft.bits(4, ("Reserved", 12, plain), ("Index", 20, plain))
        draft.title = f"ERSPAN type II  session {session}"
        tree.enter(PROTOCOLS["eth"], draft.at, end)
        return
    if version != _TYPE_3:
        raise Malformed(f"ERSPAN version {version}")
    draft.title = f"ERSPAN type III  session {session}"
    _carried(tree, _type_3(draft), draft.at, end)


def _type_3(draft: Draft) -> int:
    """What the third type has more; returns the kind of frame."""
    draft.uint("Timestamp", 4)
    draft.uint("Security group", 2)
    _, kind, _, _, _, platform = draft.bits(
        2,
        ("Frame is whole", 1, is_set),
        ("Frame type", 5, _FRAMES),
        ("Hardware", 6, plain),
        ("Direction", 1, {0: "ingress", 1: "egress"}),
        ("Granularity", 2, _TIMES),
        ("Platform header present", 1, is_set),
    )
    if platform:
        with draft.group("Platform header") as group:
            group.display = hex2(draft.bits(4, ("Platform", 6, plain), ("Information", 26, plain))[0])
            draft.uint("Information", 4, hex8)
    return kind
