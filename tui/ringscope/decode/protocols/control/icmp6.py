# SPDX-License-Identifier: Apache-2.0
"""ICMPv6 (RFC 4443) with quoted packets, neighbour discovery (RFC 4861, options also RFC 8106 and RFC 4191), multicast
listeners (RFC 2710, RFC 3810)."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.address import ipv6, mac
from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, hex4, is_set, octets, plain, seconds, yes
from ringscope.decode.names import ICMP6_CODES, ICMP6_TYPES
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

ICMP6 = protocol("icmpv6", "ICMPv6", role="icmp", ip=(58,))

_SOURCE, _TARGET = 1, 2  # link-layer address options


@ICMP6.row
def row(row: Row, at: int, end: int) -> None:
    """Type and code in words; who is looked for, and who is there."""
    row.need(at, 4, end, "ICMPv6 header")
    kind, code = row.data[at], row.data[at + 1]
    name = ICMP6_TYPES.get(kind)
    if name is None:
        row.info = f"type {kind}, code {code}"
        return
    row.info = name
    if kind in (128, 129):
        row.need(at, 8, end, "ICMPv6 echo")
        identifier, sequence = unpack_from(">HH", row.data, at + 4)
        row.info = f"{name} id=0x{identifier:04x}, seq={sequence}, hop limit={row.hops}"
    elif kind in (133, 134):
        row.info = name + _link_address(row, at + (8 if kind == 133 else 16), end, _SOURCE, " from ")
    elif kind in (135, 136, 137):
        row.info = _neighbour_words(row, at, end, kind, name)
    elif meaning := ICMP6_CODES.get(kind, {}).get(code):
        row.info = f"{name} ({meaning})"
    if kind < 5:
        row.quoted(0x86DD, at + 8, end)


def _neighbour_words(row: Row, at: int, end: int, kind: int, name: str) -> str:
    row.need(at, 24, end, name)
    target = ipv6(row.data[at + 8 : at + 24])
    if kind == 135:
        return f"{name} for {target}" + _link_address(row, at + 24, end, _SOURCE, " from ")
    if kind == 137:
        return f"{name} to {target}"
    bits = row.data[at + 4]
    flags = ", ".join(word for mask, word in ((0x80, "rtr"), (0x40, "sol"), (0x20, "ovr")) if bits & mask)
    words = f"{name} {target}" + (f" ({flags})" if flags else "")
    return words + _link_address(row, at + 24, end, _TARGET, " is at ")


def _link_address(row: Row, at: int, end: int, wanted: int, words: str) -> str:
    """The link-layer address option (RFC 4861 section 4.6.1), if there is one."""
    stop = min(end, row.size)
    while at + 8 <= stop:
        size = row.data[at + 1] * 8
        if size == 0:
            return ""
        if row.data[at] == wanted:
            return words + mac(row.data[at + 2 : at + 8])
        at += size
    return ""


@ICMP6.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The message; what an error quotes follows as layers of its own."""
    draft = tree.open(ICMP6, at, end)
    draft.title = f"ICMPv6  {tree.words(ICMP6, at, end)}"
    kind = draft.uint("Type", 1, ICMP6_TYPES)
    draft.uint("Code", 1, ICMP6_CODES.get(kind, {}))
    draft.uint("Checksum", 2, hex4)
    if kind in (128, 129):
        draft.uint("Identifier", 2, hex4)
        draft.uint("Sequence number", 2)
    elif kind < 5:
        draft.uint({2: "MTU", 4: "Pointer"}.get(kind, "Unused"), 4)
        tree.quoted(0x86DD, draft.at, end)
    elif kind in _BODIES:
        _BODIES[kind](draft, kind)


def _router(draft: Draft, _: int) -> None:
    draft.uint("Hop limit", 1)
    draft.flags(
        "Flags",
        1,
        hex2,
        ("Managed addresses", 1, yes),
        ("Other configuration", 1, yes),
        ("Home agent", 1, yes),
        ("Router preference", 2, {0: "medium", 1: "high", 3: "low"}),
        ("", 3, plain),
    )
    draft.uint("Router lifetime", 2, seconds)
    draft.uint("Reachable time", 4, _milliseconds)
    draft.uint("Retransmission timer", 4, _milliseconds)
    _options(draft)


