# SPDX-License-Identifier: Apache-2.0
"""ICMP and ICMPv6: headers, what the messages carry, and the packet that an error quotes."""

from __future__ import annotations

from dpkt.icmp import ICMP
from dpkt.icmp6 import ICMP6

from ringscope.decode.address import ipv4, ipv6, mac
from ringscope.decode.names import ICMP6_CODES, ICMP6_TYPES, ICMP_CODES, ICMP_TYPES, named
from ringscope.decode.registry import decodes
from ringscope.decode.rows import control as rows
from ringscope.decode.tree.draft import ETHERTYPES, IP_PROTOCOLS, Draft, Frame


def _rename(draft: Draft, types: dict[int, str], codes: dict[int, dict[int, str]]) -> tuple[int, int]:
    """Write the names of type and code behind their numbers; returns the numbers."""
    kind, code = draft.data[draft.start], draft.data[draft.start + 1]
    draft.retell("Type", named(types, kind))
    draft.retell("Code", named(codes.get(kind, {}), code))
    return kind, code


def _word(draft: Draft, at: int) -> int:
    return draft.data[at] << 8 | draft.data[at + 1]


def _quote(frame: Frame, kind: int, at: int, end: int) -> None:
    # Routers quote as little as eight bytes of the payload (RFC 792), so an end too early proves nothing.
    frame.piece = "quoted packet"
    if at < min(end, frame.size):
        ETHERTYPES[kind](frame, at, end)


@decodes(IP_PROTOCOLS, 1)
def icmp(frame: Frame, at: int, end: int) -> None:
    """ICMP (RFC 792, RFC 1191)."""
    draft = frame.open("icmp", "ICMP", at)
    draft.header(ICMP, at, end)
    draft.title = f"ICMP  {frame.words(rows.icmp, at, end)}"
    kind, code = _rename(draft, ICMP_TYPES, ICMP_CODES)
    if kind not in ICMP_TYPES:
        return
    frame.need(at, 8, end, "ICMP message")
    if kind in (0, 8, 13, 14, 15, 16, 17, 18):
        draft.add("Identifier", f"0x{_word(draft, at + 4):04x}", at + 4, 2)
        draft.add("Sequence number", str(_word(draft, at + 6)), at + 6, 2)
    elif kind == 3 and code == 4:
        draft.add("MTU of next hop", str(_word(draft, at + 6)), at + 6, 2)
    elif kind == 5:
        draft.add("Gateway", ipv4(frame.data[at + 4 : at + 8]), at + 4, 4)
    elif kind == 12:
        draft.add("Pointer", str(frame.data[at + 4]), at + 4, 1)
    draft.stop = at + 8
    if kind in (3, 4, 5, 11, 12):
        _quote(frame, 0x0800, at + 8, end)


@decodes(IP_PROTOCOLS, 58)
def icmp6(frame: Frame, at: int, end: int) -> None:
    """ICMPv6 (RFC 4443), neighbour discovery (RFC 4861), multicast listeners (RFC 2710, RFC 3810)."""
    draft = frame.open("icmpv6", "ICMPv6", at)
    draft.header(ICMP6, at, end)
    draft.title = f"ICMPv6  {frame.words(rows.icmp6, at, end)}"
    kind, _ = _rename(draft, ICMP6_TYPES, ICMP6_CODES)
    if kind not in ICMP6_TYPES:
        return
    frame.need(at, 8, end, "ICMPv6 message")
    if kind in (128, 129):
        draft.add("Identifier", f"0x{_word(draft, at + 4):04x}", at + 4, 2)
        draft.add("Sequence number", str(_word(draft, at + 6)), at + 6, 2)
    elif kind in (2, 4):
        value = int.from_bytes(frame.data[at + 4 : at + 8], "big")
        draft.add("MTU" if kind == 2 else "Pointer", str(value), at + 4, 4)
    draft.stop = at + 8
    if kind < 5:
        _quote(frame, 0x86DD, at + 8, end)
    elif kind in _BODIES:
        _BODIES[kind](draft, at, end)


