# SPDX-License-Identifier: Apache-2.0
"""Our protocols of a packet beside Wireshark's: the part from link to transport, and the first protocol above it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from ringscope.decode import Layer, Memory, dissect, protocols, summarize
from support.capturefile import Captured, packets
from support.fields import agrees
from support.tshark import Named

MARKERS = {"ethertype", "data", "raw", "mptcp", "wlan_radio", "pino", "pcap_pktdata", "data-text-lines", "fake-field"}
"""What frame.protocols has besides protocols."""

FILLING = {"data", "padding", "malformed", "trailer", "cut", "frame"}
"""Our layers that are no protocols."""

LINK = """eth sll null ppp chdlc slarp fr fddi tr arcnet ipoib ipnet wpan wlan radiotap ppi prism vlan ieee8021ad
ieee8021ah llc mtp2 vsock dbus nflog juniper clip slip pktap mstp macsec etag vntag hsr loop pppoes pppoed netlink usb
bluetooth user_dlt dsa tipc"""
TUNNEL = """mpls gre erspan vxlan vxlan_gpe geneve gtp udpencap teredo ayiya lisp lisp-data l2tp capwap capwap.data nhrp
etherip pweth pwethheuristic pwethnocw pwethcw pwach nsh lwapp 6in4 sixlowpan 6lowpan ipcomp wccp"""
NETWORK = """ip ipv6 ipv6.hopopts ipv6.routing ipv6.fraghdr ipv6.dstopts mipv6 arp rarp ah esp icmp icmpv6 igmp ipx
atalk osi"""
TRANSPORT = "tcp udp udplite sctp dccp"
LOW = frozenset(f"{LINK} {TUNNEL} {NETWORK} {TRANSPORT}".split())

_APP = "tls http ssdp dns mdns llmnr quic ssh dhcp dhcpv6 ntp snmp syslog"
_CONTROL = "lldp cdp slow stp eapol vrrp carp bfd ospf bgp pim hsrp"
ASKED = frozenset(f"{_APP} {_CONTROL}".split())
"""The protocols above that must be named as tshark names them."""


@dataclass
class Tally:
    """Counts over packets. `rest` holds (ours, theirs) of those that differ, with a file for each."""

    equal: int = 0
    total: int = 0
    rest: Counter[tuple[str, str]] = field(default_factory=Counter)
    where: dict[tuple[str, str], str] = field(default_factory=dict)

    def judge(self, ours: str, theirs: str, where: str) -> None:
        self.total += 1
        if ours == theirs:
            self.equal += 1
        else:
            self.rest[ours, theirs] += 1
            self.where.setdefault((ours, theirs), where)

    @property
    def share(self) -> float:
        return self.equal / self.total if self.total else 1.0


@dataclass
class Comparison:
    """Everything that is counted in one walk over a folder."""

    files: int = 0
    unaligned: int = 0
    headers: Tally = field(default_factory=Tally)
    asked: Tally = field(default_factory=Tally)
    above: Tally = field(default_factory=Tally)
    """As `asked`, for every protocol that tshark names."""
    fields: int = 0
    valued: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    disagreeing: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Protocols by rows and by layers, where these differ."""
    slowest_row: tuple[float, str] = (0.0, "")
    slowest_tree: tuple[float, str] = (0.0, "")

    @property
    def wrong_share(self) -> float:
        return sum(self.wrong.values()) / self.valued if self.valued else 0.0


def plain(names: tuple[str, ...]) -> list[str]:
    """Without markers, and without what tshark names twice."""
    kept = [name for name in names if name not in MARKERS and not name.startswith("_ws")]
    return [name for place, name in enumerate(kept) if name != "igmp" or kept[place - 1 : place] != ["igmp"]]


def parted(names: tuple[str, ...]) -> tuple[str, str]:
    """The part from link to transport, and the first protocol above it or ""."""
    kept = plain(names)
    place = next((place for place, name in enumerate(kept) if name not in LOW), len(kept))
    return ":".join(kept[:place]), kept[place] if place < len(kept) else ""


def compare(folder: Path, theirs_of: Callable[[Path], Named], limit: int = 10**9) -> Comparison:
    """Walk over all files of a folder, at most `limit` packets of each."""
    found = Comparison()
    for path in sorted(each for each in folder.iterdir() if each.is_file()):
        theirs = theirs_of(path)
        found.files += bool(theirs)
        # Two memories, since a row and the layers each learn by themselves.
        memory, deep = Memory(), Memory()
        for packet in packets(path, limit):
            captured, names = theirs.get(packet.number, (-1, ()))
            if captured != len(packet.data):
                found.unaligned += 1
                continue
            _packet(found, packet, names, memory, deep, f"{path.name} packet {packet.number}")
    return found


def _packet(
    found: Comparison, packet: Captured, named: tuple[str, ...], memory: Memory, deep: Memory, where: str
) -> None:
    arguments = (packet.data, packet.link_type, packet.length)
    began = perf_counter()
    summarize(*arguments, memory)
    between = perf_counter()
    layers = dissect(*arguments, deep)
    ended = perf_counter()
    found.slowest_row = max(found.slowest_row, (between - began, where))
    found.slowest_tree = max(found.slowest_tree, (ended - between, where))
    names = protocols(*arguments, memory)
    ours, theirs = parted(names), parted(named)
    found.headers.judge(ours[0], theirs[0], where)
    if theirs[1]:
        whole = [f"{part[0]} {part[1]}" for part in (ours, theirs)]
        found.above.judge(ours[1], theirs[1], where)
        if theirs[1] in ASKED:
            found.asked.judge(ours[1], theirs[1], f"{where}: {whole[0]} | {whole[1]}")
    told = tuple(layer.name for layer in layers if layer.name not in FILLING)
    if told != names:
        found.disagreeing[":".join(names), ":".join(told)] += 1
    _fields(found, layers, packet.data, where)


def _fields(found: Comparison, layers: tuple[Layer, ...], data: bytes, where: str) -> None:
    for layer in layers:
        for each in layer.fields:
            found.fields += 1
            found.valued += each.value is not None
            if not agrees(each, data):
                found.wrong[f"{layer.name} {each.name} ({where.partition(' ')[0]})"] += 1


def ranked(tally: Tally, most: int) -> Iterator[str]:
    """The differences, commonest first."""
    for (ours, theirs), count in tally.rest.most_common(most):
        yield f"{count:7} {ours or '-'} | {theirs or '-'}  ({tally.where[ours, theirs]})"
