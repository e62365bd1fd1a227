# SPDX-License-Identifier: Apache-2.0
"""IGMP versions 1 to 3 (RFC 1112, RFC 2236, RFC 9776)."""

from __future__ import annotations

from socket import inet_ntoa
from struct import unpack_from

from ringscope.decode.forms import coded, hex2, hex4, ipv4, is_set, plain
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

IGMP = protocol("igmp", "IGMP", role="routing", ip=(2,))

_QUERY, _REPORT1, _REPORT2, _LEAVE, _REPORT3 = 0x11, 0x12, 0x16, 0x17, 0x22
_TYPES = {
    _QUERY: "membership query",
    _REPORT1: "version 1 membership report",
    _REPORT2: "version 2 membership report",
    _LEAVE: "leave group",
    _REPORT3: "membership report",
}
_RECORDS = {1: "is include", 2: "is exclude", 3: "to include", 4: "to exclude", 5: "allow", 6: "block"}
_MOST_NAMED = 8


@IGMP.row
def row(row: Row, at: int, end: int) -> None:
    """Who asks for, joins or leaves which group."""
    row.need(at, 8, end, "IGMP message")
    kind, delay, group = unpack_from(">BBxx4s", row.data, at)
    address = inet_ntoa(group)
    if kind == _QUERY:
        row.protocol = "IGMPv3" if end - at >= 12 else "IGMPv2" if delay else "IGMPv1"
        row.info = "Membership Query, " + ("general" if group == bytes(4) else f"specific for group {address}")
    elif kind in (_REPORT1, _REPORT2):
        row.protocol = "IGMPv1" if kind == _REPORT1 else "IGMPv2"
        row.info = f"Membership Report group {address}"
    elif kind == _LEAVE:
        row.protocol, row.info = "IGMPv2", f"Leave Group {address}"
    elif kind == _REPORT3:
        row.protocol = "IGMPv3"
        row.info = "Membership Report" + _record_words(row, at + 8, end, group[2] << 8 | group[3])
    else:
        row.info = f"type 0x{kind:02x}"


def _record_words(row: Row, at: int, end: int, count: int) -> str:
    words = ""
    for _ in range(min(count, _MOST_NAMED)):
        row.need(at, 8, end, "IGMP group record")
        kind, extra, sources, group = unpack_from(">BBH4s", row.data, at)
        address = inet_ntoa(group)
        if kind in (2, 4) and sources == 0:
            words += f" / Join group {address} for any sources"
        elif kind in (1, 3) and sources == 0:
            words += f" / Leave group {address}"
        else:
            words += f" / group {address}, {sources} sources"
        at += 8 + sources * 4 + extra * 4
    return words


def _tenths(value: int) -> str:
    return f"{value / 10:g} s"


@IGMP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The message; version 3 lists groups and sources."""
    draft = tree.open(IGMP, at, end)
    draft.title = f"IGMP  {tree.words(IGMP, at, end)}"
    if draft.uint("Type", 1, coded(2, _TYPES)) != _REPORT3:
        query = tree.data[at] == _QUERY
        draft.uint("Maximum response time", 1, _tenths)
        draft.uint("Checksum", 2, hex4)
        draft.raw("Group", 4, ipv4)
        if query and draft.left >= 4:
            draft.bits(1, ("Reserved", 4, plain), ("Suppress processing", 1, is_set), ("Robustness", 3, plain))
            draft.uint("Query interval code", 1)
            for _ in range(draft.uint("Sources", 2)):
                draft.raw("Source", 4, ipv4)
        return
    draft.uint("Reserved", 1, hex2)
    draft.uint("Checksum", 2, hex4)
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
