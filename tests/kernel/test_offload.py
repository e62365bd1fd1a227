# SPDX-License-Identifier: Apache-2.0
"""What a tap gets that was on no wire like this: frames that stand for many, checksums left to hardware."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import LiveSession
from support.namespaces import Net, in_namespace, wait_until

EVERYTHING = struct.pack("HBBI", 0x06, 0, 0, 262144)
BULK = 20_000_000
"""Bytes of the TCP transfer."""


def _receive(net: Net, listener: socket.socket) -> int:
    connection, _ = listener.accept()
    total = 0
    while data := connection.recv(1 << 20):
        total += len(data)
    return total


@in_namespace(limit=60)
def test_frames_of_64_kib_are_whole_and_their_unfinished_checksums_are_known_for_it(net: Net) -> None:
    listener = socket.create_server((net.ipv4, 0))
    port = listener.getsockname()[1]

    def send() -> None:
        with socket.create_connection((net.ipv4, port)) as channel:
            channel.sendall(bytes(BULK))

    with LiveSession.prepare(CaptureConfig(("rs0",), block_size=128 << 10, blocks=512)) as session:
        session.start("", EVERYTHING)
        sending = net.start_in_peer(send)
        assert _receive(net, listener) == BULK
        sending.result()
        session.stop()
        now = session.snapshot()
        assert (now.total.dropped, now.total.truncated, now.total.arena_drops) == (0, 0, 0)
        packets = [packet for first in range(1, now.head + 1, 512) for packet in session.read(first, 512, 64)]
        bulk = [packet for packet in packets if packet.packet_type == 0 and packet.length > 1514]
        assert bulk and max(packet.length for packet in bulk) > 60_000
        assert all(packet.captured == packet.length and packet.segments for packet in bulk)
        # On a virtual link nobody ever fills the checksum in; judged, every frame would be bad.
        assert not any(packet.checksum_ready for packet in bulk)
        received = sum(packet.length - 66 for packet in packets if packet.packet_type == 0 and packet.length > 66)
        assert received >= BULK


@in_namespace
def test_a_capture_hides_frames_of_an_unknown_type_from_rx_dropped(net: Net) -> None:
    """The kernel counts a frame that nobody takes as dropped; while a tap is open, that one takes it."""

    def send() -> None:
        channel = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        channel.bind(("rs1", 0))
        for _ in range(50):
            channel.send(bytes.fromhex("ffffffffffff02fc0000000288b5") + bytes(46))

    before = _received_dropped(net)
    net.in_peer(send)
    assert wait_until(lambda: _received_dropped(net) - before == 50)
    with LiveSession.prepare(CaptureConfig(("rs0",))) as session:
        session.start("", EVERYTHING)
        net.in_peer(send)
        assert wait_until(lambda: session.snapshot().head == 50)
        assert _received_dropped(net) - before == 50
    net.in_peer(send)
    assert wait_until(lambda: _received_dropped(net) - before == 100)


def _received_dropped(net: Net) -> int:
    """Frames the interface counts as received and dropped (/proc/net/dev, fourth column)."""
    return int(Path("/proc/net/dev").read_text().split(f"{net.interface}:")[1].split()[3])
