# SPDX-License-Identifier: Apache-2.0
"""ARP (RFC 826), its probes and announcements (RFC 5227), RARP (RFC 903), DRARP (RFC 1931) and InARP (RFC 2390), for
any kinds and lengths of addresses."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.address import ip_text, ipv4, mac
from ringscope.decode.forms import ethertype as type_form
from ringscope.decode.names import ARP_OPERATIONS, HARDWARE, ethertype
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

ARP = protocol("arp", "ARP", role="arp", ethertype=(0x0806, 0x8035), sap=(0x98,))

_OPERATIONS = {
    **ARP_OPERATIONS,
    5: "dynamic reverse request",
    6: "dynamic reverse reply",
    7: "dynamic reverse error",
    9: "InARP reply",
    10: "ARP NAK",
}
_TITLES = {3: "RARP", 4: "RARP", 5: "DRARP", 6: "DRARP", 7: "DRARP", 8: "Inverse ARP", 9: "Inverse ARP"}
_REFUSALS = {7: "DRARP Error", 10: "ARP NAK"}
_NOBODY = ("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff")


@ARP.row
def row(row: Row, at: int, end: int) -> None:
    """In Wireshark's words."""
    row.need(at, 8, end, "ARP header")
    _, kind, hardware_size, protocol_size, operation = unpack_from(">HHBBH", row.data, at)
    row.need(at + 8, 2 * (hardware_size + protocol_size), end, "ARP addresses")
    at += 8
    parts = []
    for size in (hardware_size, protocol_size, hardware_size, protocol_size):
        parts.append(row.data[at : at + size])
        at += size
    sender, source, target, destination = parts
    if kind != 0x0800 or protocol_size != 4:
        row.info = f"operation {operation}, protocol {ethertype(kind)}"
        return
    row.info = _words(operation, mac(sender), ipv4(source), mac(target), ipv4(destination))
    row.protocol = _TITLES.get(operation, "ARP")


def _words(operation: int, sender: str, source: str, target: str, destination: str) -> str:
    if operation == 1:
        if source == destination:
            announced = target in _NOBODY
            return f"ARP Announcement for {source}" if announced else f"Gratuitous ARP for {source} (Request)"
        if source == "0.0.0.0":
            return f"Who has {destination}? (ARP Probe)"
        return f"Who has {destination}? Tell {source}"
    if operation == 2:
        return f"Gratuitous ARP for {source} (Reply)" if source == destination else f"{source} is at {sender}"
    if operation in (3, 5, 8):
        return f"Who is {target}? Tell {sender}"
    if operation in (4, 6):
        return f"{target} is at {destination}"
    if operation == 9:
        return f"{sender} is at {source}"
    if operation in _REFUSALS:
        return _REFUSALS[operation]
    return f"operation {operation}, {source} to {destination}"


@ARP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Laid out as the header says."""
    draft = tree.open(ARP, at, end)
    draft.say()
    draft.uint("Hardware type", 2, HARDWARE)
    draft.uint("Protocol type", 2, type_form)
    hardware, size = draft.uint("Hardware size", 1), draft.uint("Protocol size", 1)
    draft.uint("Operation", 2, _OPERATIONS)
    usual = (hardware, size) == (6, 4)
    link, network = ("MAC", "IP") if usual else ("hardware address", "protocol address")
    for side in ("Sender", "Target"):
        draft.raw(f"{side} {link}", hardware, mac)
        draft.raw(f"{side} {network}", size, ip_text)
    tree.narrow(draft.at)
