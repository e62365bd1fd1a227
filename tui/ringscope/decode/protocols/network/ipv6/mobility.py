# SPDX-License-Identifier: Apache-2.0
"""The mobility header (RFC 6275, RFC 5213, RFC 5568 and others)."""

from __future__ import annotations

from collections.abc import Callable

from ringscope.decode.address import ipv4, ipv6
from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex2, hex4, octets, plain, yes
from ringscope.decode.protocols.network.ipv6.chain import NO_NEXT, extension, next_layer, next_row
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.values import Table, addresses6, blob, number, words

MOBILITY = protocol("mipv6", "MIPv6", ip=(135,))

_MESSAGES = {
    0: "Binding Refresh Request",
    1: "Home Test Init",
    2: "Care-of Test Init",
    3: "Home Test",
    4: "Care-of Test",
    5: "Binding Update",
    6: "Binding Acknowledgement",
    7: "Binding Error",
    8: "Fast Binding Update",
    9: "Fast Binding Acknowledgment",
    10: "Fast Neighbor Advertisement",
    11: "Experimental Mobility",
    12: "Home Agent Switch",
    13: "Heartbeat",
    14: "Handover Initiate",
    15: "Handover Acknowledge",
    16: "Binding Revocation",
    17: "Localized Routing Initiation",
    18: "Localized Routing Acknowledgment",
    19: "Update Notification",
    20: "Update Notification Acknowledgement",
    21: "Flow Binding",
    22: "Subscription Query",
    23: "Subscription Response",
}
_STATUS = {
    0: "accepted",
    1: "accepted, prefix discovery necessary",
    128: "reason unspecified",
    129: "administratively prohibited",
    130: "insufficient resources",
    131: "home registration not supported",
    132: "not home subnet",
    133: "not home agent for this mobile node",
    134: "duplicate address detection failed",
    135: "sequence number out of window",
    136: "expired home nonce index",
    137: "expired care-of nonce index",
    138: "expired nonces",
    139: "registration type change disallowed",
    152: "not LMA for this mobile node",
    153: "not authorized for proxy registration",
    155: "timestamp mismatch",
}
_ERRORS = {1: "unknown binding for the home address option", 2: "unknown mobility header type"}


def _units(value: int) -> str:
    return f"{value} ({value * 4} s)"


@MOBILITY.row
def mobility_row(row: Row, at: int, end: int) -> None:
    """The message."""
    row.need(at, 8, end, "IPv6 mobility header")
    row.info = _MESSAGES.get(row.data[at + 2], f"type {row.data[at + 2]}")
    size = (row.data[at + 1] + 1) * 8
    row.need(at, size, end, "Mobile IPv6")
    if row.data[at] != NO_NEXT:
        next_row(row, row.data[at], at + size, end)


@MOBILITY.layer
def mobility(tree: Tree, at: int, end: int) -> None:
    """Header, message and options."""
    draft, following = extension(MOBILITY, "Mobile IPv6", tree, at, end)
    kind = draft.uint("Message", 1, _MESSAGES)
    draft.title = f"Mobile IPv6  {_MESSAGES.get(kind, f'type {kind}')}"
    draft.uint("Reserved", 1)
    draft.uint("Checksum", 2, hex4)
    try:
        if kind in _BODIES:
            _BODIES[kind](draft)
            _options(draft)
        draft.rest("Message data")
    except Malformed as broken:  # what follows the header may still make sense
        tree.stop(broken, draft.end)
    next_layer(tree, following, draft.end, end)


def _plain(draft: Draft) -> None:
    draft.uint("Reserved", 2)


def _init(draft: Draft) -> None:
    draft.uint("Reserved", 2)
    draft.raw("Init cookie", 8)


def _test(draft: Draft) -> None:
    draft.uint("Nonce index", 2)
    draft.raw("Init cookie", 8)
    draft.raw("Keygen token", 8)


def _update(draft: Draft) -> None:
    draft.uint("Sequence", 2)
    draft.flags(
        "Flags",
        2,
        hex4,
        ("Acknowledge (A)", 1, yes),
        ("Home registration (H)", 1, yes),
        ("Link-local address (L)", 1, yes),
        ("Key management (K)", 1, yes),
        ("MAP registration (M)", 1, yes),
        ("Mobile router (R)", 1, yes),
        ("Proxy registration (P)", 1, yes),
        ("Force UDP encapsulation (F)", 1, yes),
        ("", 8, plain),
    )
    draft.uint("Lifetime", 2, _units)


