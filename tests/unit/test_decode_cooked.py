# SPDX-License-Identifier: Apache-2.0
"""Linux cooked captures: the header's fields, what it carries, and who sent it."""

from __future__ import annotations

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringscope.decode import Field, Summary, dissect, escape, summarize
from support.cooked import HEADER, SLL, SLL2, cooked, from_ethernet
from support.packets import ARP, IPV4, IPV6, arp, ipv4, ipv6, samples, udp

DATAGRAM = ipv4(udp(b"hello", (9000, 9001)), 17)
REQUEST = arp(1, "10.0.0.1", "10.0.0.2")
BOTH = pytest.mark.parametrize("link_type", [SLL, SLL2])


def row(data: bytes, link_type: int, length: int | None = None) -> Summary:
    return summarize(data, link_type, len(data) if length is None else length)


def names(data: bytes, link_type: int, length: int | None = None) -> str:
    return ":".join(layer.name for layer in dissect(data, link_type, len(data) if length is None else length))


def fields(data: bytes, link_type: int) -> list[tuple[str, str, int, int]]:
    found: tuple[Field, ...] = dissect(data, link_type, len(data))[0].fields
    return [(field.name, field.display, field.start, field.length) for field in found]


def test_version_two_has_its_fields_in_the_order_of_their_bytes() -> None:
    data = cooked(DATAGRAM, IPV4, SLL2, packet_type=4, interface=7)
    assert fields(data, SLL2) == [
        ("Protocol", "0x0800 (IPv4)", 0, 2),
        ("Interface index", "7", 4, 4),
        ("Link-layer address type", "1 (Ethernet)", 8, 2),
        ("Packet type", "4 (sent by us)", 10, 1),
        ("Link-layer address length", "6", 11, 1),
        ("Source", "02:fc:00:00:00:02", 12, 6),
        ("Unused", "0000", 18, 2),
    ]
    layer = dissect(data, SLL2, len(data))[0]
    assert (layer.start, layer.length) == (0, 20)
    assert layer.title == "Linux cooked capture v2  from 02:fc:00:00:00:02, sent by us, interface 7"


def test_version_one_has_its_fields_in_the_order_of_their_bytes() -> None:
    data = cooked(DATAGRAM, IPV4, SLL, packet_type=1, hatype=772, address=bytes(6))
    assert fields(data, SLL) == [
        ("Packet type", "1 (broadcast)", 0, 2),
        ("Link-layer address type", "772 (loopback)", 2, 2),
        ("Link-layer address length", "6", 4, 2),
        ("Source", "00:00:00:00:00:00", 6, 6),
        ("Unused", "0000", 12, 2),
        ("Protocol", "0x0800 (IPv4)", 14, 2),
    ]
    layer = dissect(data, SLL, len(data))[0]
    assert (layer.start, layer.length) == (0, 16)
    assert layer.title == "Linux cooked capture v1  from 00:00:00:00:00:00, broadcast"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 (unicast to us)"),
        (1, "1 (broadcast)"),
        (2, "2 (multicast)"),
        (3, "3 (unicast to another host)"),
        (4, "4 (sent by us)"),
        (7, "7"),
    ],
)
@BOTH
def test_where_a_packet_was_going_is_said_in_words(number: int, words: str, link_type: int) -> None:
    found = {name: value for name, value, _, _ in fields(cooked(b"", IPV4, link_type, packet_type=number), link_type)}
    assert found["Packet type"] == words


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1 (Ethernet)"), (512, "512 (PPP)"), (519, "519 (raw IP)"), (772, "772 (loopback)"),
     (776, "776 (IPv6 in IPv4 tunnel)"), (778, "778 (GRE over IPv4)"), (801, "801 (IEEE 802.11)"),
     (824, "824 (Netlink)"), (65534, "65534 (no link header)"), (60000, "60000")],
)  # fmt: skip
def test_kinds_of_interfaces_have_names(number: int, words: str) -> None:
    found = {name: value for name, value, _, _ in fields(cooked(b"", IPV4, SLL2, hatype=number), SLL2)}
    assert found["Link-layer address type"] == words


@pytest.mark.parametrize(
    ("address", "length", "shown", "unused"),
    [
        (b"", None, None, 8),
        (bytes([10, 1, 2, 3]), None, "10.1.2.3", 4),
        (bytes.fromhex("02fc00000002"), None, "02:fc:00:00:00:02", 2),
        (bytes.fromhex("0102030405060708"), None, "01:02:03:04:05:06:07:08", 0),
        (bytes.fromhex("0102030405060708"), 20, "01:02:03:04:05:06:07:08", 0),
    ],
)
@BOTH
def test_the_address_is_as_long_as_the_header_says_and_the_rest_is_unused(
    address: bytes, length: int | None, shown: str | None, unused: int, link_type: int
) -> None:
    data = cooked(bytes(4), 0x88B5, link_type, address=address, length=length)
    found = {name: (value, size) for name, value, _, size in fields(data, link_type)}
    assert found.get("Source", (None, 0))[0] == shown
    assert found.get("Unused", ("", 0))[1] == unused
    assert row(data, link_type).source == (shown or "")


