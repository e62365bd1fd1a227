# SPDX-License-Identifier: Apache-2.0
"""Layers below IP: Ethernet, VLAN tags, LLC and SNAP, spanning tree, MPLS, PPPoE, ARP."""

from __future__ import annotations

from struct import unpack_from
from typing import Any

from dpkt.arp import ARP
from dpkt.cdp import CDP
from dpkt.dtp import DTP
from dpkt.ethernet import Ethernet, MPLSlabel, VLANtag8021Q
from dpkt.llc import LLC
from dpkt.pppoe import PPPoE
from dpkt.stp import STP

from ringscope.decode.address import ip_text, mac
from ringscope.decode.names import ARP_OPERATIONS, named
from ringscope.decode.names import ethertype as ethertype_name
from ringscope.decode.registry import decodes
from ringscope.decode.rows import link as rows
from ringscope.decode.text import wire_text
from ringscope.decode.tree.draft import ETHERTYPES, IP_PROTOCOLS, LINKS, Draft, Frame


@decodes(LINKS, 1)
@decodes(ETHERTYPES, 0x6558)
def ethernet(frame: Frame, at: int, end: int) -> None:
    """The Ethernet header."""
    draft = frame.open("eth", "Ethernet", at)
    values = draft.header(Ethernet, at, end)
    draft.title = f"Ethernet  {mac(values['src'])} → {mac(values['dst'])}"
    tagged(frame, values["type"], at + 14, end)


def tagged(frame: Frame, kind: int, at: int, end: int) -> None:
    """VLAN tags, as many as `kind` and what follows announce, and what they carry."""
    while kind in rows.VLAN_TYPES:
        name = "ieee8021ad" if kind == 0x88A8 else "vlan"
        draft = frame.open(name, ethertype_name(kind), at)
        values = draft.header(VLANtag8021Q, at, end)
        priority = f"  priority {values['pri']}" if values["pri"] else ""
        draft.title = f"{ethertype_name(kind)}  VLAN {values['id']}{priority}"
        kind = values["type"]
        at += 4
    carried(frame, kind, at, end)


def carried(frame: Frame, kind: int, at: int, end: int) -> None:
    """What an Ethertype (or an 802.3 length) announces; an unknown one leaves its bytes to the data layer."""
    decoder = ETHERTYPES.get(kind)
    if decoder is not None:
        decoder(frame, at, end)
    elif kind <= 1500:
        stop = min(at + kind, end) if kind else end
        frame.narrow(stop)
        llc(frame, at, stop)


def llc(frame: Frame, at: int, end: int) -> None:
    """IEEE 802.2, and SNAP inside it."""
    draft = frame.open("llc", "LLC", at)
    values = draft.header(LLC, at, end)
    draft.title = f"LLC  DSAP 0x{values['dsap']:02x}  SSAP 0x{values['ssap']:02x}"
    if values["dsap"] == values["ssap"] == 0xAA and values["ctl"] == 3:
        _snap(draft, at + 3, end)
    elif values["dsap"] == 0x42 and values["ctl"] == 3:
        spanning_tree(frame, at + 3, end)


def _snap(draft: Draft, at: int, end: int) -> None:
    frame = draft.frame
    frame.need(at, 5, end, "SNAP header")
    organization = frame.data[at : at + 3]
    kind = frame.data[at + 3] << 8 | frame.data[at + 4]
    draft.add("Organization", mac(organization), at, 3)
    draft.add("Protocol", f"0x{kind:04x}", at + 3, 2)
    at += 5
    if organization == bytes(3):
        carried(frame, kind, at, end)
    elif organization == b"\x00\x00\x0c":
        if kind == 0x010B:
            spanning_tree(frame, at, end)
        elif kind in _CISCO:
            name, title, layout = _CISCO[kind]
            inner = frame.open(name, title, at)
            inner.header(layout, at, end)
            _type_length_values(inner, inner.stop, end)


def _type_length_values(draft: Draft, at: int, end: int) -> None:
    """Lists of two bytes type, two bytes length and a value, where the length counts all three."""
    while at < end:
        draft.frame.need(at, 4, end, draft.title)
        kind, size = unpack_from(">HH", draft.data, at)
        if size < 4:
            return
        draft.frame.need(at, size, end, draft.title)
        raw = draft.data[at + 4 : at + size]
        readable = raw.isascii() and raw.decode("ascii").isprintable()
        draft.add(f"Value 0x{kind:04x}", wire_text(raw) if readable else raw.hex(), at, size)
        at += size