def _router(draft: Draft, at: int, end: int) -> None:
    draft.frame.need(at, 16, end, "router advertisement")
    draft.add("Hop limit", str(draft.data[at + 4]), at + 4, 1)
    draft.add("Managed addresses", "yes" if draft.data[at + 5] & 0x80 else "no", at + 5, 1, bits=(0, 1))
    draft.add("Other configuration", "yes" if draft.data[at + 5] & 0x40 else "no", at + 5, 1, bits=(1, 1))
    draft.add("Router lifetime", f"{_word(draft, at + 6)} s", at + 6, 2)
    draft.add("Reachable time", f"{int.from_bytes(draft.data[at + 8 : at + 12], 'big')} ms", at + 8, 4)
    draft.add("Retransmission timer", f"{int.from_bytes(draft.data[at + 12 : at + 16], 'big')} ms", at + 12, 4)
    _options(draft, at + 16, end)


def _solicitation(draft: Draft, at: int, end: int) -> None:
    _options(draft, at + 8, end)


def _neighbour(draft: Draft, at: int, end: int) -> None:
    draft.frame.need(at, 24, end, "neighbour discovery")
    if draft.data[at] == 136:
        for bit, label in enumerate(("Router", "Solicited", "Override")):
            draft.add(label, "yes" if draft.data[at + 4] << bit & 0x80 else "no", at + 4, 1, bits=(bit, 1))
    draft.add("Target", ipv6(draft.data[at + 8 : at + 24]), at + 8, 16)
    place = at + 24
    if draft.data[at] == 137:
        draft.frame.need(at, 40, end, "redirect")
        draft.add("Destination", ipv6(draft.data[at + 24 : at + 40]), at + 24, 16)
        place = at + 40
    _options(draft, place, end)


_ND_OPTIONS = {
    1: "Source link-layer address",
    2: "Target link-layer address",
    3: "Prefix",
    4: "Redirected header",
    5: "MTU",
    24: "Route",
    25: "Recursive DNS server",
    31: "DNS search list",
}


def _options(draft: Draft, at: int, end: int) -> None:
    """Options of neighbour discovery (RFC 4861 section 4.6, RFC 8106)."""
    while at < end:
        draft.frame.need(at, 2, end, "option")
        kind, size = draft.data[at], draft.data[at + 1] * 8
        if size == 0:
            draft.add("Option", "length 0", at, 2)
            return
        draft.frame.need(at, size, end, "option")
        draft.add(_ND_OPTIONS.get(kind, f"Option {kind}"), _option(draft.data, kind, at, size), at, size)
        at += size


def _option(data: bytes, kind: int, at: int, size: int) -> str:
    if kind in (1, 2):
        return mac(data[at + 2 : at + 8])
    if kind == 3 and size == 32:
        return f"{ipv6(data[at + 16 : at + 32])}/{data[at + 2]}"
    if kind == 5:
        return str(int.from_bytes(data[at + 4 : at + 8], "big"))
    if kind == 25:
        return ", ".join(ipv6(data[place : place + 16]) for place in range(at + 8, at + size - 15, 16))
    return data[at + 2 : at + size].hex()


def _listener(draft: Draft, at: int, end: int) -> None:
    draft.frame.need(at, 24, end, "multicast listener message")
    draft.add("Maximum response", str(_word(draft, at + 4)), at + 4, 2)
    draft.add("Multicast address", ipv6(draft.data[at + 8 : at + 24]), at + 8, 16)


_RECORDS = {1: "is include", 2: "is exclude", 3: "to include", 4: "to exclude", 5: "allow", 6: "block"}


def _report(draft: Draft, at: int, end: int) -> None:
    count = _word(draft, at + 6)
    draft.add("Records", str(count), at + 6, 2)
    at += 8
    for _ in range(count):
        draft.frame.need(at, 20, end, "multicast address record")
        size = 20 + _word(draft, at + 2) * 16 + draft.data[at + 1] * 4
        draft.frame.need(at, size, end, "multicast address record")
        words = _RECORDS.get(draft.data[at], f"type {draft.data[at]}")
        address = ipv6(draft.data[at + 4 : at + 20])
        draft.add("Record", f"{address} {words}, {_word(draft, at + 2)} sources", at, size)
        at += size


_BODIES = {
    130: _listener,
    131: _listener,
    132: _listener,
    133: _solicitation,
    134: _router,
    135: _neighbour,
    136: _neighbour,
    137: _neighbour,
    143: _report,
}
