# SPDX-License-Identifier: Apache-2.0
"""Eight losses, staged: the verdict names the stage and the cause of each, and counts what the kernel counts.

And no loss staged: none is claimed.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import LiveSession
from ringscope.netlink import Channel, attribute, link_header
from ringscope.weather.model import YES, Cure
from ringscope.weather.provenance import PROVENANCE
from support.frames import FrameSender
from support.holding import held
from support.namespaces import Net, Task, in_namespace, wait_until
from support.recording import Recording
from support.ring_twin import RingTwin
from support.watching import Watching

EVERYTHING = struct.pack("HBBI", 0x06, 0, 0, 262144)
NOTHING = struct.pack("HBBI", 0x06, 0, 0, 0)
LOAD = struct.pack("HBBI", 0x20, 0, 0, 0)
SMALL = CaptureConfig(("rs0",), block_size=128 << 10, blocks=4, block_timeout_ms=10_000)


def _session(config: CaptureConfig, code: bytes = EVERYTHING) -> LiveSession:
    session = LiveSession.prepare(config)
    session.start("", code)
    return session


def _read_all(session: LiveSession) -> None:
    assert wait_until(lambda: session.snapshot().head == session.snapshot().total.stored)


def _adds_up(watching: Watching, sent: int) -> None:
    """Every frame that was sent is in the account, once."""
    way, total = watching.path(), watching.moment().capture.total
    assert total.stored + total.dropped == sent
    assert way.stage("tap").passed == way.stage("filter").passed == sent
    assert way.stage("ring").passed == total.stored and way.stage("ring").lost == total.dropped
    assert way.unaccounted == 0
    assert all(one.source in PROVENANCE for stage in way.stages for one in stage.figures)


@in_namespace
def test_a_slow_reader_is_found_late(net: Net) -> None:
    with _session(replace(SMALL, block_timeout_ms=10)) as session, Watching(session) as watching:
        for _ in range(3):
            session.hold(True)
            net.send_frames(10_000)
            time.sleep(0.3)
            session.hold(False)
            _read_all(session)
            time.sleep(0.15)  # a tick of the statistics
            watching.look()
        session.stop()
        watching.look()
        said = watching.verdict()
        _adds_up(watching, 30_000)
        assert (said.severity, said.stage, said.cause, said.place) == ("lost", "ring", "late", "queue 0")
        assert said.total == session.snapshot().total.dropped > 0
        assert "RING 0" in said.sentence and "Nothing is lost before it or after it." in said.sentence
        asked = [clue for clue in said.clues if clue.cause]
        assert next(clue for clue in asked if clue.answer == YES).cause == "late"
        assert all(clue.source in PROVENANCE for clue in said.clues)


@in_namespace
def test_a_small_ring_is_found_too_small_for_its_bursts(net: Net) -> None:
    # Whoever else uses this machine may make the reader late indeed, or the sender slow: then it is tried again.
    said = None
    for _ in range(10):
        with _session(replace(SMALL, blocks=2, block_timeout_ms=10)) as session, Watching(session) as watching:
            net.send_frames(20_000, size=1000)
            _read_all(session)
            time.sleep(0.15)
            watching.look()
            session.stop()
            watching.look()
            said = watching.verdict()
            _adds_up(watching, 20_000)
            assert watching.tally.packets("ring") == session.snapshot().total.dropped
            if said.cause == "small":
                assert (said.severity, said.stage, said.place) == ("lost", "ring", "queue 0") and said.total > 0
                assert any(cure.command.startswith("--blocks ") for cure in said.cures)
                return
    pytest.fail(f"never found too small: {said}")


@in_namespace(limit=60)
@pytest.mark.parametrize("replayed", [False, True])
def test_more_blocks_lose_nothing_where_the_cure_says_so(net: Net, replayed: bool) -> None:
    """What a cure promises is tried, reckoned or replayed: the same again with as many blocks as it names."""

    def run(blocks: int) -> tuple[int, Cure | None]:
        with _session(replace(SMALL, blocks=blocks, block_timeout_ms=50)) as session, Watching(session) as watching:
            net.send_frames(200, size=1000)  # what the reader's pace is known from
            session.hold(True)
            net.send_frames(3000, rate=20_000, size=1000)
            session.hold(False)
            _read_all(session)
            time.sleep(0.25)
            watching.look()
            cures = watching.verdict(trial=watching.replay() if replayed else None).cures
            return session.snapshot().total.dropped, next((one for one in cures if "--blocks " in one.command), None)

    dropped, cure = run(4)
    assert dropped > 0 and cure is not None
    assert f"{dropped:,}".replace(",", " ") in cure.saves
    assert ("reckoned, not replayed" in cure.saves) != replayed and "MiB" in cure.saves
    assert run(int(cure.command.removeprefix("--blocks "))) == (0, None)


@in_namespace
def test_a_frozen_ring_is_found_frozen_and_its_counters_are_those_of_a_ring_beside_it(net: Net) -> None:
    twin = RingTwin("rs0", block_size=SMALL.block_size, blocks=SMALL.blocks, block_timeout_ms=SMALL.block_timeout_ms)
    with _session(SMALL) as session, Watching(session) as watching:
        session.hold(True)
        for _ in range(3):
            net.send_frames(3000)
            time.sleep(0.15)
            watching.look()
        said, total = watching.verdict(ended=False), session.snapshot().total
        assert (total.stored, total.dropped, total.freezes) == twin.statistics()
        assert (said.severity, said.stage, said.cause, said.place) == ("lost", "ring", "frozen", "queue 0")
        assert said.now and said.rate > 0 and said.total == total.dropped
        assert said.sentence.startswith("You lose ") and "packets/s in RING 0" in said.sentence


@in_namespace(limit=60)
def test_drops_of_a_slow_reader_and_of_a_ring_that_stays_frozen_are_told_apart(net: Net) -> None:
    """In the recording's lines, by queue and as figures of the stage, and at its end."""
    recording = Recording(net, "--json", "--report", "--blocks", "4", "--block-size", "128K", "--block-timeout", "5000")
    with held(recording.process.pid):
        net.send_frames(2000, size=1000)
    slow = recording.line_when(lambda line: line["total"]["dropped"])["total"]
    assert slow["slow_drops"] == slow["dropped"] > 0 and not slow["frozen_drops"] + slow["early_drops"]
    ended = recording.end()
    assert [view["slow_drops"] for view in ended.final["rings"]] == [slow["dropped"]]
    (stage,) = [stage for stage in ended.final["path"]["stages"] if stage["key"] == "ring"]
    told = {figure["name"]: figure["value"] for figure in stage["figures"]}
    assert (told["slow"], told["still frozen"], told["early"]) == (slow["dropped"], 0, 0)
    line = f"of these {slow['dropped']} for a slow reader, 0 while still frozen, 0 early, above 75 % while"
    assert f"{line} blocks were free" in ended.errors.splitlines()
    with _session(SMALL) as session, Watching(session) as watching:
        session.hold(True)
        net.send_frames(2000, size=1000)
        time.sleep(0.25)
        froze = session.snapshot().total
        net.send_frames(1000)
        time.sleep(0.25)
        total = session.snapshot().total
        assert froze.slow_drops > 0 and total.slow_drops == froze.slow_drops and total.early_drops == 0
        assert total.frozen_drops == froze.frozen_drops + 1000
        watching.look()
        stage_now = watching.path().stage("ring")
        assert next(one.value for one in stage_now.figures if one.name == "still frozen") == total.frozen_drops
        session.hold(False)
        _read_all(session)
        net.send_frames(1)
        session.stop()
        (loss,) = session.losses(1, session.newest())
        assert (loss.cause, loss.lost) == ("frozen", total.dropped)


