# SPDX-License-Identifier: Apache-2.0
"""GENEVE (RFC 8926): a packet of any Ethertype, the number of its network, and options, in UDP. Classes of options are
in the registry of IANA."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.forms import coded, ethertype, hex2, hex4, is_set, plain, words4
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

GENEVE = protocol("geneve", "GENEVE", udp=(6081,))

_CLASSES = {
    0x0100: "Linux",
    0x0101: "Open vSwitch",
    0x0102: "Open virtual network (OVN)",
    0x0103: "in-band telemetry",
    0x0104: "VMware",
    0x0105: "Amazon",
    0x0106: "Cisco",
    0x0107: "Oracle",
}


@GENEVE.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """Version 0 is the only one."""
    return data[at] >> 6 == 0


@GENEVE.row
def row(row: Row, at: int, end: int) -> None:
    """The packet inside."""
    row.need(at, 8, end, "GENEVE header")
    size = 8 + (row.data[at] & 0x3F) * 4
    row.need(at, size, end, "GENEVE options")
    row.by_ethertype(unpack_from(">H", row.data, at + 2)[0], at + size, end)


@GENEVE.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header and its options."""
    draft = tree.open(GENEVE, at, end)
    size = draft.bits(1, ("Version", 2, plain), ("Options length", 6, words4))[1] * 4
    draft.bits(1, ("Control packet", 1, is_set), ("Critical options", 1, is_set), ("Reserved", 6, plain))
    kind = draft.uint("Protocol", 2, ethertype)
    network = draft.uint("Network", 3)
    draft.title = f"GENEVE  network {network}"
    draft.uint("Reserved", 1, hex2)
    draft.end = draft.at + size
    tree.need(draft.at, size, end, "GENEVE options")
    while draft.left:
        with draft.group("Option") as group:
            owner = draft.uint("Class", 2, coded(4, _CLASSES))
            option = draft.bits(1, ("Critical", 1, is_set), ("Type", 7, plain))[1]
            group.display = f"{_CLASSES.get(owner, f'class {hex4(owner)}')} type {option}"
            words = draft.bits(1, ("Reserved", 3, plain), ("Length", 5, words4))[1]
            draft.raw("Value", min(words * 4, draft.left))
    tree.by_ethertype(kind, draft.at, end)
