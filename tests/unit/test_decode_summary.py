# SPDX-License-Identifier: Apache-2.0
"""A row names the innermost protocol, its addresses and what it says, and never fails."""

from __future__ import annotations

from socket import AF_INET6, inet_pton
from struct import pack

import pytest

from ringscope.decode import ROLES, Summary, summarize
from support.packets import (
    ARP,
    IPV6,
    arp,
    client_hello,
    dns_query,
    dns_response,
    ethernet,
    ipv4,
    ipv6,
    samples,
    tcp,
    tls_record,
    udp,
)

SAMPLES = samples()


def row(data: bytes, length: int | None = None, link_type: int = 1) -> Summary:
    return summarize(data, link_type, len(data) if length is None else length)


@pytest.mark.parametrize(
    ("name", "protocol", "info", "role"),
    [
        ("tcp", "TCP", "40412 → 443 [PSH, ACK] Seq=1000 Ack=2000 Win=512 Len=0 TSval=11 TSecr=22", "tcp"),
        (
            "syn",
            "TCP",
            "40412 → 443 [SYN] Seq=1000 Win=512 Len=0 MSS=1460 SACK_PERM TSval=11 TSecr=0 WS=128",
            "tcp",
        ),
        ("udp", "UDP", "9000 → 9001 Len=5", "udp"),
        ("options", "UDP", "9000 → 9001 Len=5", "udp"),
        ("fragment", "IPv4", "Fragmented IP protocol (proto=UDP 17, off=24, ID=1234)", "other"),
        ("dns", "DNS", "Standard query 0x50b5 AAAA db1.internal", "dns"),
        (
            "dns response",
            "DNS",
            "Standard query response 0x50b5 AAAA db1.internal AAAA fd00::31 CNAME db1.internal HTTPS 1 <Root>",
            "dns",
        ),
        (
            "dns over tcp",
            "DNS",
            "Standard query response 0x50b5 AAAA db1.internal AAAA fd00::31 CNAME db1.internal HTTPS 1 <Root>",
            "dns",
        ),
        ("mdns", "MDNS", 'Standard query 0x50b5 PTR _ipp._tcp.local, "QM" question', "dns"),
        ("tls", "TLSv1.3", "Client Hello (SNI=example.org)", "tls"),
        ("http", "HTTP", "GET /index.html HTTP/1.1", "http"),
        ("http response", "HTTP", "HTTP/1.1 200 OK  (text/html)", "http"),
        ("ssh", "SSHv2", "Server: Protocol (SSH-2.0-OpenSSH_9.7)", "tcp"),
        ("dhcp", "DHCP", "DHCP Discover - Transaction ID 0x48ad22bf", "udp"),
        ("ntp", "NTP", "NTP Version 4, client", "udp"),
        ("icmp", "ICMP", "Echo (ping) request  id=0x0007, seq=1/256, ttl=64", "icmp"),
        ("icmp error", "ICMP", "Destination unreachable (Port unreachable)", "icmp"),
        ("icmpv6", "ICMPv6", "Neighbor Solicitation for fe80::1 from 02:fc:00:00:00:01", "icmp"),
        ("hop by hop", "ICMPv6", "Multicast Listener Report Message v2", "icmp"),
        ("igmp", "IGMPv3", "Membership Report / Join group 224.0.0.251 for any sources", "routing"),
        ("arp", "ARP", "Who has 192.168.0.2? Tell 192.168.0.11", "arp"),
        ("vlan", "UDP", "9000 → 9001 Len=5", "udp"),
        ("stp", "STP", "RST. TC + Root = 32768/0/00:1f:6d:96:ec:00  Cost = 4  Port = 0x8004", "routing"),
        ("mpls", "ICMP", "Echo (ping) request  id=0x0007, seq=1/256, ttl=64", "icmp"),
        ("pppoe", "ICMP", "Echo (ping) request  id=0x0007, seq=1/256, ttl=64", "icmp"),
        ("gre", "ICMP", "Echo (ping) request  id=0x0007, seq=1/256, ttl=64", "icmp"),
        ("vxlan", "ICMP", "Echo (ping) request  id=0x0007, seq=1/256, ttl=64", "icmp"),
        ("erspan", "ICMP", "Echo (ping) request  id=0x0007, seq=1/256, ttl=64", "icmp"),
        ("geneve", "ICMP", "Echo (ping) request  id=0x0007, seq=1/256, ttl=64", "icmp"),
        ("ah", "ICMP", "Echo (ping) request  id=0x0007, seq=1/256, ttl=64", "icmp"),
        ("esp", "ESP", "ESP (SPI=0x0000007b)", "other"),
        ("routing", "UDP", "1 → 2 Len=2", "udp"),
        ("sctp", "SCTP", "1 → 2 COOKIE_ACK", "other"),
        ("bgp", "BGP", "KEEPALIVE Message", "routing"),
        ("rip", "RIPv2", "Response", "routing"),
        ("hsrp", "HSRP", "Hello (state Active)", "routing"),
        ("radius", "RADIUS", "Access-Request id=7", "udp"),
        ("stun", "STUN", "Binding Request", "udp"),
        ("vrrp", "VRRP", "Announcement (v2), router 1, priority 100", "routing"),
        ("unknown", "0x88b5", "Ethertype 0x88b5, 4 bytes", "other"),
    ],
)
def test_a_packet_is_told_in_one_line(name: str, protocol: str, info: str, role: str) -> None:
    found = row(SAMPLES[name])
    assert (found.protocol, found.info, found.role) == (protocol, info, role)


