# SPDX-License-Identifier: Apache-2.0
"""Fields to filter expressions: words where pcap-filter has some, bytes where it can count them, else the reason."""

from __future__ import annotations

from struct import pack

import pytest

from ringscope.app.expression import NotTogether, combined, field_expression, layer_expression
from ringscope.decode import Layer, dissect, frame_layer
from support.packets import IPV4, IPV6, dns_query, ethernet, ipv4, ipv6, tcp, udp

_QUERY = ipv4(udp(dns_query()), 17)
_REQUEST = tcp(b"GET / HTTP/1.1\r\n\r\n", ports=(41000, 80))
SEGMENT = ethernet(ipv4(_REQUEST, 6, fragment=0x4000))
SEGMENT6 = ethernet(ipv6(_REQUEST, 6), IPV6)
EXTENDED = ethernet(ipv6(b"\x06\x00\x01\x04" + bytes(4) + _REQUEST, 0), IPV6)
TAGGED = ethernet(_QUERY, tags=[(0x8100, 5)])
TWICE = ethernet(_QUERY, tags=[(0x88A8, 5), (0x8100, 7)])
LABELLED = ethernet(pack(">II", 16 << 12 | 64, 17 << 12 | 0x140) + _QUERY, 0x8847)
IN_SESSION = ethernet(pack(">BBHHH", 0x11, 0, 7, len(_QUERY) + 2, 0x21) + _QUERY, 0x8864)
GRE = ethernet(ipv4(pack(">HH", 0, IPV4) + _QUERY, 47))
LLDP = ethernet(b"\x02\x07\x04" + bytes(6) + b"\x04\x02\x07a" + b"\x06\x02\0x" + bytes(2), 0x88CC)


def _of(data: bytes, layer: str, name: str, nth: int = 0, link_type: int = 1) -> str:
    layers = dissect(data, link_type, len(data))
    found = [(place, field) for place, each in enumerate(layers) if each.name == layer
             for field in each.fields if field.name == name]  # fmt: skip
    made = field_expression(layers, *found[nth], data, link_type)
    return made.text or made.note


@pytest.mark.parametrize(
    ("data", "layer", "name", "expression"),
    [
        (SEGMENT, "ip", "Source", "src host 10.0.0.1"),
        (SEGMENT, "ip", "Protocol", "ip proto 6"),
        (SEGMENT, "ip", "TTL", "ip[8] = 64"),
        (SEGMENT, "ip", "Version", "ip[0] & 0xf0 = 0x40"),
        (SEGMENT, "ip", "Don't fragment", "ip[6] & 0x40 != 0"),
        (SEGMENT, "ip", "More fragments", "ip[6] & 0x20 = 0"),
        (SEGMENT, "tcp", "Destination port", "tcp dst port 80"),
        (SEGMENT, "tcp", "ACK", "tcp[tcpflags] & tcp-ack != 0"),
        (SEGMENT, "tcp", "SYN", "tcp[tcpflags] & tcp-syn = 0"),
        (SEGMENT, "tcp", "Flags", "tcp[12:2] & 0x1ff = 0x18"),
        (SEGMENT, "eth", "Type", "ip"),
        (SEGMENT6, "ipv6", "Hop limit", "ip6[7] = 64"),
        (SEGMENT6, "ipv6", "Flow label", "ip6[0:4] & 0xfffff = 0"),
        (SEGMENT6, "ipv6", "Next header", "ip6 proto 6"),
        (SEGMENT6, "tcp", "Source port", "tcp src port 41000"),
        (SEGMENT6, "tcp", "PSH", "ip6[6] = 6 and ip6[53] & 0x8 != 0"),
        (EXTENDED, "tcp", "Destination port", "ip6[6] = 0 and ip6[40] = 6 and ip6[41] = 0 and ip6[50:2] = 80"),
        (TAGGED, "eth", "Type", "vlan"),
        (TAGGED, "vlan", "VLAN", "vlan 5"),
        (TAGGED, "vlan", "Type", "vlan and ip"),
        (TAGGED, "ip", "Source", "vlan and src host 10.0.0.1"),
        (TAGGED, "udp", "Length", "vlan and udp[4:2] = 38"),
        (LABELLED, "ip", "TTL", "mpls and mpls and ip[8] = 64"),
        (IN_SESSION, "pppoes", "Session", "pppoes 7"),
        (IN_SESSION, "udp", "Destination port", "pppoes and udp dst port 53"),
        (GRE, "gre", "Protocol", "ip proto 47 and ip[6:2] & 0x1fff = 0 and ip[((ip[0] & 0xf) << 2) + 2:2] = 0x0800"),
    ],
)
def test_a_field_becomes_the_expression_a_person_would_write(
    data: bytes, layer: str, name: str, expression: str
) -> None:
    assert _of(data, layer, name) == expression


