# SPDX-License-Identifier: Apache-2.0
"""UPDATE messages of BGP: what is withdrawn, path attributes, and what is reachable."""

from __future__ import annotations

from ringscope.decode.address import ipv4, ipv6
from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex2, plain, yes
from ringscope.decode.protocols.control.bgp.communities import community, extended, extended6, large
from ringscope.decode.protocols.control.bgp.names import (
    ATTRIBUTES,
    FAMILIES,
    ORIGINS,
    SEGMENTS,
    SUBSEQUENT,
    family_name,
)
from ringscope.decode.protocols.control.bgp.networks import distinguisher, networks, prefixes
from ringscope.decode.text import shorten
from ringscope.decode.values import Reader, addresses4, blob, listed, number

_DEEPEST = 2  # an attribute may hold attributes (RFC 6368)
_SHOWN = 200


def update(draft: Draft) -> None:
    """The three lists of the message."""
    size = draft.uint("Withdrawn routes length", 2)
    with draft.limited(size):
        prefixes(draft, "Withdrawn", 1)
    size = draft.uint("Path attributes length", 2)
    with draft.limited(size):
        attributes(draft)
    prefixes(draft, "Reachable", 1)


def attributes(draft: Draft, depth: int = 0) -> None:
    """Path attributes up to the draft's end."""
    while draft.left:
        flags, kind = draft.peek(), draft.peek(1, 1)
        with draft.group(ATTRIBUTES.get(kind, f"Attribute {kind}")) as group:
            draft.flags(
                "Flags",
                1,
                hex2,
                ("Optional", 1, yes),
                ("Transitive", 1, yes),
                ("Partial", 1, yes),
                ("Extended length", 1, yes),
                ("", 4, plain),
            )
            draft.uint("Type", 1, ATTRIBUTES)
            size = draft.uint("Length", 2 if flags & 0x10 else 1)
            with draft.limited(size):
                if kind == _SET and depth < _DEEPEST and size >= 4:
                    group.display = f"AS {draft.uint('Autonomous system', 4)}"
                    attributes(draft, depth + 1)
                else:
                    group.display = shorten(_READERS.get(kind, blob)(draft, size), _SHOWN)
                draft.rest("Rest of the value")


_SET = 128


def wide(data: bytes) -> int:
    """Bytes of an AS number in a path: 4 or 2, whichever makes its segments fill it, else 0."""
    for size in (4, 2):
        at = 0
        while at + 2 <= len(data) and data[at] in SEGMENTS:
            at += 2 + data[at + 1] * size
        if at == len(data):
            return size
    return 0


def _path(draft: Draft, size: int) -> str:
    if not size:
        return "empty"
    draft.tree.need(draft.at, size, draft.end, "AS path")
    count = wide(draft.data[draft.at : draft.at + size])
    if not count:
        raise Malformed("AS path whose segments do not fill it")
    words: list[str] = []
    while draft.left:
        with draft.group("Segment") as group:
            kind = draft.uint("Segment type", 1, SEGMENTS)
            numbers = [str(draft.uint("AS", count)) for _ in range(draft.uint("Segment length", 1))]
            told = " ".join(numbers)
            group.display = told if kind == 2 else f"{{{','.join(numbers)}}}" if kind == 1 else f"({told})"
        words.append(group.display)
    return " ".join(words)


def _aggregator(draft: Draft, size: int) -> str:
    if size not in (6, 8):
        return blob(draft, size)
    return f"AS {draft.uint('AS', size - 4)} {ipv4(draft.raw('Origin', 4, ipv4))}"


def next_hop_text(raw: bytes) -> str:
    """A next hop of one or two addresses, each maybe behind a route distinguisher (RFC 4659)."""
    if len(raw) in (4, 16):
        return ipv4(raw) if len(raw) == 4 else ipv6(raw)
    if len(raw) == 32:
        return f"{ipv6(raw[:16])}, {ipv6(raw[16:])}"
    if len(raw) in (12, 24):
        return f"{distinguisher(raw[:8])} {next_hop_text(raw[8:])}"
    if len(raw) == 48:
        return f"{next_hop_text(raw[:24])}, {next_hop_text(raw[24:])}"
    return raw.hex()


def _reach(draft: Draft, size: int) -> str:
    if size < 5:
        return blob(draft, size)
    family = draft.uint("Address family", 2, FAMILIES)
    subsequent = draft.uint("Subsequent family", 1, SUBSEQUENT)
    length = draft.uint("Next hop length", 1)
    hop = draft.raw("Next hop", length, next_hop_text) if length else b""
    draft.uint("Reserved", 1, hex2)
    found = networks(draft, "Reachable", family, subsequent)
    words = f" by {next_hop_text(hop)}" if hop else ""
    return f"{family_name(family, subsequent)}, {found}{words}"


