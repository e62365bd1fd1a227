# SPDX-License-Identifier: Apache-2.0
"""Cisco FabricPath: a whole frame behind the addresses of two switches and a tag (Cisco's "FabricPath Switching", and
the dissector of Wireshark). The addresses before it are those of an ordinary Ethernet header."""

from __future__ import annotations

from ringscope.decode.forms import plain
from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

CFP = protocol("cfp", "FabricPath", ethertype=(0x8903,))

_TAG = 2


@CFP.row
def row(row: Row, at: int, end: int) -> None:
    """What is inside."""
    row.need(at, _TAG, end, "FabricPath tag")
    row.enter(PROTOCOLS["eth"], at + _TAG, end)


@CFP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The tag: which tree of the fabric the frame takes, and how many switches more."""
    draft = tree.open(CFP, at, end)
    number, hops = draft.bits(_TAG, ("Forwarding tag", 10, plain), ("Time to live", 6, plain))
    draft.title = f"FabricPath  tree {number}, TTL {hops}"
    tree.enter(PROTOCOLS["eth"], draft.at, end)
