# SPDX-License-Identifier: Apache-2.0
"""A mixture of frames that filter expressions can tell apart: every header that pcap-filter(7) has a word for, with
and without VLAN tags, to us, to all, to others.

Sent as they are through packet sockets. Their IP addresses are nobody's, so no kernel answers.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from struct import pack

from ringscope.capture.demo.side import FAR, NEAR
from support.packets import ARP, IPV4, IPV6, arp, ipv4, ipv6, tcp, udp

ALL = b"\xff" * 6
OTHER = bytes.fromhex("020000000063")
MDNS, MDNS6 = bytes.fromhex("01005e0000fb"), bytes.fromhex("3333000000fb")

PROFINET, TEST_PROTOCOL, MPLS, END = 0x8892, 0x88B5, 0x8847, 0x9000
TAG_5, TAG_6, TAG_7_PRIORITY, PRIORITY_ONLY = (0x8100, 5), (0x8100, 6), (0x8100, 0x6007), (0x8100, 0xA000)
SERVICE_5 = (0x88A8, 5)

CLIENT, SERVER, CLIENT6, SERVER6 = "198.18.0.1", "198.18.0.2", "2001:db8::1", "2001:db8::2"
_ICMP, _TCP, _UDP, _FRAGMENT, _ESP, _ICMP6, _NO_NEXT, _OSPF = 1, 6, 17, 44, 50, 58, 59, 89


def packets() -> list[tuple[int, bytes, bytes]]:
    """(EtherType, destination hardware address, packet), each once and each different."""
    near = NEAR.mac

    def four(payload: bytes, protocol: int, destination: str = SERVER, fragment: int = 0) -> bytes:
        return ipv4(payload, protocol, source=CLIENT, destination=destination, fragment=fragment)

    def six(payload: bytes, following: int, destination: str = SERVER6) -> bytes:
        return ipv6(payload, following, source=CLIENT6, destination=destination)

    echo = pack("!BBHHH", 8, 0, 0, 7, 1)
    label = 100 << 12 | 1 << 8 | 64  # the last of its stack
    tunnel = pack("!BBHI", 0, 0, 0x6558, 7 << 8) + near + OTHER + pack("!H", IPV4)
    options = pack("!BBHI", _UDP, 0, 0x0104, 0)
    return [
        (IPV4, near, four(udp(b"query", (40000, 53)), _UDP)),
        (IPV4, near, four(udp(b"x" * 200, (40000, 9)), _UDP)),
        (IPV4, near, four(udp(b"y" * 1200, (1500, 40001)), _UDP)),
        (IPV4, near, ipv4(udp(b"answer", (53, 40000)), _UDP, source=SERVER, destination=CLIENT)),
        (
            IPV4,
            near,
            ipv4(udp(b"options", (7, 40000)), _UDP, source=CLIENT, destination=SERVER, options=b"\x94\x04\0\0"),
        ),
        (IPV4, OTHER, four(udp(b"to another host", (40000, 2000)), _UDP)),
        (IPV4, near, four(tcp(ports=(40000, 80), flags=0x02), _TCP)),
        (IPV4, near, ipv4(tcp(ports=(80, 40000), flags=0x12), _TCP, source=SERVER, destination=CLIENT)),
        (IPV4, near, four(tcp(b"GET / HTTP/1.1\r\n", ports=(40000, 80), flags=0x18), _TCP)),
        (IPV4, near, four(tcp(ports=(443, 40000), flags=0x11), _TCP)),
        (IPV4, near, four(echo + b"z" * 56, _ICMP)),
        (IPV4, near, four(b"f" * 64, _UDP, fragment=0x2000)),
        (IPV4, near, four(b"f" * 64, _UDP, fragment=0x0008)),
        (IPV4, near, four(b"\x02\x01", _OSPF)),
        (IPV4, near, four(b"secret" * 4, _ESP)),
        (IPV4, MDNS, four(udp(b"who is there", (5353, 5353)), _UDP, "224.0.0.251")),
        (IPV4, ALL, ipv4(udp(b"discover", (68, 67)), _UDP, source="0.0.0.0", destination="255.255.255.255")),
        (IPV4, near, four(udp(tunnel + ipv4(udp(b"inner", (1, 53)), _UDP), (40000, 6081)), _UDP)),
        (IPV6, near, six(udp(b"query", (40000, 53)), _UDP)),
        (IPV6, near, six(tcp(ports=(40000, 443), flags=0x02), _TCP)),
        (IPV6, near, six(pack("!BBHHH", 128, 0, 0, 7, 1) + b"z" * 30, _ICMP6)),
        (IPV6, near, six(options + udp(b"after a header", (40000, 53)), _FRAGMENT)),
        (IPV6, near, six(pack("!BB6x", _UDP, 0) + udp(b"after options", (40000, 53)), 0)),
        (IPV6, MDNS6, six(udp(b"who is there", (5353, 5353)), _UDP, "ff02::fb")),
        (IPV6, near, six(b"", _NO_NEXT)),
        (ARP, ALL, arp(1, CLIENT, SERVER)),
        (MPLS, near, pack("!I", label) + four(udp(b"labelled", (40000, 53)), _UDP)),
        (PROFINET, near, b"\x80\x00" + bytes(44)),
        (TEST_PROTOCOL, near, b"test" * 12),
        (0x88CC, bytes.fromhex("0180c200000e"), b"\x02\x07\x04" + bytes(43)),
        (0x8864, near, b"\x11\x00\x00\x05" + pack("!H", 40) + b"\x00\x21" + four(udp(b"dial", (40000, 53)), _UDP)),
    ]


def frames() -> list[bytes]:
    """Ethernet frames: all packets plain, and some with each of the stacks of tags."""
    plain = packets()
    few = [each for each in plain if each[0] in (PROFINET, TEST_PROTOCOL, ARP)]
    few += [plain[0], plain[6], next(each for each in plain if each[0] == IPV6)]
    disguised = (TEST_PROTOCOL, NEAR.mac, pack("!H", PROFINET) * 24)  # the wrong place of an EtherType has a right one
    stacks = ((), (TAG_5,), (TAG_6,), (TAG_7_PRIORITY,), (PRIORITY_ONLY,), (SERVICE_5, TAG_6), (TAG_5, TAG_6))
    return [
        frame(kind, to, payload, tags)
        for tags in stacks
        for kind, to, payload in [*(few if tags else plain), disguised]
    ]


def frame(kind: int, to: bytes, payload: bytes, tags: Sequence[tuple[int, int]] = (), source: bytes = FAR.mac) -> bytes:
    """One Ethernet frame, at least 60 bytes long; ``tags`` are (TPID, TCI) pairs, outermost first."""
    words = b"".join(pack("!HH", *tag) for tag in tags)
    return (to + source + words + pack("!H", kind) + payload).ljust(60, b"\0")


LAST_FRAME = frame(END, ALL, b"end")
LAST_PACKET = ipv4(b"end", 253, source=CLIENT, destination=SERVER)  # RFC 3692: a protocol for experiments


def send(interface: str, sent: Sequence[bytes]) -> None:
    """Send Ethernet frames out of an interface of this network namespace."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as channel:
        channel.bind((interface, 0))
        for each in sent:
            channel.send(each)
