# SPDX-License-Identifier: Apache-2.0
"""PIM version 2 as rows and layers; a register carries the packet that it registers."""

from __future__ import annotations

from collections.abc import Callable

from ringscope.decode.address import ip_text
from ringscope.decode.checksum import internet
from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, hex4, hex8, plain, seconds, yes
from ringscope.decode.protocols.control.pim.values import holdtime, multicast, options, source, unicast
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

PIM = protocol("pim", "PIMv2", role="routing", ip=(103,))

_TYPES = {
    0: "Hello",
    1: "Register",
    2: "Register-stop",
    3: "Join/Prune",
    4: "Bootstrap",
    5: "Assert",
    6: "Graft",
    7: "Graft-Ack",
    8: "Candidate-RP-Advertisement",
    9: "State-Refresh",
    10: "DF election",
    11: "ECMP Redirect",
    12: "PFM source discovery",
    13: "Packed PIM",
}
_ELECTIONS = {1: "offer", 2: "winner", 3: "backoff", 4: "pass"}
_REGISTER, _ELECTION = 1, 10


@PIM.row
def row(row: Row, at: int, end: int) -> None:
    """The kind of message; the packet in a register is told with its own protocols."""
    row.need(at, 4, end, "PIM header")
    version, kind = row.data[at] >> 4, row.data[at] & 15
    row.protocol = f"PIMv{version}"
    row.info = _TYPES.get(kind, f"type {kind}")
    if kind == _ELECTION:
        row.info += f" {_ELECTIONS.get(row.data[at + 1] >> 4, '')}".rstrip()
    if version == 2 and kind == _REGISTER:
        row.need(at, 8, end, "PIM register")
        # A null register has only a dummy of a header.
        if at + 8 < min(end, row.size) and not row.data[at + 4] & 0x40:
            _carried(row, at + 8, end)


def _carried(walk: Walk, at: int, end: int) -> None:
    """The packet in a register."""
    kind = {4: 0x0800, 6: 0x86DD}.get(walk.data[at] >> 4)
    if kind is not None:
        walk.aside(walk.by_ethertype, kind, at, end)


