# SPDX-License-Identifier: Apache-2.0
"""Every link type is decoded from its first byte, and what dpkt gets wrong between link and transport is right."""

from __future__ import annotations

from struct import pack

import pytest

from ringscope.decode import dissect, protocols, summarize
from ringscope.decode.registry import LINKS
from support.cooked import cooked
from support.packets import ARP, IPV4, IPV6, arp, dns_query, ethernet, ipv4, ipv6, tcp, udp

DATAGRAM = ipv4(udp(dns_query()), 17)
SIX = ipv6(udp(dns_query()), 17)
SNAP = bytes.fromhex("aaaa03000000")
BRIDGE = bytes.fromhex("424203") + bytes(35)
WLAN_DATA = bytes.fromhex("0801") + bytes(22) + SNAP + pack(">H", IPV4) + DATAGRAM
WLAN_QOS = bytes.fromhex("8802") + bytes(24) + SNAP + pack(">H", IPV4) + DATAGRAM
WLAN_SECRET = bytes.fromhex("0841") + bytes(22) + SNAP + pack(">H", IPV4) + DATAGRAM
RADIOTAP = bytes.fromhex("0000090002000000 10".replace(" ", ""))
NFLOG = bytes.fromhex("02000000") + b"\x08\0\x01\0" + bytes(4) + pack("<HH", 4 + len(DATAGRAM), 9) + DATAGRAM
PKTAP = pack("<III", 108, 1, 1) + b"en0".ljust(24, b"\0") + bytes(72)

LINK_CASES = [
    (0, pack("<I", 2) + DATAGRAM, "null:ip:udp:dns"),
    (0, pack(">I", 30) + SIX, "null:ipv6:udp:dns"),
    (0, pack("<I", 24) + SIX, "null:ipv6:udp:dns"),
    (0, b"\xff\x03\x00\x21" + DATAGRAM, "null:ip:udp:dns"),
    (108, pack(">I", 2) + DATAGRAM, "null:ip:udp:dns"),
    (1, ethernet(DATAGRAM), "eth:ip:udp:dns"),
    (9, b"\xff\x03\x00\x21" + DATAGRAM, "ppp:ip:udp:dns"),
    (9, b"\x00\x21" + DATAGRAM, "ppp:ip:udp:dns"),
    (9, b"\x21" + DATAGRAM, "ppp:ip:udp:dns"),
    (9, b"\x57" + SIX, "ppp:ipv6:udp:dns"),
    (50, b"\xff\x03\xc0\x21\x01\x07\0\x08\x01\x04\x05\xdc", "ppp:lcp"),
    (50, b"\x0f\x00\x08\x00" + DATAGRAM, "chdlc:ip:udp:dns"),
    (10, b"\x50" + bytes(12) + SNAP + pack(">H", IPV4) + DATAGRAM, "fddi:llc:ip:udp:dns"),
    (12, DATAGRAM, "ip:udp:dns"),
    (14, SIX, "ipv6:udp:dns"),
    (101, SIX, "ipv6:udp:dns"),
    (100, SNAP + pack(">H", IPV4) + DATAGRAM, "llc:ip:udp:dns"),
    (104, b"\x0f\x00\x86\xdd" + SIX, "chdlc:ipv6:udp:dns"),
    (104, b"\x8f\x00\x80\x35" + pack(">IIIHH", 2, 7, 8, 0xFFFF, 0), "chdlc:slarp"),
    (105, WLAN_DATA, "wlan:llc:ip:udp:dns"),
    (105, WLAN_QOS, "wlan:llc:ip:udp:dns"),
    (105, WLAN_SECRET, "wlan"),
    (105, bytes.fromhex("d400") + bytes(8), "wlan"),
    (107, b"\x18\x41\x03\xcc" + DATAGRAM, "fr:ip:udp:dns"),
    (107, b"\x18\x41\x08\x00" + DATAGRAM, "fr:ip:udp:dns"),
    (107, b"\x18\x41\x03\x00\x80" + SNAP[3:] + pack(">H", IPV6) + SIX, "fr:ipv6:udp:dns"),
    (113, cooked(DATAGRAM, IPV4, 113), "sll:ip:udp:dns"),
    (113, cooked(BRIDGE, 4, 113), "sll:llc:stp"),
    (276, cooked(ethernet(DATAGRAM), 3, 276), "sll:eth:ip:udp:dns"),
    (127, RADIOTAP + WLAN_DATA + bytes(4), "radiotap:wlan:llc:ip:udp:dns"),
    (129, b"\x01\x02\0\0\xd4\0\0\0" + DATAGRAM, "arcnet:ip:udp:dns"),
    (192, pack("<BBHI", 0, 0, 8, 105) + WLAN_DATA, "ppi:wlan:llc:ip:udp:dns"),
    (226, b"\x01\x02\0\0" + bytes(20) + DATAGRAM, "ipnet:ip:udp:dns"),
    (228, DATAGRAM, "ip:udp:dns"),
    (229, SIX, "ipv6:udp:dns"),
    (239, NFLOG, "nflog:ip:udp:dns"),
    (242, bytes(40) + pack(">HH", IPV4, 0) + DATAGRAM, "ipoib:ip:udp:dns"),
    (258, PKTAP + ethernet(DATAGRAM), "pktap:eth:ip:udp:dns"),
    (178, b"MGC\0" + ethernet(DATAGRAM), "juniper:eth:ip:udp:dns"),
    (165, bytes.fromhex("55ff00007e0000a7"), "mstp"),
    (140, bytes.fromhex("1d1f098501"), "mtp2"),
    (195, bytes.fromhex("418807ffffffff0000") + b"beacon", "wpan"),
    (230, bytes.fromhex("020007"), "wpan"),
    (271, pack("<QQIIHHHH", 3, 2, 1024, 1234, 1, 0, 0, 0), "vsock"),
]


