# SPDX-License-Identifier: Apache-2.0
"""Loss, CPU a packet and memory of ``ringscope record`` beside tcpdump, dumpcap and netsniff-ng, on the same load.

    sudo python tests/bench/bench_record.py [--frames N] [--rounds N] [--rates 100k,max] [--same-ring] [--json FILE]

Each tool alone captures the same frames in a private network, one tool after the other, round by round. As root the
frames are XDP live frames in 256 flows, handed to ``rs0`` by a sender that stays on one processor as a card's interrupt
does; otherwise they come through AF_PACKET, a third as fast and in one flow.

* lost: frames sent less frames that the tool says it captured. dropped: what the tool says was dropped; what is lost
  and not dropped is what it left unread at the end.
* CPU a packet: time of all threads of the tool on a processor (/proc/PID/task/*/schedstat), while the frames came and
  for its settling time after them, by the frames captured. Before them went 60 000 of 1500 bytes, so that a store of up
  to 80 MiB is full: in a virtual machine memory that is touched for the first time costs up to twenty times what it
  costs elsewhere. "whole" is user and system time of the tool and its children from start to end (wait4), by all frames
  captured: for so short a run, the start. What the kernel does on arrival is in neither: it is the sender's time.
* memory: VmHWM, the mapped rings included. ring: the mappings of packet sockets. wall: the seconds that the measured
  frames took; at "max" the tap of the tool is what slows the sender down.
"""

from __future__ import annotations

import argparse
import errno
import importlib.metadata
import json
import os
import platform
import re
import select
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ringscope.capture.demo import libc
from support.namespaces import Net, run_in_namespace
from support.recording import RINGSCOPE
from support.xdp import XdpGenerator, XdpUnavailable

TCPDUMP, DUMPCAP = "tcpdump -w", "dumpcap -w"
ONE_QUEUE, TWO_QUEUES = "ringscope record", "ringscope 2 queues"
CPU_OF_TCPDUMP, CPU_OF_DUMPCAP = 2.0, 0.25
"""At most so many times the CPU a packet of the peer."""
_AT_LEAST = 20_000
_SIZE = 60
_SECONDS = 0.75
_WARM_UP, _WARM_UP_RATE, _WARM_UP_SIZE, _WARM_UP_PAUSE = 60_000, 100_000.0, 1500, 0.3
"""Before the frames that are measured: 90 MB, so that stores are full and no memory is touched for the first time."""
_LIMIT = 1800.0

