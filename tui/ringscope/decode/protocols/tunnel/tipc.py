# SPDX-License-Identifier: Apache-2.0
"""TIPC (linux/tipc.h, draft-spec-tipc): messages between the nodes of a cluster, in Ethernet or UDP. Message headers
have six to fifteen words; their meaning depends on who uses them."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import is_set, plain, words4
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

TIPC = protocol("tipc", "TIPC", ethertype=(0x88CA,), udp=(6118,))

_USERS = {
    0: "Payld:Low",
    1: "Payld:Normal",
    2: "Payld:High",
    3: "Payld:NoRej",
    5: "Broadcast",
    6: "Bundler",
    7: "Link State",
    8: "Connection Manager",
    9: "Route Distributor",
    10: "Changeover",
    11: "Name Distributor",
    12: "Fragmenter",
    13: "Neighbour Discovery",
    14: "Crypto",
}
_PAYLOAD = frozenset({0, 1, 2, 3})
_PAYLOAD_KINDS = {0: "ConnMsg", 1: "McastMsg", 2: "NamedMsg", 3: "DirectMsg"}
_KINDS = {
    0: _PAYLOAD_KINDS,
    1: _PAYLOAD_KINDS,
    2: _PAYLOAD_KINDS,
    3: _PAYLOAD_KINDS,
    6: {0: "Open", 1: "Closed"},
    7: {0: "State", 1: "Reset", 2: "Activate"},
    8: {0: "Probe", 1: "Probe reply", 2: "Acknowledge"},
    10: {0: "Duplicate", 1: "Original"},
    11: {0: "Publication", 1: "Withdrawal"},
    12: {0: "First", 1: "Fragment", 2: "Last"},
    13: {0: "Request", 1: "Response"},
}
_ERRORS = {1: "ErrNoName", 2: "ErrNoPort", 3: "ErrNoNode", 4: "ErrOverload", 5: "ErrConnShutdown"}
_NAMED, _MULTICAST = 2, 1


def _address(value: int) -> str:
    """Zone, cluster and node."""
    return f"{value >> 24}.{value >> 12 & 0xFFF}.{value & 0xFFF}"


@TIPC.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """Version 2."""
    return data[at] >> 5 == 2


@TIPC.row
def row(row: Row, at: int, end: int) -> None:
    """Who uses the message, what it is, and for which name."""
    row.need(at, 4, end, "TIPC header")
    (first,) = unpack_from(">I", row.data, at)
    user, words = first >> 25 & 15, first >> 21 & 15
    row.info = _USERS.get(user, f"user {user}")
    row.need(at, 8, end, "TIPC header")
    (second,) = unpack_from(">I", row.data, at + 4)
    kind = second >> 29
    row.info += f" {_KINDS.get(user, {}).get(kind, f'type {kind}')}"
    if user in _PAYLOAD:
        error = second >> 25 & 15
        if error:
            row.info += f" {_ERRORS.get(error, f'error {error}')}"
        if kind in (_NAMED, _MULTICAST) and words >= 10:
            row.need(at, 40, end, "TIPC header")
            name, instance = unpack_from(">II", row.data, at + 32)
            row.info += f" type:{name} inst:{instance}"
    if words >= 6:
        row.need(at, 16, end, "TIPC header")
        row.source = _address(unpack_from(">I", row.data, at + 12)[0])


@TIPC.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The words of the header, and what is behind them."""
    draft = tree.open(TIPC, at, end)
    draft.say()
    first = draft.bits(
        4,
        ("Version", 3, plain),
        ("User", 4, _USERS),
        ("Header size", 4, words4),
        ("Non-sequenced", 1, is_set),
        ("Destination droppable", 1, is_set),
        ("Source droppable", 1, is_set),
        ("Connection request", 1, is_set),
        ("Message size", 17, plain),
    )
    user, words, size = first[1], first[2], first[7]
    if words * 4 > size:
        raise Malformed(f"TIPC header of {words * 4} bytes in a message of {size}")
    draft.end = min(end, at + size)
    tree.narrow(draft.end)
    if words < 6:
        return
    if user in _PAYLOAD:
        kind = _payload_word(draft, user)
    else:
        kind = draft.bits(4, ("Message type", 3, _KINDS.get(user, {})), ("User's", 29, plain))[0]
    draft.bits(4, ("Link acknowledged", 16, plain), ("Link sequence", 16, plain))
    draft.uint("Previous node", 4, _address)
    _rest_of_header(draft, user, kind, at + words * 4)
    draft.rest("Data")


def _payload_word(draft: Draft, user: int) -> int:
    return draft.bits(
        4,
        ("Message type", 3, _KINDS[user]),
        ("Error", 4, _ERRORS),
        ("Reroute count", 4, plain),
        ("Lookup scope", 2, {0: "zone", 1: "cluster", 2: "node"}),
        ("Options position", 3, plain),
        ("Broadcast acknowledged", 16, plain),
    )[0]


def _rest_of_header(draft: Draft, user: int, kind: int, stop: int) -> None:
    """The words behind the fourth, up to `stop`."""
    if user in _PAYLOAD:
        labels = ["Originating port", "Destination port", "Originating node", "Destination node"]
        if kind in (_NAMED, _MULTICAST):
            labels += ["Name type", "Name instance", "Upper instance"]
        for label in labels:
            if draft.at >= stop:
                break
            draft.uint(label, 4, _address if label.endswith("node") else plain)
    while draft.at + 4 <= stop:
        draft.uint(f"Word {(draft.at - draft.start) // 4}", 4, lambda value: f"0x{value:08x}")
