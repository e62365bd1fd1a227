# SPDX-License-Identifier: Apache-2.0
"""Loss, CPU a packet and memory of ``ringscope record`` beside tcpdump and dumpcap, on the same load.

    python tests/bench/bench_record.py [--frames N] [--rate PACKETS_PER_SECOND] [--rounds N]

Each tool alone captures the same frames, one after the other, in a private network namespace; CPU is the process's own
user and system time, so what the kernel does on arrival is in none of them. Packets are held against the frames sent.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.namespaces import Net, run_in_namespace
from support.recording import RINGSCOPE


@dataclass(frozen=True, slots=True)
class Run:
    """One tool, one load: packets it said it captured, CPU seconds, peak resident memory in MiB."""

    captured: int
    cpu: float
    memory: float


def tools() -> dict[str, list[str]]:
    """The commands, each to /dev/null; what is not installed is left out."""
    found = {"ringscope record": [*RINGSCOPE, "record", "-i", "rs0", "-w", "/dev/null"]}
    if tcpdump := shutil.which("tcpdump"):
        found["tcpdump -w"] = [tcpdump, "-i", "rs0", "-n", "-B", "65536", "-w", "/dev/null"]
    if dumpcap := shutil.which("dumpcap"):
        found["dumpcap"] = [dumpcap, "-q", "-i", "rs0", "-B", "64", "-w", "/dev/null"]
    return found


def measure(net: Net, command: list[str], frames: int, rate: int) -> Run:
    process = net.spawn(command)
    assert process.stderr is not None
    said = ""
    while not re.search(r"listening|File: ", said):
        line = process.stderr.readline()
        assert line, f"{command} ended: {said}"
        said += line
    net.send_frames(frames, rate=rate)
    process.send_signal(signal.SIGINT)
    said = process.stderr.read()
    _, _, usage = os.wait4(process.pid, 0)
    captured = re.search(r"(\d+) packets captured|captured: (\d+)|received/dropped.*: (\d+)/", said)
    assert captured, said
    return Run(int(next(filter(None, captured.groups()))), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=600_000)
    parser.add_argument("--rate", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    def rounds(net: Net) -> dict[str, list[Run]]:
        runs: dict[str, list[Run]] = {name: [] for name in tools()}
        for _ in range(options.rounds):
            for name, command in tools().items():
                runs[name].append(measure(net, command, options.frames, options.rate))
        return runs

    runs = run_in_namespace(rounds, limit=300)
    peer = runs.get("tcpdump -w")
    print(f"{options.frames} frames of 60 bytes at {options.rate}/s, median of {options.rounds} rounds")
    print(f"{'tool':<18}{'lost':>10}{'CPU a packet':>15}{'against tcpdump':>18}{'memory':>10}")
    for name, those in runs.items():
        lost = statistics.median(options.frames - run.captured for run in those)
        cpu = statistics.median(run.cpu / max(run.captured, 1) for run in those)
        ratio = cpu / statistics.median(run.cpu / max(run.captured, 1) for run in peer) if peer else float("nan")
        memory = max(run.memory for run in those)
        print(f"{name:<18}{lost:>10.0f}{cpu * 1e9:>12.0f} ns{ratio:>17.2f}x{memory:>6.0f} MiB")


if __name__ == "__main__":
    main()
