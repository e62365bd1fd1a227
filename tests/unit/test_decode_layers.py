# SPDX-License-Identifier: Apache-2.0
"""Layers name every header, point at the bytes they were read from, and account for all the others."""

from __future__ import annotations

from struct import pack

import pytest

from ringscope.decode import Field, Layer, dissect, frame_layer
from support.packets import (
    ARP,
    client_hello,
    dns_response,
    ethernet,
    ipv4,
    ipv6,
    samples,
    tcp,
    udp,
)

SAMPLES = samples()


def layers(data: bytes, length: int | None = None, link_type: int = 1) -> tuple[Layer, ...]:
    return dissect(data, link_type, len(data) if length is None else length)


def names(data: bytes, length: int | None = None, link_type: int = 1) -> str:
    return ":".join(layer.name for layer in layers(data, length, link_type))


def field(found: tuple[Layer, ...], layer: str, name: str, which: int = 0) -> Field:
    fields = [field for candidate in found if candidate.name == layer for field in candidate.fields]
    return [field for field in fields if field.name == name][which]


@pytest.mark.parametrize(
    ("name", "stack"),
    [
        ("tcp", "eth:ip:tcp"),
        ("syn", "eth:ip:tcp"),
        ("udp", "eth:ip:udp:data"),
        ("options", "eth:ip:udp:data"),
        ("fragment", "eth:ip:data"),
        ("dns", "eth:ipv6:udp:dns"),
        ("dns response", "eth:ipv6:udp:dns"),
        ("dns over tcp", "eth:ip:tcp:dns"),
        ("mdns", "eth:ip:udp:mdns"),
        ("tls", "eth:ip:tcp:tls"),
        ("http", "eth:ip:tcp:http"),
        ("http response", "eth:ip:tcp:http"),
        ("ssh", "eth:ip:tcp:ssh"),
        ("dhcp", "eth:ip:udp:dhcp"),
        ("ntp", "eth:ip:udp:ntp"),
        ("icmp", "eth:ip:icmp:data"),
        ("icmp error", "eth:ip:icmp:ip:udp"),
        ("icmpv6", "eth:ipv6:icmpv6"),
        ("hop by hop", "eth:ipv6:ipv6.hopopts:icmpv6"),
        ("igmp", "eth:ip:igmp"),
        ("arp", "eth:arp"),
        ("vlan", "eth:ieee8021ad:vlan:vlan:ip:udp:data"),
        ("stp", "eth:llc:stp"),
        ("mpls", "eth:mpls:ip:icmp:data"),
        ("pppoe", "eth:pppoes:ppp:ip:icmp:data"),
        ("gre", "eth:ip:gre:ip:icmp:data"),
        ("vxlan", "eth:ip:udp:vxlan:eth:ip:icmp:data"),
        ("erspan", "eth:ip:gre:erspan:eth:ip:icmp:data"),
        ("geneve", "eth:ip:udp:geneve:eth:ip:icmp:data"),
        ("ah", "eth:ip:ah:icmp:data"),
        ("esp", "eth:ip:esp:data"),
        ("routing", "eth:ipv6:ipv6.routing:udp:data"),
        ("sctp", "eth:ip:sctp"),
        ("bgp", "eth:ip:tcp:bgp"),
        ("rip", "eth:ip:udp:rip"),
        ("hsrp", "eth:ip:udp:hsrp"),
        ("radius", "eth:ip:udp:radius"),
        ("stun", "eth:ip:udp:stun"),
        ("vrrp", "eth:ip:vrrp"),
        ("unknown", "eth:data"),
    ],
)
def test_each_header_is_a_layer(name: str, stack: str) -> None:
    assert names(SAMPLES[name]) == stack


def test_every_sample_has_its_layers_checked_here() -> None:
    assert {case[0] for case in test_each_header_is_a_layer.pytestmark[0].args[1]} == set(SAMPLES)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_byte_of_a_frame_belongs_to_one_layer(name: str) -> None:
    data = SAMPLES[name] + bytes(4)
    at = 0
    for layer in layers(data):
        assert layer.start == at, layer
        at += layer.length
    assert at == len(data)


@pytest.mark.parametrize(
    ("layer", "name", "value", "start", "length", "bits"),
    [
        ("eth", "Destination", "02:fc:00:00:00:02", 0, 6, None),
        ("eth", "Type", "0x0800 (IPv4)", 12, 2, None),
        ("ip", "Version", "4", 14, 1, (0, 4)),
        ("ip", "Header length", "5 (20 bytes)", 14, 1, (4, 4)),
        ("ip", "Don't fragment", "not set", 20, 1, (1, 1)),
        ("ip", "Fragment offset", "0", 20, 2, (3, 13)),
        ("ip", "Protocol", "6 (TCP)", 23, 1, None),
        ("ip", "Source", "10.0.0.1", 26, 4, None),
        ("tcp", "Destination port", "443", 36, 2, None),
        ("tcp", "Flags", "0x018 (PSH, ACK)", 46, 2, (7, 9)),
        ("tcp", "Timestamps", "value 11, echo reply 22", 56, 10, None),
    ],
)
def test_a_field_points_at_its_bytes_and_bits(
    layer: str, name: str, value: str, start: int, length: int, bits: tuple[int, int] | None
) -> None:
    found = field(layers(SAMPLES["tcp"]), layer, name)
    assert (found.name, found.display, found.start, found.length, found.bits) == (name, value, start, length, bits)