def layers(data: bytes, link_type: int) -> str:
    filling = {"data", "padding", "trailer"}
    return ":".join(layer.name for layer in dissect(data, link_type, len(data)) if layer.name not in filling)


@pytest.mark.parametrize(("link_type", "data", "stack"), LINK_CASES)
def test_a_link_type_is_decoded_from_its_first_byte(link_type: int, data: bytes, stack: str) -> None:
    assert ":".join(protocols(data, link_type, len(data))) == stack
    assert layers(data, link_type) == stack
    assert summarize(data, link_type, len(data)).role != "bad"


def test_every_link_type_that_is_registered_has_its_case_here() -> None:
    assert LINKS.keys() | {12, 14, 101} == {case[0] for case in LINK_CASES}


@pytest.mark.parametrize(("link_type", "data", "stack"), LINK_CASES)
def test_a_link_header_that_was_cut_is_no_fault_of_the_packet(link_type: int, data: bytes, stack: str) -> None:
    for kept in range(len(data)):
        found = dissect(data[:kept], link_type, len(data))
        assert "malformed" not in [layer.name for layer in found], (kept, found)
        assert summarize(data[:kept], link_type, len(data)).role != "bad", kept


def fragment(offset: int, *, more: bool, following: int = 17) -> bytes:
    return pack(">BBHI", following, 0, offset | more, 7)


HOP_BY_HOP = b"\x2c\x00\x05\x02\0\0\x01\0"
ISL = b"\x01\x00\x0c\x00\x00\x00" + bytes(6) + pack(">H", 80) + SNAP[:3] + bytes(3) + bytes(6)


