# SPDX-License-Identifier: Apache-2.0
"""Every kind of traffic that the demo promises is really on its wire."""

import errno
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringscope.capture.demo import DemoNetwork
from ringscope.capture.demo.frames import checksum
from ringscope.capture.demo.netlink import Netlink
from ringscope.capture.demo.scenes.burst import DATAGRAMS
from support.namespaces import run_forked

PROMISED = {
    *("arp request", "arp reply", "neighbour solicitation", "neighbour advertisement"),
    *("echo from near", "echo from far", "echo reply", "echo6 from near", "echo6 from far", "echo6 reply"),
    *("dns A", "dns AAAA", "dns response", "dns no such name", "dns6"),
    *("http request", "http 200", "http 404", "http6 request", "tcp large"),
    *("tls 1.2 hello", "tls 1.3 hello", "tls server name", "tls6 hello", "tls server hello"),
    *("vlan from near", "vlan from far", "qinq from near", "qinq from far", "retransmission", "burst"),
}
DNS = {kind for kind in PROMISED if kind.startswith("dns")}
ENOUGH_SECONDS = 12.0
SOL_PACKET, PACKET_AUXDATA = 263, 8
TP_STATUS_VLAN_VALID = 1 << 4
NEAR_MAC = bytes.fromhex("020000000001")


def test_every_promised_kind_of_traffic_is_on_the_wire() -> None:
    def body() -> set[str]:
        with DemoNetwork.start() as network:
            return _watch(network.interface, PROMISED)

    assert PROMISED - run_forked(body) == set()


def test_only_the_scenes_asked_for_are_played() -> None:
    def body() -> set[str]:
        with DemoNetwork.start(scenes={"dns"}) as network:
            return _watch(network.interface, DNS)

    seen = run_forked(body)
    assert seen >= DNS
    assert {kind.split()[0] for kind in seen} <= {"dns", "dns6", "arp", "neighbour", "icmp6"}


def test_the_first_packet_does_not_wait_for_the_others() -> None:
    def body() -> set[str]:
        with DemoNetwork.start(scenes={"ping"}) as network:
            return _watch(network.interface, {"arp request", "echo from near", "echo reply"})

    assert run_forked(body) >= {"arp request", "echo from near", "echo reply"}


def test_without_ipv6_it_goes_on_by_ipv4_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {kind for kind in PROMISED if "6" not in kind and "neighbour" not in kind}
    add_address = Netlink.add_address

    def refuse_ipv6(netlink: Netlink, name: str, address: str, prefix: int) -> None:
        if ":" in address:
            raise OSError(errno.EOPNOTSUPP, "IPv6 is switched off")
        add_address(netlink, name, address, prefix)

    def body() -> set[str]:
        monkeypatch.setattr(Netlink, "add_address", refuse_ipv6)
        with DemoNetwork.start() as network:
            return _watch(network.interface, wanted)

    seen = run_forked(body)
    assert wanted - seen == set()
    assert seen & {"echo6 from near", "dns6", "http6 request", "tls6 hello"} == set()


def _watch(interface: str, wanted: set[str]) -> set[str]:
    """Capture until everything that is wanted has been seen, or for `ENOUGH_SECONDS`."""
    seen: set[str] = set()
    segments: dict[bytes, int] = {}
    deadline = time.monotonic() + ENOUGH_SECONDS
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as tap:
        tap.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        tap.bind((interface, 3))
        tap.settimeout(0.2)
        while not wanted <= seen and time.monotonic() < deadline:
            try:
                frame = _receive(tap)
            except TimeoutError:
                continue
            seen.update(_kinds(frame, segments))
            if _received(interface) >= DATAGRAMS:
                seen.add("burst")
    return seen


def _receive(tap: socket.socket) -> bytes:
    """A frame as it was on the wire: a tag that the kernel took off is put back."""
    frame, ancillary, _, _ = tap.recvmsg(1 << 17, 256)
    for level, kind, data in ancillary:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH", data[:20])
            if status & TP_STATUS_VLAN_VALID:
                return frame[:12] + struct.pack("!HH", tpid, tci) + frame[12:]
    return frame