@in_namespace(limit=60)
def test_early_drops_of_two_cpus_are_laid_to_the_kernels_rule_and_not_to_the_reader(net: Net) -> None:
    cpus = sorted(os.sched_getaffinity(0))[:2]
    if len(cpus) < 2:
        pytest.skip("one CPU never drops early")
    blocks, size = 1024, 1400
    blockful = (SMALL.block_size - 48) // (size + 100)

    def pinned(cpu: int, count: int) -> Task:
        def send() -> int:
            os.sched_setaffinity(0, {cpu})
            FrameSender("rs1", size).send(count, alone=False)
            return count

        return net.start_in_peer(send)

    def counted() -> int:
        total = session.snapshot().total
        return total.stored + total.dropped

    with _session(replace(SMALL, blocks=blocks, block_timeout_ms=500)) as session, Watching(session) as watching:
        sent = 0
        # It is chance when two meet at the end of a block: at 250 such ends mostly at the first try.
        for _ in range(30):
            session.hold(True)
            first = int(blocks * 0.76) * blockful
            net.send_frames(first, size=size)
            rest = [pinned(cpu, (int(blocks * 0.24) - 12) * blockful // 2) for cpu in cpus]
            sent += first + sum(task.result() for task in rest)
            wait_until(lambda goal=sent: counted() == goal)  # type: ignore[misc]
            assert counted() == sent
            watching.look()
            session.hold(False)
            _read_all(session)
            if watching.tally.packets("ring"):
                break
        session.stop()
        watching.look()
        said, total = watching.verdict(), session.snapshot().total
        _adds_up(watching, sent)
        assert (said.stage, said.cause, said.place) == ("ring", "early drop", "queue 0")
        assert said.total == total.dropped == total.early_drops > 0 and total.freezes == total.frozen_drops == 0
        assert "several CPUs" in said.sentence and said.cures[0].command == "--queues auto --fanout cpu"


@in_namespace(limit=60)
def test_frames_that_a_block_cannot_hold_are_found_cut_by_its_size(net: Net) -> None:
    """BIG TCP: frames of up to 200 000 bytes, and blocks of 128 KiB, the smallest there are."""
    # IFLA_GSO_MAX_SIZE, IFLA_GSO_IPV4_MAX_SIZE
    large = attribute(41, struct.pack("=I", 200_000)) + attribute(63, struct.pack("=I", 200_000))

    def make_large(name: str) -> None:
        with Channel() as channel:
            channel.request(16, link_header(socket.if_nametoindex(name)) + large, "have large frames")

    try:
        make_large("rs0")
        net.in_peer(lambda: make_large("rs1"))
    except OSError as error:
        pytest.skip(f"this kernel has no BIG TCP: {error}")
    listener = socket.create_server((net.ipv4, 0))
    port = listener.getsockname()[1]

    def send() -> None:
        with socket.create_connection((net.ipv4, port)) as channel:
            channel.sendall(bytes(40_000_000))

    config = CaptureConfig(("rs0",), block_size=128 << 10, blocks=1024, direction="in")
    with _session(config) as session, Watching(session) as watching:
        sending = net.start_in_peer(send)
        connection, _ = listener.accept()
        while connection.recv(1 << 20):
            pass
        sending.result()
        session.stop()
        watching.look()
        said, now = watching.verdict(), session.snapshot()
        cut = sum(
            packet.captured < packet.length
            for first in range(1, now.head + 1, 256)
            for packet in session.read(first, 256, 64)
        )
        if not cut:
            pytest.skip("this kernel made no frame larger than a block")
        assert (said.severity, said.stage, said.cause) == ("cut", "ring", "block size")
        assert said.total == now.total.truncated == cut and now.total.dropped == 0
        assert said.sentence.startswith("No packet is lost") and said.cures[0].command == "--block-size 1M"


def _slow_taps(count: int) -> list[socket.socket]:
    """Taps that keep nothing and take their time: each runs a thousand instructions a packet."""
    code = LOAD * 1000 + NOTHING
    buffer = ctypes.create_string_buffer(code, len(code))
    taps = []
    for _ in range(count):
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        tap.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer)))
        tap.bind(("rs0", 3))
        taps.append(tap)
    return taps


