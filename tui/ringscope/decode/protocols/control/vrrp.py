# SPDX-License-Identifier: Apache-2.0
"""VRRP versions 2 and 3 (RFC 3768, RFC 5798, RFC 9568), and CARP, which has its number and its first byte (OpenBSD's
ip_carp.h, described at openbsd.org): they are told apart by CARP's fixed length."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.forms import hex4, hex16, ip_text, octets, padded_text, plain, seconds
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

VRRP = protocol("vrrp", "VRRP", role="routing", ip=(112,))
CARP = protocol("carp", "CARP", role="routing")

_CARP_SIZE, _CARP_WORDS = 36, 7
_TYPES = {1: "Advertisement"}
_AUTHENTICATIONS = {0: "none", 1: "simple password", 2: "IP authentication header"}
_OWNER, _RELEASED = 255, 0


def _is_carp(data: bytes, at: int, end: int) -> bool:
    """Version 2, type 1, and where VRRP has its number of addresses, CARP's number of words, which do not fit VRRP."""
    return data[at] == 0x21 and end - at == _CARP_SIZE and data[at + 3] == _CARP_WORDS


@VRRP.row
def row(row: Row, at: int, end: int) -> None:
    """Version, router, priority."""
    row.need(at, 4, end, "VRRP header")
    data = row.data
    if _is_carp(data, at, end):
        row.names.pop()
        row.enter(CARP, at, end)
        return
    version, kind, router, priority = data[at] >> 4, data[at] & 15, data[at + 1], data[at + 2]
    words = "Announcement" if kind == 1 else f"type {kind}"
    row.info = f"{words} (v{version}), router {router}, priority {priority}{_meaning(priority)}"


def _meaning(priority: int) -> str:
    """The two priorities that say something else."""
    return {_OWNER: " (owner)", _RELEASED: " (master stops)"}.get(priority, "")


@VRRP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Header, addresses, and in version 2 eight bytes of authentication."""
    if at + 4 <= min(end, tree.size) and _is_carp(tree.data, at, end):
        tree.enter(CARP, at, end)
        return
    draft = tree.open(VRRP, at, end)
    draft.say()
    version = draft.bits(1, ("Version", 4, plain), ("Type", 4, _TYPES))[0]
    draft.uint("Virtual router", 1)
    draft.uint("Priority", 1, lambda value: f"{value}{_meaning(value)}")
    count = draft.uint("Number of addresses", 1)
    kind = 0
    if version >= 3:
        draft.bits(2, ("Reserved", 4, plain), ("Advertisement interval", 12, lambda value: f"{value / 100:g} s"))
        draft.uint("Checksum", 2, hex4)
    else:
        kind = draft.uint("Authentication type", 1, _AUTHENTICATIONS)
        draft.uint("Advertisement interval", 1, seconds)
        draft.uint("Checksum", 2, hex4, note=_verdict(tree.data, at, end))
    size = 16 if ":" in tree.source else 4
    for _ in range(count):
        if draft.left < size:
            break
        draft.raw("Address", size, ip_text)
    if version < 3 and draft.left:
        draft.raw("Authentication data", min(8, draft.left), padded_text if kind == 1 else octets)


def _verdict(data: bytes, at: int, end: int) -> str:
    """Version 2's checksum is over the message alone; nothing is said of one that was not captured whole."""
    if end > len(data):
        return ""
    total = sum(data[place] << (0 if (place - at) & 1 else 8) for place in range(at, end))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return f"{'right' if total == 0xFFFF else 'wrong'}, computed over the message"


@CARP.row
def carp_row(row: Row, at: int, end: int) -> None:
    """The group, and how eager its sender is."""
    row.need(at, 8, end, "CARP header")
    group, skew, _, demotion, base = unpack_from(">5B", row.data, at + 1)
    row.info = f"Announcement (v{row.data[at] >> 4}), VHID {group}, every {base} s, skew {skew}"
    if demotion:
        row.info += f", demoted by {demotion}"


@CARP.layer
def carp_layer(tree: Tree, at: int, end: int) -> None:
    """Its fixed header; who has no key reads neither counter nor addresses in it."""
    draft = tree.open(CARP, at, end)
    draft.say()
    draft.bits(1, ("Version", 4, plain), ("Type", 4, _TYPES))
    draft.uint("Virtual host ID", 1)
    draft.uint("Advertisement skew", 1)
    draft.uint("Authentication length", 1, lambda value: f"{value} ({value * 4} bytes)")
    draft.uint("Demotion", 1)
    draft.uint("Advertisement base", 1, seconds)
    draft.uint("Checksum", 2, hex4, note=_verdict(tree.data, at, end))
    draft.uint("Counter", 8, hex16)
    draft.raw("HMAC", 20)
