# SPDX-License-Identifier: Apache-2.0
"""Rows of link layers: Ethernet with any number of VLAN tags, LLC and SNAP, spanning tree, MPLS, PPPoE, ARP."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.address import ipv4, mac
from ringscope.decode.names import ETHERTYPES as ETHERTYPE_NAMES
from ringscope.decode.names import ethertype
from ringscope.decode.registry import decodes
from ringscope.decode.rows.row import ETHERTYPES, IP_PROTOCOLS, LINKS, Row

VLAN_TYPES = frozenset({0x8100, 0x88A8, 0x9100, 0x9200})
_SNAP_PROTOCOLS = {0x2000: "CDP", 0x2003: "VTP", 0x2004: "DTP", 0x0111: "UDLD", 0x010B: "STP"}
_SAP_PROTOCOLS = {0xE0: "IPX", 0xF0: "NetBIOS", 0xFE: "OSI", 0x06: "IPv4"}


@decodes(LINKS, 1)
@decodes(ETHERTYPES, 0x6558)
def ethernet(row: Row, at: int, end: int) -> None:
    """IEEE 802.3 and Ethernet II."""
    row.protocol = "Ethernet"
    row.need(at, 14, end, "Ethernet header")
    row.link_at = at
    row.source = row.destination = ""
    data = row.data
    kind = data[at + 12] << 8 | data[at + 13]
    tagged(row, kind, at + 14, end)


def tagged(row: Row, kind: int, at: int, end: int) -> None:
    """VLAN tags, as many as `kind` and what follows announce, and what they carry."""
    vlan = -1
    while kind in VLAN_TYPES:
        row.protocol = "802.1Q"
        row.need(at, 4, end, "VLAN tag")
        tag, kind = unpack_from(">HH", row.data, at)
        vlan = tag & 0xFFF
        row.info = f"VLAN {vlan}"
        at += 4
    carried(row, kind, at, end, vlan)


def carried(row: Row, kind: int, at: int, end: int, vlan: int = -1) -> None:
    """What an Ethertype (or an 802.3 length) announces."""
    decoder = ETHERTYPES.get(kind)
    if decoder is not None:
        row.nested()
        decoder(row, at, end)
    elif kind <= 1500:
        llc(row, at, min(at + kind, end) if kind else end)
    else:
        known = ETHERTYPE_NAMES.get(kind)
        row.protocol = known or ("802.1Q" if vlan >= 0 else ethertype(kind))
        words = "" if known else f"Ethertype {ethertype(kind)}, "
        row.info = f"{f'VLAN {vlan}, ' if vlan >= 0 else ''}{words}{max(end - at, 0)} bytes"


def llc(row: Row, at: int, end: int) -> None:
    """IEEE 802.2, and SNAP inside it."""
    row.protocol = "LLC"
    row.need(at, 3, end, "LLC header")
    data = row.data
    dsap, ssap, control = data[at], data[at + 1], data[at + 2]
    if dsap == ssap == 0xAA and control == 3:
        row.need(at + 3, 5, end, "SNAP header")
        organization = data[at + 3] << 16 | data[at + 4] << 8 | data[at + 5]
        kind = data[at + 6] << 8 | data[at + 7]
        if organization == 0:
            carried(row, kind, at + 8, end)
        elif organization == 0x00000C and kind == 0x010B:
            spanning_tree(row, at + 8, end)
        else:
            name = _SNAP_PROTOCOLS.get(kind) if organization == 0x00000C else None
            row.protocol = name or "LLC"
            row.info = f"SNAP {organization:06x} 0x{kind:04x}, {end - at - 8} bytes"
        return
    if dsap == 0x42 and control == 3:
        spanning_tree(row, at + 3, end)
        return
    header = 3 if control & 3 == 3 else 4
    row.protocol = _SAP_PROTOCOLS.get(dsap, "LLC")
    row.info = f"DSAP 0x{dsap:02x} SSAP 0x{ssap:02x}, {max(end - at - header, 0)} bytes"


def spanning_tree(row: Row, at: int, end: int) -> None:
    """Bridge protocol data units (IEEE 802.1D, 802.1Q)."""
    row.protocol, row.role = "STP", "routing"
    row.need(at, 4, end, "BPDU")
    kind = row.data[at + 3]
    if kind == 0x80:
        row.info = "Topology Change Notification"
        return
    row.need(at, 35, end, "BPDU")
    version, flags = row.data[at + 2], row.data[at + 4]
    priority, address, cost = unpack_from(">H6sI", row.data, at + 5)
    (port,) = unpack_from(">H", row.data, at + 25)
    name = "MST" if version >= 3 else "RST" if version == 2 else "Conf"
    change = "TC + " if flags & 1 else ""
    row.info = (
        f"{name}. {change}Root = {priority & 0xF000}/{priority & 0xFFF}/{mac(address)}  "
        f"Cost = {cost}  Port = 0x{port:04x}"
    )


@decodes(ETHERTYPES, 0x0806, 0x8035)
def arp(row: Row, at: int, end: int) -> None:
    """ARP (RFC 826) and RARP (RFC 903) in Wireshark's words."""
    row.protocol, row.role = "ARP", "arp"
    row.need(at, 8, end, "ARP header")
    _, protocol, hardware_size, protocol_size, operation = unpack_from(">HHBBH", row.data, at)
    row.need(at + 8, 2 * (hardware_size + protocol_size), end, "ARP addresses")
    at += 8
    parts = []
    for size in (hardware_size, protocol_size, hardware_size, protocol_size):
        parts.append(row.data[at : at + size])
        at += size
    sender, source, target, destination = parts
    if protocol != 0x0800 or protocol_size != 4:
        row.info = f"operation {operation}, protocol {ethertype(protocol)}"
        return
    row.info = _arp_words(operation, mac(sender), ipv4(source), mac(target), ipv4(destination))
    if operation in (3, 4):
        row.protocol = "RARP"