def test_every_sample_has_its_line_checked_here_and_a_known_role() -> None:
    checked = {case[0] for case in test_a_packet_is_told_in_one_line.pytestmark[0].args[1]}
    assert checked == set(SAMPLES)
    assert {row(data).role for data in SAMPLES.values()} <= ROLES


def test_addresses_are_those_of_the_innermost_ip_header() -> None:
    found = row(ethernet(ipv4(ipv6(udp(b"", (1, 2)), 17), 41)))
    assert (found.source, found.destination) == ("fd00::1", "fd00::2")


def test_a_frame_without_ip_shows_mac_addresses() -> None:
    found = row(SAMPLES["arp"])
    assert (found.source, found.destination) == ("02:fc:00:00:00:01", "02:fc:00:00:00:02")


def test_the_vlan_is_named_only_where_nothing_inside_is_known() -> None:
    assert row(SAMPLES["vlan"]).protocol == "UDP"
    found = row(ethernet(b"\0" * 8, 0x88B5, tags=[(0x8100, 42)]))
    assert found.protocol == "802.1Q"
    assert found.info == "VLAN 42, Ethertype 0x88b5, 8 bytes"


@pytest.mark.parametrize("link_type", [12, 14, 101])
def test_raw_ip_is_told_by_its_version(link_type: int) -> None:
    assert row(ipv4(udp(b"", (1, 2)), 17), link_type=link_type).source == "10.0.0.1"
    assert row(ipv6(udp(b"", (1, 2)), 17), link_type=link_type).source == "fd00::1"


def test_an_unknown_link_type_is_said_and_not_guessed() -> None:
    assert row(b"\1\2\3", link_type=147) == Summary("", "", "link type 147", "3 bytes", "other")


@pytest.mark.parametrize("ports", [(40000, 3306), (40000, 53), (25, 40000)])
def test_what_the_bytes_say_beats_the_port(ports: tuple[int, int]) -> None:
    assert row(ethernet(ipv4(tcp(client_hello(), ports=ports), 6))).role == "tls"


def test_tls_records_of_one_segment_are_all_named() -> None:
    records = tls_record(20, b"\1", 0x0303) + tls_record(22, b"\xaa" * 40, 0x0303) + tls_record(23, b"x" * 9, 0x0303)
    found = row(ethernet(ipv4(tcp(records), 6)))
    assert found.protocol == "TLSv1.2"
    assert found.info == "Change Cipher Spec, Encrypted Handshake Message, Application Data"


def test_a_tls_alert_is_read_only_while_it_is_readable() -> None:
    assert row(ethernet(ipv4(tcp(tls_record(21, b"\2\x28")), 6))).info == (
        "Alert (Level: Fatal, Description: Handshake Failure)"
    )
    assert row(ethernet(ipv4(tcp(tls_record(21, b"\xaa" * 26)), 6))).info == "Encrypted Alert"


