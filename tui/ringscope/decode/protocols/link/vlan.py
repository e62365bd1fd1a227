# SPDX-License-Identifier: Apache-2.0
"""VLAN tags (IEEE 802.1Q), any number of them, and what they carry, be it a type or a length."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.forms import ethertype, is_set, plain
from ringscope.decode.registry import Protocol, Show, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

CUSTOMER = protocol("vlan", "802.1Q", ethertype=(0x8100, 0x9100, 0x9200))
SERVICE = protocol("ieee8021ad", "802.1ad", ethertype=(0x88A8,))

_SHOW: Show = {
    "pri": ("Priority", plain),
    "cfi": ("Drop eligible", is_set),
    "id": ("VLAN", plain),
    "type": ("Type", ethertype),
}


@CUSTOMER.row
@SERVICE.row
def row(row: Row, at: int, end: int) -> None:
    """Named only where nothing inside is known."""
    row.need(at, 4, end, "VLAN tag")
    tag, kind = unpack_from(">HH", row.data, at)
    row.info = f"VLAN {tag & 0xFFF}"
    row.by_ethertype(kind, at + 4, end)


def _layer(kind: Protocol, tree: Tree, at: int, end: int) -> None:
    draft = tree.open(kind, at, end)
    values = draft.header("dpkt.ethernet:VLANtag8021Q", _SHOW)
    priority = f"  priority {values['pri']}" if values["pri"] else ""
    draft.title = f"{kind.title}  VLAN {values['id']}{priority}"
    tree.by_ethertype(values["type"], draft.at, end)


@CUSTOMER.layer
def customer(tree: Tree, at: int, end: int) -> None:
    """A tag of a customer's VLAN."""
    _layer(CUSTOMER, tree, at, end)


@SERVICE.layer
def service(tree: Tree, at: int, end: int) -> None:
    """A tag of a provider's VLAN."""
    _layer(SERVICE, tree, at, end)