def _milliseconds(value: int) -> str:
    return f"{value} ms"


def _neighbour(draft: Draft, kind: int) -> None:
    if kind == 136:
        draft.bits(4, ("Router", 1, yes), ("Solicited", 1, yes), ("Override", 1, yes), ("Reserved", 29, plain))
    else:
        draft.uint("Reserved", 4)
    if kind != 133:
        draft.raw("Target", 16, ipv6)
    if kind == 137:
        draft.raw("Destination", 16, ipv6)
    _options(draft)


_OPTIONS = {
    1: "Source link-layer address",
    2: "Target link-layer address",
    3: "Prefix",
    4: "Redirected header",
    5: "MTU",
    14: "Nonce",
    24: "Route",
    25: "Recursive DNS server",
    31: "DNS search list",
    38: "PREF64",
}


def _options(draft: Draft) -> None:
    """Options of neighbour discovery (RFC 4861 section 4.6)."""
    while draft.left:
        kind, size = draft.peek(), draft.peek(1, 1) * 8
        if size == 0:
            draft.raw("Option of length 0", 2)
            return
        with draft.group(_OPTIONS.get(kind, f"Option {kind}")) as group:
            draft.uint("Type", 1, _OPTIONS)
            draft.uint("Length", 1, lambda value: f"{value} ({value * 8} bytes)")
            with draft.limited(size - 2):
                group.display = _option(draft, kind, size)


def _option(draft: Draft, kind: int, size: int) -> str:
    if kind in (1, 2) and size == 8:
        return mac(draft.raw("Link-layer address", 6, mac))
    if kind == 3 and size == 32:
        length = draft.uint("Prefix length", 1)
        draft.flags("Flags", 1, hex2, ("On link", 1, yes), ("Autonomous", 1, yes), ("", 6, plain))
        draft.uint("Valid lifetime", 4, seconds)
        draft.uint("Preferred lifetime", 4, seconds)
        draft.uint("Reserved", 4)
        return f"{ipv6(draft.raw('Prefix', 16, ipv6))}/{length}"
    if kind == 5 and size == 8:
        draft.uint("Reserved", 2)
        return str(draft.uint("MTU", 4))
    if kind == 25 and size % 16 == 8:
        draft.uint("Reserved", 2)
        draft.uint("Lifetime", 4, seconds)
        return ", ".join(ipv6(draft.raw("Server", 16, ipv6)) for _ in range(size // 16))
    return octets(draft.raw("Value", size - 2))


def _listener(draft: Draft, kind: int) -> None:
    draft.uint("Maximum response", 2, _milliseconds)
    draft.uint("Reserved", 2)
    draft.raw("Multicast address", 16, ipv6)
    if kind == 130 and draft.left:  # version 2
        draft.bits(1, ("Reserved", 4, plain), ("Suppress processing", 1, is_set), ("Robustness", 3, plain))
        draft.uint("Query interval code", 1)
        for _ in range(draft.uint("Sources", 2)):
            draft.raw("Source", 16, ipv6)


_RECORDS = {1: "is include", 2: "is exclude", 3: "to include", 4: "to exclude", 5: "allow", 6: "block"}


def _report(draft: Draft, _: int) -> None:
    draft.uint("Reserved", 2)
    for _ in range(draft.uint("Records", 2)):
        with draft.group("Record") as group:
            kind = draft.uint("Type", 1, _RECORDS)
            extra, count = draft.uint("Auxiliary data length", 1), draft.uint("Sources", 2)
            address = ipv6(draft.raw("Multicast address", 16, ipv6))
            group.display = f"{address} {_RECORDS.get(kind, f'type {kind}')}, {count} sources"
            for _ in range(count):
                draft.raw("Source", 16, ipv6)
            if extra:
                draft.raw("Auxiliary data", extra * 4)


_BODIES = {
    130: _listener,
    131: _listener,
    132: _listener,
    133: _neighbour,
    134: _router,
    135: _neighbour,
    136: _neighbour,
    137: _neighbour,
    143: _report,
}
