# SPDX-License-Identifier: Apache-2.0
"""Linux cooked headers are read as tshark reads them: those of captures, and those of captures that were cooked here.

Version 2 is rare in collections of captures, so the Ethernet frames of ordinary ones are also given both headers, and
then what is behind it and who sent it must be as tshark has it.
"""

from __future__ import annotations

import subprocess
import xml.etree.ElementTree as tree
from itertools import takewhile
from pathlib import Path

import pytest

from ringscope.decode import dissect, summarize
from support.capturefile import packets
from support.cooked import HEADER, SLL, SLL2, cooked, from_ethernet, pcap
from support.oracles import missing, require_captures, require_tool
from support.packets import ARP, IPV4, arp, ipv4, udp

PACKETS_A_FILE = 50
FEWEST = 50
ETHERNET = (
    "zeek-97a7043f-q-in-q.pcap",
    "zeek-6deda278-mixed-vlan-mpls.pcap",
    "suricata-verify-dfb7e582-wireshark-wiki-IGMP-dataset.pcap",
    "zeek-8c3c9f12-certificate-request-failed.pcap",
    "zeek-f9b837c3-geneve-arp.pcap",
)
LOW = {"sll", "vlan", "ieee8021ad", "mpls", "llc", "stp", "arp", "ip", "ipv6"}
"""Headers from the cooked one up to the first network header and no further."""
STATELESS = ("-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE")

Header = tuple[str, list[tuple[int, int]], str]
"""A cooked header: its title, start and length of each field, and the sender's address as text."""


def _their_headers(path: Path) -> dict[int, Header]:
    """The cooked headers that tshark finds, by packet number."""
    words = [require_tool("tshark"), "-n", "-r", str(path), "-c", str(PACKETS_A_FILE), "-T", "pdml", *STATELESS]
    done = subprocess.run(words, capture_output=True, check=True)
    found = {}
    for number, packet in enumerate(tree.fromstring(done.stdout).iter("packet"), 1):
        layer = packet.find("proto[@name='sll']")
        if layer is not None:
            found[number] = _their_header(layer)
    return found


def _their_header(layer: tree.Element) -> Header:
    bounds, sender = [], ""
    for field in layer.iter("field"):
        start, length = int(field.get("pos", "0")), int(field.get("size", "0"))
        # A trailer behind what the header carries is listed with its fields.
        if length and start + length <= max(HEADER.values()):
            bounds.append((start, length))
            sender = field.get("show", "") if ".src." in field.get("name", "") else sender
    return layer.get("showname", ""), bounds, sender


def _our_header(data: bytes, link_type: int, length: int) -> Header:
    layer = dissect(data, link_type, length)[0]
    sender = next((field.display for field in layer.fields if field.name == "Source"), "")
    return layer.title.partition("  ")[0], [(field.start, field.length) for field in layer.fields], sender


def _compare_headers(path: Path) -> int:
    """Compares every cooked header of a file; returns how many there were."""
    theirs = _their_headers(path)
    compared = 0
    for packet in packets(path, PACKETS_A_FILE):
        if packet.link_type not in (SLL, SLL2):
            continue
        where = f"{path.name} packet {packet.number}"
        assert _our_header(packet.data, packet.link_type, packet.length) == theirs[packet.number], where
        compared += 1
    return compared


def test_the_headers_of_cooked_captures_have_the_fields_that_tshark_finds() -> None:
    seen = 0
    for path in sorted(require_captures().iterdir()):
        kinds = {packet.link_type for packet in packets(path, PACKETS_A_FILE)}
        if kinds & {SLL, SLL2}:
            seen += _compare_headers(path)
    if seen < FEWEST:
        missing(f"the folder of captures has only {seen} cooked packets")


@pytest.mark.parametrize("link_type", [SLL, SLL2])
def test_headers_of_every_kind_have_the_fields_that_tshark_finds(link_type: int, tmp_path: Path) -> None:
    datagram = ipv4(udp(b"hello", (9000, 9001)), 17)
    request = arp(1, "10.0.0.1", "10.0.0.2")
    made = [
        *(cooked(datagram, IPV4, link_type, packet_type=kind) for kind in range(6)),
        *(cooked(datagram, IPV4, link_type, hatype=kind) for kind in (1, 512, 519, 768, 772, 776, 778, 823, 0xFFFE)),
        *(cooked(request, ARP, link_type, address=bytes(range(1, size + 1))) for size in range(1, 9)),
        cooked(datagram, IPV4, link_type, address=b""),
        cooked(datagram, IPV4, link_type, hatype=32, length=20),
        cooked(bytes(20), 0x0005, link_type),
        cooked(bytes(40), 0x0004, link_type),
        cooked(bytes(20), 0x88B5, link_type, interface=2**31),
    ]
    path = tmp_path / "cooked.pcap"
    path.write_bytes(pcap(link_type, [(len(data), data) for data in made]))
    assert _compare_headers(path) == len(made)


def _low(names: list[str]) -> list[str]:
    return list(takewhile(LOW.__contains__, (name for name in names if name != "ethertype")))


@pytest.mark.parametrize("link_type", [SLL, SLL2])
@pytest.mark.parametrize("name", ETHERNET)
def test_what_is_behind_a_cooked_header_is_what_tshark_finds_there(name: str, link_type: int, tmp_path: Path) -> None:
    source = require_captures() / name
    if not source.is_file():
        missing(f"the folder of captures has no {name}")
    more = HEADER[link_type] - 14
    made = [(packet.length + more, from_ethernet(packet.data, link_type)) for packet in packets(source, PACKETS_A_FILE)]
    kept = [(length, data) for length, data in made if data is not None]
    path = tmp_path / "cooked.pcap"
    path.write_bytes(pcap(link_type, kept))
    words = [require_tool("tshark"), "-n", "-r", str(path), "-T", "fields", "-E", "separator=/t", *STATELESS]
    for column in ("_ws.col.Source", "_ws.col.Destination", "frame.protocols"):
        words += ["-e", column]
    lines = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    for number, ((length, data), line) in enumerate(zip(kept, lines, strict=True), 1):
        row, layers = summarize(data, link_type, length), dissect(data, link_type, length)
        sender, receiver, protocols = line.split("\t")
        assert (row.source, row.destination) == (sender, receiver), f"packet {number}: {row.info}"
        assert _low([layer.name for layer in layers]) == _low(protocols.split(":")), f"packet {number}"
    assert _compare_headers(path) == len(kept) > 0