_CISCO: dict[int, tuple[str, str, type[Any]]] = {
    0x2000: ("cdp", "Cisco Discovery Protocol", CDP),
    0x2004: ("dtp", "Dynamic Trunking Protocol", DTP),
}


def spanning_tree(frame: Frame, at: int, end: int) -> None:
    """A bridge protocol data unit; a topology change notification ends after its type."""
    draft = frame.open("stp", "Spanning tree", at)
    short = at + 4 <= min(end, frame.size) and frame.data[at + 3] == 0x80
    draft.title = f"Spanning tree  {frame.words(rows.spanning_tree, at, end)}".rstrip()
    if short:
        draft.add("Protocol", "0x0000", at, 2)
        draft.add("Version", str(frame.data[at + 2]), at + 2, 1)
        draft.add("Type", "0x80 (topology change notification)", at + 3, 1)
    else:
        draft.header(STP, at, end)


@decodes(ETHERTYPES, 0x0806, 0x8035)
def arp(frame: Frame, at: int, end: int) -> None:
    """ARP and RARP. Addresses of other lengths than 6 and 4 are laid out as the header says (RFC 826)."""
    draft = frame.open("arp", "ARP", at)
    draft.title = f"ARP  {frame.words(rows.arp, at, end)}".rstrip()
    frame.need(at, 8, end, "ARP header")
    hardware, protocol = frame.data[at + 4], frame.data[at + 5]
    if (hardware, protocol) == (6, 4):
        draft.header(ARP, at, end)
    else:
        operation = frame.data[at + 6] << 8 | frame.data[at + 7]
        draft.add("Hardware type", str(frame.data[at] << 8 | frame.data[at + 1]), at, 2)
        draft.add("Protocol type", ethertype_name(frame.data[at + 2] << 8 | frame.data[at + 3]), at + 2, 2)
        draft.add("Hardware size", str(hardware), at + 4, 1)
        draft.add("Protocol size", str(protocol), at + 5, 1)
        draft.add("Operation", named(ARP_OPERATIONS, operation), at + 6, 2)
        place = at + 8
        for label, size in (
            ("Sender hardware address", hardware),
            ("Sender protocol address", protocol),
            ("Target hardware address", hardware),
            ("Target protocol address", protocol),
        ):
            frame.need(place, size, end, label)
            raw = frame.data[place : place + size]
            draft.add(label, ip_text(raw) if "protocol" in label else mac(raw), place, size)
            place += size
    frame.narrow(draft.stop)


@decodes(ETHERTYPES, 0x8847, 0x8848)
@decodes(IP_PROTOCOLS, 137)
def mpls(frame: Frame, at: int, end: int) -> None:
    """One layer for each label; behind the last an IP packet is recognized by its version."""
    bottom = 0
    while not bottom:
        draft = frame.open("mpls", "MPLS label", at)
        values = draft.header(MPLSlabel, at, end)
        bottom = values["s"]
        draft.title = f"MPLS  label {values['val']}  TTL {values['ttl']}"
        at += 4
    if at < min(end, frame.size) and frame.data[at] >> 4 in (4, 6):
        ETHERTYPES[0x0800 if frame.data[at] >> 4 == 4 else 0x86DD](frame, at, end)


@decodes(ETHERTYPES, 0x8864)
def pppoe(frame: Frame, at: int, end: int) -> None:
    """PPPoE session, PPP, and IP inside it."""
    draft = frame.open("pppoes", "PPPoE session", at)
    values = draft.header(PPPoE, at, end)
    draft.title = f"PPPoE  session 0x{values['session']:04x}"
    end = min(end, at + 6 + values["len"])
    frame.narrow(end)
    at += 6
    frame.need(at, 2, end, "PPP protocol")
    protocol = frame.data[at] << 8 | frame.data[at + 1]
    draft = frame.open("ppp", f"PPP  protocol 0x{protocol:04x}", at)
    draft.add("Protocol", f"0x{protocol:04x}", at, 2)
    inner = {0x0021: 0x0800, 0x0057: 0x86DD}.get(protocol)
    if inner:
        ETHERTYPES[inner](frame, at + 2, end)
