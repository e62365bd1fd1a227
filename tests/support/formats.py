# SPDX-License-Identifier: Apache-2.0
"""The forms that people know of Wireshark's info column, and how far ours says the same, over a folder of captures.

What only a whole conversation can say is left out on both sides: numbers relative to its beginning, the scale of a
window, what answers what, the analysis in brackets. What ours says besides counts as the same.

Where tshark itself says something else when it may not put segments and fragments together, nor look at the order of
segments (it does not look into those sent again), its words need other packets: these count as different, and are
counted apart beside that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ringscope.decode import Memory, Summary, summarize
from support.capturefile import packets
from support.tshark import ALONE, Said, said

EXAMPLES = 4

# Name, tshark's protocol column, and its info; the first that fits is taken.
FORMATS: tuple[tuple[str, str, str], ...] = (
    ("fragment of IPv4 or IPv6", r"IPv[46]", r"Fragmented IP|IPv6 fragment"),
    ("TCP, begin of a connection", r"TCP|MPTCP", r".*\[SYN"),
    ("TCP, segment", r"TCP|MPTCP", r".*\[(?!SYN)[A-Z, ]+\]"),
    ("UDP", r"UDP", r".*Len="),
    ("ICMP, echo", r"ICMP", r"Echo"),
    ("ICMP, error and others", r"ICMP", r""),
    ("ICMPv6, neighbours and routers", r"ICMPv6", r"Neighbor|Router|Redirect"),
    ("ICMPv6, multicast listeners", r"ICMPv6", r"Multicast"),
    ("ICMPv6, echo and others", r"ICMPv6", r""),
    ("ARP", r".*ARP", r""),
    ("DNS, query", r"DNS|LLMNR", r"(?:Standard|Inverse|Unknown|Dynamic|Zone|Server)\b(?!.* response)"),
    ("DNS, response", r"DNS|LLMNR", r""),
    ("mDNS", r"MDNS", r""),
    ("DHCP", r"DHCP|BOOTP", r""),
    ("DHCPv6", r"DHCPv6", r""),
    ("NTP", r"NTP", r""),
    ("HTTP", r"HTTP|HTTP/XML|HTTP/JSON|SSDP", r""),
    ("HTTP/2", r"HTTP2|GRPC", r""),
    ("TLS", r"TLSv.*|SSL.*", r""),
    ("QUIC", r"QUIC", r""),
    ("SSH", r"SSH.*", r""),
    ("mail: SMTP, POP, IMAP", r"SMTP.*|POP.*|IMAP.*", r""),
    ("FTP", r"FTP.*", r""),
    ("SMB", r"SMB.*", r""),
    ("databases: PGSQL, MySQL", r"PGSQL|MySQL", r""),
    ("stores: RESP, memcache, Kafka", r"RESP|MEMCACHE|Kafka", r""),
    ("queues: AMQP, MQTT, CQL", r"AMQP|MQTT|CQL", r""),
    ("SNMP", r"SNMP", r""),
    ("Syslog", r"Syslog", r""),
    ("directories: LDAP, KRB5", r"C?LDAP|KRB5", r""),
    ("RADIUS", r"RADIUS", r""),
    ("voice: SIP, RTP", r"SIP.*|RTP.*", r""),
    ("BGP", r"BGP", r""),
    ("OSPF, VRRP, BFD, HSRP", r"OSPF|VRRP|BFD.*|HSRP.*", r""),
    ("STP, LLDP, CDP", r"STP|LLDP|CDP", r""),
    ("LACP", r"LACP", r""),
    ("NFS, DCERPC", r"NFS|DCERPC|Portmap|MOUNT", r""),
    ("IGMP, PIM", r"IGMP.*|PIM.*", r""),
    ("ESP, ISAKMP, WireGuard", r"ESP|ISAKMP|WireGuard", r""),
    ("STUN, SCTP", r"STUN|CLASSIC-STUN|SCTP", r""),
)

_STATE = (
    (re.compile(r"\s*\[(?!(?:[SEU]|(?:SYN|FIN|RST|PSH|ACK|URG|ECE|CWR|AE|NS|ECN|CWR)\b)[^\]]*\]).*?\]"), ""),
    (re.compile(r"\b(Seq|Ack|Win|SLE|SRE)=\d+"), r"\1="),
    (re.compile(r"\s*\((?:request|reply|response|no response|Call|Reply|Request) ?(?:in|found|In)?!?[^)]*\)"), ""),
    (re.compile(r"\s*\|\s*$|(?:\\n|\\r|\\000)+$"), ""),
    (re.compile(r"\b[0-9a-f]{2}(?::[0-9a-f]{2}){7,}\b"), lambda found: found[0].replace(":", "")),  # of Infiniband
    (re.compile(r"\s+"), " "),
)  # fmt: skip


@dataclass
class Told:
    """One format: packets that have it, those of which ours says the same, and examples of (ours, tshark's).

    pieces: those that differ and of which tshark's words need other packets; pieces_equal: of which ours says what
    tshark says of the packet alone.
    """

    total: int = 0
    equal: int = 0
    pieces: int = 0
    pieces_equal: int = 0
    alike: tuple[str, str] | None = None
    others: dict[str, tuple[str, str]] = field(default_factory=dict)


def comparable(info: str) -> str:
    """An info without what only a conversation can say."""
    for pattern, instead in _STATE:
        info = pattern.sub(instead, info)
    return info.strip()


def same(ours: str, theirs: str) -> bool:
    """Whether ours says what tshark's says, and maybe more behind it."""
    mine, other = comparable(ours), comparable(theirs)
    return mine == other or set(_words(other)) <= set(_words(mine))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\s,()=]+", text.lower())


