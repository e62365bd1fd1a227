# SPDX-License-Identifier: Apache-2.0
"""IPv4, IPv6 and its extension headers, GRE, IPsec, and the step to the transport layer."""

from __future__ import annotations

from typing import Any

from dpkt.ah import AH
from dpkt.esp import ESP
from dpkt.gre import GRE
from dpkt.igmp import IGMP
from dpkt.ip import IP
from dpkt.ip6 import IP6, IP6FragmentHeader, IP6HopOptsHeader, IP6RoutingHeader
from dpkt.ospf import OSPF
from dpkt.pim import PIM
from dpkt.vrrp import VRRP

from ringscope.decode.address import ipv4 as ipv4_text
from ringscope.decode.address import ipv6 as ipv6_text
from ringscope.decode.errors import Malformed
from ringscope.decode.names import ip_protocol
from ringscope.decode.registry import decodes
from ringscope.decode.rows import network as rows
from ringscope.decode.tree.draft import ETHERTYPES, IP_PROTOCOLS, LINKS, Draft, Frame
from ringscope.decode.tree.link import carried


@decodes(LINKS, 101, 12, 14)
def raw_ip(frame: Frame, at: int, end: int) -> None:
    """LINKTYPE_RAW: the version nibble decides."""
    frame.need(at, 1, end, "IP header")
    version = frame.data[at] >> 4
    if version not in (4, 6):
        raise Malformed(f"IP version {version}")
    ETHERTYPES[0x0800 if version == 4 else 0x86DD](frame, at, end)


@decodes(LINKS, 228)
@decodes(ETHERTYPES, 0x0800)
@decodes(IP_PROTOCOLS, 4)
def ipv4(frame: Frame, at: int, end: int) -> None:
    """IPv4 (RFC 791), its options, and whether its checksum is right."""
    draft = frame.open("ip", "IPv4", at)
    values = draft.header(IP, at, end)
    protocol: int = values["p"]
    draft.title = (
        f"IPv4  {ipv4_text(values['src'])} → {ipv4_text(values['dst'])}  {ip_protocol(protocol)}  TTL {values['ttl']}"
    )
    header = values["hl"] * 4
    if values["v"] != 4:
        raise Malformed(f"IP version {values['v']}")
    if header < 20:
        raise Malformed(f"IPv4 header length {header}")
    total = values["len"]
    if total:
        if total < header:
            raise Malformed(f"IPv4 total length {total} below its header length {header}")
        end = min(end, at + total)
    frame.narrow(end)
    if header > 20:
        frame.need(at, header, end, "IPv4 options")
        draft.add("Options", frame.data[at + 20 : at + header].hex(), at + 20, header - 20)
    _checksum(draft, at, header)
    if values["mf"] or values["offset"]:
        draft.title += f"  fragment at {values['offset'] * 8}"
        frame.piece = "fragment"
    if not values["offset"]:
        inner(frame, protocol, at + header, end)


