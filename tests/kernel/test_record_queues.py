# SPDX-License-Identifier: Apache-2.0
"""``ringscope record`` with several queues, interfaces and directions: nothing twice, and nothing left out."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from ringscope.capture.config import CaptureConfig
from ringscope.capture.demo.frames import Datagram
from ringscope.capture.demo.side import FAR, NEAR
from ringscope.capture.session import LiveSession
from ringscope.cli.arguments import parse
from ringscope.cli.opening import configuration, running
from support.frames import FrameSender, number
from support.namespaces import Net, in_namespace, run_in_namespace, wait_until
from support.oracles import require_tool
from support.pcap import read_pcap, read_pcap_so_far
from support.recording import RINGSCOPE, Recording, nothing_is_left

EVERYTHING = struct.pack("HBBI", 0x06, 0, 0, 262144)
TWO = CaptureConfig(("rs0",), queues=2, block_size=128 << 10, blocks=8)
_SLL2, _SLL2_TYPE, _OUTGOING = 276, 10, 4
"""LINKTYPE_LINUX_SLL2, where its header has the packet type, and the type of what was sent (pcap-linktype(7))."""


def _send(interface: str, frames: Iterable[bytes]) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as channel:
        channel.bind((interface, 0))
        for frame in frames:
            channel.send(frame)


def _session(config: CaptureConfig) -> LiveSession:
    session = LiveSession.prepare(config)
    session.start("", EVERYTHING)
    return session


def _queues_by(session: LiveSession, start: int, length: int, expected: int) -> dict[bytes, list[int]]:
    """Queues of the packets, by those bytes of each; all packets are there."""
    assert wait_until(lambda: session.snapshot().head == expected), session.snapshot()
    found: dict[bytes, list[int]] = defaultdict(list)
    for packet in session.read(1, expected):
        found[packet.data[start : start + length]].append(packet.queue)
    return found


# -- which queue ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["hash", "cpu", "qm", "lb", "rnd", "rollover", "cbpf"])
def test_the_queues_of_every_fanout_have_each_packet_once(mode: str, tmp_path: Path) -> None:
    @in_namespace
    def body(net: Net) -> None:
        file = tmp_path / "all.pcap"
        recording = Recording(net, "--json", "--queues", "2", "--fanout", mode, "-w", str(file), "udp")
        assert f"2 queues by {mode}" in recording.listening
        net.send_frames(5000, rate=50_000)
        ended = recording.end()
        queues = ended.final["queues"]
        assert len(queues) == 2 and ended.final["interfaces"][0]["group"] > 0
        assert sum(queue["stored"] for queue in queues) == ended.final["total"]["stored"] == 5000
        assert ended.final["total"]["dropped"] == ended.final["total"]["unaccounted"] == 0
        assert Counter(number(frame.data) for frame in read_pcap(file)) == dict.fromkeys(range(1, 5001), 1)
        nothing_is_left(net)

    body()


@in_namespace
def test_hash_spreads_flows_and_keeps_each_in_one_queue_in_both_directions(net: Net) -> None:
    def flow(port: int) -> tuple[bytes, bytes]:
        there = Datagram(FAR.mac, NEAR.mac, "198.18.0.1", "198.18.0.2", port, 9, bytes(18))
        back = Datagram(NEAR.mac, FAR.mac, "198.18.0.2", "198.18.0.1", 9, port, bytes(18))
        return there.frame(), back.frame()

    flows = [flow(1000 + index) for index in range(32)]
    with _session(TWO) as session:
        net.in_peer(lambda: _send("rs1", [there for there, _ in flows] * 3))
        _send("rs0", [back for _, back in flows] * 3)
        queues = _queues_by(session, 34, 4, 192)
        assert len(queues) == 64
        for index in range(32):
            port = struct.pack("!H", 1000 + index)
            there, back = queues[port + b"\0\x09"], queues[b"\0\x09" + port]
            assert len(there) == len(back) == 3 and len({*there, *back}) == 1
        assert {queue for found in queues.values() for queue in found} == {0, 1}


def _fragments(source: str, destination: str, mac: bytes, peer_mac: bytes) -> list[bytes]:
    """A datagram in two fragments; the second has no ports."""
    whole = Datagram(mac, peer_mac, source, destination, 1000, 9, bytes(40)).frame()
    header, payload = bytearray(whole[14:34]), whole[34:]
    found = []
    for offset, more, part in ((0, 0x2000, payload[:24]), (3, 0, payload[24:])):
        struct.pack_into("!H", header, 2, 20 + len(part))
        struct.pack_into("!HHBBH", header, 4, 7, more | offset, 64, socket.IPPROTO_UDP, 0)
        found.append(whole[:14] + bytes(header) + part)
    return found


@in_namespace
def test_cbpf_keeps_both_directions_and_all_fragments_of_two_hosts_in_one_queue(net: Net) -> None:
    hosts = [f"198.18.0.{index}" for index in range(10, 42)]
    with _session(replace(TWO, fanout="cbpf")) as session:
        there = [frame for host in hosts for frame in _fragments("198.18.0.1", host, FAR.mac, NEAR.mac)]
        back = [frame for host in hosts for frame in _fragments(host, "198.18.0.1", NEAR.mac, FAR.mac)]
        net.in_peer(lambda: _send("rs1", there))
        _send("rs0", back)
        queues = _queues_by(session, 26, 8, 128)
        one = socket.inet_aton("198.18.0.1")
        for host in hosts:
            other = socket.inet_aton(host)
            assert len({*queues[one + other], *queues[other + one]}) == 1
            assert len(queues[one + other]) == len(queues[other + one]) == 2
        assert {queue for found in queues.values() for queue in found} == {0, 1}


@in_namespace
def test_lb_takes_queues_in_turn(net: Net) -> None:
    def send_from_one_cpu() -> None:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        FrameSender("rs1").send(1000, rate=20_000)

    with _session(replace(TWO, fanout="lb")) as session:
        net.in_peer(send_from_one_cpu)
        assert wait_until(lambda: session.snapshot().head == 1000)
        queue_of = {number(packet.data): packet.queue for packet in session.read(1, 1000)}
        assert [queue_of[at] != queue_of[at + 1] for at in range(1, 1000)] == [True] * 999


@in_namespace
def test_cpu_goes_by_the_cpu_that_received_the_packet(net: Net) -> None:
    cpus = sorted(os.sched_getaffinity(0))[:2]
    with _session(replace(TWO, fanout="cpu")) as session:
        for cpu in cpus:

            def send_from(cpu: int = cpu) -> None:
                os.sched_setaffinity(0, {cpu})
                FrameSender("rs1", port=100 + cpu).send(200)

            net.in_peer(send_from)
        queues = _queues_by(session, 36, 2, 200 * len(cpus))
        for cpu in cpus:
            assert set(queues[struct.pack("!H", 100 + cpu)]) == {cpu % 2}


@in_namespace
def test_rollover_fills_one_queue_and_goes_on_with_the_next(net: Net) -> None:
    with _session(replace(TWO, fanout="rollover", blocks=4)) as session:
        session.hold(True)
        net.send_frames(3000, rate=None, size=200)
        assert wait_until(lambda: sum(queue.ready_blocks for queue in session.snapshot().queues) > 0)
        session.hold(False)
        session.stop()
        now = session.snapshot()
        first, second = now.queues
        assert first.stored > 0 and second.stored > 0
        assert first.stored + second.stored + now.total.dropped == 3000


# -- which direction --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("queues", ["1", "4"])
@pytest.mark.parametrize(("direction", "expected"), [("in", [30, 0]), ("out", [0, 20]), ("inout", [30, 20])])
def test_only_the_direction_that_was_asked_for_is_captured(
    direction: str, expected: list[int], queues: str, tmp_path: Path
) -> None:
    @in_namespace
    def body(net: Net) -> None:
        file = tmp_path / "way.pcap"
        recording = Recording(net, "--json", "-Q", direction, "--queues", queues, "-w", str(file), "udp")
        net.send_frames(30, port=7)
        FrameSender("rs0", port=9).send(20)
        total = recording.end().final["total"]
        ports = [struct.unpack_from("!H", frame.data, 36)[0] for frame in read_pcap(file)]
        assert [ports.count(7), ports.count(9)] == expected
        assert (total["stored"], total["dropped"]) == (sum(expected), 0)

    body()


@in_namespace
def test_a_direction_holds_with_exact_filter_changes_too(net: Net) -> None:
    recording = Recording(net, "--json", "-Q", "in", "--queues", "2", "--exact-swap", "udp")
    net.send_frames(30)
    FrameSender("rs0").send(20)
    assert recording.end().final["total"]["stored"] == 30


# -- which interface --------------------------------------------------------------------------------------------------


def _say_to_ourselves(count: int) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hears,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as says,
    ):
        hears.bind(("127.0.0.1", 0))
        for index in range(count):
            says.sendto(index.to_bytes(8, "big"), hears.getsockname())


@pytest.mark.parametrize("queues", ["1", "3"])
@pytest.mark.parametrize("interface", ["lo", "any"])
def test_what_passes_the_loopback_is_there_once(interface: str, queues: str, tmp_path: Path) -> None:
    @in_namespace
    def body(net: Net) -> None:
        file = tmp_path / "lo.pcap"
        recording = Recording(net, "--json", "--queues", queues, "-w", str(file), "udp", interface=interface)
        _say_to_ourselves(25)
        ended = recording.end()
        assert ended.final["total"]["stored"] == 25
        assert sorted(frame.data[-8:] for frame in read_pcap(file)) == [n.to_bytes(8, "big") for n in range(25)]

    body()


@in_namespace
def test_of_the_loopback_what_is_sent_can_be_had_too(net: Net) -> None:
    recording = Recording(net, "--json", "-Q", "out", "udp", interface="lo")
    _say_to_ourselves(25)
    assert recording.end().final["total"]["stored"] == 25


def _traffic_on_all_interfaces(net: Net, tagged: int = 10) -> None:
    net.send_frames(50 - tagged, port=7)
    if tagged:
        net.send_frames(tagged, port=7, vlans=[(0x8100, 100)])
    FrameSender("rs0", port=9).send(20)
    _say_to_ourselves(15)


@in_namespace
def test_any_is_all_interfaces_each_with_its_name_and_direction(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "any.pcap"
    recording = Recording(net, "--json", "--queues", "2", "-w", str(file), interface="any")
    _traffic_on_all_interfaces(net)
    ended = recording.end()
    assert struct.unpack_from("<I", file.read_bytes(), 20)[0] == _SLL2
    assert ended.final["total"]["stored"] == 85
    assert ended.final["interfaces"][0]["name"] == "any" and ended.final["interfaces"][0]["ifindex"] == 0
    frames = read_pcap(file)
    tags = [frame.data[20:22] for frame in frames if frame.data.startswith(b"\x81\0")]
    assert tags == [b"\0\x64"] * 10
    kinds: Counter[tuple[int, bool]] = Counter()
    for frame in frames:
        ifindex = int.from_bytes(frame.data[4:8], "big")
        kinds[ifindex, frame.data[_SLL2_TYPE] == _OUTGOING] += 1
    rs0, lo = socket.if_nametoindex("rs0"), socket.if_nametoindex("lo")
    assert kinds == {(rs0, False): 50, (rs0, True): 20, (lo, False): 15}


def _without_times(file: Path) -> list[bytes]:
    return sorted(frame.data for frame in read_pcap(file))


@in_namespace
def test_any_gives_the_packets_that_tcpdump_gives_and_its_file_can_be_read(net: Net, tmp_path: Path) -> None:
    tcpdump, tshark = require_tool("tcpdump"), require_tool("tshark")
    ours, theirs = tmp_path / "ours.pcap", tmp_path / "theirs.pcap"
    # Without tags: libpcap does not put them back behind this header, and leaves them out.
    peer = net.spawn([tcpdump, "-i", "any", "-y", "LINUX_SLL2", "-Z", "root", "-U", "-w", theirs])
    assert peer.stderr is not None and any("listening on" in line for line in peer.stderr)
    recording = Recording(net, "-w", str(ours), interface="any")
    _traffic_on_all_interfaces(net, tagged=0)
    assert wait_until(lambda: len(read_pcap_so_far(theirs)) == 85)
    peer.terminate()
    peer.wait(10)
    assert recording.end().code == 0
    assert _without_times(ours) == _without_times(theirs)
    told = net.run([tcpdump, "-n", "-r", ours])
    assert told.returncode == 0 and len(told.stdout.splitlines()) == 85
    fields = ["-e", "sll.ifindex", "-e", "frame.len", "-e", "udp.dstport"]
    seen = subprocess.run([tshark, "-r", ours, "-T", "fields", *fields], capture_output=True, text=True, timeout=30)
    rows = Counter(line.split("\t")[2] for line in seen.stdout.splitlines())
    assert rows["7"] == 50 and rows["9"] == 20 and rows.total() == 85


@pytest.mark.parametrize(("direction", "expected"), [("in", 65), ("out", 35)])
def test_a_direction_holds_on_all_interfaces_too(direction: str, expected: int) -> None:
    @in_namespace
    def body(net: Net) -> None:
        recording = Recording(net, "--json", "-Q", direction, interface="any")
        _traffic_on_all_interfaces(net)
        assert recording.end().final["total"]["stored"] == expected

    body()


@pytest.mark.parametrize(("expression", "expected"), [("udp port 7", 50), ("outbound", 20), ("host 127.0.0.1", 15)])
def test_a_filter_means_the_same_on_all_interfaces_as_on_one(expression: str, expected: int) -> None:
    @in_namespace
    def body(net: Net) -> None:
        recording = Recording(net, "--json", "--queues", "2", expression, interface="any")
        _traffic_on_all_interfaces(net)
        assert recording.end().final["total"]["stored"] == expected

    body()


@in_namespace
def test_several_interfaces_are_counted_each_and_go_into_one_file(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "both.pcap"
    recording = Recording(net, "--json", "--queues", "2", "-w", str(file), "-i", "lo", "udp")
    assert "listening on rs0+lo" in recording.listening and "2 queues each" in recording.listening
    _traffic_on_all_interfaces(net)
    final = recording.end().final
    assert final["interface"] == "rs0+lo"
    assert [one["name"] for one in final["interfaces"]] == ["rs0", "lo"]
    counted: Counter[str] = Counter()
    for queue in final["queues"]:
        counted[queue["interface"]] += queue["stored"]
    assert counted == {"rs0": 70, "lo": 15} and final["total"]["stored"] == 85
    assert struct.unpack_from("<I", file.read_bytes(), 20)[0] == 1
    times = [frame.time_ns for frame in read_pcap(file)]
    assert len(times) == 85 and (times == sorted(times) or final["store"]["disordered"] > 0)
    nothing_is_left(net)


# -- how much memory, which CPU ---------------------------------------------------------------------------------------


@in_namespace
def test_the_memory_of_all_rings_can_be_given_in_mib(net: Net) -> None:
    recording = Recording(net, "--json", "-B", "16", "--queues", "2", "--block-size", "256K", "-i", "lo")
    final = recording.end().final
    assert [(queue["blocks"], queue["block_size"]) for queue in final["queues"]] == [(16, 256 << 10)] * 4
    recording = Recording(net, "--json", "-B", "16", "--queues", "2", "--exact-swap")
    final = recording.end().final
    assert [queue["blocks"] for queue in final["queues"]] == [4, 4]


@in_namespace
def test_eight_queues_need_no_further_option(net: Net) -> None:
    recording = Recording(net, "--json", "--queues", "8")
    net.send_frames(100)
    final = recording.end().final
    assert len(final["queues"]) == 8 and final["total"]["stored"] == 100


def _cpus_of_threads(process: int) -> list[str]:
    found = []
    for task in Path(f"/proc/{process}/task").iterdir():
        status = dict(line.split(":\t", 1) for line in (task / "status").read_text().splitlines() if ":\t" in line)
        found.append(status["Cpus_allowed_list"])
    return found


@in_namespace
def test_workers_stay_on_the_cpus_that_they_were_given(net: Net) -> None:
    own = sorted(os.sched_getaffinity(0))
    for listed, expected in (
        ([], [own[index % len(own)] for index in range(3)]),
        ([str(own[-1])], [own[-1]] * 3),
    ):
        recording = Recording(net, "--json", "--queues", "3", "--pin", *listed)
        pinned = Counter(_cpus_of_threads(recording.process.pid))
        final = recording.end().final
        assert [queue["cpu"] for queue in final["queues"]] == expected
        if len(own) > 1:
            assert all(pinned[str(cpu)] == expected.count(cpu) for cpu in expected), pinned
        assert final["total"]["cpu"] == -1


@in_namespace
def test_without_pin_a_worker_runs_anywhere(net: Net) -> None:
    recording = Recording(net, "--json", "--queues", "2")
    assert len(set(_cpus_of_threads(recording.process.pid))) == 1
    assert [queue["cpu"] for queue in recording.end().final["queues"]] == [-1, -1]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--queues", "300"], 2, "1 to 256 queues"),
        (["--queues", "200", "--exact-swap", "--store", "8G"], 2, "128 queues"),
        (["--blocks", "1"], 2, "2 to 65536 blocks"),
        (["--block-timeout", "20000"], 2, "1 to 10000 ms"),
        (["--block-size", "130K"], 2, "multiple of 4096 bytes"),
        (["--queues", "4", "--store", "8M"], 2, "at least 4 ring blocks a queue, 16384 KiB"),
        (["--pin", "1000"], 1, "no CPU 1000"),
        (["-B", "1"], 2, "the least is -B 2"),
        (["-B", "15", "--queues", "4", "--exact-swap"], 2, "the least is -B 16"),
    ],
)
def test_what_cannot_be_had_is_refused_with_its_limit_and_leaves_nothing(
    arguments: list[str], code: int, words: str
) -> None:
    def body(net: Net) -> None:
        ended = net.run([*RINGSCOPE, "record", "-i", "rs0", *arguments])
        assert ended.returncode == code and words in ended.stderr, ended.stderr
        assert ended.stderr.startswith("ringscope: ") and ended.stderr.count("\n") == 1, ended.stderr
        nothing_is_left(net)

    run_in_namespace(body)


@in_namespace
def test_a_line_a_second_stays_one_line_and_the_end_has_one_for_each_queue(net: Net) -> None:
    recording = Recording(net, "--queues", "2", "--fanout", "lb", "--pin")
    assert recording.process.stdout is not None
    recording.process.stdout.readline()
    net.send_frames(100)
    recording.process.stdout.readline()
    ended = recording.end()
    assert "100 packets captured" in ended.errors and "0 packets dropped by kernel" in ended.errors
    last = [line for line in ended.errors.splitlines() if line.startswith("queue ")]
    assert len(last) == 2 and all("(rs0, CPU " in line and "50 stored, 0 dropped" in line for line in last)


@in_namespace
def test_rings_that_had_to_be_smaller_are_named_beside_the_interface(net: Net) -> None:
    config = configuration(parse(["record", "--queues", "2"]), ("rs0",))
    with running(replace(config, ring_limit=32 << 20), "udp") as (session, _):
        now = session.snapshot()
        assert {queue.blocks for queue in now.queues} == {now.total.blocks} and now.total.blocks <= 16
        assert "memory is short" in session.note and f"{now.total.blocks} blocks" in session.note
        assert session.detail.endswith(f"; {session.note}")