def _unreach(draft: Draft, size: int) -> str:
    if size < 3:
        return blob(draft, size)
    family = draft.uint("Address family", 2, FAMILIES)
    subsequent = draft.uint("Subsequent family", 1, SUBSEQUENT)
    if not draft.left:
        return f"{family_name(family, subsequent)}, end of RIB"
    return f"{family_name(family, subsequent)}, {networks(draft, 'Withdrawn', family, subsequent)}"


_TUNNELS = {
    0: "no tunnel",
    1: "RSVP-TE",
    2: "mLDP point to multipoint",
    3: "PIM-SSM",
    4: "PIM-SM",
    5: "bidirectional PIM",
    6: "ingress replication",
    7: "mLDP multipoint to multipoint",
}


def _multicast_tunnel(draft: Draft, size: int) -> str:
    if size < 5:
        return blob(draft, size)
    draft.uint("Flags", 1, hex2)
    kind = draft.uint("Tunnel type", 1, _TUNNELS)
    draft.uint("Label", 3, lambda value: f"{value >> 4} (or network {value})")
    rest = draft.rest("Tunnel endpoint", next_hop_text)
    return f"{_TUNNELS.get(kind, str(kind))} {next_hop_text(rest) if rest else ''}".rstrip()


_ENCAPSULATIONS = {
    1: "L2TPv3 over IP",
    2: "GRE",
    7: "IP in IP",
    8: "VXLAN",
    9: "NVGRE",
    10: "MPLS",
    11: "MPLS in GRE",
    12: "VXLAN-GPE",
    13: "MPLS in UDP",
    14: "IPv6 tunnel",
    15: "SR policy",
    19: "GENEVE",
}


def _encapsulation(draft: Draft, _: int) -> str:
    found: list[str] = []
    while draft.left >= 4:
        with draft.group("Tunnel") as group:
            kind = draft.uint("Tunnel type", 2, _ENCAPSULATIONS)
            group.display = _ENCAPSULATIONS.get(kind, f"type {kind}")
            size = draft.uint("Tunnel length", 2)
            with draft.limited(size):
                while draft.left >= 2:
                    sub = draft.uint("Sub-TLV", 1)
                    length = draft.uint("Sub-TLV length", 2 if sub >= 128 else 1)
                    if length:
                        draft.raw("Sub-TLV value", length)
        found.append(group.display)
    return ", ".join(found)


def _accumulated(draft: Draft, size: int) -> str:
    if size < 11:
        return blob(draft, size)
    draft.uint("Type", 1)
    draft.uint("TLV length", 2)
    return str(draft.uint("Metric", 8))


_SIDS = {1: "Label index", 3: "Originator SRGB", 5: "SRv6 layer 3 service", 6: "SRv6 layer 2 service"}


def _prefix_sid(draft: Draft, _: int) -> str:
    found: list[str] = []
    while draft.left >= 3:
        kind = draft.peek()
        with draft.group(_SIDS.get(kind, f"TLV {kind}")) as group:
            draft.uint("Type", 1, _SIDS)
            size = draft.uint("TLV length", 2)
            with draft.limited(size):
                if kind == 1 and size == 7:
                    draft.uint("Reserved", 1)
                    draft.uint("Flags", 2)
                    group.display = str(draft.uint("Label index", 4))
                else:
                    group.display = f"{size} bytes"
                    draft.rest("Value")
        found.append(f"{_SIDS.get(kind, f'TLV {kind}')} {group.display}")
    return ", ".join(found)


def _link_state(draft: Draft, _: int) -> str:
    count = 0
    while draft.left >= 4:
        count += 1
        with draft.group("Link state TLV") as group:
            kind = draft.uint("Type", 2)
            size = draft.uint("TLV length", 2)
            group.display = f"{kind}, {size} bytes"
            with draft.limited(size):
                draft.rest("Value")
    return f"{count} TLVs"


_READERS: dict[int, Reader] = {
    1: number(ORIGINS, "Origin"),
    2: _path,
    3: listed(4, ipv4, "Next hop"),
    4: number(label="Metric"),
    5: number(label="Preference"),
    7: _aggregator,
    8: community,
    9: addresses4("Originator"),
    10: addresses4("Cluster"),
    14: _reach,
    15: _unreach,
    16: extended,
    17: _path,
    18: _aggregator,
    22: _multicast_tunnel,
    23: _encapsulation,
    25: extended6,
    26: _accumulated,
    29: _link_state,
    32: large,
    35: number(label="AS"),
    40: _prefix_sid,
}
