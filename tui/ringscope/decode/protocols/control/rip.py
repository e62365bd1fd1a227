# SPDX-License-Identifier: Apache-2.0
"""RIP version 1 (RFC 1058) and 2 (RFC 2453, cryptographic authentication of RFC 4822)."""

from __future__ import annotations

from ringscope.decode.address import ipv4
from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex4, octets, padded_text
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

RIP = protocol("rip", "RIP", role="routing", udp=(520,))

_COMMANDS = {
    1: "Request",
    2: "Response",
    3: "Traceon",
    4: "Traceoff",
    5: "Vendor specific (Sun)",
    7: "Triggered Request",
    8: "Triggered Response",
    9: "Triggered Acknowledgement",
    10: "Triggered Update Response",
    11: "Triggered Update Acknowledgement",
}
_FAMILIES = {0: "whole table", 2: "IPv4", 0xFFFF: "authentication"}
_AUTHENTICATIONS = {1: "route tag", 2: "password", 3: "digest"}
_INFINITY = 16
_AUTHENTICATION = 0xFFFF


@RIP.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """A known command and a version."""
    return stop - at >= 4 and data[at] in _COMMANDS and data[at + 1] < 3


@RIP.row
def row(row: Row, at: int, end: int) -> None:
    """Command and version."""
    row.need(at, 4, end, "RIP header")
    row.protocol = f"RIPv{row.data[at + 1]}"
    row.info = _COMMANDS.get(row.data[at], f"command {row.data[at]}")


@RIP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Header and routes."""
    draft = tree.open(RIP, at, end)
    command = draft.uint("Command", 1, _COMMANDS)
    version = draft.uint("Version", 1)
    draft.title = f"RIPv{version}  {_COMMANDS.get(command, f'command {command}')}"
    draft.uint("Routing domain" if version == 2 else "Reserved", 2)
    while draft.left >= 20:
        if draft.peek(2) == _AUTHENTICATION:
            _authentication(draft)
        else:
            _route(draft, version)
    draft.rest("Data")


def metric(value: int) -> str:
    """A number of hops, of which sixteen are too many."""
    return f"{value} (unreachable)" if value == _INFINITY else str(value)


def _route(draft: Draft, version: int) -> None:
    with draft.group("Route") as group:
        draft.uint("Family", 2, _FAMILIES)
        draft.uint("Route tag" if version == 2 else "Reserved", 2)
        address = ipv4(draft.raw("Network", 4, ipv4))
        if version == 2:
            mask = ipv4(draft.raw("Netmask", 4, ipv4))
            hop = ipv4(draft.raw("Next hop", 4, ipv4))
            group.display = f"{address}/{mask} by {hop}, metric {draft.uint('Metric', 4, metric)}"
        else:
            draft.raw("Reserved bytes", 8)
            group.display = f"{address}, metric {draft.uint('Metric', 4, metric)}"


def _authentication(draft: Draft) -> None:
    kind = draft.peek(2, 2)
    with draft.group("Authentication", _AUTHENTICATIONS.get(kind, f"type {kind}")):
        draft.uint("Family", 2, hex4)
        draft.uint("Type", 2, _AUTHENTICATIONS)
        if kind == 2:
            draft.raw("Password", 16, padded_text)
        elif kind == 3:
            draft.uint("Digest offset", 2)
            draft.uint("Key", 1)
            draft.uint("Digest length", 1)
            draft.uint("Sequence number", 4)
            draft.raw("Reserved bytes", 8)
        elif kind == 1:  # the digest behind the routes
            draft.rest("Digest", octets)
        else:
            draft.raw("Authentication data", 16)
