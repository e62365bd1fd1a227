# SPDX-License-Identifier: Apache-2.0
"""A live session on a real ring, as a screen uses it: exact counters, a changing filter, bounded memory."""

from __future__ import annotations

import os
import resource
import signal
import socket
import struct
import threading
import time
from pathlib import Path

import pytest

from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import CaptureError, LiveSession
from ringscope.filter import Compiler
from support.frames import number
from support.namespaces import Net, in_namespace, start_forked, wait_until
from support.ring_twin import RingTwin

EVERYTHING = struct.pack("HBBI", 0x06, 0, 0, 262144)
NOTHING = struct.pack("HBBI", 0x06, 0, 0, 0)
BROKEN = struct.pack("HBBI", 0x20, 0, 0, 0)

SMALL = CaptureConfig(("rs0",), block_size=128 << 10, blocks=4, block_timeout_ms=10_000)
"""Four blocks that no timer closes while a test runs: what fits is decided by the bytes alone."""


def _session(config: CaptureConfig, code: bytes = EVERYTHING) -> LiveSession:
    session = LiveSession.prepare(config)
    session.start("", code)
    return session


@in_namespace
def test_drops_and_freezes_of_a_ring_whose_reader_is_late_are_the_kernels_own(net: Net) -> None:
    twin = RingTwin("rs0", block_size=SMALL.block_size, blocks=SMALL.blocks, block_timeout_ms=SMALL.block_timeout_ms)
    with _session(SMALL) as session:
        session.hold(True)
        net.send_frames(20_000, rate=None)
        wait_until(lambda: session.snapshot().total.stored + session.snapshot().total.dropped == 20_000)
        held = session.snapshot()
        assert (held.total.stored, held.total.dropped, held.total.freezes) == twin.statistics()
        assert held.total.dropped > 0 and held.total.freezes == 1
        assert held.total.fill == 1.0 and held.total.headroom == 0 and held.total.frozen
        assert held.head == 0
        session.hold(False)
        assert wait_until(lambda: session.snapshot().head == held.total.stored)
        session.stop()
        after = session.snapshot()
        assert after.total.delivered == after.total.stored == held.total.stored
        assert after.total.dropped == held.total.dropped


@in_namespace
def test_two_hundred_thousand_frames_at_a_hundred_thousand_a_second_all_reach_the_store(net: Net) -> None:
    with _session(CaptureConfig(("rs0",))) as session:
        net.send_frames(200_000, rate=100_000)
        session.stop()
        now = session.snapshot()
        assert now.total.stored + now.total.dropped == 200_000
        assert now.head == now.total.delivered == now.total.stored
        numbers = [packet.number for packet in session.read(now.head - 99, 100)]
        assert numbers == list(range(now.head - 99, now.head + 1))


@in_namespace
def test_packets_carry_what_was_on_the_wire(net: Net) -> None:
    with _session(CaptureConfig(("rs0",))) as session:
        net.send_frames(1, size=333)
        net.send_frames(1, size=100, vlans=[(0x8100, 100)])
        assert wait_until(lambda: session.snapshot().head == 2)
        plain, tagged = session.read(1, 2)
        assert (plain.number, plain.length, plain.captured, len(plain.data)) == (1, 333, 333, 333)
        assert plain.clock == "software" and plain.packet_type == 0
        assert plain.ifindex == socket.if_nametoindex("rs0")
        assert tagged.data[12:16] == bytes.fromhex("81000064")
        assert tagged.length == tagged.captured == len(tagged.data)
        assert tagged.time_ns >= plain.time_ns
        assert session.read(1, 1, limit=20)[0].data == plain.data[:20]
        assert session.read(3, 5) == [] and session.read(0, 1) == []


