# SPDX-License-Identifier: Apache-2.0
"""Ethernet II and the frame of IEEE 802.3, which has a length where the other has a type (IEEE 802.3 clause 3); in
place of both Cisco's ISL, a frame in a frame, told by its destination."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import ethertype, hex4, hex6, hex8, mac, plain
from ringscope.decode.registry import Show, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

ETHERNET = protocol("eth", "Ethernet", link=(1,), ethertype=(0x6558,), ppp=(0x0031,))

_ISL = (b"\x01\x00\x0c\x00\x00", b"\x03\x00\x0c\x00\x00")
_ISL_SIZE, _CHECKSUM = 26, 4

_SHOW: Show = {"dst": ("Destination", mac), "src": ("Source", mac), "type": ("Type", ethertype)}


@ETHERNET.row
def row(row: Row, at: int, end: int) -> None:
    """The addresses stand for the packet's while no network header has others."""
    row.need(at, 14, end, "Ethernet header")
    row.link_at = at
    row.source = row.destination = ""
    if row.data.startswith(_ISL, at):
        row.need(at, _ISL_SIZE, end, "ISL header")
        row.enter(ETHERNET, at + _ISL_SIZE, end - _CHECKSUM)
        return
    row.by_ethertype(row.data[at + 12] << 8 | row.data[at + 13], at + 14, end)


@ETHERNET.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header."""
    draft = tree.open(ETHERNET, at, end)
    if tree.data.startswith(_ISL, at):
        _isl(draft)
        tree.enter(ETHERNET, draft.at, end - _CHECKSUM)
        if tree.covered < min(end, tree.size) and end <= tree.size:
            tree.open(ETHERNET, end - _CHECKSUM, end, "ISL checksum", "trailer").uint("Checksum", _CHECKSUM, hex8)
        return
    values = draft.header("dpkt.ethernet:Ethernet", _SHOW)
    draft.title = f"Ethernet  {mac(values['src'])} → {mac(values['dst'])}"
    tree.source = tree.destination = ""
    tree.by_ethertype(values["type"], draft.at, end)


def _isl(draft: Draft) -> None:
    """Cisco's description "Inter-Switch Link and IEEE 802.1Q Frame Format"."""
    draft.raw("Destination", 5, mac)
    draft.bits(1, ("Type", 4, plain), ("User", 4, plain))
    draft.raw("Source", 6, mac)
    draft.uint("Length", 2)
    draft.uint("SNAP", 3, hex6)
    draft.uint("Source organization", 3, hex6)
    vlan = draft.bits(2, ("VLAN", 15, plain), ("BPDU", 1, plain))[0]
    draft.uint("Index", 2, hex4)
    draft.uint("Reserved", 2, hex4)
    draft.title = f"ISL  VLAN {vlan}"