@pytest.mark.parametrize(
    ("data", "stack"),
    [
        (ethernet(DATAGRAM, tags=[(0x8100, 1), (0x8100, 2), (0x9100, 3)]), "eth:vlan:vlan:vlan:ip:udp:dns"),
        (ethernet(BRIDGE, len(BRIDGE), tags=[(0x8100, 1)]), "eth:vlan:llc:stp"),
        (ethernet(b"\xff\xff" + bytes(28), 30), "eth:ipx"),
        (ethernet(ipv6(HOP_BY_HOP + fragment(0, more=True) + udp(dns_query()), 0), IPV6),
         "eth:ipv6:ipv6.hopopts:ipv6.fraghdr:udp:dns"),
        (ethernet(ipv6(HOP_BY_HOP + fragment(64, more=True) + udp(dns_query()), 0), IPV6),
         "eth:ipv6:ipv6.hopopts:ipv6.fraghdr"),
        (ethernet(ipv6(pack(">BBBBHHI", 59, 1, 5, 0, 0, 0, 0) + bytes(4), 135), IPV6), "eth:ipv6:mipv6"),
        (ethernet(arp(3, "10.0.0.1", "10.0.0.2"), 0x8035), "eth:arp"),
        (ethernet(ipv4(pack(">BBHI", 3, 4, 0, 1400) + ipv4(tcp()[:8], 6, total=1500), 1)), "eth:ip:icmp:ip:tcp"),
        (ethernet(ipv6(pack(">BBHI", 2, 0, 0, 1280) + SIX, 58), IPV6), "eth:ipv6:icmpv6:ipv6:udp:dns"),
        (ethernet(pack(">I", 16 << 12 | 0x140), 0x8847), "eth:mpls"),
        (ISL + ethernet(DATAGRAM) + bytes(4), "eth:eth:ip:udp:dns"),
        (ethernet(pack(">BBHHH", 0x11, 0x09, 0, 4, 0x0101) + b"\0\0", 0x8863), "eth:pppoed"),
        (ethernet(pack(">BBHHH", 0x11, 0, 1, 8, 0xC021) + b"\x09\x01\0\x06\0\0", 0x8864), "eth:pppoes:ppp:lcp"),
        (ethernet(pack("<HHH", 0, 1, 7), 0x9000), "eth:loop"),
    ],
)  # fmt: skip
def test_headers_that_dpkt_does_not_follow_are_followed(data: bytes, stack: str) -> None:
    assert layers(data, 1) == stack
    assert ":".join(protocols(data, 1, len(data))) == stack
    assert summarize(data, 1, len(data)).role != "bad"


def test_chunks_of_odd_lengths_are_padded_whatever_their_kind() -> None:
    chunks = pack(">BBH", 10, 0, 7) + b"abc\0" + pack(">BBHIIHH", 3, 0, 16, 1, 2, 0, 0) + pack(">BBH", 11, 0, 4)
    data = ethernet(ipv4(pack(">HHII", 1, 2, 3, 0) + chunks, 132))
    assert summarize(data, 1, len(data)).info == "1 → 2 COOKIE_ECHO SACK (Ack=1, Arwnd=2) COOKIE_ACK"
    found = dissect(data, 1, len(data))[-1]
    shown = [(field.display, field.length) for field in found.fields if field.name == "Chunk"]
    assert shown == [("COOKIE_ECHO, 7 bytes", 7), ("SACK (Ack=1, Arwnd=2), 16 bytes", 16), ("COOKIE_ACK, 4 bytes", 4)]


def test_a_quoted_packet_changes_nothing_of_what_the_row_says() -> None:
    quoted = ipv4(udp(b"x", (1, 2)), 17, source="192.0.2.1", destination="192.0.2.2")
    data = ethernet(ipv4(pack(">BBHI", 11, 0, 0, 0) + quoted, 1))
    row = summarize(data, 1, len(data))
    assert (row.source, row.destination, row.protocol) == ("10.0.0.1", "10.0.0.2", "ICMP")
    assert row.info == "Time-to-live exceeded (Time to live exceeded in transit)"


def test_the_arp_of_a_cooked_packet_is_read_by_its_own_lengths() -> None:
    data = cooked(arp(1, "10.0.0.1", "10.0.0.2"), ARP)
    assert summarize(data, 276, len(data)).info == "Who has 10.0.0.2? Tell 10.0.0.1"
