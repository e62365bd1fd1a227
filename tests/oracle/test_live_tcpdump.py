# SPDX-License-Identifier: Apache-2.0
"""The same expression selects the same packets here and in tcpdump: both capture the same traffic at the same time.

Three dozen captures at once, while a mixture of packets goes through an interface in both directions. What is compared
are the files they write: every packet, its bytes and its length, in order.

The oracle is tcpdump in two forms, with libpcap's optimizer and without it (-O). They have to agree with each other
and with us, but for the expressions that are listed with the reason why one of the two is wrong. And tcpdump has to be
given a first pass of the traffic that is not compared: libpcap filters its first ring block once more in user space,
where it has no metadata, and so loses one packet that ``inbound``, ``ifindex`` or ``vlan`` should have selected.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from support import mixture
from support.namespaces import Net, run_in_namespace
from support.oracles import require_tool
from support.packets import IPV4, IPV6
from support.side_by_side import Seen, captured
from support.tun import Tun

AT_ONCE = 12
"""Expressions; each in three captures."""

ETHERNET = (
    "",
    "udp",
    "not udp",
    "tcp or icmp",
    "ip and not tcp",
    "ip6",
    "arp",
    "inbound",
    "inbound and udp",
    "outbound",
    "outbound and not ip6",
    "ifindex INDEX and port 53",
    "not ifindex INDEX",
    "vlan",
    "not vlan",
    "vlan 5",
    "vlan 0",
    "vlan 7 and udp",
    "vlan and vlan",
    "vlan 5 and vlan 6 and ip",
    "vlan 5 and ether proto 0x8892",
    "ether proto 0x8892 or (vlan and ether proto 0x8892)",
    "udp port 53 or (vlan and udp port 53)",
    "inbound and vlan 5 and arp",
    "outbound and vlan",
    "ether[-4048:1] = 1",
    "ether proto 0x8892",
    "ether broadcast",
    "ether multicast and not ether broadcast",
    "ether host 02:00:00:00:00:63",
    "ether src 02:00:00:00:00:01",
    "ip broadcast",
    "ip multicast",
    "ip6 multicast",
    "greater 300",
    "less 60",
    "len = 60 or len = 64",
    "host 198.18.0.1 and not host 255.255.255.255",
    "src host 198.18.0.2",
    "net 198.18.0.0/15",
    "dst net 2001:db8::/32",
    "portrange 1000-2000",
    "src portrange 50-60",
    "tcp dst port 443 or udp src port 53",
    "tcp[tcpflags] & tcp-syn != 0",
    "tcp[tcpflags] = tcp-syn|tcp-ack",
    "ip[6:2] & 0x1fff != 0",
    "ip[0] & 0xf != 5",
    "ip6 proto 17",
    "ip6 proto 44",
    "proto 89 or ip proto \\esp",
    "icmp[icmptype] = icmp-echo",
    "ip[2:2] > 100 and ether[0] & 1 = 0",
    "mpls",
    "mpls 100 and ip",
    "pppoes and ip",
    "geneve 7",
)
RAW_IP = (
    "",
    "inbound",
    "outbound",
    "inbound and udp",
    "outbound and tcp",
    "ifindex INDEX and ip6",
    "not ifindex INDEX",
    "ip",
    "not ip6",
    "port 53",
    "host 198.18.0.2 and greater 100",
    "net 2001:db8::/32",
    "ip[6:2] & 0x1fff != 0",
    "tcp[tcpflags] & tcp-syn != 0",
    "ip6 proto 17",
    "len <= 40",
)
COOKED = (
    "",
    "inbound",
    "inbound and udp",
    "outbound",
    "outbound and not arp",
    "ifindex INDEX",
    "ifindex INDEX and port 53",
    "not ifindex INDEX",
    "inbound and ifindex INDEX and ip6",
    "udp",
    "not udp",
    "tcp or icmp",
    "ip6",
    "arp",
    "ether proto 0x8892",
    "ether proto 0x88b5 or ether proto 0x8847",
    "ether[0:2] = 0x8892",
    "ether[10] = 1",
    "ether[-4048:1] = 1",
    "ether[-4048:1] = 1 and ether[-4052:2] & 0xfff = 5",
    "udp and not ether[-4048:1] = 1",
    "ip broadcast",
    "ip multicast",
    "ip6 multicast",
    "greater 300",
    "less 46",
    "host 198.18.0.1 or host 127.0.0.1",
    "dst net 2001:db8::/32",
    "portrange 1000-2000",
    "tcp[tcpflags] & tcp-syn != 0",
    "ip[6:2] & 0x1fff != 0",
    "ip[0] & 0xf != 5",
    "ip6 proto 17",
    "proto 89 or ip proto \\esp",
    "icmp[icmptype] = icmp-echo",
    "pppoes and ip",
)

SELECTS_NOTHING = "not ifindex INDEX"
"""On one interface."""
OPTIMIZER_IS_WRONG = "ether proto 0x8892 or (vlan and ether proto 0x8892)"
"""libpcap issue 1513: with the optimizer the second test reads at the offset of the first, in the tagged packet too."""
OPTIMIZER_IS_NEEDED = (
    "ether[0:2] = 0x8892",
    "ether[10] = 1",
    "ether[-4048:1] = 1",
    "ether[-4048:1] = 1 and ether[-4052:2] & 0xfff = 5",
    "udp and not ether[-4048:1] = 1",
)
"""An offset that is written out is a constant, and so one of the metadata, only after optimizing."""


def through_veth(net: Net) -> None:
    """The mixture from both ends, packets that the kernel makes, one over the loopback; returns when all is seen."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as last:
        last.bind((net.interface, mixture.END))  # sockets for one protocol are served after those for all
        last.settimeout(20)
        net.in_peer(lambda: mixture.send(net.peer, mixture.frames()))
        mixture.send(net.interface, mixture.frames())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
            channel.sendto(b"from the kernel", (net.peer_ipv4, 53))
            channel.sendto(b"to myself", ("127.0.0.1", 53))
        net.in_peer(lambda: mixture.send(net.peer, [mixture.LAST_FRAME]))
        last.recv(2048)