@in_namespace(limit=60)
def test_a_backlog_that_is_full_is_found_before_the_tap(net: Net) -> None:
    """RPS hands all packets to one CPU, which is kept busy, while the other one sends more than its backlog holds."""
    cpus = sorted(os.sched_getaffinity(0))
    mask = Path("/proc/sys/net/core/rps_default_mask")
    if len(cpus) < 2 or not mask.exists():
        pytest.skip("needs two CPUs, and a kernel with net.core.rps_default_mask in each namespace (Linux 6.9)")
    mask.write_text(f"{1 << cpus[1]:x}")
    net.remove_link()
    net.restore_link()  # made anew: its queue takes the mask
    taps = _slow_taps(12)

    def send() -> tuple[int, int]:
        os.sched_setaffinity(0, {cpus[0]})
        frame = bytes.fromhex("02fc0000000102fc0000000288b5") + bytes(46)
        # One socket waits when some 270 of its frames are on their way: several are needed to fill a backlog.
        channels = [socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) for _ in range(8)]
        for channel in channels:
            channel.bind(("rs1", 0))
        sent = refused = 0
        for number in range(5000):
            try:
                channels[number % 8].send(frame)
                sent += 1
            except OSError:
                refused += 1
        return sent, refused

    with _session(CaptureConfig(("rs0",), direction="in")) as session, Watching(session) as watching:
        sent, refused = net.in_peer(send)
        assert wait_until(lambda: session.snapshot().total.stored == sent)
        session.stop()
        watching.look()
        said, way = watching.verdict(), watching.path()
        assert (said.severity, said.stage, said.cause, said.place) == ("lost", "softirq", "backlog", f"CPU {cpus[1]}")
        assert said.total == way.stage("softirq").lost == refused > 0
        assert way.stage("tap").passed == way.stage("ring").passed == sent and way.unaccounted == 0
        assert "its backlog was full" in said.sentence and "netdev_max_backlog" in said.cures[0].command
    for tap in taps:
        tap.close()