def _received(interface: str) -> int:
    return int(Path("/proc/net/dev").read_text().split(f"{interface}:")[1].split()[1])


def _kinds(frame: bytes, segments: dict[bytes, int]) -> Iterator[str]:
    side = "near" if frame[6:12] == NEAR_MAC else "far"
    ethertype, packet = int.from_bytes(frame[12:14], "big"), frame[14:]
    if ethertype == 0x0806:
        yield "arp request" if packet[7] == 1 else "arp reply"
    elif ethertype == 0x8100 and packet[:4] == bytes.fromhex("60640800") and _is_valid_udp(packet[4:]):
        yield f"vlan from {side}"
    elif ethertype == 0x88A8 and packet[:8] == bytes.fromhex("00c88100000a0800") and _is_valid_udp(packet[8:]):
        yield f"qinq from {side}"
    elif ethertype == 0x0800:
        yield from _transport("", packet[9], packet[20:], side, segments, packet[12:20])
    elif ethertype == 0x86DD:
        yield from _transport("6", packet[6], packet[40:], side, segments, packet[8:40])


def _is_valid_udp(packet: bytes) -> bool:
    """Whether both checksums are right: a sum over all with its checksum in it is 0."""
    udp = packet[20:]
    pseudo = packet[12:20] + struct.pack("!HH", socket.IPPROTO_UDP, len(udp))
    return packet[9] == socket.IPPROTO_UDP and checksum(packet[:20]) == 0 and checksum(pseudo + udp) == 0


def _transport(
    six: str, protocol: int, data: bytes, side: str, segments: dict[bytes, int], addresses: bytes
) -> Iterator[str]:
    if protocol == socket.IPPROTO_UDP and 53 in struct.unpack("!HH", data[:4]):
        yield from _dns(six, data[8:])
    elif protocol == socket.IPPROTO_ICMP and data[0] in (0, 8):
        yield f"echo from {side}" if data[0] == 8 else "echo reply"
    elif protocol == socket.IPPROTO_ICMPV6:
        names = {128: f"echo6 from {side}", 129: "echo6 reply"}
        names |= {135: "neighbour solicitation", 136: "neighbour advertisement"}
        yield names.get(data[0], "icmp6")
    elif protocol == socket.IPPROTO_TCP:
        payload = data[(data[12] >> 4) * 4 :]
        if payload:
            key = addresses + data[:8]
            segments[key] = segments.get(key, 0) + 1
            if segments[key] > 1:
                yield "retransmission"
        yield from _tcp(six, payload)


def _dns(six: str, message: bytes) -> Iterator[str]:
    yield f"dns{six}" if six else "dns"
    flags, question = int.from_bytes(message[2:4], "big"), message[12:]
    kind = question[question.index(0) + 1 : question.index(0) + 3]
    if flags & 0x8000:
        yield "dns response" if flags & 0xF == 0 else "dns no such name"
    else:
        yield {1: "dns A", 28: "dns AAAA"}.get(int.from_bytes(kind, "big"), "dns")


def _tcp(six: str, payload: bytes) -> Iterator[str]:
    if len(payload) > 4000:
        yield "tcp large"
    if payload.startswith(b"GET /"):
        yield f"http{six} request"
    elif payload.startswith(b"HTTP/1.1 "):
        yield f"http {payload[9:12].decode()}"
    elif payload[:1] == b"\x16" and payload[5:6] == b"\x01":
        # Only a client that offers 1.3 names its versions in an extension (RFC 8446, 4.2.1).
        yield "tls 1.3 hello" if b"\x00\x2b\x00\x03\x02\x03\x04" in payload else "tls 1.2 hello"
        if six:
            yield "tls6 hello"
        if b"shop.example.net" in payload:
            yield "tls server name"
    elif payload[:1] == b"\x16" and payload[5:6] == b"\x02":
        yield "tls server hello"