def test_labels_and_tags_are_counted_from_the_outermost() -> None:
    assert _of(TWICE, "vlan", "VLAN") == "vlan and vlan 7"
    assert _of(LABELLED, "mpls", "Label", 1) == "mpls 16"
    assert _of(LABELLED, "mpls", "Label", 3) == "mpls and mpls 17"


def test_what_lies_in_a_datagram_or_a_segment_is_counted_from_its_header() -> None:
    assert _of(TAGGED, "dns", "Transaction") == "vlan and udp[8:2] = 0x50b5"
    start = "tcp[((tcp[12] & 0xf0) >> 2)"
    assert _of(SEGMENT, "http", "Method") == f"{start}:2] = 0x4745 and {start} + 2] = 0x54"


def test_where_there_is_no_expression_the_reason_is_said() -> None:
    assert "the kernel takes it out" in _of(TAGGED, "vlan", "Priority")
    layers = (frame_layer(number=1, time_ns=0, length=60, captured=60, queue=0, epoch=1, packet_type=0,
                          clock="software"),)  # fmt: skip
    assert "not in the bytes" in field_expression(layers, 0, layers[0].fields[0], SEGMENT, 1).note
    length = next(field for field in layers[0].fields if field.name == "Length on the wire")
    assert field_expression(layers, 0, length, SEGMENT, 1).text == "len = 60"


def _layer(data: bytes, name: str) -> str:
    layers: tuple[Layer, ...] = dissect(data, 1, len(data))
    place = next(place for place, each in enumerate(layers) if each.name == name)
    made = layer_expression(layers, place, data, 1)
    return made.text or made.note


def test_a_layer_becomes_the_word_for_its_protocol() -> None:
    assert _layer(SEGMENT, "tcp") == "tcp"
    assert _layer(SEGMENT6, "ipv6") == "ip6"
    assert _layer(TAGGED, "udp") == "vlan and udp"
    assert _layer(TAGGED, "dns") == "vlan and udp port 53"
    assert _layer(TWICE, "vlan") == "vlan and vlan"
    assert _layer(GRE, "gre") == "ip proto 47"
    assert _layer(LLDP, "lldp") == "ether proto 0x88cc"


@pytest.mark.parametrize(
    ("how", "old", "new", "joined"),
    [
        ("only", "tcp", "udp", "udp"),
        ("not", "", "udp", "not udp"),
        ("not", "", "src port 1 or src port 2", "not (src port 1 or src port 2)"),
        ("and", "", "udp", "udp"),
        ("not", "tcp", "port 80", "tcp and not port 80"),
        ("and", "tcp or udp", "port 53", "(tcp or udp) and port 53"),
        ("or", "port 53", "ip[8] = 64 and tcp", "port 53 or (ip[8] = 64 and tcp)"),
        ("or", "(a or b)", "c", "(a or b) or c"),
        ("and", "vlan and port 53", "len > 60", "len > 60 and (vlan and port 53)"),
        ("and", "port 53", "vlan and ip[8] = 64", "port 53 and (vlan and ip[8] = 64)"),
        ("or", "vlan and port 53", "vlan and ip[8] = 64", "vlan and (port 53 or ip[8] = 64)"),
        ("not", "vlan 5 and tcp", "vlan 5 and (port 80)", "vlan 5 and (tcp and not (port 80))"),
    ],
)
def test_expressions_are_joined_so_that_each_keeps_its_meaning(how: str, old: str, new: str, joined: str) -> None:
    assert combined(how, old, new) == joined


def test_two_that_look_behind_different_tags_are_not_joined() -> None:
    for old, new in (("vlan and a or b", "vlan and c"), ("vlan", "mpls and ip"), ("vlan 3 and a", "vlan 4 and b")):
        with pytest.raises(NotTogether, match="tags"):
            combined("or", old, new)
