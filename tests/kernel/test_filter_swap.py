# SPDX-License-Identifier: Apache-2.0
"""The line that a filter change draws: confirmed packet by packet, by what the packets themselves say.

Two senders on two CPUs send three numbered streams each: one that only the odd filters let pass, one that only the even
ones do, and one that all do. Two queues take turns. Every number that is missing, and every packet on the wrong side of
a line, is seen.
"""

from __future__ import annotations

import mmap
import struct
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import CaptureError, Epoch, LiveSession
from ringscope.filter import Compiler
from support.frames import FrameSender, number
from support.namespaces import Net, Task, in_namespace, wait_until

ODD, EVEN, BOTH = (7, 17), (9, 19), (5, 15)
"""UDP ports of the streams, one a sender."""

CONFIG = CaptureConfig(("rs0",), queues=2, fanout="lb", block_size=256 << 10, blocks=256, store_bytes=512 << 20)


@dataclass(frozen=True, slots=True)
class Seen:
    """A packet as the store has it."""

    number: int
    epoch: int
    rechecked: bool
    port: int
    sequence: int


def _expression(ports: tuple[int, ...]) -> str:
    return " or ".join(f"udp dst port {port}" for port in (*ports, *BOTH))


def _send(net: Net, which: int, enough: mmap.mmap) -> Task:
    """Streams of one sender, a few frames of each in turn, until it is enough; never for more than 20 seconds."""

    def body() -> int:
        senders = [FrameSender("rs1", port=ports[which]) for ports in (ODD, EVEN, BOTH)]
        until = time.monotonic() + 20
        sent = 0
        while not enough[0]:
            assert time.monotonic() < until, "the changes took too long"
            for sender in senders:
                sender._send_batch(8)
            sent += 24
            time.sleep(100e-6)
        return sent

    return net.start_in_peer(body)


def _packets(session: LiveSession) -> Iterator[Seen]:
    now = session.snapshot()
    assert now.tail == 1
    for first in range(1, now.head + 1, 4096):
        for packet in session.read(first, 4096, 64):
            (port,) = struct.unpack_from("!H", packet.data, 36)
            yield Seen(packet.number, packet.epoch, packet.rechecked, port, number(packet.data))


def _change_under_load(net: Net, session: LiveSession, compiler: Compiler, changes: int) -> None:
    """Changes the filter so many times while both senders send."""
    codes = [
        compiler.compile(_expression(ports), link_type=session.link_type, snaplen=session.snaplen).code
        for ports in (EVEN, ODD)
    ]
    session.start(_expression(EVEN), codes[0])
    enough = mmap.mmap(-1, 1)  # shared with the senders, which are forked
    senders = [_send(net, which, enough) for which in (0, 1)]
    wait_until(lambda: session.snapshot().head > 1000)
    for change in range(1, changes + 1):
        session.set_filter(_expression((EVEN, ODD)[change % 2]), codes[change % 2])
    time.sleep(0.05)
    enough[0] = 1
    for sender in senders:
        assert sender.result(60) > 0
    assert len(session.epochs()) == changes + 1


def _wanted(epoch: int) -> tuple[int, ...]:
    """Ports that the filter of an epoch lets pass; epoch 1 is even's."""
    return (*((EVEN, ODD)[(epoch - 1) % 2]), *BOTH)


def _without_holes(sequences: list[int]) -> bool:
    return not sequences or sorted(sequences) == list(range(min(sequences), max(sequences) + 1))


def _check_that_nothing_both_let_pass_is_missing(packets: list[Seen]) -> None:
    for port in BOTH:
        sequences = [packet.sequence for packet in packets if packet.port == port]
        assert len(sequences) > 1000 and _without_holes(sequences), port


