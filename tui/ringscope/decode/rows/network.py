# SPDX-License-Identifier: Apache-2.0
"""Rows of network layers: IPv4, IPv6 with its extension headers, tunnels over IP, IGMP, IPsec."""

from __future__ import annotations

from socket import AF_INET6, inet_ntoa, inet_ntop
from struct import Struct, unpack_from

from ringscope.decode.errors import Malformed
from ringscope.decode.names import ROUTING_PROTOCOLS, ip_protocol
from ringscope.decode.registry import decodes
from ringscope.decode.rows.link import carried
from ringscope.decode.rows.row import ETHERTYPES, IP_PROTOCOLS, LINKS, Row

_IPV4 = Struct(">BxHHHBBxx4s4s")
_IPV6 = Struct(">IHBB16s16s")
ERSPAN, TRANSPARENT_BRIDGING = 0x88BE, 0x6558


@decodes(LINKS, 101, 12, 14)
def raw_ip(row: Row, at: int, end: int) -> None:
    """LINKTYPE_RAW: the version nibble decides."""
    row.protocol = "IP"
    row.need(at, 1, end, "IP header")
    version = row.data[at] >> 4
    if version == 6:
        ipv6(row, at, end)
    elif version == 4:
        ipv4(row, at, end)
    else:
        raise Malformed(f"IP version {version}")


@decodes(LINKS, 228)
@decodes(ETHERTYPES, 0x0800)
@decodes(IP_PROTOCOLS, 4)
def ipv4(row: Row, at: int, end: int) -> None:
    """IPv4 (RFC 791)."""
    row.protocol = "IPv4"
    row.need(at, 20, end, "IPv4 header")
    first, total, identification, fragment, row.hops, protocol, source, destination = _IPV4.unpack_from(row.data, at)
    row.source = inet_ntoa(source)
    row.destination = inet_ntoa(destination)
    header = (first & 15) * 4
    if first >> 4 != 4:
        raise Malformed(f"IP version {first >> 4}")
    if header < 20:
        raise Malformed(f"IPv4 header length {header}")
    # A length of zero is a frame the network card will still cut into segments (TSO); the frame's end counts.
    if total:
        if total < header:
            raise Malformed(f"IPv4 total length {total} below its header length {header}")
        end = min(end, at + total)
    if fragment & 0x3FFF:
        row.info = (
            f"Fragmented IP protocol (proto={ip_protocol(protocol)} {protocol}, off={(fragment & 0x1FFF) * 8}, "
            f"ID={identification:04x})"
        )
        return
    _inner(row, protocol, at + header, end)


@decodes(LINKS, 229)
@decodes(ETHERTYPES, 0x86DD)
@decodes(IP_PROTOCOLS, 41)
def ipv6(row: Row, at: int, end: int) -> None:
    """IPv6 (RFC 8200) and the chain of its extension headers."""
    row.protocol = "IPv6"
    row.need(at, 40, end, "IPv6 header")
    first, payload, following, row.hops, source, destination = _IPV6.unpack_from(row.data, at)
    row.source = inet_ntop(AF_INET6, source)
    row.destination = inet_ntop(AF_INET6, destination)
    if first >> 28 != 6:
        raise Malformed(f"IP version {first >> 28}")
    at += 40
    if payload:
        end = min(end, at + payload)
    while following in _EXTENSIONS:
        row.need(at, 8, end, "IPv6 extension header")
        inner = row.data[at]
        if following == 44:
            _, offset, identification = unpack_from(">BxHI", row.data, at)
            if offset & 0xFFF9:
                more = "y" if offset & 1 else "n"
                row.info = f"IPv6 fragment (off={offset & 0xFFF8} more={more} ident=0x{identification:08x} nxt={inner})"
                return
            at += 8
        else:
            at += (row.data[at + 1] + 1) * 8
        following = inner
    if following == 59:
        row.info = "IPv6 no next header"
        return
    _inner(row, following, at, end)


_EXTENSIONS = frozenset({0, 43, 44, 60, 135})


