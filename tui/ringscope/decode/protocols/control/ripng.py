# SPDX-License-Identifier: Apache-2.0
"""RIPng (RFC 2080)."""

from __future__ import annotations

from ringscope.decode.address import ipv6
from ringscope.decode.draft import Draft
from ringscope.decode.protocols.control.rip import metric
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

RIPNG = protocol("ripng", "RIPng", role="routing", udp=(521,))

_COMMANDS = {1: "Request", 2: "Response"}
_NEXT_HOP = 0xFF


@RIPNG.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """A known command, and routes of twenty bytes."""
    return stop - at >= 4 and data[at] in _COMMANDS and data[at + 1] == 1


@RIPNG.row
def row(row: Row, at: int, end: int) -> None:
    """Command and version."""
    row.need(at, 4, end, "RIPng header")
    row.info = f"Command {_COMMANDS.get(row.data[at], str(row.data[at]))}, Version {row.data[at + 1]}"


@RIPNG.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Header and routes; one of a metric that no route has tells the next hop of those behind it."""
    draft = tree.open(RIPNG, at, end)
    draft.say()
    draft.uint("Command", 1, _COMMANDS)
    draft.uint("Version", 1)
    draft.uint("Reserved", 2)
    while draft.left >= 20:
        _route(draft)
    draft.rest("Data")


def _route(draft: Draft) -> None:
    hop = draft.peek(1, 19) == _NEXT_HOP
    with draft.group("Next hop" if hop else "Route") as group:
        address = ipv6(draft.raw("Address" if hop else "Prefix", 16, ipv6))
        draft.uint("Reserved" if hop else "Route tag", 2)
        length = draft.uint("Reserved" if hop else "Prefix length", 1)
        hops = draft.uint("Metric", 1, metric)
        group.display = address if hop else f"{address}/{length}, metric {hops}"