def test_a_record_that_ends_in_a_later_segment_is_marked_not_malformed() -> None:
    record = tls_record(23, b"x" * 4000, 0x0303)
    found = row(ethernet(ipv4(tcp(record[:1400]), 6)))
    assert (found.info, found.role) == ("Application Data [continues]", "tls")


def test_a_dns_message_that_ends_in_a_later_segment_is_not_malformed() -> None:
    message = dns_response(answers=[(1, bytes([192, 0, 2, 1]))] * 5, kind=1)
    found = row(ethernet(ipv4(tcp((pack(">H", len(message)) + message)[:60], ports=(53, 40000)), 6)))
    assert found.role == "dns"
    assert found.info.endswith("[continues in another segment]")


@pytest.mark.parametrize(
    ("operation", "sender", "target", "info"),
    [
        (1, "10.0.0.1", "10.0.0.2", "Who has 10.0.0.2? Tell 10.0.0.1"),
        (2, "10.0.0.1", "10.0.0.2", "10.0.0.1 is at 02:fc:00:00:00:01"),
        (1, "10.0.0.1", "10.0.0.1", "ARP Announcement for 10.0.0.1"),
        (2, "10.0.0.1", "10.0.0.1", "Gratuitous ARP for 10.0.0.1 (Reply)"),
        (1, "0.0.0.0", "10.0.0.1", "Who has 10.0.0.1? (ARP Probe)"),
    ],
)
def test_arp_says_who_asks_for_whom(operation: int, sender: str, target: str, info: str) -> None:
    assert row(ethernet(arp(operation, sender, target), ARP)).info == info


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        (1, bytes([192, 0, 2, 1]), "A 192.0.2.1"),
        (15, pack(">H", 10) + b"\x04mail\xc0\x0c", "MX 10 mail.db1.internal"),
        (33, pack(">HHH", 0, 5, 443) + b"\xc0\x0c", "SRV 0 5 443 db1.internal"),
        (16, b"\x03abc", "TXT"),
        (4711, b"\1\2", "TYPE4711"),
    ],
)
def test_dns_answers_are_shown_with_their_data(kind: int, data: bytes, text: str) -> None:
    message = dns_response(answers=[(kind, data)], kind=kind)
    assert row(ethernet(ipv4(udp(message, (53, 40000)), 17))).info.endswith(f" db1.internal {text}")


def test_a_dns_error_is_said_in_words() -> None:
    found = row(ethernet(ipv4(udp(dns_response(flags=0x8183), (53, 40000)), 17)))
    assert found.info == "Standard query response 0x50b5 No such name AAAA db1.internal"


def test_a_dns_pointer_that_leads_forward_or_in_a_circle_is_malformed() -> None:
    for name in (b"\xc0\x0c", b"\xc0\x20"):
        message = pack(">HHHHHH", 1, 0x0100, 1, 0, 0, 0) + name + pack(">HH", 1, 1) + bytes(32)
        found = row(ethernet(ipv4(udp(message), 17)))
        assert found.role == "bad"
        assert "[Malformed Packet] DNS name points forward" in found.info


def test_terminal_escapes_in_names_never_reach_the_row() -> None:
    hostile = b"\x1b]0;owned\x07\xe2\x80\xae"
    for payload in (tcp(client_hello(hostile)), tcp(b"GET /" + hostile + b" HTTP/1.1\r\n\r\n")):
        assert row(ethernet(ipv4(payload, 6))).info.isprintable()
    query = dns_query().replace(b"\x03db1", b"\x03\x1b[m")
    assert "\\x1b[m.internal" in row(ethernet(ipv4(udp(query), 17))).info


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_what_the_capture_cut_is_not_called_malformed(name: str) -> None:
    data = SAMPLES[name]
    for kept in range(len(data)):
        found = row(data[:kept], length=len(data))
        assert found.role != "bad", (kept, found)
        assert "Malformed" not in found.info