def _arp_words(operation: int, sender: str, source: str, target: str, destination: str) -> str:
    if operation == 1:
        if source == destination:
            return f"ARP Announcement for {source}"
        if source == "0.0.0.0":
            return f"Who has {destination}? (ARP Probe)"
        return f"Who has {destination}? Tell {source}"
    if operation == 2:
        return f"Gratuitous ARP for {source} (Reply)" if source == destination else f"{source} is at {sender}"
    if operation == 3:
        return f"Who is {target}? Tell {sender}"
    if operation == 4:
        return f"{target} is at {destination}"
    return f"operation {operation}, {source} to {destination}"


@decodes(ETHERTYPES, 0x8847, 0x8848)
@decodes(IP_PROTOCOLS, 137)
def mpls(row: Row, at: int, end: int) -> None:
    """MPLS (RFC 3032). The stack does not name its payload: an IP version nibble or an Ethernet frame is assumed."""
    row.protocol = "MPLS"
    bottom = False
    labels: list[str] = []
    while not bottom:
        row.need(at, 4, end, "MPLS label")
        (entry,) = unpack_from(">I", row.data, at)
        labels.append(str(entry >> 12))
        bottom = bool(entry >> 8 & 1)
        at += 4
    row.info = "label " + ", ".join(labels[:8])
    row.need(at, 1, end, "MPLS payload")
    version = row.data[at] >> 4
    if version in (4, 6):
        row.nested()
        ETHERTYPES[0x0800 if version == 4 else 0x86DD](row, at, end)
    elif version in (0, 1):
        row.info += f", pseudowire, {end - at} bytes"


@decodes(ETHERTYPES, 0x8864)
def pppoe(row: Row, at: int, end: int) -> None:
    """PPPoE session (RFC 2516)."""
    row.protocol = "PPPoES"
    row.need(at, 8, end, "PPPoE header")
    session, size, protocol = unpack_from(">HHH", row.data, at + 2)
    row.info = f"session 0x{session:04x}, PPP protocol 0x{protocol:04x}"
    inner = {0x0021: 0x0800, 0x0057: 0x86DD}.get(protocol)
    if inner:
        row.nested()
        ETHERTYPES[inner](row, at + 8, min(at + 6 + size, end))
