# SPDX-License-Identifier: Apache-2.0
"""IGMP's own messages as rows and layers; those of its lodgers are passed on."""

from __future__ import annotations

from socket import inet_ntoa
from struct import unpack_from

from ringscope.decode.checksum import internet
from ringscope.decode.draft import Draft
from ringscope.decode.forms import coded, hex2, hex4, ipv4, is_set, plain, seconds
from ringscope.decode.protocols.control.igmp.lodgers import DVMRP, MRDISC, RGMP
from ringscope.decode.protocols.control.pim.version1 import PIM1
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

IGMP = protocol("igmp", "IGMP", role="routing", ip=(2,))

_QUERY, _REPORT1, _REPORT2, _LEAVE, _REPORT3 = 0x11, 0x12, 0x16, 0x17, 0x22
_TRACE_ANSWER, _TRACE = 0x1E, 0x1F
_TYPES = {
    _QUERY: "membership query",
    _REPORT1: "version 1 membership report",
    0x13: "DVMRP",
    0x14: "PIM version 1",
    0x15: "Cisco trace",
    _REPORT2: "version 2 membership report",
    _LEAVE: "leave group",
    _TRACE_ANSWER: "multicast traceroute response",
    _TRACE: "multicast traceroute",
    _REPORT3: "version 3 membership report",
    0x30: "multicast router advertisement",
    0x31: "multicast router solicitation",
    0x32: "multicast router termination",
}
_LODGERS = {
    0x13: DVMRP,
    0x14: PIM1,
    0x30: MRDISC,
    0x31: MRDISC,
    0x32: MRDISC,
    **dict.fromkeys(range(0xFC, 0x100), RGMP),
}
_RECORDS = {1: "is include", 2: "is exclude", 3: "to include", 4: "to exclude", 5: "allow", 6: "block"}
_MOST_NAMED = 8
_ANY = bytes(4)


@IGMP.row
def row(row: Row, at: int, end: int) -> None:
    """Who asks for, joins or leaves which group."""
    row.need(at, 1, end, "IGMP message")
    lodger = _LODGERS.get(row.data[at])
    if lodger is not None:
        row.enter(lodger, at, end)
        return
    row.need(at, 8, end, "IGMP message")
    kind, delay, group = unpack_from(">BBxx4s", row.data, at)
    address = inet_ntoa(group)
    if kind == _QUERY:
        row.protocol = "IGMPv3" if end - at >= 12 else "IGMPv2" if delay else "IGMPv1"
        row.info = "Membership Query, " + ("general" if group == _ANY else f"specific for group {address}")
        if end - at >= 12 and at + 12 <= row.size and (count := unpack_from(">H", row.data, at + 10)[0]):
            row.info += f", sources {{{_sources(row, at + 12, end, count)}}}"
    elif kind in (_REPORT1, _REPORT2):
        row.protocol = "IGMPv1" if kind == _REPORT1 else "IGMPv2"
        row.info = f"Membership Report group {address}"
    elif kind == _LEAVE:
        row.protocol, row.info = "IGMPv2", f"Leave Group {address}"
    elif kind == _REPORT3:
        row.protocol = "IGMPv3"
        row.info = "Membership Report" + _record_words(row, at + 8, end, group[2] << 8 | group[3])
    elif kind in (_TRACE, _TRACE_ANSWER):
        asked = kind == _TRACE and end - at <= 24
        row.info = "Traceroute " + ("Query" if asked else "Request" if kind == _TRACE else "Response")
        row.info += f" group {address}"
    else:
        row.info = f"type 0x{kind:02x}"


def _sources(row: Row, at: int, end: int, count: int) -> str:
    row.need(at, min(count, _MOST_NAMED) * 4, end, "IGMP sources")
    shown = [inet_ntoa(row.data[place : place + 4]) for place in range(at, at + min(count, _MOST_NAMED) * 4, 4)]
    return ", ".join(shown) + (", …" if count > _MOST_NAMED else "")