@in_namespace
def test_what_the_snaplen_cuts_is_told_as_asked_for(net: Net) -> None:
    session = _session(replace(SMALL, snaplen=64), struct.pack("HBBI", 0x06, 0, 0, 64))
    with session, Watching(session) as watching:
        net.send_frames(300, size=500)
        net.send_frames(200, size=60)
        session.stop()
        watching.look()
        said = watching.verdict()
        _adds_up(watching, 500)
        assert (said.severity, said.stage, said.cause, said.total) == ("told", "filter", "snaplen", 300)
        assert said.sentence.startswith("Nothing is lost; 300 frames are kept without their end")


@in_namespace
def test_what_a_full_store_lets_go_is_told_and_is_no_loss_on_the_way_in(net: Net) -> None:
    with _session(replace(SMALL, blocks=64, store_bytes=1 << 20)) as session, Watching(session) as watching:
        net.send_frames(30_000, rate=50_000)
        session.stop()
        watching.look()
        said, now = watching.verdict(), session.snapshot()
        assert now.total.dropped == 0
        _adds_up(watching, 30_000)
        assert (said.severity, said.stage, said.cause, said.total) == ("told", "store", "evicted", now.evicted)
        assert now.evicted == now.tail - 1 > 0
        assert said.sentence.startswith("Nothing is lost on the way in; the STORE let")