@in_namespace
def test_a_filter_changed_while_packets_come_parts_them_into_epochs(net: Net) -> None:
    with Compiler() as compiler, _session(CaptureConfig(("rs0",))) as session:
        only = compiler.compile("udp port 9", link_type=session.link_type, snaplen=session.snaplen).code
        net.send_frames(10, port=9)
        net.send_frames(10, port=7)
        assert session.set_filter("udp port 9", only) == 2
        net.send_frames(10, port=7)
        net.send_frames(10, port=9)
        assert wait_until(lambda: session.snapshot().head == 30)
        now = session.snapshot()
        assert now.epoch == 2 and wait_until(lambda: session.epochs()[-1].clean_from == 21)
        assert session.filter_expression == "udp port 9"
        assert [packet.epoch for packet in session.read(1, 30)] == [1] * 20 + [2] * 10


@in_namespace
def test_a_filter_that_the_kernel_refuses_leaves_the_old_one_in_force(net: Net) -> None:
    with _session(CaptureConfig(("rs0",))) as session:
        with pytest.raises(CaptureError, match="refuses"):
            session.set_filter("broken", BROKEN)
        net.send_frames(5)
        assert wait_until(lambda: session.snapshot().head == 5)
        assert session.snapshot().epoch == 1 and session.filter_expression == ""


@in_namespace
def test_changing_the_filter_under_load_loses_nothing_that_both_filters_let_pass(net: Net) -> None:
    with _session(CaptureConfig(("rs0",))) as session:
        sending = net.start_frames(100_000, rate=100_000)
        changes = 0
        while session.snapshot().head < 80_000 and changes < 200:
            session.set_filter(str(changes), EVERYTHING)
            changes += 1
        sending.result()
        session.stop()
        now = session.snapshot()
        assert changes > 5
        assert now.total.stored + now.total.dropped == 100_000
        assert now.head == now.total.stored


@in_namespace
def test_a_full_store_lets_the_oldest_go_and_says_how_many(net: Net) -> None:
    with _session(CaptureConfig(("rs0",), block_size=128 << 10, store_bytes=1 << 20)) as session:
        net.send_frames(30_000, rate=100_000)
        session.stop()
        now = session.snapshot()
        assert now.total.stored + now.total.dropped == 30_000
        assert now.head + now.total.arena_drops == now.total.stored
        assert now.evicted == now.tail - 1 > 0
        assert session.read(now.tail - 1, 1) == []
        kept = session.read(now.tail, now.head - now.tail + 1, limit=64)
        assert [packet.number for packet in kept] == list(range(now.tail, now.head + 1))


@in_namespace
def test_what_two_queues_let_go_and_what_they_keep_add_up_to_all_packets(net: Net) -> None:
    # The queue to which the flood does not go keeps its few packets, and they are the oldest of all.
    with _session(CaptureConfig(("rs0",), block_size=128 << 10, store_bytes=1 << 20, queues=2)) as session:
        for port in range(20_000, 20_016):
            net.send_frames(1, port=port)
        net.send_frames(30_000, rate=100_000)
        session.stop()
        now = session.snapshot()
        kept = session.read(1, now.head, limit=16)
        assert now.tail <= 16 and len(kept) < now.head
        assert now.evicted + len(kept) == now.head


@in_namespace
def test_every_way_to_end_leaves_no_thread_no_socket_and_no_promiscuity(net: Net) -> None:
    before = threading.active_count()
    session = _session(CaptureConfig(("rs0",)))
    assert net.promiscuity() == 1 and len(net.packet_sockets()) == 1
    session.stop()
    assert net.promiscuity() == 0 and net.packet_sockets() == []
    session.stop()
    session.close()
    session.close()
    with pytest.raises(RuntimeError), _session(CaptureConfig(("rs0",))):
        raise RuntimeError
    LiveSession.prepare(CaptureConfig(("rs0",))).close()
    assert net.promiscuity() == 0 and net.packet_sockets() == []
    assert threading.active_count() == before
    assert len(list(Path("/proc/self/task").iterdir())) == 1


