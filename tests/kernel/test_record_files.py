# SPDX-License-Identifier: Apache-2.0
"""The files of ``ringscope record``: what a pcapng file tells of losses and filters, one file after another, ends, and
what becomes of files when signals come or a disk is full.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from itertools import pairwise
from pathlib import Path

import pytest

from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import LiveSession
from ringscope.filter import Compiler
from support.frames import number
from support.holding import held
from support.namespaces import Net, in_namespace, wait_until
from support.pcap import read_pcap
from support.pcapng import Capture, read_pcapng, read_pcapng_so_far
from support.recording import RINGSCOPE, Recording, unfinished

SMALL = ("--block-size", "128K", "--blocks", "4", "--block-timeout", "10")
"""A ring that some hundred frames fill."""

LOST = "lost before this one in queue"


def _overflow(net: Net, recording: Recording, first: int, count: int = 3000) -> int:
    """More frames than the ring has room for, while the recording stands still; the number of the next frame."""
    with held(recording.process.pid):
        net.send_frames(count, size=1000, first=first)
    time.sleep(0.4)  # for the statistics to be read, so that each loss has a size of its own
    return first + count


def _gaps(numbers: list[int]) -> dict[int, int]:
    """How many numbers are missing before these ones."""
    return {after: after - before - 1 for before, after in pairwise(numbers) if after != before + 1}


def _losses(capture: Capture) -> dict[int, int]:
    """What the file says of it."""
    found = {}
    for packet in capture.packets:
        told = [comment for comment in packet.comments if LOST in comment]
        assert len(told) <= 1 and bool(told) == bool(packet.lost)
        if told:
            assert told == [f"{packet.lost} packet{'s were' if packet.lost != 1 else ' was'} {LOST} 0"]
            found[number(packet.data)] = packet.lost or 0
    return found


# -- what a file tells ------------------------------------------------------------------------------------------------


@in_namespace(limit=60)
def test_a_pcapng_file_says_where_how_many_were_lost_and_what_the_kernel_counted(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "lossy.pcapng"
    recording = Recording(net, "--json", *SMALL, "-w", str(file), "udp")
    upcoming = 1
    for _ in range(3):
        net.send_frames(20, first=upcoming)
        time.sleep(0.2)
        upcoming = _overflow(net, recording, upcoming + 20)
    net.send_frames(5, first=upcoming)
    ended = recording.end()
    total, capture = ended.final["total"], read_pcapng(file)
    numbers = [number(packet.data) for packet in capture.packets]
    assert ended.code == 0 and total["dropped"] > 1000 and len(numbers) == total["stored"]
    assert len(_gaps(numbers)) == 3 and _losses(capture) == _gaps(numbers)
    assert sum(_losses(capture).values()) == total["dropped"]

    (interface,) = capture.interfaces
    assert (interface.name, interface.filter, interface.link_type) == ("rs0", "udp", 1)
    assert capture.application.startswith("ringscope ") and capture.os.startswith("Linux ")
    assert capture.packets[0].comments == ("capture filter: udp, epoch 1",)
    counts = capture.statistics[0]
    times = [packet.time_ns for packet in capture.packets]
    assert counts.pop("starttime") <= times[0] and times[-1] <= counts.pop("endtime")
    everything = total["stored"] + total["dropped"]
    assert counts == {
        "ifrecv": everything,
        "ifdrop": total["dropped"],
        "filteraccept": everything,
        "osdrop": total["dropped"],
        "usrdeliv": total["delivered"],
    }
    assert {packet.flags for packet in capture.packets} == {0b101}  # inbound, unicast


@in_namespace(limit=60)
def test_without_a_loss_a_file_speaks_of_none(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "whole.pcapng"
    recording = Recording(net, "--json", "-w", str(file))
    net.send_frames(5000)
    assert recording.end().final["total"]["dropped"] == 0
    capture = read_pcapng(file)
    assert [number(packet.data) for packet in capture.packets] == list(range(1, 5001))
    assert capture.packets[0].comments == ("no capture filter, epoch 1",)
    assert not any(packet.comments for packet in capture.packets[1:])
    assert capture.statistics[0]["osdrop"] == capture.statistics[0]["ifdrop"] == 0


@in_namespace
def test_the_first_packet_of_each_filter_has_its_name(net: Net, tmp_path: Path) -> None:
    with LiveSession.prepare(CaptureConfig(("rs0",))) as session, Compiler() as compiler:

        def code(expression: str) -> bytes:
            return compiler.compile(expression, link_type=session.link_type, snaplen=session.snaplen).code

        session.start("udp port 9", code("udp port 9"))
        saver = session.saver(str(tmp_path / "epochs.pcapng"))
        upcoming = 1
        for expression in ("udp port 7", "", "udp port 9"):
            net.send_frames(10, port=9 if upcoming == 1 else 7, first=upcoming)
            upcoming += 10
            session.set_filter(expression, code(expression))
            saver.follow()
        net.send_frames(10, first=upcoming)
        session.stop()
        saver.follow()
        saver.close()
        changes = session.changes()
    capture = read_pcapng(tmp_path / "epochs.pcapng")
    told = [(place + 1, packet.comments[0]) for place, packet in enumerate(capture.packets) if packet.comments]
    assert [comment for _, comment in told] == [
        "capture filter: udp port 9, epoch 1",
        "capture filter: udp port 7, epoch 2",
        "no capture filter, epoch 3",
        "capture filter: udp port 9, epoch 4",
    ]
    assert [place for place, _ in told] == [change.first for change in changes]


@in_namespace(limit=60)
def test_of_several_interfaces_each_packet_has_its_own_and_each_its_counts(net: Net, tmp_path: Path) -> None:
    for interface in ("rs0", "any"):
        file = tmp_path / f"{interface}.pcapng"
        recording = Recording(net, "--json", "-i", interface, *(["-i", "lo"] * (interface == "rs0")), "-w", str(file),
                              "udp", interface=None)  # fmt: skip
        net.send_frames(30)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            own.bind(("127.0.0.1", 0))
            for _ in range(7):
                own.sendto(b"x", own.getsockname())
        ended = recording.end()
        capture = read_pcapng(file)
        by_name: dict[str, int] = {}
        for packet in capture.packets:
            name = capture.interfaces[packet.interface].name
            by_name[name] = by_name.get(name, 0) + 1
        assert by_name == {"rs0": 30, "lo": 7}, ended.errors
        counted = {capture.interfaces[index].name: counts["usrdeliv"] for index, counts in capture.statistics.items()}
        assert counted == ({"rs0": 30, "lo": 7} if interface == "rs0" else {"any": 37})
        assert {one.link_type for one in capture.interfaces} == {276 if interface == "any" else 1}


# -- one after another ------------------------------------------------------------------------------------------------


@in_namespace(limit=60)
def test_files_follow_one_another_by_size_and_have_every_packet_once(net: Net, tmp_path: Path) -> None:
    for name, option in (("out.pcap", ""), ("out.pcapng", "pcapng")):
        recording = Recording(net, "--json", "-w", str(tmp_path / name), "-C", "100K")
        net.send_frames(1000, size=500)
        ended = recording.end()
        files = [Path(file["path"]) for file in ended.final["files"]]
        assert [file.name for file in files] == [name, *(f"{name}{n}" for n in range(1, len(files)))]
        read = (lambda path: read_pcapng(path).packets) if option else read_pcap
        assert [number(packet.data) for file in files for packet in read(file)] == list(range(1, 1001))
        assert all(100 << 10 < file.stat().st_size < 101 << 10 for file in files[:-1])
        assert f"1000 packets written to {len(files)} files, {files[0]} to {files[-1]}" in ended.errors
        assert ended.final["file"] == {"written": 1000, "missed": 0}
        assert not list(tmp_path.glob(".*"))


@in_namespace(limit=60)
def test_a_ring_of_files_keeps_the_newest(net: Net, tmp_path: Path) -> None:
    recording = Recording(net, "-w", str(tmp_path / "ring"), "-C", "100K", "-W", "3")
    net.send_frames(1500, size=500)
    recording.end()
    files = sorted(tmp_path.iterdir(), key=lambda file: file.stat().st_mtime_ns)
    assert {file.name for file in files} == {"ring0", "ring1", "ring2"}
    kept = [number(packet.data) for file in files for packet in read_pcap(file)]
    assert kept == list(range(1501 - len(kept), 1501)) and len(kept) > 400


@in_namespace(limit=60)
def test_files_follow_one_another_by_time_on_an_idle_link_too_and_end_after_a_count(net: Net, tmp_path: Path) -> None:
    recording = Recording(net, "-w", str(tmp_path / "%H%M%S.pcap"), "-G", "1", "-W", "3")
    ended = recording.wait()  # by itself
    files = sorted(tmp_path.iterdir())
    assert ended.code == 0 and len(files) == 3 and all(read_pcap(file) == [] for file in files)
    begins = [int(file.stem[:2]) * 3600 + int(file.stem[2:4]) * 60 + int(file.stem[4:]) for file in files]
    assert [(begin - begins[0]) % 86400 for begin in begins] == [0, 1, 2]


@in_namespace(limit=60)
def test_by_time_a_packet_is_in_the_file_of_its_time(net: Net, tmp_path: Path) -> None:
    recording = Recording(net, "--json", "-w", str(tmp_path / "out.pcapng"), "-G", "1", "--format", "pcapng")
    sending = net.start_frames(350, rate=100)
    sending.result()
    ended = recording.end()
    files = [read_pcapng(Path(file["path"])) for file in ended.final["files"]]
    assert [number(packet.data) for file in files for packet in file.packets] == list(range(1, 351))
    assert len(files) > 1
    for before, after in pairwise(files):
        assert after.packets[0].comments == ("no capture filter, epoch 1",)  # each tells it for itself
        assert before.packets[-1].time_ns <= after.packets[0].time_ns


# -- ends -------------------------------------------------------------------------------------------------------------


@in_namespace
def test_a_recording_ends_after_its_time(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "out.pcap"
    begun = time.monotonic()
    recording = Recording(net, "--for", "1s", "-w", str(file))
    net.send_frames(10)
    ended = recording.wait()
    assert ended.code == 0 and time.monotonic() - begun >= 1
    assert len(read_pcap(file)) == 10 and f"10 packets written to {file}" in ended.errors


@in_namespace
def test_a_recording_until_a_drop_ends_with_what_the_rings_hold(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "out.pcapng"
    recording = Recording(net, "--json", "--until-drop", *SMALL, "-w", str(file))
    net.send_frames(100)
    time.sleep(0.5)
    assert recording.process.poll() is None  # nothing was dropped
    _overflow(net, recording, 101)
    ended = recording.wait()
    total = ended.final["total"]
    assert ended.code == 0 and total["dropped"] > 0
    assert len(read_pcapng(file).packets) == total["stored"] > 100


# -- signals ----------------------------------------------------------------------------------------------------------


@in_namespace
def test_a_hangup_gives_the_file_its_name_and_the_recording_goes_on(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "out.pcapng"
    recording = Recording(net, "-w", str(file))
    net.send_frames(10)
    assert wait_until(lambda: len(read_pcapng_so_far(unfinished(file)).packets) == 10)
    assert not file.exists()
    recording.process.send_signal(signal.SIGHUP)
    assert wait_until(file.exists) and len(read_pcapng(file).packets) == 10
    net.send_frames(10, first=11)
    assert wait_until(lambda: len(read_pcapng_so_far(file).packets) == 20)
    # As logrotate does: moved away, then told.
    moved = file.rename(tmp_path / "out.pcapng.1")
    recording.process.send_signal(signal.SIGHUP)
    assert wait_until(lambda: read_pcapng_so_far(moved).statistics)
    net.send_frames(10, first=21)
    assert recording.end().code == 0
    found = [[number(packet.data) for packet in read_pcapng(one).packets] for one in (moved, file)]
    assert found == [list(range(1, 21)), list(range(21, 31))]


@in_namespace
def test_a_hangup_begins_the_next_file_where_there_are_several(net: Net, tmp_path: Path) -> None:
    recording = Recording(net, "-w", str(tmp_path / "out"), "-C", "100")
    net.send_frames(10)
    recording.process.send_signal(signal.SIGHUP)
    assert wait_until((tmp_path / "out").exists)
    net.send_frames(10, first=11)
    recording.end()
    numbers = [[number(frame.data) for frame in read_pcap(tmp_path / name)] for name in ("out", "out1")]
    assert sum(map(len, numbers)) == 20 and numbers[0] + numbers[1] == list(range(1, 21)) and len(numbers[0]) <= 10


@in_namespace
def test_a_killed_recording_leaves_its_packets_under_the_hidden_name(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "out.pcapng"
    recording = Recording(net, "-w", str(file))
    net.send_frames(10)
    assert wait_until(lambda: len(read_pcapng_so_far(unfinished(file)).packets) == 10)
    recording.process.kill()
    recording.wait()
    assert not file.exists() and len(read_pcapng(unfinished(file)).packets) == 10


@in_namespace
def test_an_older_file_stays_until_the_new_one_is_whole(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "out.pcap"
    file.write_text("old")
    file.chmod(0o600)
    recording = Recording(net, "-w", str(file))
    assert file.read_text() == "old"
    net.send_frames(3)
    recording.end()
    assert len(read_pcap(file)) == 3 and file.stat().st_mode & 0o777 == 0o600


@in_namespace
def test_a_reader_that_goes_away_ends_the_recording_and_its_file_is_whole(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "out.pcap"
    reading, writing = os.pipe()
    command = [*RINGSCOPE, "record", "-i", "rs0", "--json", "-w", str(file)]
    process = net.spawn(command, stdout=writing)
    os.close(writing)
    assert process.stderr is not None and "listening" in process.stderr.readline()
    os.read(reading, 100)
    net.send_frames(20)
    os.close(reading)
    assert process.wait(10) == 0
    assert process.stderr.read().splitlines()[0] == "20 packets captured"
    assert len(read_pcap(file)) == 20


# -- where it cannot be written ---------------------------------------------------------------------------------------


@in_namespace
def test_a_fifo_is_written_as_packets_come(net: Net, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo.pcapng"
    os.mkfifo(fifo)
    reader = net.spawn(["cat", str(fifo)], stdout=(tmp_path / "copy").open("wb"))
    recording = Recording(net, "-w", str(fifo))
    net.send_frames(10)
    assert wait_until(lambda: len(read_pcapng_so_far(tmp_path / "copy").packets) == 10)
    assert recording.end().code == 0 and reader.wait(10) == 0
    assert read_pcapng(tmp_path / "copy").statistics[0]["usrdeliv"] == 10
    said = net.run([*RINGSCOPE, "record", "-i", "rs0", "-w", str(fifo), "-C", "1"])
    assert said.returncode == 2 and "is no regular file" in said.stderr


def test_a_full_disk_ends_the_file_with_a_whole_block_and_counting_goes_on(tmp_path: Path) -> None:
    script = """
        mount -t tmpfs -o size=64k none "$1" || exit 77
        shift
        "$@"
        code=$?
        cp "$DISK"/* "$OUT"
        exit $code
    """

    @in_namespace
    def body(net: Net) -> None:
        disk, out = tmp_path / "disk", tmp_path / "out"
        disk.mkdir()
        out.mkdir()
        command = ["unshare", "-m", "sh", "-c", script, "sh", str(disk), *RINGSCOPE, "record", "-i", "rs0", "--json"]
        process = net.spawn(
            [*command, "--for", "3s", "-w", str(disk / "full.pcapng")], env={"DISK": str(disk), "OUT": str(out)}
        )
        assert process.stderr is not None
        line = process.stderr.readline()
        if "mount" in line or process.poll() == 77:
            pytest.skip(f"no tmpfs can be mounted here: {line}")
        assert "listening" in line, line
        net.send_frames(300, size=1000)
        said = process.stderr.readline()
        assert "No space left on device" in said and "make room" in said and "counting goes on" in said
        net.send_frames(100, size=1000, first=301)
        output, errors = process.communicate(timeout=20)
        assert process.returncode == 1 and '"stored": 400' in output.splitlines()[-1]
        capture = read_pcapng(out / "full.pcapng")
        numbers = [number(packet.data) for packet in capture.packets]
        assert 20 < len(numbers) < 64 and numbers == list(range(1, len(numbers) + 1))
        assert f"the file ends with packet {len(numbers)}" in said
        assert f"{len(numbers)} packets written to" in errors and "400 packets captured" in errors

    body()


@in_namespace
def test_a_folder_that_vanishes_is_said_at_the_end(net: Net, tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    recording = Recording(net, "--json", "-w", str(folder / "out.pcap"))
    net.send_frames(10)
    unfinished(folder / "out.pcap").unlink()
    folder.rmdir()
    ended = recording.end()
    assert ended.code == 1 and ended.final["total"]["stored"] == 10
    assert "cannot be given its name: No such file or directory" in ended.errors and "Traceback" not in ended.errors