def test_a_header_that_the_capture_cut_says_how_much_is_there() -> None:
    found = row(SAMPLES["tcp"][:40], length=66)
    assert found.info == "[cut: 40 of 66 bytes captured]"
    assert (found.protocol, found.source) == ("TCP", "10.0.0.1")


@pytest.mark.parametrize(
    "data",
    [
        ethernet(b"\x45" * 10),
        ethernet(b"\x41" + ipv4(udp(b""), 17)[1:]),
        ethernet(ipv4(udp(b""), 17, total=19)),
        ethernet(ipv4(tcp()[:12], 6)),
        ethernet(ipv4(tcp()[:12] + b"\x10" + tcp()[13:], 6)),
        ethernet(ipv4(tcp(options=b"\x02\x00\x00\x00"), 6)),
        ethernet(ipv4(udp(b"abc", (1, 2), length=4), 17)),
        ethernet(ipv4(udp(b"abc", (1, 2), length=400), 17)),
        ethernet(ipv6(udp(b""), 17)[:30], IPV6),
        ethernet(ipv4(pack(">BBHII", 1, 0, 0, 0x7B, 1) + bytes(16), 51)),
        ethernet(arp(1, "10.0.0.1", "10.0.0.2")[:20], ARP),
        ethernet(b"\0\0", 0x8100),
        b"\0" * 13,
        b"",
    ],
)
def test_a_packet_that_contradicts_itself_is_marked(data: bytes) -> None:
    found = row(data)
    assert found.role == "bad"
    assert "[Malformed Packet]" in found.info


def test_a_length_of_zero_means_that_the_card_still_has_to_segment() -> None:
    found = row(ethernet(ipv4(tcp(b"x" * 3000, ports=(1, 2)), 6, total=0)))
    assert found.info.endswith("Len=3000")
    assert row(ethernet(ipv4(udp(b"x" * 3000, (1, 2), length=0), 17, total=0))).info == "1 → 2 Len=3000"


def test_ethernet_padding_is_not_counted_as_payload() -> None:
    assert " Len=0" in row(ethernet(ipv4(tcp(), 6)) + bytes(6)).info


def test_the_length_is_that_of_the_wire_even_where_the_capture_cut_the_payload() -> None:
    data = ethernet(ipv4(tcp(b"x" * 1000, ports=(1, 2)), 6))
    assert row(data[:96], length=len(data)).info.endswith("Len=1000")


@pytest.mark.parametrize(
    ("header", "info"),
    [
        (pack(">BBHI", 17, 0, 0x0001, 0xA5D33A2D), "IPv6 fragment (off=0 more=y ident=0xa5d33a2d nxt=17)"),
        (pack(">BBHI", 17, 0, 0x0010, 7), "IPv6 fragment (off=16 more=n ident=0x00000007 nxt=17)"),
    ],
)
def test_an_ipv6_fragment_is_named_and_not_read_as_a_header(header: bytes, info: str) -> None:
    found = row(ethernet(ipv6(header + bytes(24), 44), IPV6))
    assert (found.protocol, found.info) == ("IPv6", info)


def test_an_atomic_ipv6_fragment_is_a_whole_packet() -> None:
    found = row(ethernet(ipv6(pack(">BBHI", 17, 0, 0, 7) + udp(b"x", (1, 2)), 44), IPV6))
    assert found.info == "1 → 2 Len=1"


def test_headers_nested_without_end_are_stopped() -> None:
    data = ipv4(b"", 59)
    for _ in range(60):
        data = ipv4(data, 4)
    found = row(ethernet(data))
    assert found.role == "bad"
    assert "too many headers" in found.info


def test_a_view_of_bytes_is_taken_as_well() -> None:
    data = SAMPLES["dns response"]
    assert summarize(memoryview(data), 1, len(data)) == summarize(data, 1, len(data))


def test_neighbour_advertisements_say_whose_address_it_is() -> None:
    body = pack(">BBHB3x", 136, 0, 0, 0x60) + inet_pton(AF_INET6, "fe80::1") + b"\x02\x01" + bytes(range(6))
    assert row(ethernet(ipv6(body, 58), IPV6)).info == (
        "Neighbor Advertisement fe80::1 (sol, ovr) is at 00:01:02:03:04:05"
    )
