# SPDX-License-Identifier: Apache-2.0
"""Capture files of every encapsulation that filters know, the same at every run, for who selects packets in them.

What goes into a file is the same few hundred network packets, put into what that file is of, and some of its own.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import pack

from support import packets
from support.cooked import SLL, SLL2, cooked
from support.packets import ARP, FAR_MAC, IPV4, IPV6, ethernet, ipv4, ipv6, tcp, udp

EN10MB, NULL, PPP, RAW, LOOP, IEEE802_11, RADIOTAP = 1, 0, 9, 101, 108, 105, 127
BEGAN = 1_700_000_000
_HOSTS4 = (
    "10.0.0.1",
    "10.0.0.2",
    "10.1.2.3",
    "192.0.2.1",
    "192.0.2.77",
    "198.51.100.7",
    "255.255.255.255",
    "224.0.0.251",
)
_HOSTS6 = ("fd00::1", "fd00::2", "2001:db8::1", "2001:db8:1::77", "fe80::1", "ff02::fb")
_PORTS = (1, 22, 53, 67, 68, 80, 123, 443, 1999, 2000, 5353, 8080, 33434, 33500, 40412, 65535)
_SNAP = bytes.fromhex("aaaa03000000")


@dataclass(frozen=True, slots=True)
class Variety:
    """A capture file: its link type, its packets, and how it is written."""

    name: str
    link_type: int
    frames: tuple[bytes, ...]
    order: str = "<"
    snaplen: int = 262144
    shorter: int = 0
    """By how many bytes a packet is said to be shorter on the wire than what was captured of it."""

    def write(self, folder: Path, times: int = 1) -> Path:
        """The file, a pcap with a microsecond between packets, so that a time names a packet; with all packets so many
        times, one after another.
        """
        path = folder / f"{self.name}-{times}.pcap"
        parts = [pack(self.order + "IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, self.snaplen, self.link_type)]
        for number, frame in enumerate(self.frames * times, 1):
            kept = frame[: self.snaplen]
            parts += [pack(self.order + "IIII", BEGAN, number, len(kept), max(len(frame) - self.shorter, 0)), kept]
        path.write_bytes(b"".join(parts))
        return path


def varieties() -> list[Variety]:
    """All of them."""
    plain = list(_ethernet_frames(_network(1)))
    return [
        Variety("ethernet", EN10MB, tuple(plain)),
        Variety("vlan", EN10MB, tuple(_tagged(2, deepest=1))),
        Variety("qinq", EN10MB, tuple(_tagged(3, deepest=3))),
        Variety("extensions", EN10MB, tuple(_ethernet_frames(_extension_headers(4)))),
        Variety("fragments", EN10MB, tuple(_ethernet_frames(_fragments(5)))),
        Variety("mpls", EN10MB, tuple(_mpls(6))),
        Variety("tunnels", EN10MB, tuple(_ethernet_frames(_tunnels(7)))),
        Variety("pppoe", EN10MB, tuple(_pppoe(8))),
        Variety("sll", SLL, tuple(_cooked(9, SLL))),
        Variety("sll2", SLL2, tuple(_cooked(10, SLL2))),
        Variety("raw", RAW, tuple(each for _, each in _network(11))),
        Variety("null", NULL, tuple(_loopback(12, "<"))),
        Variety("swapped", NULL, tuple(_loopback(13, ">")), order=">"),
        Variety("openbsd", LOOP, tuple(_loopback(14, ">"))),
        Variety("ppp", PPP, tuple(_ppp(15))),
        Variety("wireless", IEEE802_11, tuple(_wireless(16))),
        Variety("radiotap", RADIOTAP, tuple(_RADIOTAP + each for each in _wireless(17))),
        Variety("cut", EN10MB, (*plain, *_tagged(18, deepest=2)), snaplen=40),
        Variety("shorter", EN10MB, tuple(plain), shorter=20),
    ]


Network = tuple[int, bytes]
"""An Ethertype and a packet of it."""


def _ports(dice: random.Random) -> tuple[int, int]:
    return dice.choice(_PORTS), dice.choice(_PORTS)


def _transport(dice: random.Random) -> tuple[int, bytes]:
    """A protocol number and what is behind the IP header."""
    payload = dice.randbytes(dice.choice((0, 4, 18, 60, 300, 1200)))
    match dice.randrange(8):
        case 0 | 1 | 2:
            flags, words = dice.choice((0x02, 0x12, 0x10, 0x18, 0x11, 0x04)), dice.randrange(4)
            return 6, tcp(payload, ports=_ports(dice), flags=flags, options=b"\x01" * 4 * words)
        case 3 | 4 | 5:
            return 17, udp(payload, _ports(dice))
        case 6:
            return 1, pack(">BBHHH", dice.choice((0, 3, 8, 11)), 0, 0, 7, 1) + payload
        case _:
            return dice.choice((2, 47, 50, 89, 103, 112, 132)), dice.randbytes(24) + payload


def _of4(dice: random.Random, protocol: int, payload: bytes, **fields: int) -> Network:
    options = b"\x01" * 4 * dice.choice((0, 0, 0, 1, 10))
    source, destination = dice.choice(_HOSTS4[:6]), dice.choice(_HOSTS4)
    return IPV4, ipv4(payload, protocol, source=source, destination=destination, options=options, **fields)


def _of6(dice: random.Random, following: int, payload: bytes) -> Network:
    if following == 1:
        following, payload = 58, bytes([dice.choice((128, 129, 133, 135, 136, 143))]) + payload[1:]
    return IPV6, ipv6(payload, following, source=dice.choice(_HOSTS6[:5]), destination=dice.choice(_HOSTS6))


def _network(seed: int, count: int = 300) -> Iterator[Network]:
    dice = random.Random(seed)
    for _ in range(count):
        yield (_of4 if dice.random() < 0.6 else _of6)(dice, *_transport(dice))


def _ethernet_frames(network: Iterator[Network]) -> Iterator[bytes]:
    """In Ethernet, and what else is seen there."""
    yield from packets.samples().values()
    yield ethernet(packets.arp(1, "10.0.0.1", "10.0.0.2"), ARP)
    yield b"\xff" * 6 + ethernet(packets.arp(2, "192.0.2.1", "10.0.0.2"), ARP)[6:]
    yield ethernet(b"\x00\x01\x08\x00\x06\x04\x00\x03" + bytes(20), 0x8035)
    yield ethernet(bytes.fromhex("0207040001"), 0x88CC)
    yield bytes.fromhex("0180c2000000") + ethernet(b"\x42\x42\x03" + bytes(35), 38)[6:]
    yield ethernet(b"\xfe\xfe\x03\x83" + bytes(30), 34)
    yield ethernet(b"\xff\xff" + bytes(30), 32)
    yield ethernet(_SNAP + pack(">H", IPV4) + ipv4(udp(b"in a SNAP frame"), 17), 60)
    yield ethernet(b"", IPV4)
    yield ethernet(b"\x45", IPV4)
    yield FAR_MAC[:5]
    yield b""
    for number, (kind, packet) in enumerate(network):
        frame = ethernet(packet, kind)
        yield bytes.fromhex("01005e0000fb") + frame[6:] if number % 9 == 0 else frame


def _tagged(seed: int, deepest: int) -> Iterator[bytes]:
    dice = random.Random(seed)
    for kind, packet in _network(seed):
        depth = dice.randint(0, deepest)
        tags = [
            (
                dice.choice((0x8100, 0x8100, 0x88A8, 0x9100)),
                dice.choice((0, 5, 6, 7, 100, 4095)) | dice.choice((0, 0x6000)),
            )
            for _ in range(depth)
        ]
        yield ethernet(packet, kind, tags=tags)
    yield ethernet(packets.arp(1, "10.0.0.1", "10.0.0.2"), ARP, tags=[(0x8100, 5)])
    yield ethernet(b"", IPV4, tags=[(0x8100, 5)])[:-2]


def _extension_headers(seed: int) -> Iterator[Network]:
    dice = random.Random(seed)
    for _ in range(250):
        protocol, payload = _transport(dice)
        for _ in range(dice.randrange(4)):
            kind = dice.choice((0, 43, 44, 60))
            if kind == 44:
                offset = dice.choice((0, 0, 8, 1480)) | dice.choice((0, 1))
                payload = pack(">BBHI", protocol, 0, offset, 77) + payload
            else:
                size = dice.randrange(3)
                payload = bytes([protocol, size]) + bytes(6 + 8 * size) + payload
            protocol = kind
        yield _of6(dice, protocol, payload)
    for options in (b"\x94\x04\0\0", b""):
        yield IPV4, ipv4(pack(">BBHII", 6, 4, 0, 1, 1) + bytes(12) + tcp(), 51, options=options)


def _fragments(seed: int) -> Iterator[Network]:
    dice = random.Random(seed)
    for _ in range(200):
        fragment = dice.choice((0, 0x4000, 0x2000, 0x2000 | 185, 185, 370, 0x1FFF, 0x8000))
        yield _of4(dice, *_transport(dice), fragment=fragment)


def _mpls(seed: int) -> Iterator[bytes]:
    dice = random.Random(seed)
    for _, packet in _network(seed, 200):
        depth = dice.randint(1, 3)
        labels = [
            dice.choice((16, 100, 1024, 1048575)) << 12 | (place == depth - 1) << 8 | 64 for place in range(depth)
        ]
        tags = dice.choice(([], [], [(0x8100, 5)]))
        yield ethernet(pack(f">{depth}I", *labels) + packet, 0x8847, tags=tags)
    yield from _tagged(seed, deepest=1)


def _tunnels(seed: int) -> Iterator[Network]:
    dice = random.Random(seed)
    for kind, packet in _network(seed, 250):
        inner = ethernet(packet, kind)
        match dice.randrange(6):
            case 0:
                yield _of4(dice, 47, pack(">HH", 0, kind) + packet)
            case 1:
                yield _of4(dice, 4 if kind == IPV4 else 41, packet)
            case 2:
                yield _of4(dice, 17, udp(pack(">II", 0x08 << 24, dice.choice((7, 42)) << 8) + inner, (40000, 4789)))
            case 3:
                words = dice.randrange(3)
                header = pack(">BBHI", words, 0, 0x6558, dice.choice((7, 42)) << 8) + bytes(4 * words)
                yield (_of4 if dice.random() < 0.7 else _of6)(dice, 17, udp(header + inner, (40000, 6081)))
            case 4:
                header = pack(">BBHI", 0, 0, kind, 7 << 8)
                yield _of4(dice, 17, udp(header + packet, (40000, 6081)))
            case _:
                yield _of6(dice, 41 if kind == IPV6 else 4, packet)


def _pppoe(seed: int) -> Iterator[bytes]:
    dice = random.Random(seed)
    for stage in (0x09, 0x07, 0x19, 0x65, 0xA7):
        yield ethernet(pack(">BBHH", 0x11, stage, 0, 4) + b"\1\1\0\0", 0x8863)
    for kind, packet in _network(seed, 200):
        header = pack(">BBHHH", 0x11, 0, dice.choice((1, 39, 500)), len(packet) + 2, 0x21 if kind == IPV4 else 0x57)
        yield ethernet(header + packet, 0x8864, tags=dice.choice(([], [], [(0x8100, 5)])))
    yield ethernet(pack(">BBHHH", 0x11, 0, 1, 10, 0xC021) + bytes(8), 0x8864)


def _cooked(seed: int, link_type: int) -> Iterator[bytes]:
    dice = random.Random(seed)

    def wrap(payload: bytes, kind: int, hatype: int = 1) -> bytes:
        return cooked(
            payload, kind, link_type, hatype=hatype, packet_type=dice.randrange(5), interface=dice.choice((1, 3, 300))
        )

    for kind, packet in _network(seed):
        yield wrap(packet, kind, dice.choice((1, 1, 772, 778)))
        if dice.random() < 0.2:
            yield wrap(pack(">HH", 5, kind) + packet, 0x8100)
    yield wrap(packets.arp(1, "10.0.0.1", "10.0.0.2"), ARP)
    yield wrap(b"\x42\x42\x03" + bytes(35), 4)
    yield wrap(b"\xff\xff" + bytes(30), 1)
    yield cooked(b"", IPV4, link_type)[:-1]


def _loopback(seed: int, order: str) -> Iterator[bytes]:
    """The address families of several systems; a machine that has IPv6 as 30 captured most."""
    dice = random.Random(seed)
    for kind, packet in _network(seed):
        yield pack(order + "I", 2 if kind == IPV4 else dice.choice((30, 30, 24, 28, 10))) + packet
    yield pack(order + "I", 7) + bytes(20)


def _ppp(seed: int) -> Iterator[bytes]:
    for kind, packet in _network(seed):
        yield b"\xff\x03" + pack(">H", 0x21 if kind == IPV4 else 0x57) + packet
    yield b"\xff\x03\xc0\x21" + bytes(8)


_RADIOTAP = pack("<BBHI", 0, 0, 12, 0x00000004) + b"\x6c\0\0\0"


def _wireless(seed: int) -> Iterator[bytes]:
    """Management, control and data frames, to and from the distribution system, some with a QoS header."""
    dice = random.Random(seed)
    for subtype in (0, 4, 5, 8, 10, 11, 12):
        yield bytes([subtype << 4, 0]) + bytes(2) + b"\xff" * 6 + FAR_MAC + FAR_MAC + bytes(2) + bytes(24)
    for subtype in (11, 12, 13):
        yield bytes([subtype << 4 | 4, 0]) + bytes(2) + FAR_MAC + (packets.NEAR_MAC if subtype == 11 else b"")
    for kind, packet in _network(seed, 200):
        direction, quality = dice.choice((0, 1, 2, 3)), dice.random() < 0.5
        header = (
            bytes([0x88 if quality else 0x08, direction]) + bytes(2) + FAR_MAC + packets.NEAR_MAC + FAR_MAC + bytes(2)
        )
        header += (packets.NEAR_MAC if direction == 3 else b"") + (b"\0\0" if quality else b"")
        yield header + _SNAP + pack(">H", kind) + packet