Send = Callable[[int, int, float | None], float]
"""Sends so many frames, of so many bytes, at so many a second (None: as fast as it goes); returns the seconds."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A command, and how to read what it says: when it is ready, frames captured, frames dropped.

    ``settles`` are the seconds after which it has read what has come: the retire timeout of its blocks, and some.
    """

    name: str
    command: list[str]
    ready: str
    captured: str
    dropped: str
    settles: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One tool under one load; CPU in nanoseconds a packet, sizes in MiB, rate in frames a second."""

    tool: str
    load: str
    sent: int
    captured: int
    dropped: int
    rate: float
    wall: float
    steady: float
    whole: float
    memory: float
    ring: float

    @property
    def lost(self) -> int:
        return self.sent - self.captured


def tools(same_ring: bool) -> list[Tool]:
    """The commands, each to /dev/null; what is not installed is left out."""
    like_tcpdump = ("listening", r"(\d+) packets captured", r"(\d+) packets dropped")
    record = [*RINGSCOPE, "record", "-i", "rs0"]
    found = [
        Tool(ONE_QUEUE, record, *like_tcpdump, 0.4),
        Tool("ringscope record -w", [*record, "-w", "/dev/null"], *like_tcpdump, 0.4),
    ]
    if "--queues" in subprocess.run([*record, "--help"], capture_output=True, text=True, check=True).stdout:
        two = [*record, "--queues", "2", "--fanout", "hash"]
        found.append(Tool(TWO_QUEUES, two + ["-B", "64"] * same_ring, *like_tcpdump, 0.4))
    if tcpdump := shutil.which("tcpdump"):
        command = [tcpdump, "-i", "rs0", "-n", "-w", "/dev/null"] + ["-B", "65536"] * same_ring
        found.append(Tool(TCPDUMP, command, *like_tcpdump, 1.2))
    if dumpcap := shutil.which("dumpcap"):
        command = [dumpcap, "-q", "-i", "rs0", "-w", "/dev/null"] + ["-B", "64"] * same_ring
        counts = (r"captured: (\d+)", r"received/dropped.*: \d+/(\d+)")
        found.append(Tool(DUMPCAP, command, "File: ", *counts, 0.6))
    if (netsniff := shutil.which("netsniff-ng")) and os.geteuid() == 0:
        # It locks its memory, which takes root. Its own choice of ring is two seconds of line rate, 2.4 GiB for veth.
        command = [netsniff, "--in", "rs0", "--out", "/dev/null", "--silent", "-A", "-Q", "--ring-size", "64MiB"]
        counts = (r"(\d+)  packets passed", r"(\d+)  packets failed")
        found.append(Tool("netsniff-ng --out", command, "Running", *counts, 0.5))
    return found


def measure(net: Net, send: Send, tool: Tool, load: str, frames: int) -> Run:
    rate = None if load == "max" else float(load)
    process = net.spawn(tool.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = _read_until(process, tool.ready)
    send(_WARM_UP, _WARM_UP_SIZE, _WARM_UP_RATE)
    time.sleep(_WARM_UP_PAUSE)
    before = _processor_ns(process.pid)
    wall = send(frames, _SIZE, rate)
    time.sleep(tool.settles)
    steady = _processor_ns(process.pid) - before
    memory, ring = _memory(process.pid)
    process.send_signal(signal.SIGINT)
    said += _rest(process)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    captured, dropped = (_number(pattern, said) for pattern in (tool.captured, tool.dropped))
    sent = frames + _WARM_UP
    kept = max(captured, 1) / sent
    whole = (usage.ru_utime + usage.ru_stime) * 1e9 / max(captured, 1)
    steady_each = steady / (frames * kept)
    return Run(tool.name, load, sent, captured, dropped, frames / wall, wall, steady_each, whole, memory, ring)


def _read_until(process: subprocess.Popen[str], pattern: str) -> str:
    assert process.stdout is not None
    said = ""
    while not re.search(pattern, said):
        ready, _, _ = select.select([process.stdout], [], [], 20)
        part = os.read(process.stdout.fileno(), 4096).decode() if ready else ""
        assert part, f"{process.args!r} ended or is silent: {said}"
        said += part
    return said


def _rest(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said = b""
    while part := os.read(process.stdout.fileno(), 1 << 16):
        said += part
    return said.decode()


def _number(pattern: str, said: str) -> int:
    found = re.search(pattern, said)
    assert found, f"no {pattern!r} in: {said}"
    return int(found[1])


def _processor_ns(process: int) -> int:
    """Time on a processor so far, all threads together (proc(5))."""
    return sum(int(file.read_text().split()[0]) for file in Path(f"/proc/{process}/task").glob("*/schedstat"))


def _memory(process: int) -> tuple[float, float]:
    """Peak of the resident memory and size of the mapped packet rings, MiB."""
    status = Path(f"/proc/{process}/status").read_text()
    maps = Path(f"/proc/{process}/maps").read_text()
    rings = (row.split()[0].split("-") for row in maps.splitlines() if row.endswith("]") and " socket:[" in row)
    size = sum(int(end, 16) - int(begin, 16) for begin, end in rings)
    return _number(r"VmHWM:\s+(\d+)", status) / 1024, size / (1 << 20)


@contextmanager
def sender() -> Iterator[tuple[str, Callable[[Net], Send]]]:
    """What sends, by name and as a function of the network; XDP where that is allowed."""
    with ExitStack() as stack:
        try:
            generators = {size: stack.enter_context(XdpGenerator(size)) for size in (_SIZE, _WARM_UP_SIZE)}
        except XdpUnavailable as unavailable:
            print(unavailable, file=sys.stderr)
            yield "AF_PACKET, one flow", lambda net: partial(_send_by_socket, net)
        else:
            yield "XDP live frames, 256 flows", lambda net: partial(_send_pinned, generators, net)


def _send_by_socket(net: Net, count: int, size: int, rate: float | None) -> float:
    return net.send_frames(count, rate, size, timeout=_LIMIT)


def _send_pinned(generators: Mapping[int, XdpGenerator], net: Net, count: int, size: int, rate: float | None) -> float:
    # For the time of the sending only: the tools, which this process starts, are free.
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(everywhere)})
    try:
        return generators[size].send(net.interface, count, rate)
    finally:
        os.sched_setaffinity(0, everywhere)


def _refuse_user_namespaces() -> None:
    """Have this process make plain network namespaces: netsniff-ng wants to be root of the whole machine."""
    unshare = libc.unshare

    def without_user(flags: int) -> None:
        if flags & libc.CLONE_NEWUSER:
            raise PermissionError(errno.EPERM, "not wanted")
        unshare(flags)

    libc.unshare = without_user


def measure_all(loads: Sequence[str], rounds: int, frames: int, those: Sequence[Tool]) -> tuple[str, float, list[Run]]:
    """Name of the sender, frames a second it offers to nobody, all runs."""

    def body(net: Net, send: Send) -> tuple[float, list[Run]]:
        highest = frames / send(frames, _SIZE, None)
        runs = []
        for round_ in range(rounds):
            for load in loads:
                for tool in those:
                    print(f"round {round_ + 1} of {rounds}, {load}: {tool.name}", file=sys.stderr)
                    count = frames if load == "max" else min(frames, int(int(load) * _SECONDS))
                    runs.append(measure(net, send, tool, load, count))
        return highest, runs

    if os.geteuid() == 0:
        _refuse_user_namespaces()
    with sender() as (name, make):
        highest, runs = run_in_namespace(lambda net: body(net, make(net)), limit=_LIMIT)
    return name, highest, runs


@dataclass(frozen=True, slots=True)
class Row:
    """The runs of one tool under one load: medians, most lost, and ratios of the medians to those of the peers."""

    tool: str
    lost: int
    """The most of all rounds."""
    dropped: int
    rate: float
    wall: float
    steady: float
    whole: float
    memory: float
    ring: float
    to_tcpdump: float | None
    to_dumpcap: float | None


def rows_of(runs: Sequence[Run]) -> list[Row]:
    """One row a tool, for runs of one load."""
    by_tool: dict[str, list[Run]] = {}
    for run in runs:
        by_tool.setdefault(run.tool, []).append(run)

    def median(tool: str, what: str) -> float:
        return float(statistics.median(getattr(run, what) for run in by_tool[tool]))

    def ratio(tool: str, peer: str) -> float | None:
        return median(tool, "steady") / median(peer, "steady") if peer in by_tool else None

    return [
        Row(
            tool,
            max(run.lost for run in those),
            max(run.dropped for run in those),
            **{what: median(tool, what) for what in ("rate", "wall", "steady", "whole", "memory", "ring")},
            to_tcpdump=ratio(tool, TCPDUMP),
            to_dumpcap=ratio(tool, DUMPCAP),
        )
        for tool, those in by_tool.items()
    ]


def promises(runs: Sequence[Run], rows: Sequence[Row]) -> dict[str, str]:
    """What is promised of the rows of ringscope under one load, and whether it was kept: "yes", "no", with how often.

    Lost frames are counted for ringscope, even those left unread; of tcpdump those that it says were dropped.
    """
    good = [at for at, run in enumerate(_of(runs, TCPDUMP)) if run.dropped == 0]
    kept = {}
    for row in rows:
        if not row.tool.startswith("ringscope"):
            continue
        without = sum(_of(runs, row.tool)[at].lost == 0 for at in good)
        answer = "yes" if without == len(good) else "no"
        kept[f"{row.tool}: none lost where tcpdump drops none"] = (
            f"{answer}, {without} of {len(good)} rounds" if good else "tcpdump dropped in every round"
        )
        for peer, ratio, most in (
            ("tcpdump", row.to_tcpdump, CPU_OF_TCPDUMP),
            ("dumpcap", row.to_dumpcap, CPU_OF_DUMPCAP),
        ):
            if ratio is not None:
                answer = "yes" if ratio <= most else "no"
                kept[f"{row.tool}: CPU a packet at most {most:g}x {peer}"] = f"{answer}, {ratio:.2f}x"
    return kept


def _of(runs: Sequence[Run], tool: str) -> list[Run]:
    return [run for run in runs if run.tool == tool]


def print_load(load: str, rows: Sequence[Row], kept: dict[str, str]) -> None:
    shown = "as fast as the sender goes" if load == "max" else f"{int(load):,} frames/s".replace(",", " ")
    print(f"\n{shown}; medians, lost and dropped the most of all rounds")
    head = ("tool", "offered/s", "lost", "dropped", "CPU/packet", "x tcpdump", "x dumpcap", "whole", "memory", "ring")
    print("{:<20}{:>11}{:>9}{:>9}{:>12}{:>11}{:>11}{:>9}{:>9}{:>8}{:>7}".format(*head, "wall"))
    for row in rows:
        ratios = [f"{ratio:.2f}" if ratio is not None else "-" for ratio in (row.to_tcpdump, row.to_dumpcap)]
        print(
            f"{row.tool:<20}{row.rate:>11.0f}{row.lost:>9}{row.dropped:>9}{row.steady:>9.0f} ns{ratios[0]:>11}"
            f"{ratios[1]:>11}{row.whole:>6.0f} ns{row.memory:>5.0f} MiB{row.ring:>4.0f} MiB{row.wall:>5.1f} s"
        )
    for promise, answer in kept.items():
        print(f"  {promise}: {answer}")


def machine(those: Sequence[Tool]) -> dict[str, Any]:
    """What the figures are of: kernel, processors, memory, versions and command lines of the tools."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    found = {"ringscope": f"ringscope {importlib.metadata.version('ringscope')}"}
    for program in ("tcpdump", "dumpcap", "netsniff-ng"):
        if shutil.which(program):
            said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
            found[program] = (said.stdout + said.stderr).splitlines()[0]
    return {
        "kernel": platform.release(),
        "processor": model[1] if model else platform.machine(),
        "processors": len(os.sched_getaffinity(0)),
        "memory_mib": _number(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text()) // 1024,
        "versions": found,
        "commands": {tool.name: " ".join(tool.command) for tool in those},
    }


