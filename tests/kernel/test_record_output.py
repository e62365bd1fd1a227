# SPDX-License-Identifier: Apache-2.0
"""``ringscope record`` and whoever reads its lines: slow, or a full disk, the capture and its files go on."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from support.frames import number
from support.namespaces import Net, in_namespace, wait_until
from support.pcap import read_pcap
from support.recording import RINGSCOPE, unfinished


def _start(net: Net, file: Path, stdout: int) -> subprocess.Popen[str]:
    process = net.spawn([*RINGSCOPE, "record", "-i", "rs0", "--json", "-w", str(file)], stdout=stdout)
    os.close(stdout)
    assert "listening on" in _said(process, "listening on")
    return process


def _said(process: subprocess.Popen[str], text: str) -> str:
    assert process.stderr is not None
    return next(line for line in process.stderr if text in line)


def _narrow_pipe() -> tuple[int, int]:
    """A pipe with room for less than a line."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    return reading, writing


@in_namespace(limit=60)
def test_whoever_does_not_read_its_lines_holds_up_neither_the_file_nor_the_end(net: Net, tmp_path: Path) -> None:
    file = tmp_path / "all.pcap"
    reading, writing = _narrow_pipe()
    process = _start(net, file, writing)
    wait_until(lambda: len(os.read(reading, 1)) == 1)  # it is in the middle of a line, for which there is no room
    net.send_frames(100)
    assert wait_until(lambda: unfinished(file).stat().st_size > 100 * 60)
    net.send_frames(50, first=101)
    process.send_signal(signal.SIGINT)
    assert "waiting for whoever reads standard output" in _said(process, "standard output")
    assert [number(frame.data) for frame in read_pcap(file)] == list(range(1, 151))
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    rest = process.stderr.read()
    assert process.wait(10) == 0 and "150 packets captured" in rest
    os.close(reading)


@in_namespace(limit=60)
def test_a_reader_that_was_slow_gets_every_line_whole_and_is_told_what_was_left_out(net: Net, tmp_path: Path) -> None:
    reading, writing = _narrow_pipe()
    process = _start(net, tmp_path / "all.pcap", writing)
    net.send_frames(100)
    time.sleep(2.5)  # for lines for which there is no room
    process.send_signal(signal.SIGINT)
    with open(reading) as output:
        lines = [json.loads(line) for line in output]
    assert process.stderr is not None
    said = process.stderr.read()
    assert process.wait(10) == 0 and lines[-1]["final"] and lines[-1]["total"]["stored"] == 100
    assert "left out: standard output was read too slowly" in said
    assert len(lines) < 4


@in_namespace(limit=60)
def test_lines_that_find_a_full_disk_are_given_up_with_one_sentence_and_the_capture_goes_on(
    net: Net, tmp_path: Path
) -> None:
    file = tmp_path / "all.pcap"
    process = _start(net, file, os.open("/dev/full", os.O_WRONLY))
    assert "cannot be written: No space left on device; the capture goes on" in _said(process, "standard output")
    net.send_frames(100)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 1
    assert len(read_pcap(file)) == 100


@in_namespace(limit=60)
def test_a_last_line_that_finds_a_full_disk_is_a_failure_that_is_said(net: Net) -> None:
    command = [*RINGSCOPE, "record", "-i", "rs0", "--json", "--for", "0.3"]
    with open("/dev/full", "w") as full:
        process = net.spawn(command, stdout=full)
    assert process.stderr is not None
    said = process.stderr.read()
    assert process.wait(10) == 1
    assert "ringscope: standard output cannot be written: No space left on device\n" in said
