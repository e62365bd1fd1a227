# SPDX-License-Identifier: Apache-2.0
"""Hop-by-hop and destination options (IANA's "Destination Options and Hop-by-Hop Options")."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import coded, hex2, hex4, hexadecimal, octets, plain, yes
from ringscope.decode.protocols.network.ipv6.chain import extension, extension_row, next_layer
from ringscope.decode.registry import Protocol, protocol
from ringscope.decode.tree import Tree
from ringscope.decode.values import Table, addresses6, blob, number

HOP_BY_HOP = protocol("ipv6.hopopts", "IPv6", ip=(0,))
DESTINATION = protocol("ipv6.dstopts", "IPv6", ip=(60,))

HOP_BY_HOP.row(extension_row)
DESTINATION.row(extension_row)

_UNKNOWN = {
    0: "skip it",
    1: "discard the packet",
    2: "discard the packet and say so",
    3: "discard the packet and say so, unless multicast",
}
_ALERTS = {0: "MLD", 1: "RSVP", 2: "active networks", 35: "NSIS", 65535: "reserved"}


_TRACES = {
    0: "preallocated trace",
    1: "incremental trace",
    2: "proof of transit",
    3: "edge to edge",
    4: "direct export",
}


def _rpl(draft: Draft, size: int) -> str:
    if size < 4:
        return blob(draft, size)
    parts = (("Down (O)", 1, yes), ("Rank error (R)", 1, yes), ("Forwarding error (F)", 1, yes))
    draft.flags("Flags", 1, hex2, *parts, ("", 5, plain))
    instance, rank = draft.uint("Instance", 1), draft.uint("Sender's rank", 2)
    return f"instance {instance}, rank {rank}"


def _mpl(draft: Draft, size: int) -> str:
    if size < 2:
        return blob(draft, size)
    parts = (("Seed length code (S)", 2, plain), ("Newest (M)", 1, yes), ("Version (V)", 1, plain), ("", 4, plain))
    draft.flags("Flags", 1, hex2, *parts)
    sequence = draft.uint("Sequence", 1)
    if size > 2:
        draft.raw("Seed", size - 2)
    return f"sequence {sequence}"


def _quick_start(draft: Draft, size: int) -> str:
    if size < 6:
        return blob(draft, size)
    draft.bits(1, ("Function", 4, {0: "request", 8: "report"}), ("Rate", 4, plain))
    draft.uint("TTL", 1)
    draft.uint("Nonce", 4)
    return ""


def _calipso(draft: Draft, size: int) -> str:
    if size < 8:
        return blob(draft, size)
    domain = draft.uint("Domain of interpretation", 4)
    draft.uint("Compartment length", 1)
    level = draft.uint("Sensitivity", 1)
    draft.uint("Checksum", 2, hex4)
    if size > 8:
        draft.raw("Compartments", size - 8)
    return f"domain {domain}, level {level}"


def _metrics(draft: Draft, size: int) -> str:
    """RFC 8250."""
    if size != 10:
        return blob(draft, size)
    draft.uint("Scale of last received", 1)
    draft.uint("Scale of last sent", 1)
    this, last = draft.uint("Sequence number", 2), draft.uint("Sequence number last received", 2)
    draft.uint("Delta time last received", 2)
    draft.uint("Delta time last sent", 2)
    return f"sequence {this}, last received {last}"


def _mtu(draft: Draft, size: int) -> str:
    """RFC 9268."""
    if size != 4:
        return blob(draft, size)
    least = draft.uint("Minimum MTU", 2)
    draft.bits(2, ("Returned MTU / 2", 15, lambda value: str(value * 2)), ("Return wanted", 1, yes))
    return str(least)


def _marking(draft: Draft, size: int) -> str:
    """RFC 9343."""
    if size != 4:
        return blob(draft, size)
    flow, loss, delay, _ = draft.bits(
        4, ("Flow", 20, hexadecimal(5)), ("Loss (L)", 1, yes), ("Delay (D)", 1, yes), ("", 10, plain)
    )
    return f"flow 0x{flow:05x}, loss {loss}, delay {delay}"


def _operations(draft: Draft, size: int) -> str:
    """RFC 9486."""
    if size < 2:
        return blob(draft, size)
    draft.uint("Reserved", 1, hex2)
    kind = draft.uint("IOAM type", 1, _TRACES)
    if size > 2:
        draft.raw("IOAM data", size - 2)
    return _TRACES.get(kind, f"type {kind}")


OPTIONS: Table = {
    0x01: ("PadN", blob),
    0x04: ("Tunnel encapsulation limit", number()),
    0x05: ("Router alert", number(_ALERTS)),
    0x07: ("CALIPSO", _calipso),
    0x08: ("SMF duplicate detection", blob),
    0x0F: ("Performance and diagnostic metrics", _metrics),
    0x11: ("In situ OAM", _operations),
    0x12: ("Alternate marking", _marking),
    0x23: ("RPL", _rpl),
    0x26: ("Quick start", _quick_start),
    0x30: ("Minimum path MTU", _mtu),
    0x31: ("In situ OAM", _operations),
    0x32: ("Alternate marking", _marking),
    0x63: ("RPL (old)", _rpl),
    0x6D: ("MPL", _mpl),
    0x8A: ("Endpoint identification", blob),
    0x8B: ("ILNP nonce", blob),
    0x8C: ("Line identification", blob),
    0xC2: ("Jumbo payload", number()),
    0xC9: ("Home address", addresses6("Address")),
    0xEE: ("IP_DFF", blob),
}
_NAMES = {0: "Pad1", **{number: entry[0] for number, entry in OPTIONS.items()}}


def _layer(kind: Protocol, title: str, tree: Tree, at: int, end: int) -> None:
    draft, following = extension(kind, title, tree, at, end)
    options(draft)
    next_layer(tree, following, draft.end, end)


def options(draft: Draft) -> None:
    """Options up to the draft's end."""
    while draft.left:
        kind = draft.peek()
        if kind == 0:
            draft.uint("Pad1", 1, lambda _: "")
            continue
        if draft.left < 2:
            draft.rest("Unreadable option", octets)
            break
        name, reader = OPTIONS.get(kind, (f"Option 0x{kind:02x}", blob))
        with draft.group(name) as group:
            parts = (("Where unknown", 2, _UNKNOWN), ("May change", 1, yes), ("", 5, plain))
            draft.flags("Type", 1, coded(2, _NAMES), *parts)
            size = min(draft.uint("Length", 1), draft.left)
            with draft.limited(size):
                group.display = reader(draft, size)
                draft.rest("Rest of the option", octets)


@HOP_BY_HOP.layer
def hop_by_hop(tree: Tree, at: int, end: int) -> None:
    """Options for every router."""
    _layer(HOP_BY_HOP, "IPv6 hop-by-hop options", tree, at, end)


@DESTINATION.layer
def destination(tree: Tree, at: int, end: int) -> None:
    """Options for the destination."""
    _layer(DESTINATION, "IPv6 destination options", tree, at, end)