def _record_words(row: Row, at: int, end: int, count: int) -> str:
    words = ""
    for _ in range(min(count, _MOST_NAMED)):
        row.need(at, 8, end, "IGMP group record")
        kind, extra, sources, group = unpack_from(">BBH4s", row.data, at)
        address = inet_ntoa(group)
        listed = f"{{{_sources(row, at + 8, end, sources)}}}" if sources else ""
        if kind in (2, 4):
            words += f" / Join group {address} for any sources" + (f" except {listed}" if listed else "")
        elif kind in (1, 3):
            words += f" / Join group {address} for sources {listed}" if listed else f" / Leave group {address}"
        elif kind in (5, 6):
            words += f" / Group {address}, {'new' if kind == 5 else 'block'} sources {listed or '{}'}"
        else:
            words += f" / group {address}, {sources} sources"
        at += 8 + sources * 4 + extra * 4
    return words + (" / …" if count > _MOST_NAMED else "")


def _code(value: int) -> int:
    """What an eight-bit code stands for: itself up to 127, then a number with an exponent (RFC 9776 section 4.1.1)."""
    return value if value < 128 else ((value & 15) | 16) << ((value >> 4 & 7) + 3)


def _tenths(value: int) -> str:
    return f"{_code(value) / 10:g} s"


def _interval(value: int) -> str:
    return seconds(_code(value))


@IGMP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The message; version 3 lists groups and sources."""
    draft = tree.open(IGMP, at, end)
    lodger = _LODGERS.get(draft.peek())
    if lodger is not None:
        # Its layer holds all bytes; this one is empty and says why it is there.
        draft.title = f"IGMP  {_TYPES.get(tree.data[at], lodger.title)}"
        tree.enter(lodger, at, end)
        return
    draft.title = f"IGMP  {tree.words(IGMP, at, end)}"
    kind = draft.uint("Type", 1, coded(2, _TYPES))
    note = ""
    if not tree.piece and end <= tree.size:
        note = f"{'right' if internet(tree.data[at:end]) == 0 else 'wrong'}, computed over the message"
    if kind == _REPORT3:
        _report(draft, note)
        return
    trace = kind in (_TRACE, _TRACE_ANSWER)
    draft.uint("Hops" if trace else "Maximum response time", 1, plain if trace else _tenths)
    draft.uint("Checksum", 2, hex4, note=note)
    draft.raw("Group", 4, ipv4)
    if trace:
        _trace(draft)
    elif kind == _QUERY and draft.left >= 4:
        draft.bits(1, ("Reserved", 4, plain), ("Suppress processing", 1, is_set), ("Robustness", 3, plain))
        draft.uint("Query interval code", 1, _interval)
        for _ in range(draft.uint("Sources", 2)):
            draft.raw("Source", 4, ipv4)
    draft.rest("Additional data")


def _report(draft: Draft, note: str) -> None:
    draft.uint("Reserved", 1, hex2)
    draft.uint("Checksum", 2, hex4, note=note)
    draft.uint("Reserved", 2, hex4)
    for _ in range(draft.uint("Group records", 2)):
        with draft.group("Group") as group:
            kind = draft.uint("Type", 1, _RECORDS)
            extra, count = draft.uint("Auxiliary data length", 1), draft.uint("Sources", 2)
            address = ipv4(draft.raw("Group", 4, ipv4))
            group.display = f"{address} {_RECORDS.get(kind, f'type {kind}')}, {count} sources"
            for _ in range(count):
                draft.raw("Source", 4, ipv4)
            if extra:
                draft.raw("Auxiliary data", extra * 4)
    draft.rest("Additional data")


_FORWARDING = {0: "no error", 1: "wrong interface", 2: "prune sent", 3: "prune received", 4: "scoped", 5: "no route"}


def _trace(draft: Draft) -> None:
    """A traceroute and the blocks that routers have added (draft-ietf-idmr-traceroute-ipm)."""
    draft.raw("Source", 4, ipv4)
    draft.raw("Receiver", 4, ipv4)
    draft.raw("Response address", 4, ipv4)
    draft.uint("Response TTL", 1)
    draft.uint("Query", 3)
    while draft.left >= 32:
        with draft.group("Response") as group:
            draft.uint("Query arrival time", 4, hex4)
            draft.raw("Incoming interface", 4, ipv4)
            group.display = ipv4(draft.raw("Outgoing interface", 4, ipv4))
            draft.raw("Previous hop", 4, ipv4)
            draft.uint("Input packets", 4)
            draft.uint("Output packets", 4)
            draft.uint("Packets of source and group", 4)
            draft.uint("Routing protocol", 1)
            draft.uint("Forwarding TTL", 1)
            draft.bits(1, ("", 2, plain), ("Source mask length", 6, plain))
            draft.uint("Forwarding code", 1, _FORWARDING)