def _inner(row: Row, protocol: int, at: int, end: int) -> None:
    decoder = IP_PROTOCOLS.get(protocol)
    if decoder is not None:
        row.nested()
        decoder(row, at, end)
        return
    name = ip_protocol(protocol)
    row.protocol = "IPv4" if name.startswith("protocol") else name
    if name in ROUTING_PROTOCOLS:
        row.role = "routing"
    row.info = f"{name}, {max(end - at, 0)} bytes"


@decodes(IP_PROTOCOLS, 2)
def igmp(row: Row, at: int, end: int) -> None:
    """IGMP versions 1 to 3 (RFC 1112, RFC 2236, RFC 9776)."""
    row.protocol, row.role = "IGMP", "routing"
    row.need(at, 8, end, "IGMP message")
    kind, delay, group = unpack_from(">BBxx4s", row.data, at)
    address = inet_ntoa(group)
    if kind == 0x11:
        row.protocol = "IGMPv3" if end - at >= 12 else "IGMPv2" if delay else "IGMPv1"
        row.info = "Membership Query, " + ("general" if group == bytes(4) else f"specific for group {address}")
    elif kind in (0x12, 0x16):
        row.protocol = "IGMPv1" if kind == 0x12 else "IGMPv2"
        row.info = f"Membership Report group {address}"
    elif kind == 0x17:
        row.protocol, row.info = "IGMPv2", f"Leave Group {address}"
    elif kind == 0x22:
        row.protocol = "IGMPv3"
        row.info = "Membership Report" + _igmp3_records(row, at + 8, end, group[2] << 8 | group[3])
    else:
        row.info = f"type 0x{kind:02x}"


def _igmp3_records(row: Row, at: int, end: int, count: int) -> str:
    words = ""
    for _ in range(min(count, 8)):
        row.need(at, 8, end, "IGMP group record")
        kind, extra, sources, group = unpack_from(">BBH4s", row.data, at)
        address = inet_ntoa(group)
        if kind in (2, 4) and sources == 0:
            words += f" / Join group {address} for any sources"
        elif kind in (1, 3) and sources == 0:
            words += f" / Leave group {address}"
        else:
            words += f" / group {address}, {sources} sources"
        at += 8 + sources * 4 + extra * 4
    return words


@decodes(IP_PROTOCOLS, 47)
def gre(row: Row, at: int, end: int) -> None:
    """GRE (RFC 2784, RFC 2890); version 1 (PPTP, RFC 2637) is named only."""
    row.protocol = "GRE"
    row.need(at, 4, end, "GRE header")
    flags, kind = unpack_from(">HH", row.data, at)
    row.info = f"Encapsulated 0x{kind:04x}"
    if flags & 7 or flags & 0x4000:
        return
    at += 4 + sum(4 for bit in (0x8000, 0x2000, 0x1000) if flags & bit)
    if kind == ERSPAN:
        # Type I has no header of its own and no sequence number; type II has eight bytes.
        carried(row, TRANSPARENT_BRIDGING, at + (8 if flags & 0x1000 else 0), end)
    elif kind in ETHERTYPES:
        carried(row, kind, at, end)


@decodes(IP_PROTOCOLS, 51)
def authentication(row: Row, at: int, end: int) -> None:
    """IP Authentication Header (RFC 4302); what it protects is readable."""
    row.protocol = "AH"
    row.need(at, 12, end, "AH header")
    following, size, spi = unpack_from(">BBxxI", row.data, at)
    row.info = f"AH (SPI=0x{spi:08x})"
    if size < 1:
        raise Malformed(f"AH length {(size + 2) * 4}")
    if following in IP_PROTOCOLS:
        _inner(row, following, at + (size + 2) * 4, end)


@decodes(IP_PROTOCOLS, 50)
def encapsulated(row: Row, at: int, end: int) -> None:
    """IP Encapsulating Security Payload (RFC 4303)."""
    row.protocol = "ESP"
    row.need(at, 8, end, "ESP header")
    row.info = f"ESP (SPI=0x{unpack_from('>I', row.data, at)[0]:08x})"