def _checksum(draft: Draft, at: int, header: int) -> None:
    """Say whether the header checksum is right (RFC 1071). The header must have been captured whole."""
    total = sum(draft.data[at + place] << 8 | draft.data[at + place + 1] for place in range(0, header, 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    stated = draft.data[at + 10] << 8 | draft.data[at + 11]
    words = "right" if total == 0xFFFF else "wrong"
    draft.retell("Header checksum", f"0x{stated:04x} ({words})")


@decodes(LINKS, 229)
@decodes(ETHERTYPES, 0x86DD)
@decodes(IP_PROTOCOLS, 41)
def ipv6(frame: Frame, at: int, end: int) -> None:
    """IPv6 (RFC 8200); each extension header is a layer of its own."""
    draft = frame.open("ipv6", "IPv6", at)
    values = draft.header(IP6, at, end)
    following: int = values["nxt"]
    draft.title = (
        f"IPv6  {ipv6_text(values['src'])} → {ipv6_text(values['dst'])}  next {ip_protocol(following)}  "
        f"hop limit {values['hlim']}"
    )
    if values["v"] != 6:
        raise Malformed(f"IP version {values['v']}")
    at += 40
    if values["plen"]:
        end = min(end, at + values["plen"])
    frame.narrow(end)
    while following in _EXTENSIONS:
        following, at, whole = _extension(frame, following, at, end)
        if not whole:
            return
    if following != 59:
        inner(frame, following, at, end)


_EXTENSIONS: dict[int, tuple[str, str, type[Any]]] = {
    0: ("ipv6.hopopts", "IPv6 hop-by-hop options", IP6HopOptsHeader),
    43: ("ipv6.routing", "IPv6 routing", IP6RoutingHeader),
    44: ("ipv6.fraghdr", "IPv6 fragment", IP6FragmentHeader),
    60: ("ipv6.dstopts", "IPv6 destination options", IP6HopOptsHeader),
    135: ("mipv6", "Mobile IPv6", IP6HopOptsHeader),
}


def _extension(frame: Frame, number: int, at: int, end: int) -> tuple[int, int, bool]:
    """One extension header: what follows it, where, and whether that is the beginning of something."""
    name, title, layout = _EXTENSIONS[number]
    draft = frame.open(name, title, at)
    values = draft.header(layout, at, end)
    following: int = values["nxt"]
    draft.title = f"{title}  next {ip_protocol(following)}"
    if number == 44:
        offset = values["frag_off"] * 8
        draft.title += f"  at {offset}"
        if offset or values["m_flag"]:
            frame.piece = "fragment"
        return following, at + 8, offset == 0
    size = (values["len"] + 1) * 8
    frame.need(at, size, end, title)
    if number in (0, 60):
        _options(draft, at + 2, at + size)
    elif number == 43:
        _segments(draft, values["type"], at + 8, at + size)
    draft.stop = max(draft.stop, at + size)
    return following, at + size, True


_OPTIONS = {0: "Pad1", 1: "PadN", 5: "Router alert", 0xC2: "Jumbo payload", 0xC9: "Home address", 0x11: "RPL"}


def _options(draft: Draft, at: int, stop: int) -> None:
    """Type-length-value options (RFC 8200 section 4.2)."""
    while at < stop:
        kind = draft.data[at]
        size = 1 if kind == 0 or at + 1 >= stop else 2 + draft.data[at + 1]
        size = min(size, stop - at)
        name = _OPTIONS.get(kind, f"Option 0x{kind:02x}")
        draft.add(name, draft.data[at + 2 : at + size].hex(), at, size)
        at += size


def _segments(draft: Draft, kind: int, at: int, stop: int) -> None:
    """Addresses of the routing types that are lists of addresses: 0, 2 (RFC 6275), 4 (RFC 8754)."""
    while kind in (0, 2, 4) and at + 16 <= stop:
        draft.add("Address", ipv6_text(draft.data[at : at + 16]), at, 16)
        at += 16


def inner(frame: Frame, protocol: int, at: int, end: int) -> None:
    """What an IP protocol number announces."""
    decoder = IP_PROTOCOLS.get(protocol)
    if decoder is not None and at < end:
        decoder(frame, at, end)
    elif protocol in _DECLARED:
        name, title, layout = _DECLARED[protocol]
        draft = frame.open(name, title, at)
        draft.header(layout, at, end)
        draft.parts(layout, at, end)


_DECLARED: dict[int, tuple[str, str, type[Any]]] = {
    89: ("ospf", "OSPF", OSPF),
    103: ("pim", "PIM", PIM),
    112: ("vrrp", "VRRP", VRRP),
}


@decodes(IP_PROTOCOLS, 2)
def igmp(frame: Frame, at: int, end: int) -> None:
    """IGMP; version 3 reports list their groups."""
    draft = frame.open("igmp", "IGMP", at)
    draft.title = f"IGMP  {frame.words(rows.igmp, at, end)}"
    frame.need(at, 8, end, "IGMP message")
    if frame.data[at] != 0x22:
        draft.header(IGMP, at, end)
        if frame.data[at] == 0x11 and end >= at + 12:
            frame.need(at + 8, end - at - 8, end, "IGMPv3 query")
            draft.add("Version 3", frame.data[at + 8 : end].hex(), at + 8, end - at - 8)
        return
    draft.add("Type", "0x22 (membership report)", at, 1)
    draft.add("Checksum", "0x" + frame.data[at + 2 : at + 4].hex(), at + 2, 2)
    count = frame.data[at + 6] << 8 | frame.data[at + 7]
    draft.add("Group records", str(count), at + 6, 2)
    at += 8
    for _ in range(count):
        frame.need(at, 8, end, "IGMP group record")
        sources = frame.data[at + 2] << 8 | frame.data[at + 3]
        size = 8 + sources * 4 + frame.data[at + 1] * 4
        frame.need(at, size, end, "IGMP group record")
        group = ipv4_text(frame.data[at + 4 : at + 8])
        draft.add("Group", f"{group}, record type {frame.data[at]}, {sources} sources", at, size)
        at += size


@decodes(IP_PROTOCOLS, 47)
def gre(frame: Frame, at: int, end: int) -> None:
    """GRE with its optional checksum, key and sequence number (RFC 2784, RFC 2890)."""
    draft = frame.open("gre", "GRE", at)
    values = draft.header(GRE, at, end)
    kind: int = values["p"]
    draft.title = f"GRE  carries 0x{kind:04x}"
    flags: int = values["flags"]
    if flags & 7 or flags & 0x4000:
        return
    at += 4
    for bit, label in ((0x8000, "Checksum"), (0x2000, "Key"), (0x1000, "Sequence number")):
        if flags & bit:
            frame.need(at, 4, end, f"GRE {label.lower()}")
            draft.add(label, "0x" + frame.data[at : at + 4].hex(), at, 4)
            at += 4
    if kind == rows.ERSPAN:
        _erspan(frame, at, end, bool(flags & 0x1000))
    elif kind in ETHERTYPES:
        carried(frame, kind, at, end)


def _erspan(frame: Frame, at: int, end: int, second: bool) -> None:
    """ERSPAN: type I is nothing but its GRE header, type II, told by the sequence number, has eight bytes more."""
    if second:
        draft = frame.open("erspan", "ERSPAN", at)
        frame.need(at, 8, end, "ERSPAN header")
        session = (frame.data[at + 2] & 3) << 8 | frame.data[at + 3]
        draft.title = f"ERSPAN  session {session}"
        draft.add("Version", str(frame.data[at] >> 4), at, 1, bits=(0, 4))
        draft.add("VLAN", str((frame.data[at] & 15) << 8 | frame.data[at + 1]), at, 2, bits=(4, 12))
        draft.add("Session", str(session), at + 2, 2, bits=(6, 10))
        draft.add("Index", str(int.from_bytes(frame.data[at + 4 : at + 8], "big") & 0xFFFFF), at + 5, 3, bits=(4, 20))
        at += 8
    carried(frame, rows.TRANSPARENT_BRIDGING, at, end)


@decodes(IP_PROTOCOLS, 51)
def authentication(frame: Frame, at: int, end: int) -> None:
    """IP Authentication Header (RFC 4302), and what it protects."""
    draft = frame.open("ah", "AH", at)
    values = draft.header(AH, at, end)
    draft.title = f"AH  SPI 0x{values['spi']:08x}"
    size = (values["len"] + 2) * 4
    if size < 12:
        raise Malformed(f"AH length {size}")
    frame.need(at, size, end, "AH")
    if size > 12:
        draft.add("Integrity check value", frame.data[at + 12 : at + size].hex(), at + 12, size - 12)
    inner(frame, values["nxt"], at + size, end)


@decodes(IP_PROTOCOLS, 50)
def encapsulated(frame: Frame, at: int, end: int) -> None:
    """IP Encapsulating Security Payload (RFC 4303): all but two numbers is encrypted."""
    draft = frame.open("esp", "ESP", at)
    draft.title = f"ESP  SPI 0x{draft.header(ESP, at, end)['spi']:08x}"