def through_tun(tun: Tun) -> None:
    """The IP packets of the mixture in both directions; returns when all is seen."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as channel:
        for kind, _, packet in mixture.packets():
            if kind in (IPV4, IPV6):
                channel.sendto(packet, (tun.name, kind))
        channel.bind((tun.name, IPV4))
        channel.settimeout(20)
        for kind, _, packet in mixture.packets():
            if kind in (IPV4, IPV6):
                tun.arrive(packet)
        tun.arrive(mixture.LAST_PACKET)
        while channel.recv(2048) != mixture.LAST_PACKET:
            pass


def in_batches(
    net: Net, interface: str, folder: Path, expressions: Sequence[str], index: int, traffic: Callable[[], None]
) -> dict[str, Seen]:
    found: dict[str, Seen] = {}
    for first in range(0, len(expressions), AT_ONCE):
        some = expressions[first : first + AT_ONCE]
        seen = captured(net, interface, folder, [each.replace("INDEX", str(index)) for each in some], traffic)
        found.update(zip(some, seen, strict=True))
    return found


def veth(interface: str, folder: Path, expressions: Sequence[str]) -> dict[str, Seen]:
    require_tool("tcpdump")

    def body(net: Net) -> dict[str, Seen]:
        index = socket.if_nametoindex(net.interface)
        return in_batches(net, interface, folder, expressions, index, lambda: through_veth(net))

    seen: dict[str, Seen] = run_in_namespace(body, limit=120)
    return seen


@pytest.fixture(scope="module")
def on_ethernet(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    return veth("rs0", tmp_path_factory.mktemp("ethernet"), ETHERNET)


@pytest.fixture(scope="module")
def on_any(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    return veth("any", tmp_path_factory.mktemp("any"), COOKED)


@pytest.fixture(scope="module")
def on_raw_ip(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    require_tool("tcpdump")
    folder = tmp_path_factory.mktemp("raw")

    def body(net: Net) -> dict[str, Seen]:
        with Tun() as tun:
            index = socket.if_nametoindex(tun.name)
            return in_batches(net, tun.name, folder, RAW_IP, index, lambda: through_tun(tun))

    seen: dict[str, Seen] = run_in_namespace(body, limit=120)
    return seen


def check(seen: Seen, expression: str) -> None:
    oracle = seen.theirs if expression in OPTIMIZER_IS_NEEDED else seen.unoptimized
    assert seen.ours == oracle
    if expression not in (*OPTIMIZER_IS_NEEDED, OPTIMIZER_IS_WRONG):
        assert seen.theirs == seen.unoptimized


def as_cooked(seen: Seen) -> Seen:
    """Two things of a cooked packet are not compared. tcpdump drops the tag that the kernel has taken out; in ours it
    stands behind the header. And behind an address shorter than eight bytes is whatever was there before.
    """

    def padded(packet: tuple[int, bytes]) -> tuple[int, bytes]:
        length, data = packet
        address = data[12 : 12 + data[11]]
        return length, data[:12] + address.ljust(8, b"\0") + data[20:]

    def without_tag(ours: tuple[int, bytes], theirs: tuple[int, bytes]) -> tuple[int, bytes]:
        length, data = ours
        if length != theirs[0] + 4 or data[:2] not in (b"\x81\x00", b"\x88\xa8"):
            return ours
        return length - 4, data[22:24] + data[2:20] + data[24:]  # the protocol behind the tag is back in its place

    oracle = seen.theirs if len(seen.theirs) == len(seen.ours) else seen.unoptimized
    ours = [padded(without_tag(*pair)) for pair in zip(seen.ours, oracle, strict=True)]
    return Seen(ours, [padded(each) for each in seen.theirs], [padded(each) for each in seen.unoptimized])


@pytest.mark.parametrize("expression", ETHERNET)
def test_on_ethernet_the_packets_are_those_of_tcpdump(on_ethernet: dict[str, Seen], expression: str) -> None:
    check(on_ethernet[expression], expression)


@pytest.mark.parametrize("expression", RAW_IP)
def test_on_raw_ip_the_packets_are_those_of_tcpdump(on_raw_ip: dict[str, Seen], expression: str) -> None:
    check(on_raw_ip[expression], expression)


@pytest.mark.parametrize("expression", COOKED)
def test_on_all_interfaces_the_packets_are_those_of_tcpdump(on_any: dict[str, Seen], expression: str) -> None:
    check(as_cooked(on_any[expression]), expression)


def test_what_the_optimizer_adds_are_frames_of_another_protocol(on_ethernet: dict[str, Seen]) -> None:
    seen = on_ethernet[OPTIMIZER_IS_WRONG]
    added = [each for each in seen.theirs if each not in seen.ours]
    assert [each for each in seen.theirs if each in seen.ours] == seen.ours
    # Behind the tag is another EtherType, and 0x8892 where it would be behind a tag that is still in its place.
    assert all(data[16:18] != b"\x88\x92" == data[20:22] for _, data in added)


@pytest.mark.parametrize("captures", ["on_ethernet", "on_raw_ip", "on_any"])
def test_the_traffic_tells_the_expressions_apart(captures: str, request: pytest.FixtureRequest) -> None:
    some = {expression: len(seen.ours) for expression, seen in request.getfixturevalue(captures).items()}
    everything = some.pop("")
    if captures != "on_any":
        assert some.pop(SELECTS_NOTHING) == 0
    assert not [expression for expression, count in some.items() if not 0 < count < everything]