def _stretches(packets: list[Seen], epochs: list[Epoch]) -> dict[tuple[int, int], list[int]]:
    """Sequence numbers by (epoch, port) from each line to the beginning of the next change."""
    lines = [epoch.clean_from for epoch in epochs]
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    ended: set[int] = set()
    for packet in packets:
        behind_its_line = packet.number >= lines[packet.epoch - 1]
        if packet.rechecked or not behind_its_line:
            # Of the old epoch, with the new filter tried in vain, or of the new one already.
            ended.add(packet.epoch if behind_its_line else packet.epoch - 1)
            continue
        if packet.epoch not in ended:
            found[packet.epoch, packet.port].append(packet.sequence)
    return found


@in_namespace(limit=120)
def test_sixty_changes_under_load_leave_nothing_stale_behind_a_line_and_lose_nothing(net: Net) -> None:
    with Compiler() as compiler, LiveSession.prepare(CONFIG) as session:
        _change_under_load(net, session, compiler, 60)
        session.stop()
        total = session.snapshot().total
        assert (total.dropped, total.arena_drops, total.unaccounted) == (0, 0, 0)
        assert total.delivered == total.stored == session.snapshot().head
        packets, epochs = list(_packets(session)), list(session.epochs())
        assert all(epoch.mode == "soft" and epoch.settled and not epoch.undone for epoch in epochs[1:])
        assert [epoch.clean_from for epoch in epochs] == sorted(epoch.clean_from for epoch in epochs)
        # Every packet is of an epoch whose filter lets it pass, the re-checked ones too.
        assert [packet for packet in packets if packet.port not in _wanted(packet.epoch)] == []
        # None under an earlier filter behind a line, and no mixed window reaches beyond it.
        latest = 1
        for packet in packets:
            while latest < len(epochs) and packet.number >= epochs[latest].clean_from:
                latest += 1
            assert packet.epoch >= latest, (packet, epochs[latest - 1])
        _check_that_nothing_both_let_pass_is_missing(packets)
        # From a line to the next change, no packet that the filter lets pass is missing.
        for (epoch, port), sequences in _stretches(packets, epochs).items():
            assert _without_holes(sequences), (epoch, port)
        assert sum(epoch.rechecked for epoch in epochs) == sum(packet.rechecked for packet in packets) > 0
        assert all(epoch.unknown == 0 for epoch in epochs)


@in_namespace(limit=120)
def test_forty_exact_changes_cut_all_queues_at_once(net: Net) -> None:
    config = replace(CONFIG, fanout="rnd", exact_swap=True)
    with Compiler() as compiler, LiveSession.prepare(config) as session:
        _change_under_load(net, session, compiler, 40)
        session.stop()
        total = session.snapshot().total
        assert (total.dropped, total.arena_drops, total.unaccounted) == (0, 0, 0)
        assert total.delivered == total.stored == session.snapshot().head
        packets, epochs = list(_packets(session)), list(session.epochs())
        assert all(epoch.mode == "exact" and epoch.rechecked == 0 for epoch in epochs[1:])
        # The epochs follow one another without a single packet out of place.
        assert [packet.epoch for packet in packets] == sorted(packet.epoch for packet in packets)
        for epoch in epochs[1:]:
            assert packets[epoch.clean_from - 1].epoch == epoch.number == packets[epoch.first - 1].epoch
            assert epoch.first == epoch.clean_from
        assert [packet for packet in packets if packet.port not in _wanted(packet.epoch)] == []
        _check_that_nothing_both_let_pass_is_missing(packets)
        by_epoch: dict[tuple[int, int], list[int]] = defaultdict(list)
        for packet in packets:
            by_epoch[packet.epoch, packet.port].append(packet.sequence)
        for key, sequences in by_epoch.items():
            assert _without_holes(sequences), key


# A program that works long over every packet: 1000 loads and the verdict that everything passes.
_SLOW = struct.pack("HBBI", 0x20, 0, 0, 0) * 1000 + struct.pack("HBBI", 0x06, 0, 0, 262144)
_QUICK = struct.pack("HBBI", 0x06, 0, 0, 262144)
_NOTHING = struct.pack("HBBI", 0x06, 0, 0, 0)


