# SPDX-License-Identifier: Apache-2.0
"""NHRP (RFC 2332): which address of the network below is that of a next hop, as in DMVPN."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Bits, Draft
from ringscope.decode.forms import ethertype, hex4, ip_text, is_set, octets, plain, seconds
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

NHRP = protocol("nhrp", "NHRP", role="routing", ip=(54,))

_TYPES = {
    1: "NHRP Resolution Request",
    2: "NHRP Resolution Reply",
    3: "NHRP Registration Request",
    4: "NHRP Registration Reply",
    5: "NHRP Purge Request",
    6: "NHRP Purge Reply",
    7: "NHRP Error Indication",
    8: "NHRP Traffic Indication",
}
_ERROR, _INDICATION = 7, 8
_CODES = {
    0: "Success",
    4: "Administratively prohibited",
    5: "Insufficient resources",
    12: "No internetworking layer address to NBMA address binding exists",
    13: "Binding exists but is not unique",
    14: "Unique internetworking layer address already registered",
}
_FAMILIES = {1: "IPv4", 2: "IPv6", 3: "NSAP", 8: "E.164"}
_EXTENSIONS = {
    0: "End",
    3: "Responder address",
    4: "Forward transit NHS record",
    5: "Reverse transit NHS record",
    7: "Authentication",
    8: "Vendor",
    9: "Cisco NAT address",
}
_FIXED = 20
_ADDRESSES = ("Client NBMA address", "Client NBMA subaddress", "Client protocol address")


def _part_end(at: int, size: int, extensions: int, end: int) -> int:
    """Where the mandatory part ends: before the extensions, or with the packet."""
    return min(end, at + (extensions or size))


@NHRP.row
def row(row: Row, at: int, end: int) -> None:
    """The message and its number."""
    row.need(at, _FIXED, end, "NHRP header")
    kind = row.data[at + 17]
    row.info = _TYPES.get(kind, f"type {kind}")
    if kind not in (_ERROR, _INDICATION):
        row.need(at, _FIXED + 8, end, "NHRP header")
        row.info += f", ID={unpack_from('>I', row.data, at + _FIXED + 4)[0]}"
    elif kind == _INDICATION:
        row.need(at, _FIXED + 8, end, "NHRP header")
        data = row.data
        size, extensions = unpack_from(">HxxH", data, at + 10)
        place = at + _FIXED + 8 + (data[at + 18] & 63) + (data[at + 19] & 63) + data[at + 20] + data[at + 21]
        row.quoted(0x0800, place, _part_end(at, size, extensions, end))


@NHRP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Fixed part, mandatory part, client entries, extensions."""
    draft = tree.open(NHRP, at, end)
    draft.say()
    draft.uint("Address family", 2, _FAMILIES)
    draft.uint("Protocol type", 2, ethertype)
    draft.raw("SNAP", 5)
    draft.uint("Hop count", 1)
    size = draft.uint("Packet length", 2)
    draft.uint("Checksum", 2, hex4)
    extensions = draft.uint("Extension offset", 2)
    draft.uint("Version", 1, {1: "RFC 2332"})
    kind = draft.uint("Packet type", 1, _TYPES)
    network = draft.bits(1, ("", 1, plain), ("", 1, plain), ("Source NBMA address length", 6, plain))[2]
    subnetwork = draft.bits(1, ("", 1, plain), ("", 1, plain), ("Source NBMA subaddress length", 6, plain))[2]
    draft.end = min(end, at + size)
    source, destination = draft.uint("Source protocol length", 1), draft.uint("Destination protocol length", 1)
    if kind == _ERROR:
        draft.uint("Unused", 2)
        draft.uint("Error code", 2)
        draft.uint("Error offset", 2)
    elif kind == _INDICATION:
        draft.uint("Traffic code", 2)
        draft.uint("Unused", 4)
    else:
        draft.flags("Flags", 2, hex4, *_flags(kind))
        draft.uint("Request ID", 4)
    draft.raw("Source NBMA address", network, ip_text)
    draft.raw("Source NBMA subaddress", subnetwork, octets)
    draft.raw("Source protocol address", source, ip_text)
    draft.raw("Destination protocol address", destination, ip_text)
    stop = at + extensions if extensions else draft.end
    if kind in (_ERROR, _INDICATION):
        if kind == _INDICATION:
            tree.quoted(0x0800, draft.at, _part_end(at, size, extensions, end))
            return
        draft.rest("Packet in question")
        return
    while draft.at < min(stop, draft.end):
        _client(draft)
    if extensions:
        _extensions(draft)


def _flags(kind: int) -> tuple[Bits, ...]:
    if kind in (1, 2):
        return (
            ("Asked by a router", 1, is_set),
            ("Authoritative", 1, is_set),
            ("Destination stable", 1, is_set),
            ("Unique", 1, is_set),
            ("Source stable", 1, is_set),
            ("Reserved", 11, plain),
        )
    return ("Unique" if kind in (3, 4) else "No reply wanted", 1, is_set), ("Reserved", 15, plain)


def _client(draft: Draft) -> None:
    with draft.group("Client information") as group:
        code = draft.uint("Code", 1, _CODES)
        draft.uint("Prefix length", 1)
        draft.uint("Unused", 2)
        draft.uint("MTU", 2)
        draft.uint("Holding time", 2, seconds)
        sizes = [draft.bits(1, ("", 2, plain), (f"{label} length", 6, plain))[1] for label in _ADDRESSES[:2]]
        sizes.append(draft.uint("Client protocol address length", 1))
        draft.uint("Preference", 1)
        words = [
            ip_text(draft.raw(label, size, ip_text)) for label, size in zip(_ADDRESSES, sizes, strict=True) if size
        ]
        group.display = ", ".join((_CODES.get(code, f"code {code}"), *words))


def _extensions(draft: Draft) -> None:
    while draft.left >= 4:
        kind = draft.peek(2) & 0x3FFF
        with draft.group(_EXTENSIONS.get(kind, f"Extension {kind}")):
            draft.bits(2, ("Compulsory", 1, is_set), ("Reserved", 1, plain), ("Type", 14, _EXTENSIONS))
            size = draft.uint("Length", 2)
            with draft.limited(size):
                while kind in (3, 4, 5, 9) and draft.left >= 12:
                    _client(draft)
                draft.rest("Value")
        if not kind:
            return