def _loads(text: str) -> list[str]:
    loads = []
    for part in text.split(","):
        found = re.fullmatch(r"(\d+)(k?)|max", part.strip())
        if not found or (part.strip() != "max" and int(found[1]) == 0):
            raise argparse.ArgumentTypeError(f"{part!r} is neither a rate, such as 200k, nor max")
        loads.append("max" if found[1] is None else str(int(found[1]) * (1000 if found[2] else 1)))
    return loads


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=1_000_000, help="at most; of a rate, what comes in 0.75 s")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rates", type=_loads, default=_loads("100k,200k,400k,max"), metavar="RATE,...")
    parser.add_argument("--same-ring", action="store_true", help="64 MiB for every tool, not what each takes by itself")
    parser.add_argument("--quick", action="store_true", help="one round of 200k and max with 300 000 frames")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep all of it, every run too")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.rates, options.frames = 1, _loads("200k,max"), 300_000
    options.frames = max(_AT_LEAST, options.frames)
    return options


def main() -> None:
    options = _options()
    those = tools(options.same_ring)
    about = machine(those)
    sender_name, highest, runs = measure_all(options.rates, options.rounds, options.frames, those)
    print(f"{sender_name}, {highest:.0f} frames/s of 60 bytes while nobody captures; rounds: {options.rounds}")
    print(f"Linux {about['kernel']}, {about['processors']} processors ({about['processor']})")
    print("; ".join(about["versions"].values()))
    print("CPU is the tool's own, all threads: not what the kernel does on arrival, which is the sender's time.")
    results = []
    for load in options.rates:
        of_load = [run for run in runs if run.load == load]
        rows = rows_of(of_load)
        kept = promises(of_load, rows)
        print_load(load, rows, kept)
        results.append({"load": load, "rows": [asdict(row) for row in rows], "promises": kept})
    if options.json:
        sender_about = {"name": sender_name, "highest": highest}
        every = [{**asdict(run), "lost": run.lost} for run in runs]
        kept_all = {"machine": about, "sender": sender_about, "same_ring": options.same_ring, "loads": results}
        options.json.write_text(json.dumps({**kept_all, "runs": every}, indent=1) + "\n")


if __name__ == "__main__":
    main()
