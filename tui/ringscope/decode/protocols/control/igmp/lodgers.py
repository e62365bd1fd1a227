# SPDX-License-Identifier: Apache-2.0
"""Protocols that travel as types of IGMP: RGMP (RFC 3488), multicast router discovery (RFC 4286), DVMRP version 1 (RFC
1075) and 3 (draft-ietf-idmr-dvmrp-v3). Each is handed the whole message."""

from __future__ import annotations

from ringscope.decode.address import ipv4
from ringscope.decode.draft import Draft
from ringscope.decode.forms import coded, hex2, hex4, hex8, plain, seconds, yes
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

RGMP = protocol("rgmp", "RGMP", role="routing")
MRDISC = protocol("mrdisc", "MRDISC", role="routing")
DVMRP = protocol("dvmrp", "DVMRP", role="routing")

_RGMP = {0xFC: "Leave", 0xFD: "Join", 0xFE: "Bye", 0xFF: "Hello"}
_MRDISC = {0x30: "Multicast Router Advertisement", 0x31: "Multicast Router Solicitation", 0x32: "Termination"}
_DVMRP = {
    1: "Probe",
    2: "Report",
    3: "Ask Neighbors",
    4: "Neighbors",
    5: "Ask Neighbors 2",
    6: "Neighbors 2",
    7: "Prune",
    8: "Graft",
    9: "Graft ACK",
}
_OLD = {1: "Response", 2: "Request", 3: "Non-membership report", 4: "Non-membership cancellation"}


@RGMP.row
def rgmp_row(row: Row, at: int, end: int) -> None:
    """What a router wants of a switch, and of which group."""
    row.need(at, 8, end, "RGMP message")
    row.info = _RGMP[row.data[at]]
    if row.data[at] in (0xFC, 0xFD):
        row.info += f" group {ipv4(row.data[at + 4 : at + 8])}"


@RGMP.layer
def rgmp(tree: Tree, at: int, end: int) -> None:
    """Eight bytes."""
    draft = tree.open(RGMP, at, end)
    draft.say()
    draft.uint("Type", 1, coded(2, _RGMP))
    draft.uint("Reserved", 1, hex2)
    draft.uint("Checksum", 2, hex4)
    draft.raw("Group", 4, ipv4)


@MRDISC.row
def discovery_row(row: Row, at: int, end: int) -> None:
    """The kind of message."""
    row.need(at, 4, end, "MRDISC message")
    row.info = _MRDISC[row.data[at]]


@MRDISC.layer
def discovery(tree: Tree, at: int, end: int) -> None:
    """An advertisement tells the querier's values."""
    draft = tree.open(MRDISC, at, end)
    draft.say()
    advertised = draft.uint("Type", 1, coded(2, _MRDISC)) == 0x30
    draft.uint("Advertisement interval" if advertised else "Reserved", 1, seconds if advertised else hex2)
    draft.uint("Checksum", 2, hex4)
    if advertised and draft.left >= 4:
        draft.uint("Query interval", 2, seconds)
        draft.uint("Robustness", 2)


@DVMRP.row
def dvmrp_row(row: Row, at: int, end: int) -> None:
    """Version and kind of message."""
    row.need(at, 8, end, "DVMRP message")
    third, code = row.data[at + 7] >= 3, row.data[at + 1]
    table = _DVMRP if third else _OLD
    row.info = f"V{3 if third else 1} {table.get(code, f'code {code}')}"


@DVMRP.layer
def dvmrp(tree: Tree, at: int, end: int) -> None:
    """Header and message."""
    draft = tree.open(DVMRP, at, end)
    draft.say()
    third = draft.peek(1, 7) >= 3
    draft.uint("Type", 1, hex2)
    code = draft.uint("Code", 1, _DVMRP if third else _OLD)
    draft.uint("Checksum", 2, hex4)
    if third:
        draft.uint("Reserved", 1, hex2)
        parts = (("Netmask", 1, yes), ("SNMP", 1, yes), ("Traceroute", 1, yes), ("Generation identifiers", 1, yes))
        draft.flags("Capabilities", 1, hex2, ("", 3, plain), *parts, ("Prunes", 1, yes))
        draft.uint("Minor version", 1)
        draft.uint("Major version", 1)
        if code in _BODIES:
            _BODIES[code](draft)
    draft.rest("Data")


def _probe(draft: Draft) -> None:
    draft.uint("Generation identifier", 4, hex8)
    while draft.left >= 4:
        draft.raw("Neighbor", 4, ipv4)


def _report(draft: Draft) -> None:
    while draft.left >= 3:
        mask = b"\xff" + draft.raw("Mask without its first byte", 3)
        width = max((number for number in range(1, 5) if mask[number - 1]), default=1)
        last = False
        while not last and draft.left > width:
            with draft.group("Route") as group:
                network = draft.raw("Network", width, lambda value: ipv4(value.ljust(4, b"\0")))
                last_bit, metric = draft.bits(1, ("Last of this mask", 1, yes), ("Metric", 7, plain))
                group.display = f"{ipv4(network.ljust(4, bytes(1)))}/{ipv4(mask)}, metric {metric}"
                last = bool(last_bit)


def _neighbours(draft: Draft) -> None:
    while draft.left >= 8:
        with draft.group("Interface") as group:
            group.display = ipv4(draft.raw("Address", 4, ipv4))
            draft.uint("Metric", 1)
            draft.uint("Threshold", 1)
            draft.uint("Flags", 1, hex2)
            for _ in range(draft.uint("Neighbors", 1)):
                draft.raw("Neighbor", 4, ipv4)


def _prune(draft: Draft) -> None:
    draft.raw("Source", 4, ipv4)
    draft.raw("Group", 4, ipv4)
    draft.uint("Lifetime", 4, seconds)
    if draft.left >= 4:
        draft.raw("Mask", 4, ipv4)


def _graft(draft: Draft) -> None:
    draft.raw("Source", 4, ipv4)
    draft.raw("Group", 4, ipv4)
    if draft.left >= 4:
        draft.raw("Mask", 4, ipv4)


_BODIES = {1: _probe, 2: _report, 6: _neighbours, 7: _prune, 8: _graft, 9: _graft}