def formats(folder: Path, tool: str, limit: int = 10**9) -> dict[str, Told]:
    """All formats, in their order, counted over all files of a folder."""
    found = {name: Told() for name, _, _ in FORMATS}
    for path in sorted(each for each in folder.iterdir() if each.is_file()):
        theirs, alone, memory = said(tool, path), said(tool, path, ALONE), Memory()
        for packet in packets(path, limit):
            line = theirs.get(packet.number)
            if line is None or line.captured != len(packet.data):
                continue
            row = summarize(packet.data, packet.link_type, packet.length, memory)
            name = _format(line.protocol, line.info)
            if name:
                _count(found[name], row, line, alone.get(packet.number, line))
    return found


def _format(protocol: str, info: str) -> str:
    for name, column, words in FORMATS:
        if re.fullmatch(column, protocol) and re.match(words, info):
            return name
    return ""


def _count(told: Told, ours: Summary, theirs: Said, alone: Said) -> None:
    told.total += 1
    shown = f"{ours.protocol}: {ours.info}", f"{theirs.protocol}: {theirs.info}"
    if same(ours.info, theirs.info):
        told.equal += 1
        told.alike = told.alike or shown
    elif comparable(alone.info) != comparable(theirs.info):
        told.pieces += 1
        told.pieces_equal += same(ours.info, alone.info)
    elif len(told.others) < EXAMPLES:
        told.others.setdefault(re.sub(r"[0-9a-f]*[0-9][0-9a-f]*", "#", theirs.info)[:24], shown)


def lines(found: dict[str, Told]) -> Iterator[str]:
    """As the script prints it: for each format the share that is equal, an example of that, and the differences."""
    for name, told in found.items():
        if not told.total:
            yield f"{name}: in none of the files"
            continue
        rest = told.total - told.pieces
        pieces = ""
        if told.pieces:
            share = f"; {told.equal / rest:.1%} of the others" if rest else ""
            alone = f"{told.pieces_equal} of them as tshark says of the packet alone"
            pieces = f"; needs reassembly or order: {told.pieces}, {alone}{share}"
        yield f"{name}: {told.equal} of {told.total} equal, {told.equal / told.total:.1%}{pieces}"
        for mark, pair in (("  =", told.alike), *(("  ≠", each) for each in told.others.values())):
            if pair is not None:
                yield f"{mark} ours   {pair[0][:150]}"
                yield f"    tshark {pair[1][:150]}"
