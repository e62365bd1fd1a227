# SPDX-License-Identifier: Apache-2.0
"""Solaris ipnet devices (LINKTYPE_IPNET at tcpdump.org): zones and hook before an IP packet."""

from __future__ import annotations

from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

IPNET = protocol("ipnet", "IPNET", link=(226,))

_FAMILIES = {2: "IPv4", 26: "IPv6"}
_HOOKS = {0: "inbound", 1: "outbound", 2: "local"}


@IPNET.row
def row(row: Row, at: int, end: int) -> None:
    """The packet inside."""
    row.need(at, 24, end, "ipnet header")
    row.by_ip_version(at + 24, end)


@IPNET.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(IPNET, at, end, "Solaris ipnet")
    draft.uint("Version", 1)
    draft.uint("Family", 1, _FAMILIES)
    draft.uint("Hook", 2, _HOOKS)
    draft.uint("Data length", 4)
    draft.uint("Interface index", 4)
    draft.uint("Group interface index", 4)
    draft.uint("Source zone", 4)
    draft.uint("Destination zone", 4)
    tree.by_ip_version(draft.at, end)
