# SPDX-License-Identifier: Apache-2.0
"""Recordings and tcpdumps side by side: what each selects of the same traffic at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from support.namespaces import Net, wait_until
from support.oracles import require_tool
from support.pcap import read_pcap
from support.recording import Recording

Selected = list[tuple[int, bytes]]
"""Length on the wire and bytes of each packet, in order."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one expression selected: here, by tcpdump, and by tcpdump -O."""

    ours: Selected
    theirs: Selected
    unoptimized: Selected


class Tcpdump:
    """A tcpdump that writes to a file; it captures when ``ready`` returns."""

    def __init__(self, net: Net, interface: str, file: Path, *arguments: str) -> None:
        self.file = file
        # In its immediate mode the ring has room for 2 MiB / snaplen packets, so both are set.
        command = [require_tool("tcpdump"), "-i", interface, "-w", str(file), "-U", "-n", "--immediate-mode"]
        link_type = ["-y", "LINUX_SLL2"] if interface == "any" else []
        self.process = net.spawn([*command, "-s", "4096", "-B", "8192", *link_type, *arguments])

    def ready(self) -> None:
        assert self.process.stderr is not None
        said = ""
        while "listening" not in said:
            line = self.process.stderr.readline()
            assert line, said
            said += line

    def end(self) -> Path:
        # It is woken up when a packet is put into its ring, and sleeps only when it has found the ring empty.
        status = Path(f"/proc/{self.process.pid}/stat")
        assert wait_until(lambda: status.read_text().rpartition(")")[2].split()[0] == "S", timeout=20)
        self.process.terminate()
        _, errors = self.process.communicate(timeout=20)
        assert "\n0 packets dropped by kernel" in errors, errors
        return self.file


def end_of(recording: Recording, file: Path) -> Path:
    ended = recording.end()
    assert ended.code == 0, ended.errors
    total = ended.final["total"]
    assert (total["dropped"], total["stored"]) == (0, len(read_pcap(file)))
    return file


def selected(file: Path, since: int, until: int) -> Selected:
    """What has come in that span, in nanoseconds since 1970: a kernel may have sent something before and after."""
    return [(frame.length, frame.data) for frame in read_pcap(file) if since <= frame.time_ns <= until]


def captured(
    net: Net, interface: str, folder: Path, expressions: Sequence[str], traffic: Callable[[], None]
) -> list[Seen]:
    """What each expression selects of the traffic, in a recording, a tcpdump and a tcpdump -O, all at the same time."""
    # Little memory each; as no block is closed before its time, room for seconds in which nobody gets to read.
    small = ("--json", "--block-size", "131072", "--blocks", "32", "--block-timeout", "100", "--store", "8M")
    files = [folder / f"{time.monotonic_ns()}-{number}" for number in range(len(expressions))]

    def record(number: int) -> Recording:
        return Recording(net, *small, "-w", f"{files[number]}.ours", expressions[number], interface=interface)

    theirs = [
        [Tcpdump(net, interface, Path(f"{file}{option}"), *option.split(), expression) for option in ("", "-O")]
        for file, expression in zip(files, expressions, strict=True)
    ]
    with ThreadPoolExecutor(4) as threads:  # kept to the end: a recording ends with the thread that has started it
        ours = list(threads.map(record, range(len(expressions))))
        for each in theirs:
            each[0].ready()
            each[1].ready()
        traffic()
        time.sleep(0.05)
        since = time.time_ns()
        traffic()
        until = time.time_ns()
        seen = []
        for file, recording, pair in zip(files, ours, theirs, strict=True):
            paths = (end_of(recording, Path(f"{file}.ours")), *(each.end() for each in pair))
            seen.append(Seen(*(selected(path, since, until) for path in paths)))
        return seen