@pytest.mark.parametrize(
    ("payload", "kind", "stack", "protocol", "source"),
    [
        (DATAGRAM, IPV4, "sll:ip:udp:data", "UDP", "10.0.0.1"),
        (ipv6(udp(b"hello", (9000, 9001)), 17), IPV6, "sll:ipv6:udp:data", "UDP", "fd00::1"),
        (REQUEST, ARP, "sll:arp", "ARP", "02:fc:00:00:00:02"),
        (pack(">HH", 0x2064, IPV4) + DATAGRAM, 0x8100, "sll:vlan:ip:udp:data", "UDP", "10.0.0.1"),
        (pack(">HHHH", 5, 0x8100, 7, ARP) + REQUEST, 0x88A8, "sll:ieee8021ad:vlan:arp", "ARP", "02:fc:00:00:00:02"),
        (bytes.fromhex("424203") + bytes(35), 4, "sll:llc:stp", "STP", "02:fc:00:00:00:02"),
        (bytes(20), 0x88B5, "sll:data", "0x88b5", "02:fc:00:00:00:02"),
        (bytes(20), 0x0005, "sll:data", "SNAP", "02:fc:00:00:00:02"),
        (bytes(20), 0x0100, "sll:data", "SLL", "02:fc:00:00:00:02"),
        (samples()["udp"], 3, "sll:eth:ip:udp:data", "UDP", "10.0.0.1"),
    ],
)
@BOTH
def test_what_is_inside_is_decoded_by_its_protocol(
    payload: bytes, kind: int, stack: str, protocol: str, source: str, link_type: int
) -> None:
    data = cooked(payload, kind, link_type)
    found = row(data, link_type)
    assert names(data, link_type) == stack
    assert (found.protocol, found.source) == (protocol, source)


def test_a_tag_that_was_put_back_begins_behind_the_header() -> None:
    data = cooked(pack(">HH", 0x2064, IPV4) + DATAGRAM, 0x8100)
    tag = dissect(data, SLL2, len(data))[1]
    assert (tag.name, tag.start, tag.length) == ("vlan", 20, 4) and "VLAN 100" in tag.title


def test_only_the_sender_is_known_of_a_packet_without_network_addresses() -> None:
    found = row(cooked(REQUEST, ARP), SLL2)
    assert (found.source, found.destination) == ("02:fc:00:00:00:02", "")


def test_an_ethernet_frame_inside_brings_both_its_addresses() -> None:
    frame = bytes.fromhex("02000000000a02000000000b0806") + REQUEST
    found = row(cooked(frame, 0x6558, hatype=778, address=bytes([10, 0, 0, 9])), SLL2)
    assert (found.source, found.destination) == ("02:00:00:00:00:0b", "02:00:00:00:00:0a")


@pytest.mark.parametrize(("hatype", "protocol"), [(824, "Netlink"), (803, "WLAN"), (801, "WLAN")])
@BOTH
def test_a_protocol_number_that_is_none_is_not_followed(hatype: int, protocol: str, link_type: int) -> None:
    data = cooked(DATAGRAM, IPV4, link_type, hatype=hatype)
    assert names(data, link_type) == "sll:data" and row(data, link_type).protocol == protocol
    assert ("Protocol", "0x0800") in [field[:2] for field in fields(data, link_type)]


def test_what_is_not_decoded_says_what_is_known() -> None:
    info = row(cooked(bytes(30), 0, hatype=778, packet_type=3, address=bytes(4)), SLL2).info
    assert info == "unicast to another host, GRE over IPv4, protocol 0x0000, 30 bytes"
    info = row(cooked(bytes(30), 0, hatype=4711, packet_type=9), SLL2).info
    assert info == "packet type 9, link type 4711, protocol 0x0000, 30 bytes"


@BOTH
def test_a_header_that_was_cut_is_no_fault_of_the_packet_and_one_that_is_too_short_is(link_type: int) -> None:
    data = cooked(DATAGRAM, IPV4, link_type)
    for size in range(HEADER[link_type]):
        assert names(data[:size], link_type, len(data)) == "sll:cut"
        assert row(data[:size], link_type, len(data)).info.startswith("[cut: ")
        assert names(data[:size], link_type).endswith("malformed")
        assert row(data[:size], link_type).role == "bad"


@given(st.sampled_from(sorted(samples())), st.sampled_from([SLL, SLL2]))
def test_a_cooked_packet_says_what_the_ethernet_frame_said(name: str, link_type: int) -> None:
    frame = samples()[name]
    data = from_ethernet(frame, link_type)
    if data is None:
        return
    plain, other = summarize(frame, 1, len(frame)), row(data, link_type)
    assert (other.protocol, other.info, other.role) == (plain.protocol, plain.info, plain.role)
    stack = [layer.name for layer in dissect(frame, 1, len(frame))]
    assert names(data, link_type).split(":") == ["sll", *stack[1:]]


@given(st.binary(max_size=80), st.sampled_from([SLL, SLL2]), st.integers(0, 100))
def test_any_bytes_are_taken(data: bytes, link_type: int, length: int) -> None:
    found = row(data, link_type, length)
    assert escape(found.info) == found.info
    at = 0
    for layer in dissect(data, link_type, length):
        assert layer.start == at
        at += layer.length
    assert at == len(data)