@in_namespace(limit=60)
def test_with_no_loss_staged_none_is_claimed(net: Net) -> None:
    """Frames in both directions, of all sizes, with pauses, through filters; the machine is as busy as it is."""
    with _session(CaptureConfig(("rs0",), blocks=128)) as session, Watching(session) as watching:
        for size, rate in ((60, 20_000), (1400, 5000), (300, None), (900, 10_000)):
            net.send_frames(5000, rate=rate, size=size)
            FrameSender("rs0", size).send(1000, rate)
            assert watching.look() == ()
            assert watching.verdict(ended=False).severity == "fine"
            # Until the statistics are read again something may be on its way; nothing is missing but that.
            assert watching.path().stage("ring").lost == 0
        session.stop()
        assert watching.look() == ()
        _adds_up(watching, 24_000)
        assert watching.verdict().sentence == (
            "Nothing is lost: all 24 000 packets that passed the capture filter are stored."
        )


@in_namespace
def test_what_the_filter_rejected_is_estimated_from_the_interfaces_counters(net: Net) -> None:
    recording = Recording(net, "--json", "udp", "port", "9")
    net.send_frames(700, port=9)
    net.send_frames(300, port=7)
    ended = recording.end().final
    stages = {stage["key"]: stage for stage in ended["path"]["stages"]}
    (rejected,) = [figure for figure in stages["filter"]["figures"] if figure["name"] == "rejected"]
    assert (rejected["value"], rejected["estimated"]) == (300, True)
    assert stages["tap"]["passed"] == 1000 and stages["filter"]["passed"] == 700
    assert ended["verdict"]["severity"] == "fine" and ended["path"]["unaccounted"] == 0


@in_namespace(limit=60)
def test_a_recording_that_was_stopped_for_a_while_reports_it(net: Net) -> None:
    recording = Recording(net, "--report", "--json", "--blocks", "4", "--block-size", "128K")
    with held(recording.process.pid):
        net.send_frames(20_000)
        time.sleep(0.3)
    line = recording.line_when(lambda line: line["total"]["dropped"] and line["verdict"]["stage"] == "ring")
    assert line["verdict"]["now"] and line["verdict"]["cause"] == "late"
    assert {"devices", "cpus", "sockets", "process", "unread"} <= line["host"].keys()
    assert line["rings"][0]["dropped"] == line["total"]["dropped"] and line["rings"][0]["cpu"] is not None
    assert {"rs ring 0", "rs merge", "rs control"} <= {one["name"] for one in line["host"]["process"]["threads"]}
    ended = recording.end()
    assert ended.final["total"]["stored"] + ended.final["total"]["dropped"] == 20_000
    said = ended.errors.splitlines()
    start = said.index(ended.final["verdict"]["sentence"])
    report = said[start:]
    assert "in RING 0: its reader is late" in report[0]
    assert len(report) <= 25
    assert any(line.startswith("  cure: --blocks ") for line in report)
    (what_if,) = [line for line in report if line.startswith("  what if, last 60 s: ")]
    table = ended.final["whatif"]
    (now,) = [row for row in table["rows"] if row["present"]]
    assert (now["geometry"], table["lost"]) == ({"blocks": 4, "block_size": 128 << 10}, ended.final["total"]["dropped"])
    assert "4 x 128 KiB (now) ~" in what_if and line["whatif"] is None
    assert any(line.startswith("  cure: 'not (udp and host 198.18.0.1") for line in report)
    assert any(line.startswith("not accounted for: 0") for line in report)
    assert any(line.startswith("observer: ") and "rs ring 0" in line for line in report)


@in_namespace
def test_a_report_without_json_prints_the_verdict_and_the_account(net: Net) -> None:
    recording = Recording(net, "--report")
    net.send_frames(100)
    said = recording.end().errors.splitlines()
    assert "Nothing is lost: all 100 packets that passed the capture filter are stored." in said
    start = next(place for place, line in enumerate(said) if line.startswith("the way of a packet"))
    table = [line.split()[0] for line in said[start + 1 :]]
    assert table[:10] == ["wire", "NIC", "XDP", "softirq", "tap", "capture", "rings", "workers", "merge", "store"]
    (later,) = [line for line in said if line.startswith("later, not our loss: ")]
    assert all(f"{name} 0" in later for name in ("tc", "UDP", "TX", "queueing")), "as the screen calls them"
