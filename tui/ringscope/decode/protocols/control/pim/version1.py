# SPDX-License-Identifier: Apache-2.0
"""PIM version 1 (draft-ietf-idmr-pim-spec), which travels as a type of IGMP; IGMP hands its messages over whole."""

from __future__ import annotations

from ringscope.decode.address import ipv4
from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, hex4, plain, seconds, yes
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

PIM1 = protocol("pim", "PIMv1", role="routing")

_CODES = {
    0: "Query",
    1: "Register",
    2: "Register-stop",
    3: "Join/Prune",
    4: "RP-Reachable",
    5: "Assert",
    6: "Graft",
    7: "Graft-Ack",
    8: "Mode",
}
_REGISTER = 1


@PIM1.row
def row(row: Row, at: int, end: int) -> None:
    """The kind of message."""
    row.need(at, 8, end, "PIM header")
    row.info = _CODES.get(row.data[at + 1], f"code {row.data[at + 1]}")
    if row.data[at + 1] == _REGISTER and at + 8 < min(end, row.size) and row.data[at + 8] >> 4 == 4:
        row.aside(row.by_ethertype, 0x0800, at + 8, end)


@PIM1.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Header and message."""
    draft = tree.open(PIM1, at, end)
    draft.uint("Type", 1, hex2)
    code = draft.uint("Code", 1, _CODES)
    draft.title = f"PIMv1  {_CODES.get(code, f'code {code}')}"
    draft.uint("Checksum", 2, hex4)
    draft.bits(1, ("Version", 4, plain), ("", 4, plain))
    draft.uint("Reserved", 3)
    if code == _REGISTER and draft.left and draft.peek() >> 4 == 4:
        tree.aside(tree.by_ethertype, 0x0800, draft.at, end)
        return
    if code in _BODIES:
        _BODIES[code](draft)
    draft.rest("Data")


def _query(draft: Draft) -> None:
    draft.bits(2, ("Mode", 4, {0: "dense", 1: "sparse", 2: "sparse-dense"}), ("", 12, plain))
    draft.uint("Hold time", 2, seconds)


def _stop(draft: Draft) -> None:
    draft.raw("Group", 4, ipv4)
    draft.raw("Source", 4, ipv4)


def _join(draft: Draft) -> None:
    draft.raw("Upstream neighbor", 4, ipv4)
    draft.uint("Reserved", 2)
    draft.uint("Hold time", 2, seconds)
    draft.uint("Reserved", 1)
    draft.uint("Mask length", 1)
    draft.uint("Address length", 1)
    for _ in range(draft.uint("Groups", 1)):
        draft.raw("Group", 4, ipv4)
        draft.raw("Group mask", 4, ipv4)
        joined, pruned = draft.uint("Joined sources", 2), draft.uint("Pruned sources", 2)
        for number in range(joined + pruned):
            with draft.group("Join" if number < joined else "Prune") as group:
                sparse = (("", 5, plain), ("Sparse (S)", 1, yes), ("Wildcard (W)", 1, yes), ("RP tree (R)", 1, yes))
                draft.flags("Flags", 1, hex2, *sparse)
                length = draft.uint("Source mask length", 1)
                group.display = f"{ipv4(draft.raw('Source', 4, ipv4))}/{length}"


def _reachable(draft: Draft) -> None:
    draft.raw("Group", 4, ipv4)
    draft.raw("Group mask", 4, ipv4)
    draft.raw("Rendezvous point", 4, ipv4)
    draft.uint("Reserved", 2)
    draft.uint("Hold time", 2, seconds)


def _assert(draft: Draft) -> None:
    draft.raw("Group", 4, ipv4)
    draft.raw("Group mask", 4, ipv4)
    draft.bits(4, ("Rendezvous point tree (R)", 1, yes), ("Metric preference", 31, plain))
    draft.uint("Metric", 4)


_BODIES = {0: _query, 2: _stop, 3: _join, 4: _reachable, 5: _assert, 6: _join, 7: _join}
