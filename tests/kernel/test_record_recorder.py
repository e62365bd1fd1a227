# SPDX-License-Identifier: Apache-2.0
"""``ringscope record --on-drop``: when packets are dropped, what came before and what follows is in a file."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from support.frames import number
from support.holding import held
from support.namespaces import Net, in_namespace, wait_until
from support.pcapng import read_pcapng
from support.recording import Recording

SMALL = ("--block-size", "128K", "--blocks", "4", "--block-timeout", "10")


def _overflow(net: Net, recording: Recording, first: int) -> int:
    with held(recording.process.pid):
        net.send_frames(3000, size=1000, first=first)
    return first + 3000


def _numbers(file: Path) -> list[int]:
    return [number(packet.data) for packet in read_pcapng(file).packets]


@in_namespace(limit=60)
def test_a_drop_is_in_a_file_with_what_came_before_and_what_followed(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "drop.pcapng"
    recording = Recording(net, "--json", *SMALL, "--on-drop", str(file), "--before", "1s", "--after", "1s")
    net.send_frames(50)
    time.sleep(2.2)  # older than what is to be kept
    net.send_frames(50, first=51)
    upcoming = _overflow(net, recording, 101)
    assert "dropped: writing" in recording.said("writing")
    net.send_frames(50, first=upcoming)
    assert f"{file} is written" in recording.said("is written")
    assert file.exists()  # while the recording goes on
    net.send_frames(50, first=upcoming + 50)
    ended = recording.end()
    numbers, capture = _numbers(file), read_pcapng(file)
    assert ended.code == 0
    assert numbers[:51] == list(range(51, 102)) and numbers[-50:] == list(range(upcoming, upcoming + 50))
    told = [
        packet for packet in capture.packets if any("lost before this one" in comment for comment in packet.comments)
    ]
    assert [packet.lost for packet in told] == [ended.final["total"]["dropped"]]
    assert number(told[0].data) == upcoming
    assert ended.final["files"] == [{"path": str(file), "written": len(numbers), "missed": 0}]


@in_namespace(limit=60)
def test_a_further_drop_has_a_file_of_its_own_and_the_recording_beside_it_has_all(net: Net, tmp_path: Path) -> None:
    everything = tmp_path / "all.pcapng"
    recording = Recording(net, "--json", *SMALL, "-w", str(everything), "--on-drop", str(tmp_path / "%Y-drop"),
                          "--format", "pcapng", "--before", "60s", "--after", "0")  # fmt: skip
    upcoming = 1
    for _ in range(2):
        net.send_frames(10, first=upcoming)
        upcoming = _overflow(net, recording, upcoming + 10)
        recording.said("is written")
    ended = recording.end()
    first, second = (Path(file["path"]) for file in ended.final["files"][1:])
    assert second.name == first.name + "1" and first.name == time.strftime("%Y-drop")
    assert _numbers(everything) == _numbers(first) + _numbers(second)
    assert len(_numbers(everything)) == ended.final["total"]["stored"]


@in_namespace(limit=60)
def test_sigusr1_asks_for_a_file_and_none_is_written_twice(net: Net, tmp_path: Path) -> None:
    recording = Recording(net, "--on-drop", str(tmp_path / "asked.pcapng"), "--after", "0")
    files = [tmp_path / "asked.pcapng", tmp_path / "asked.pcapng1"]
    for round_, file in enumerate(files):
        net.send_frames(10, first=1 + 10 * round_)
        time.sleep(0.2)
        recording.process.send_signal(signal.SIGUSR1)
        recording.said("is written")
        assert _numbers(file) == list(range(1 + 10 * round_, 11 + 10 * round_))
    assert recording.end().code == 0


@in_namespace(limit=60)
def test_with_until_drop_the_recording_ends_when_the_file_of_the_drop_is_written(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "drop.pcapng"
    recording = Recording(net, "--json", "--until-drop", *SMALL, "--on-drop", str(file), "--after", "1s")
    upcoming = _overflow(net, recording, 1)
    recording.said("writing")
    net.send_frames(10, first=upcoming)
    ended = recording.wait()
    assert ended.code == 0 and _numbers(file)[-10:] == list(range(upcoming, upcoming + 10))


@in_namespace(limit=60)
def test_the_end_of_the_recording_ends_the_file_and_a_small_store_is_said(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "drop.pcapng"
    ring = ("--block-size", "128K", "--blocks", "16", "--block-timeout", "100")  # half a second of what comes first
    recording = Recording(net, "--json", *ring, "--store", "1M", "--on-drop", str(file))
    net.send_frames(1500, size=1000, rate=3000)
    assert "60 s cannot be remembered: the store holds the last" in recording.said("remembered")
    upcoming = _overflow(net, recording, 1501)
    assert "(the store holds the last" in recording.said("writing")
    net.send_frames(5, first=upcoming)
    ended = recording.end()
    numbers = _numbers(file)
    assert ended.code == 0 and "is written" in ended.errors
    assert numbers[-5:] == list(range(upcoming, upcoming + 5)) and 500 < len(numbers) < 1100


@in_namespace(limit=60)
def test_a_file_that_cannot_be_had_is_said_and_does_not_end_the_recording(net: Net, tmp_path: Path) -> None:
    recording = Recording(net, "--json", *SMALL, "--on-drop", str(tmp_path / "no" / "where"))
    _overflow(net, recording, 1)
    assert "No such file or directory" in recording.said("dropped, but")
    assert wait_until(lambda: recording.process.poll() is None)
    ended = recording.end()
    assert ended.code == 1 and ended.final["total"]["stored"] > 0