@in_namespace(limit=60)
def test_a_slow_old_program_makes_late_packets_only_before_the_line(net: Net) -> None:
    with LiveSession.prepare(replace(CONFIG, queues=1)) as session:
        session.start("slow", _SLOW)
        sending = net.start_frames(100_000, rate=None)
        wait_until(lambda: session.snapshot().head > 1000)
        for _ in range(20):
            session.set_filter("nothing", _NOTHING)
            session.set_filter("slow", _SLOW)
        sending.result()
        session.stop()
        for epoch in session.epochs():
            if epoch.expression != "nothing":
                continue
            # Whatever came in under the old program while this one was attached could be seen to have failed it.
            assert epoch.matched == 0 and epoch.first == 0
            assert all(packet.epoch > epoch.number for packet in session.read(epoch.clean_from, 1, 64)), epoch
        assert sum(epoch.rechecked for epoch in session.epochs()) > 0


@in_namespace
def test_two_large_filters_follow_each_other_by_way_of_none_and_the_gap_is_told(net: Net) -> None:
    # Each fits alone, not both at once (net.core.optmem_max), which the kernel charges for during a change.
    large = struct.pack("HBBI", 0x20, 0, 0, 0) * min(4000, _optmem_max() * 1100 // 131072) + _QUICK
    with LiveSession.prepare(CONFIG) as session:
        session.start("large", large)
        net.send_frames(100)
        session.set_filter("large too", large)
        net.send_frames(100)
        session.stop()
        assert session.snapshot().head == 200
        changed = session.epochs()[1]
        assert changed.gap > 0 and changed.settled and not changed.undone
        assert changed.clean_from == 101


def _optmem_max() -> int:
    """Bytes that a socket may take for its options; shown in each network namespace since Linux 6.8."""
    try:
        return int(Path("/proc/sys/net/core/optmem_max").read_text())
    except OSError:
        return 131072 if sys.maxsize > 2**32 else 65536


@in_namespace
def test_a_program_that_is_wrong_is_refused_before_any_live_socket_is_touched(net: Net) -> None:
    unknown_metadata = struct.pack("HBBI", 0x20, 0, 0, 0xFFFFF0F0) + _QUICK
    backwards = struct.pack("HBBI", 0x05, 0, 0, 0xFFFFFFFE) + _QUICK
    too_long = struct.pack("HBBI", 0x00, 0, 0, 0) * 4096 + _QUICK
    with LiveSession.prepare(CONFIG) as session:
        session.start("", _QUICK)
        net.send_frames(10)
        for wrong in (unknown_metadata, backwards, too_long):
            with pytest.raises(CaptureError):
                session.set_filter("wrong", wrong)
        net.send_frames(10)
        assert wait_until(lambda: session.snapshot().head == 20)
        assert len(session.epochs()) == 1 and session.filter_expression == ""
        assert {packet.epoch for packet in session.read(1, 20, 64)} == {1}


@in_namespace
def test_the_filter_can_be_changed_while_the_interface_is_down(net: Net) -> None:
    with LiveSession.prepare(CONFIG) as session:
        session.start("", _QUICK)
        net.send_frames(5)
        net.set_link(False)
        assert wait_until(lambda: session.snapshot().state == "down")
        assert session.set_filter("nothing", _NOTHING) == 2
        net.set_link(True)
        assert wait_until(lambda: session.snapshot().state == "running")
        net.send_frames(5)
        assert session.set_filter("", _QUICK) == 3
        net.send_frames(5)
        assert wait_until(lambda: session.snapshot().head == 10)
        assert wait_until(lambda: [epoch.clean_from for epoch in session.epochs()] == [1, 6, 6])


@in_namespace
def test_the_counters_are_cut_at_each_change(net: Net) -> None:
    with LiveSession.prepare(CONFIG) as session:
        session.start("", _QUICK)
        net.send_frames(30)
        session.set_filter("nothing", _NOTHING)
        net.send_frames(30)
        session.set_filter("", _QUICK)
        net.send_frames(7)
        session.stop()
        cuts = [(change.stored, change.dropped) for change in session.changes()]
        assert cuts[1:] == [((30, 30), (0, 0)), ((30, 30), (0, 0))]
        assert session.snapshot().total.stored == 37
