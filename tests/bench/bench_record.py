# SPDX-License-Identifier: Apache-2.0
"""Loss, CPU a packet and memory of ``ringscope record`` beside tcpdump and dumpcap, on the same load.

    python tests/bench/bench_record.py [--frames N] [--rate PACKETS_PER_SECOND] [--rounds N]

Each tool alone captures the same frames, one after the other, in a private network namespace. CPU is the process's own
time on a processor (/proc/PID/task/*/schedstat), so what the kernel does on arrival is in none of them: once steady,
after a warm-up of half as many frames, and once of the whole run, start included. Packets are held against the frames
sent.
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
    """One tool, one load: frames that were not captured, nanoseconds a packet steady and whole, peak memory in MiB."""

    lost: int
    steady: float
    whole: float
    memory: float


def tools() -> dict[str, list[str]]:
    """The commands, each to /dev/null; what is not installed is left out."""
    found = {"ringscope record": [*RINGSCOPE, "record", "-i", "rs0", "-w", "/dev/null"]}
    if tcpdump := shutil.which("tcpdump"):
        found["tcpdump -w"] = [tcpdump, "-i", "rs0", "-n", "-B", "65536", "-w", "/dev/null"]
    if dumpcap := shutil.which("dumpcap"):
        found["dumpcap"] = [dumpcap, "-q", "-i", "rs0", "-B", "64", "-w", "/dev/null"]
    return found


def processor_ns(process: int) -> int:
    """Time on a processor so far, all threads together (proc(5))."""
    return sum(int(file.read_text().split()[0]) for file in Path(f"/proc/{process}/task").glob("*/schedstat"))


def measure(net: Net, command: list[str], frames: int, rate: int) -> Run:
    process = net.spawn(command)
    assert process.stderr is not None
    said = ""
    while not re.search(r"listening|File: ", said):
        line = process.stderr.readline()
        assert line, f"{command} ended: {said}"
        said += line
    net.send_frames(frames // 2, rate=rate)
    before = processor_ns(process.pid)
    net.send_frames(frames, rate=rate)
    after = processor_ns(process.pid)
    process.send_signal(signal.SIGINT)
    said = process.stderr.read()
    _, _, usage = os.wait4(process.pid, 0)
    found = re.search(r"(\d+) packets captured|captured: (\d+)|received/dropped.*: (\d+)/", said)
    assert found, said
    captured = int(next(filter(None, found.groups())))
    whole = (usage.ru_utime + usage.ru_stime) * 1e9
    return Run(frames + frames // 2 - captured, (after - before) / frames, whole / captured, usage.ru_maxrss / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--rate", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    def rounds(net: Net) -> dict[str, list[Run]]:
        runs: dict[str, list[Run]] = {name: [] for name in tools()}
        for _ in range(options.rounds):
            for name, command in tools().items():
                runs[name].append(measure(net, command, options.frames, options.rate))
        return runs

    runs = run_in_namespace(rounds, limit=600)
    peer = statistics.median(run.steady for run in runs["tcpdump -w"]) if "tcpdump -w" in runs else float("nan")
    print(
        f"{options.frames} frames of 60 bytes at {options.rate}/s after {options.frames // 2}, "
        f"median of {options.rounds}"
    )
    print(f"{'tool':<18}{'lost':>8}{'CPU a packet':>15}{'against tcpdump':>18}{'whole run':>12}{'memory':>10}")
    for name, those in runs.items():
        lost, steady = statistics.median(run.lost for run in those), statistics.median(run.steady for run in those)
        whole, memory = statistics.median(run.whole for run in those), max(run.memory for run in those)
        print(f"{name:<18}{lost:>8.0f}{steady:>12.0f} ns{steady / peer:>17.2f}x{whole:>9.0f} ns{memory:>6.0f} MiB")


if __name__ == "__main__":
    main()
