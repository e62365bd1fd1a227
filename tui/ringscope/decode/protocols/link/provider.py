# SPDX-License-Identifier: Apache-2.0
"""Provider backbone bridging (IEEE 802.1ah, in IEEE 802.1Q clause 9): a tag with the number of a service, and behind it
the customer's addresses and type."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.address import mac
from ringscope.decode.forms import ethertype, is_set, plain
from ringscope.decode.forms import mac as address
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

BACKBONE = protocol("ieee8021ah", "802.1ah", ethertype=(0x88E7,))

_HEADER = 18


@BACKBONE.row
def row(row: Row, at: int, end: int) -> None:
    """The customer's addresses stand for the packet's while no network header has others."""
    row.need(at, 4, end, "service tag")
    row.info = f"I-SID {unpack_from('>I', row.data, at)[0] & 0xFFFFFF}"
    row.need(at, _HEADER, end, "service tag")
    row.link_at = at + 4
    row.by_ethertype(unpack_from(">H", row.data, at + 16)[0], at + _HEADER, end)


@BACKBONE.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The tag with the addresses in it."""
    draft = tree.open(BACKBONE, at, end)
    service = draft.bits(
        4,
        ("Priority", 3, plain),
        ("Drop eligible", 1, is_set),
        ("Use customer addresses", 1, is_set),
        ("Reserved", 3, plain),
        ("Service (I-SID)", 24, plain),
    )[4]
    destination, source = draft.raw("Customer destination", 6, address), draft.raw("Customer source", 6, address)
    draft.title = f"802.1ah  service {service}  {mac(source)} → {mac(destination)}"
    tree.by_ethertype(draft.uint("Type", 2, ethertype), draft.at, end)