def test_the_ipv4_checksum_is_judged() -> None:
    good = SAMPLES["udp"]
    assert field(layers(good), "ip", "Header checksum").note == "right, computed over the header"
    bad = good[:22] + bytes([good[22] ^ 1]) + good[23:]
    assert field(layers(bad), "ip", "Header checksum").text.endswith(" [wrong, computed over the header]")


def test_dns_questions_and_answers_point_at_their_bytes() -> None:
    data = ethernet(ipv4(udp(dns_response(answers=[(1, bytes([192, 0, 2, 1]))], kind=1), (53, 40000)), 17))
    message = 14 + 20 + 8
    found = layers(data)
    question = field(found, "dns", "Question")
    assert (question.display, question.start, question.length) == ("db1.internal A", message + 12, 18)
    answer = field(found, "dns", "Answer")
    assert (answer.display, answer.start, answer.length) == ("db1.internal A 192.0.2.1  ttl 30", message + 30, 16)
    name = field(found, "dns", "Name", 1)
    assert (name.display, data[name.start : name.start + name.length]) == ("db1.internal", b"\xc0\x0c")
    assert field(found, "dns", "Reply code").bits == (4, 4)


def test_a_tls_hello_shows_name_protocols_and_versions_with_their_bytes() -> None:
    data = SAMPLES["tls"]
    found = layers(data)
    for name, value, holds in (
        ("server_name", "example.org", b"example.org"),
        ("application_layer_protocol_negotiation", "h2, http/1.1", b"http/1.1"),
        ("supported_versions", "TLSv1.3, TLSv1.2", b"\x03\x04"),
        ("Cipher suite", "0x1301 (TLS_AES_128_GCM_SHA256)", b"\x13\x01"),
    ):
        entry = field(found, "tls", name)
        assert entry.display == value
        assert holds in data[entry.start : entry.start + entry.length]
    assert found[-1].title == "TLS  Client Hello (SNI=example.org)"


def test_http_headers_point_at_their_lines() -> None:
    data = SAMPLES["http"]
    found = layers(data)
    host = field(found, "http", "Host")
    assert host.display == "example.org"
    assert data[host.start : host.start + host.length] == b"Host: example.org\r\n"


def test_dhcp_options_are_told_in_words() -> None:
    found = layers(SAMPLES["dhcp"])
    assert field(found, "dhcp", "Message type").display == "1 (Discover)"
    assert field(found, "dhcp", "Host name").display == "pi"


def test_an_icmp_error_shows_the_packet_it_quotes_and_does_not_call_it_broken() -> None:
    quoted = ipv4(tcp(ports=(1, 2))[:8], 6, total=1500)
    found = layers(ethernet(ipv4(pack(">BBHI", 11, 0, 0, 0) + quoted, 1)))
    assert [layer.name for layer in found] == ["eth", "ip", "icmp", "ip", "tcp"]
    assert field(found, "tcp", "Source port").display == "1"


def test_arp_with_addresses_of_other_lengths_is_laid_out_by_its_own_header() -> None:
    body = (
        pack(">HHBBH", 32, 0x0800, 8, 4, 1) + bytes(range(8)) + bytes([10, 0, 0, 1]) + bytes(8) + bytes([10, 0, 0, 2])
    )
    found = layers(ethernet(body, ARP))
    assert field(found, "arp", "Sender hardware address").display == "00:01:02:03:04:05:06:07"
    assert field(found, "arp", "Target protocol address").display == "10.0.0.2"


def test_what_lies_behind_the_ip_packet_is_padding() -> None:
    found = layers(ethernet(ipv4(tcp(), 6)) + bytes(6))
    assert (found[-1].name, found[-1].start, found[-1].length) == ("padding", 54, 6)


def test_a_broken_header_keeps_what_could_be_read_and_says_what_is_wrong() -> None:
    data = ethernet(ipv4(tcp()[:12], 6))
    found = layers(data)
    assert [layer.name for layer in found] == ["eth", "ip", "tcp", "malformed"]
    assert field(found, "tcp", "Acknowledgment number").display == "2 000"
    assert found[-1].title == "Malformed  TCP header needs 2 bytes, 0 left"
    last = layers(ethernet(ipv4(udp(b"abc", (1, 2), length=400), 17)))[-1]
    assert (last.title, last.length) == ("Malformed  UDP length 400, 11 bytes left", 3)


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_what_the_capture_cut_is_called_cut_and_not_malformed(name: str) -> None:
    data = SAMPLES[name]
    for kept in range(len(data)):
        found = layers(data[:kept], length=len(data))
        assert "malformed" not in [layer.name for layer in found], kept