@PIM.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Header and message."""
    draft = tree.open(PIM, at, end)
    draft.bits(1, ("Version", 4, plain), ("Type", 4, _TYPES))
    version, kind = tree.data[at] >> 4, tree.data[at] & 15
    draft.title = f"PIMv{version}  {_TYPES.get(kind, f'type {kind}')}"
    if kind == _ELECTION:
        draft.bits(1, ("Subtype", 4, _ELECTIONS), ("Reserved", 4, hex2))
    else:
        draft.uint("Reserved", 1, hex2)
    draft.uint("Checksum", 2, hex4, note=_verdict(tree, at, end, kind))
    if version == 2 and kind in _BODIES:
        _BODIES[kind](draft)
    if kind == _REGISTER and draft.at < min(end, tree.size):
        null = bool(tree.data[at + 4] & 0x40)
        if null:
            _dummy(draft)
        else:
            _carried(tree, draft.at, end)
    else:
        draft.rest("Data")


def _verdict(tree: Tree, at: int, end: int, kind: int) -> str:
    """Over IPv4 only: over IPv6 the addresses belong to it, and with them what a card may have filled in."""
    if ":" in tree.source or tree.piece or end > tree.size:
        return ""
    # That of a register leaves out the packet which it carries (RFC 7761 section 4.9).
    total = internet(tree.data[at : min(at + 8, end) if kind == _REGISTER else end])
    over = "the header" if kind == _REGISTER else "the message"
    return f"{'right' if total == 0 else 'wrong'}, computed over {over}"


def _register(draft: Draft) -> None:
    draft.flags("Flags", 4, hex8, ("Border (B)", 1, yes), ("Null register (N)", 1, yes), ("", 30, plain))


def _dummy(draft: Draft) -> None:
    with draft.group("Dummy IP header"):
        version = draft.peek() >> 4
        if version == 4 and draft.left >= 20:
            draft.raw("Beginning", 12)
        elif version == 6 and draft.left >= 40:
            draft.raw("Beginning", 8)
        if version in (4, 6):
            width = 4 if version == 4 else 16
            draft.raw("Source", width, ip_text)
            draft.raw("Group", width, ip_text)
        draft.rest("Rest of the header")


def _stop(draft: Draft) -> None:
    multicast(draft, "Group")
    unicast(draft, "Source")


def _join(draft: Draft) -> None:
    unicast(draft, "Upstream neighbor")
    draft.uint("Reserved", 1)
    groups = draft.uint("Groups", 1)
    draft.uint("Hold time", 2, holdtime)
    for _ in range(groups):
        multicast(draft, "Group")
        joined, pruned = draft.uint("Joined sources", 2), draft.uint("Pruned sources", 2)
        for _ in range(joined):
            source(draft, "Join")
        for _ in range(pruned):
            source(draft, "Prune")


def _bootstrap(draft: Draft) -> None:
    draft.uint("Fragment tag", 2, hex4)
    draft.uint("Hash mask length", 1)
    draft.uint("Priority", 1)
    unicast(draft, "Bootstrap router")
    while draft.left:
        multicast(draft, "Group")
        draft.uint("Rendezvous points", 1)
        here = draft.uint("Of them here", 1)
        draft.uint("Reserved", 2)
        for _ in range(here):
            unicast(draft, "Rendezvous point")
            draft.uint("Hold time", 2, holdtime)
            draft.uint("Priority", 1)
            draft.uint("Reserved", 1)


def _assert(draft: Draft) -> None:
    multicast(draft, "Group")
    unicast(draft, "Source")
    draft.bits(4, ("Rendezvous point tree (R)", 1, yes), ("Metric preference", 31, plain))
    draft.uint("Metric", 4)


def _candidate(draft: Draft) -> None:
    count = draft.uint("Prefixes", 1)
    draft.uint("Priority", 1)
    draft.uint("Hold time", 2, holdtime)
    unicast(draft, "Rendezvous point")
    for _ in range(count):
        multicast(draft, "Group")


def _refresh(draft: Draft) -> None:
    multicast(draft, "Group")
    unicast(draft, "Source")
    unicast(draft, "Originator")
    draft.bits(4, ("Rendezvous point tree (R)", 1, yes), ("Metric preference", 31, plain))
    draft.uint("Metric", 4)
    draft.uint("Mask length", 1)
    draft.uint("TTL", 1)
    draft.flags(
        "Flags",
        1,
        hex2,
        ("Prune indicator (P)", 1, yes),
        ("Prune now (N)", 1, yes),
        ("Assert override (O)", 1, yes),
        ("", 5, plain),
    )
    draft.uint("Interval", 1, seconds)


def _election(draft: Draft) -> None:
    subtype = draft.data[draft.start + 1] >> 4
    unicast(draft, "Rendezvous point")
    unicast(draft, "Sender")
    draft.uint("Sender's metric preference", 4)
    draft.uint("Sender's metric", 4)
    if subtype in (3, 4):
        unicast(draft, "Offering router" if subtype == 3 else "New winner")
        draft.uint("Metric preference", 4)
        draft.uint("Metric", 4)
        if subtype == 3:
            draft.uint("Interval", 2, lambda value: f"{value} ms")


def _redirect(draft: Draft) -> None:
    multicast(draft, "Group")
    unicast(draft, "Source")
    unicast(draft, "Neighbor")
    draft.uint("Reserved", 1)
    draft.raw("Interface", min(draft.left, 8))


def _flooding(draft: Draft) -> None:
    unicast(draft, "Originator")
    while draft.left >= 4:
        with draft.group("Value") as group:
            kind = draft.uint("Type", 2, lambda value: f"{value & 0x7FFF}{', transitive' if value & 0x8000 else ''}")
            size = draft.uint("Length", 2)
            group.display = f"type {kind & 0x7FFF}, {size} bytes"
            with draft.limited(size):
                if kind & 0x7FFF == 1 and size >= 4:  # group and sources (RFC 8364)
                    multicast(draft, "Group")
                    count = draft.uint("Sources", 2)
                    draft.uint("Hold time", 2, holdtime)
                    for _ in range(count):
                        unicast(draft, "Source")
                draft.rest("Value")


_BODIES: dict[int, Callable[[Draft], None]] = {
    0: options,
    1: _register,
    2: _stop,
    3: _join,
    4: _bootstrap,
    5: _assert,
    6: _join,
    7: _join,
    8: _candidate,
    9: _refresh,
    10: _election,
    11: _redirect,
    12: _flooding,
}
