# SPDX-License-Identifier: Apache-2.0
"""On ordinary traffic rows and layers agree with tshark about addresses, protocols and the headers up to TCP and UDP.

The captures are of everyday protocols; each share is checked over all their packets together, and stands a little below
what was measured. What remains is where tshark knows more than one packet says (reassembly, state of a conversation).
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from ringscope.decode import Layer, Summary, dissect, summarize
from support.capturefile import Captured, packets
from support.oracles import missing, require_captures, require_tool

ORDINARY = (
    "PcapPlusPlus-1c239696-Ftp.pcap",
    "PcapPlusPlus-569a96bb-ipv6.dmp",
    "PcapPlusPlus-9161d1d5-no-ip-frag-all.pcap",
    "PcapPlusPlus-f25fa1fc-pcapng-example.pcapng",
    "ICS-Security-Tools-312ec57f-Sample_File_MMS_and_GOOSE.pcap",
    "ICS-Security-Tools-87fe352e-invokeid12.pcapng",
    "arkime-0408b0aa-http-wrapped-header.pcap",
    "ipfixprobe-06fad52c-netbios.pcap",
    "mercury-50a129d6-openvpn_tcp_single.pcap",
    "mercury-7904f497-emix.pcap",
    "mercury-9c3bb312-bittorrent.pcap",
    "packetbeat-1faaf53d-mysql_err_database_not_selected.pcap",
    "packetbeat-75cbecb8-amqp_channel_error.pcap",
    "pcap4j-bccd1779-LinuxSllPacketTest.pcap",
    "suricata-verify-17f2b890-input.pcap",
    "suricata-verify-2b9877f3-input.pcap",
    "suricata-verify-af73dcb0-input.pcap",
    "suricata-verify-dfb7e582-wireshark-wiki-IGMP-dataset.pcap",
    "tcpdump-0d1900a5-lsp-ping-timestamp.pcap",
    "tcpdump-165bbe1e-icmp-cksum-oobr-1.pcap",
    "tcpdump-1d8e6d2c-rpvstp-trunk-native-vid5.pcap",
    "tcpdump-b20499d4-erspan-type-ii-3.pcap",
    "zeek-41cf06ab-conn-size.pcap",
    "zeek-6deda278-mixed-vlan-mpls.pcap",
    "zeek-77c7f1ed-kinit.pcap",
    "zeek-7c0a1866-mapi.pcap",
    "zeek-8c3c9f12-certificate-request-failed.pcap",
    "zeek-94056ba4-xmpp-starttls.pcap",
    "zeek-9752a64e-ocsp-stapling.pcap",
    "zeek-97a7043f-q-in-q.pcap",
    "zeek-a0a177df-dhcp_discover_param_req_and_client_id.pcap",
    "zeek-a6b22482-icmp6-mld-query.pcap",
    "zeek-b748b3c1-smtp.pcap",
    "zeek-c83d3b7e-vxlan-inner-tcp-bad-checksum.pcap",
    "zeek-dc2ac03d-CVE-2015-3194.pcap",
    "zeek-f9b837c3-geneve-arp.pcap",
)
PACKETS_A_FILE = 200
FEWEST = 1000

# The least share that must agree; what was measured on these captures stands beside it.
ADDRESSES = 0.995  # 0.9986: tunnels (LISP) that are not looked into
HEADERS = 0.995  # 1.0
PROTOCOLS = 0.975  # 0.985: bodies of HTTP, the same tunnels
INFOS = 0.97  # 0.978: one network card vendor's trailer, IGMPv1 reports (tshark leaves their group out)

NOT_HEADERS = {"ethertype", "data", "raw"}
HEADER_NAMES = {
    "eth",
    "sll",
    "vlan",
    "ieee8021ad",
    "llc",
    "stp",
    "arp",
    "mpls",
    "pppoes",
    "ppp",
    "ip",
    "ipv6",
    "ah",
    "esp",
}
HEADER_NAMES |= {"ipv6.hopopts", "ipv6.routing", "ipv6.fraghdr", "ipv6.dstopts", "icmp", "icmpv6", "igmp"}
HEADER_NAMES |= {"gre", "erspan", "vxlan", "geneve", "tcp", "udp", "sctp"}
STATELESS = {"TCP", "UDP", "DNS", "MDNS", "LLMNR", "DHCP", "NTP", "ARP", "ICMP", "ICMPv6", "STP", "ESP", "SSDP", "BGP"}
STATELESS |= {"IGMPv1", "IGMPv2", "IGMPv3"}
DECODED = STATELESS - {"TCP", "UDP"} | {"TLS", "HTTP", "STUN"}

FIELDS = (
    "frame.number",
    "_ws.col.Source",
    "_ws.col.Destination",
    "_ws.col.Protocol",
    "frame.protocols",
    "frame.cap_len",
    "_ws.col.Info",
)
# Both sides stateless: absolute sequence numbers, no reassembly, no analysis, no names.
OPTIONS = (
    "tcp.relative_sequence_numbers:FALSE",
    "tcp.analyze_sequence_numbers:FALSE",
    "tcp.desegment_tcp_streams:FALSE",
    "ip.defragment:FALSE",
    "ipv6.defragment:FALSE",
)
# What tshark adds from other packets, or says about the capture itself.
STATE = re.compile(r"Win=\d+|\((?:request in|reply in|no response found!)[^)]*\)|\[[A-Z][A-Za-z ]+ Packet\]")

Row = tuple[Captured, Summary, tuple[Layer, ...], list[str]]


def _tshark(tool: str, path: Path) -> list[list[str]]:
    words = [tool, "-n", "-r", str(path), "-c", str(PACKETS_A_FILE), "-T", "fields", "-E", "separator=/t"]
    for name in FIELDS:
        words += ["-e", name]
    for option in OPTIONS:
        words += ["-o", option]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return [line.split("\t") for line in done.stdout.splitlines()]


@cache
def rows() -> tuple[Row, ...]:
    """Every packet of the ordinary captures with what both sides say about it."""
    folder, tool = require_captures(), require_tool("tshark")
    found: list[Row] = []
    for name in ORDINARY:
        path = folder / name
        if not path.is_file():
            continue
        theirs = {int(line[0]): line for line in _tshark(tool, path) if len(line) == len(FIELDS)}
        for packet in packets(path, PACKETS_A_FILE):
            line = theirs.get(packet.number)
            # A line of another length is another packet: the two readers disagree about the file, not the packet.
            if line is None or int(line[5]) != len(packet.data):
                continue
            arguments = (packet.data, packet.link_type, packet.length)
            found.append((packet, summarize(*arguments), dissect(*arguments), line))
    if len(found) < FEWEST:
        missing(f"the captures compared with tshark hold only {len(found)} packets")
    return tuple(found)


def agree(judged: list[tuple[bool, str]], least: float) -> None:
    """Fails, with the commonest differences, when the share of agreement is below `least`."""
    share = sum(same for same, _ in judged) / len(judged)
    worst = Counter(words for same, words in judged if not same).most_common(8)
    assert share >= least, f"{share:.4f} of {len(judged)} agree; differing: {worst}"


@pytest.mark.parametrize("column", ["source", "destination"])
def test_addresses_are_those_that_tshark_shows(column: str) -> None:
    place = 1 if column == "source" else 2
    agree(
        [(getattr(row, column) == line[place], f"{getattr(row, column)} {line[place]}") for _, row, _, line in rows()],
        ADDRESSES,
    )


def _headers(names: list[str]) -> list[str]:
    """The link, network and transport part of a stack of names."""
    found: list[str] = []
    for name in names:
        if name in NOT_HEADERS:
            continue
        # tshark names IGMP twice, for its common part and for its version.
        if name not in HEADER_NAMES:
            break
        if found[-1:] != [name] or name != "igmp":
            found.append(name)
    return found


def test_the_headers_up_to_transport_are_those_that_tshark_finds() -> None:
    judged = []
    for _, _, layers, line in rows():
        ours, theirs = _headers([layer.name for layer in layers]), _headers(line[4].split(":"))
        judged.append((ours == theirs, f"{':'.join(ours)} {line[4]}"))
    agree(judged, HEADERS)


def test_a_protocol_that_both_know_has_the_name_that_tshark_gives_it() -> None:
    judged = []
    for _, row, _, line in rows():
        ours, theirs = _family(row.protocol), _family(line[3])
        # The middle of a stream is known as such only to who saw its beginning.
        middle = ours == "TCP" and (theirs == "TLS" or line[6].startswith("Continuation"))
        if (ours in DECODED or theirs in DECODED) and not middle:
            judged.append((ours == theirs, f"{ours} {theirs}"))
    agree(judged, PROTOCOLS)


def _family(protocol: str) -> str:
    # Which version a TLS conversation has is known only after both hellos; a row tells what this packet says.
    return "TLS" if protocol.startswith(("TLS", "SSL")) else protocol


def test_a_row_says_what_tshark_says_where_no_other_packet_is_needed() -> None:
    judged = []
    for _, row, _, line in rows():
        if row.protocol == line[3] and row.protocol in STATELESS:
            ours, theirs = (" ".join(STATE.sub("", text).split()).rstrip(" ,") for text in (row.info, line[6]))
            judged.append((ours == theirs, f"{ours} | {theirs}"))
    agree(judged, INFOS)