def _acknowledgement(draft: Draft) -> None:
    draft.uint("Status", 1, _STATUS)
    parts = (("Key management (K)", 1, yes), ("Mobile router (R)", 1, yes), ("Proxy registration (P)", 1, yes))
    draft.flags("Flags", 1, hex2, *parts, ("", 5, plain))
    draft.uint("Sequence", 2)
    draft.uint("Lifetime", 2, _units)


def _error(draft: Draft) -> None:
    draft.uint("Status", 1, _ERRORS)
    draft.uint("Reserved", 1)
    draft.raw("Home address", 16, ipv6)


def _heartbeat(draft: Draft) -> None:
    draft.bits(2, ("", 14, plain), ("Unsolicited (U)", 1, yes), ("Response (R)", 1, yes))
    draft.uint("Sequence", 4)


def _handover(draft: Draft) -> None:
    draft.uint("Sequence", 2)
    draft.uint("Flags or status", 1, hex2)
    draft.uint("Code", 1)


def _revocation(draft: Draft) -> None:
    draft.uint("Revocation type", 1, {1: "indication", 2: "acknowledgement"})
    draft.uint("Trigger or status", 1)
    draft.uint("Sequence", 2)
    draft.uint("Flags", 2, hex4)


def _switch(draft: Draft) -> None:
    count = draft.uint("Home agents", 1)
    draft.uint("Reserved", 1)
    for _ in range(count):
        draft.raw("Home agent", 16, ipv6)


_BODIES: dict[int, Callable[[Draft], None]] = {
    0: _plain,
    1: _init,
    2: _init,
    3: _test,
    4: _test,
    5: _update,
    6: _acknowledgement,
    7: _error,
    8: _update,
    9: _acknowledgement,
    10: _plain,
    12: _switch,
    13: _heartbeat,
    14: _handover,
    15: _handover,
    16: _revocation,
}


def _nonces(draft: Draft, size: int) -> str:
    if size != 4:
        return blob(draft, size)
    return f"home {draft.uint('Home nonce', 2)}, care-of {draft.uint('Care-of nonce', 2)}"


def _prefix(draft: Draft, size: int) -> str:
    if size != 18:
        return blob(draft, size)
    draft.uint("Reserved", 1)
    length = draft.uint("Prefix length", 1)
    return f"{ipv6(draft.raw('Prefix', 16, ipv6))}/{length}"


def _identifier(draft: Draft, size: int) -> str:
    if size < 2:
        return blob(draft, size)
    draft.uint("Subtype", 1, {1: "NAI"})
    return words(draft, size - 1)


def _home4(draft: Draft, size: int) -> str:
    if size != 6:
        return blob(draft, size)
    draft.bits(2, ("Prefix length", 6, plain), ("Prefix wanted (P)", 1, yes), ("", 9, plain))
    return ipv4(draft.raw("Address", 4, ipv4))


_OPTIONS: Table = {
    1: ("PadN", blob),
    2: ("Binding refresh advice", number(_units)),
    3: ("Alternate care-of address", addresses6()),
    4: ("Nonce indices", _nonces),
    5: ("Authorization data", blob),
    6: ("Mobile network prefix", _prefix),
    7: ("Link-layer address", blob),
    8: ("Mobile node identifier", _identifier),
    9: ("Authentication", blob),
    10: ("Replay protection", blob),
    12: ("CGA parameters", blob),
    13: ("Signature", blob),
    14: ("Home keygen token", blob),
    19: ("Vendor specific", blob),
    20: ("Service selection", blob),
    21: ("Binding authorization for FMIPv6", blob),
    22: ("Home network prefix", _prefix),
    23: ("Handoff indicator", number()),
    24: ("Access technology", number()),
    25: ("Mobile node link-layer identifier", blob),
    26: ("Link-local address", addresses6()),
    27: ("Timestamp", blob),
    28: ("Restart counter", number()),
    29: ("IPv4 home address", _home4),
    30: ("IPv4 address acknowledgement", blob),
    32: ("IPv4 care-of address", blob),
    33: ("GRE key", blob),
    35: ("Binding identifier", blob),
}


def _options(draft: Draft) -> None:
    while draft.left:
        kind = draft.peek()
        if kind == 0:
            draft.uint("Pad1", 1, lambda _: "")
            continue
        if draft.left < 2:
            draft.rest("Unreadable option", octets)
            break
        name, reader = _OPTIONS.get(kind, (f"Option {kind}", blob))
        with draft.group(name) as group:
            draft.uint("Option", 1)
            size = min(draft.uint("Length", 1), draft.left)
            with draft.limited(size):
                group.display = reader(draft, size)
                draft.rest("Rest of the option", octets)