@pytest.mark.parametrize("queues", [1, 2])
@in_namespace
def test_a_forked_child_cannot_keep_the_sockets_alive(net: Net, queues: int) -> None:
    session = _session(CaptureConfig(("rs0",), queues=queues))
    child = os.fork()
    if child == 0:
        session.close()  # here it has neither threads nor sockets, and may be closed all the same
        signal.pause()
    try:
        net.send_frames(5)
        assert wait_until(lambda: session.snapshot().head == 5)
        session.close()
        assert net.packet_sockets() == [] and net.promiscuity() == 0
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@in_namespace
def test_rejected_packets_are_counted_nowhere(net: Net) -> None:
    with _session(CaptureConfig(("rs0",)), NOTHING) as session:
        net.send_frames(50)
        session.stop()
        total = session.snapshot().total
        assert (total.stored, total.dropped, total.delivered) == (0, 0, 0)


@in_namespace
def test_a_file_or_a_capture_that_is_closed_is_said_and_not_touched(net: Net, tmp_path: Path) -> None:
    session = _session(CaptureConfig(("rs0",)))
    file = session.saver(str(tmp_path / "out.pcap"), format="pcap")
    net.send_frames(3)
    session.stop()
    file.follow()
    assert file.written == 3
    session.close()
    with pytest.raises(CaptureError, match="closed"):
        file.follow()
    with pytest.raises(CaptureError, match="closed"):
        session.set_filter("late", EVERYTHING)
    file.close()
    file.close()
    assert session.read(1, 1) == []


@in_namespace
def test_a_link_without_carrier_is_told_and_told_again_when_it_is_back(net: Net) -> None:
    with _session(CaptureConfig(("rs0",))) as session:
        assert wait_until(lambda: session.snapshot().state == "running")
        net.in_peer(lambda: net.set_link(False, net.peer))
        assert wait_until(lambda: session.snapshot().state == "no carrier")
        assert "no carrier" in session.snapshot().state_text
        net.in_peer(lambda: net.set_link(True, net.peer))
        assert wait_until(lambda: session.snapshot().state == "running")


@in_namespace
def test_an_interface_that_is_back_and_cannot_be_opened_is_told_and_tried_again(net: Net) -> None:
    with _session(CaptureConfig(("rs0",))) as session:
        net.remove_link()
        assert wait_until(lambda: session.snapshot().state == "gone")
        assert "goes on when it is back" in session.snapshot().state_text
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

        def restore() -> None:
            time.sleep(0.3)  # until the limit below is in force
            net.restore_link()

        restoring = start_forked(restore)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        try:
            told = wait_until(lambda: "cannot be opened: Too many open files" in session.snapshot().state_text)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        restoring.result()
        assert told, session.snapshot().state_text
        assert wait_until(lambda: session.snapshot().state == "running")
        net.send_frames(5)
        assert wait_until(lambda: session.snapshot().head == 5)


@in_namespace
def test_the_first_packet_behind_a_loss_says_so_and_a_time_leads_to_its_packet(net: Net) -> None:
    config = CaptureConfig(("rs0",), block_size=128 << 10, blocks=4)
    with _session(config) as session:
        net.send_frames(10)
        session.hold(True)
        net.send_frames(3000, size=1000, first=11)
        session.hold(False)
        assert wait_until(lambda: session.snapshot().total.ready_blocks == 0)
        net.send_frames(10, first=3011)
        session.stop()
        packets = session.read(1, session.newest())
        assert session.snapshot().total.dropped > 0
        assert [number(packet.data) for packet in packets if packet.after_loss] == [3011]
        found = [packets[session.find_time(packet.time_ns) - 1] for packet in packets]
        assert [packet.time_ns for packet in found] == [packet.time_ns for packet in packets]
        assert session.find_time(packets[-1].time_ns + 1) == session.newest() + 1
        assert session.find_time(0) == 1