def test_a_cut_header_says_how_much_was_captured() -> None:
    found = layers(SAMPLES["tcp"][:40], length=66)
    assert [layer.name for layer in found] == ["eth", "ip", "tcp", "cut"]
    assert found[-1].title == "Cut  40 of 66 bytes were captured"


def test_hostile_text_never_reaches_a_title_or_a_value() -> None:
    hostile = b"\x1b]0;owned\x07\xe2\x80\xae"
    for payload in (
        tcp(client_hello(hostile)),
        tcp(b"GET /" + hostile + b" HTTP/1.1\r\n" + hostile + b": " + hostile + b"\r\n\r\n"),
        tcp(b"SSH-2.0-" + hostile),
    ):
        for layer in layers(ethernet(ipv4(payload, 6))):
            assert layer.title.isprintable()
            assert all(entry.display.isprintable() and entry.name.isprintable() for entry in layer.fields)


def test_nothing_of_an_unknown_link_type_is_guessed() -> None:
    assert [(layer.name, layer.length) for layer in layers(b"\1\2\3", link_type=147)] == [("data", 3)]


def test_raw_ip_begins_with_the_ip_header() -> None:
    assert names(ipv6(udp(b"", (1, 2)), 17), link_type=101) == "ipv6:udp"


def test_a_radius_message_lists_its_attributes() -> None:
    found = layers(SAMPLES["radius"])
    assert field(found, "radius", "User-Name").display == "steve"
    assert field(found, "radius", "Value").value == b"steve"


def test_a_list_of_all_record_types_or_ports_is_named_in_part() -> None:
    all_types = b"".join(bytes([block & 255, 32]) + b"\xff" * 32 for block in range(1700))
    for kind, data in ((47, b"\0" + all_types), (11, bytes(4) + b"\x06" + b"\xff" * 50_000)):
        answer = pack(">HHHHHH", 1, 0x8180, 0, 1, 0, 0) + b"\0" + pack(">HHIH", kind, 1, 0, len(data)) + data
        found = layers(ethernet(ipv4(udp(answer, (53, 40000)), 17)))
        assert sum(len(entry.display) for entry in found[-1].fields) < 40_000


def test_cisco_discovery_lists_its_values() -> None:
    cdp = bytes.fromhex("aaaa0300000c2000") + pack(">BBH", 2, 180, 0) + pack(">HH", 1, 6) + b"R1"
    found = layers(b"\x01\x00\x0c\xcc\xcc\xcc" + b"\2" * 6 + pack(">H", len(cdp)) + cdp)
    assert [layer.name for layer in found] == ["eth", "llc", "cdp"]
    assert field(found, "cdp", "Device ID") == Field("Device ID", "R1", 26, 6)


def test_the_frame_layer_tells_what_the_capture_knows() -> None:
    layer = frame_layer(
        number=1205527,
        time_ns=1_700_000_000_000_000_007,
        length=132,
        captured=96,
        queue=2,
        epoch=4,
        packet_type=4,
        clock="software",
    )
    assert layer.title == "Frame 1 205 527: 132 bytes, 96 captured, queue 2, software time"
    values = {entry.name: entry.display for entry in layer.fields}
    assert values["Time"] == "2023-11-14 22:13:20.000000007 UTC"
    assert values["Direction"] == "sent by this host"
    assert all(entry.length == 0 for entry in layer.fields)


def test_the_frame_layer_tells_what_is_not_as_it_was_on_the_wire_or_not_sure() -> None:
    def values(**facts: bool) -> dict[str, str]:
        layer = frame_layer(
            number=1, time_ns=0, length=1, captured=1, queue=0, epoch=3, packet_type=0, clock="software", **facts
        )
        return {entry.name: entry.display for entry in layer.fields}

    plain, told = values(), values(rechecked=True, segments=True, checksum_ready=False)
    assert plain["Filter epoch"] == "3" and not {"Segmentation", "Transport checksum"} & plain.keys()
    assert told["Filter epoch"] == "3, re-checked while the filter was being changed"
    assert told["Segmentation"] == "one frame that stands for several on the wire"
    assert told["Transport checksum"] == "not filled in yet by the network card"


def test_a_time_that_no_calendar_has_is_shown_as_a_number() -> None:
    layer = frame_layer(
        number=1, time_ns=2**62 * 1000, length=1, captured=1, queue=0, epoch=1, packet_type=0, clock="hardware"
    )
    assert any(entry.name == "Time" and " s." in entry.display for entry in layer.fields)
