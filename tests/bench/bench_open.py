# SPDX-License-Identifier: Apache-2.0
"""How long a large capture file takes to open, and its memory, beside capinfos, tcpdump, tshark and termshark.

    python tests/bench/bench_open.py [--packets N] [--rounds N] [--folder FOLDER] [--json FILE]

The file is made first, the same every time: 5 million packets, 1.9 GB, Ethernet frames of TCP, UDP, DNS, IPv6, VLAN and
ARP in the sizes of a server's traffic. It is read once so that it lies in the page cache, then every figure is taken in
turn, round by round; medians are told, and ratios.

* all indexed: seconds from the call that opens the file until every packet can be read; "process" is from the start of
  the process until its end, as for the peers.
* first rows: from the start of the process until fifty rows of the list are decoded; "on the screen": until the first
  of them is drawn in a terminal, as for termshark.
* memory: what the process has of its own (RssAnon) when all is indexed; by the packets, less what it had before.
* tshark reads only the first packets, and is told as if it went on like that ("~").
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from struct import pack, pack_into
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.first_sight import first_sight

TSHARK_PACKETS = 50_000
FIRST_ROW = re.compile(rb" 1 +\d\d:\d\d:\d\d")
ROWS = 50
STORE = 256 << 20
ANONYMOUS, EACH = 150e6, 48
"""Budget: bytes of a process of its own, and for each packet on top."""

Figures = dict[str, float]
"""Names and values; several at once where one run of a program gives them."""


# -- the file

TEMPLATES = 50_000
"""Packets that are all different; then they come again, a second later."""

SIZES = ((0.50, 60, 60), (0.10, 66, 66), (0.12, 70, 300), (0.13, 300, 1000), (0.15, 1514, 1514))
"""Share of the packets, and the least and the most bytes that they have."""


def _ethernet(dice: random.Random) -> tuple[bytes, str]:
    """An Ethernet header, and what is in the frame."""
    addresses = bytes((2, 0, 0, 0, 0, dice.randrange(16), 2, 0, 0, 0, 1, dice.randrange(16)))
    kind = dice.choices(("tcp", "udp", "dns", "tcp6", "arp"), (70, 15, 6, 7, 2))[0]
    tag = pack(">HH", 0x8100, dice.randrange(1, 20)) if dice.random() < 0.05 else b""
    return addresses + tag + pack(">H", {"tcp6": 0x86DD, "arp": 0x0806}.get(kind, 0x0800)), kind


def frame(dice: random.Random, size: int) -> bytes:
    """A frame of so many bytes, with headers that a filter has something to look at in."""
    head, kind = _ethernet(dice)
    if kind == "arp":
        body = pack(">HHBBH", 1, 0x0800, 6, 4, dice.choice((1, 2))) + head[6:12] + dice.randbytes(14)
    else:
        high, server = dice.randrange(32768, 60999), dice.choice((22, 80, 443, 443, 443, 5432, 6379, 8080))
        ports = (high, 53) if kind == "dns" else (high, server)
        ports = ports if dice.random() < 0.5 else ports[::-1]
        tcp, length = kind.startswith("tcp"), size - len(head)
        rest = dice.randbytes(8) + b"\x50\x10" + dice.randbytes(6) if tcp else pack(">HH", max(length - 20, 8), 0)
        transport = pack(">HH", *ports) + rest
        if kind == "tcp6":
            prefix = bytes.fromhex("20010db8") + bytes(10)
            body = pack(">IHBB", 6 << 28, max(length - 40, 0), 6, 64)
            body += prefix + dice.randbytes(2) + prefix + dice.randbytes(2) + transport
        else:
            hosts = bytes(
                (10, 0, dice.randrange(4), dice.randrange(256), 10, 1, dice.randrange(4), dice.randrange(256))
            )
            body = pack(">BBHHHBBH", 0x45, 0, length, dice.randrange(65536), 0x4000, 64, 6 if tcp else 17, 0) + hosts
            body += transport
    return (head + body + dice.randbytes(max(size - len(head) - len(body), 0)))[: max(size, 60)]


def make(path: Path, packets: int) -> None:
    """Writes the file; the same bytes every time."""
    dice = random.Random(20240229)
    shares = [share for share, _, _ in SIZES]
    block, places = bytearray(), []
    for number in range(min(TEMPLATES, packets)):
        _, least, most = dice.choices(SIZES, shares)[0]
        data = frame(dice, dice.randint(least, most))
        places.append(len(block))
        block += pack("<IIII", 0, number * 1_000_000 // TEMPLATES, len(data), len(data)) + data
    with path.open("wb") as out:
        out.write(pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        for turn, begin in enumerate(range(0, packets, TEMPLATES)):
            few = places[: packets - begin]
            for place in few:
                pack_into("<I", block, place, 1_700_000_000 + turn)
            end = places[len(few)] if len(few) < len(places) else len(block)
            out.write(memoryview(block)[:end])


# -- what is measured: each takes the file and returns its figures


def _seconds(command: Sequence[str]) -> float:
    begun = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - begun


def opened(path: Path) -> Figures:
    """ringscope in a process of its own: first rows, all indexed, memory."""
    begun = time.time_ns()
    done = subprocess.run([sys.executable, __file__, "--child", str(path), str(begun)], check=True, capture_output=True)
    process = (time.time_ns() - begun) / 1e9
    told: Figures = json.loads(done.stdout)
    return {**told, "ringscope, process": process}


def on_the_screen(path: Path) -> Figures:
    """ringscope as a person starts it."""
    command = [sys.executable, "-m", "ringscope", "open", str(path)]
    return {"ringscope, on the screen": first_sight(command, FIRST_ROW, rows=50, columns=160)}


def capinfos(path: Path) -> Figures:
    return {"capinfos -c": _seconds(["capinfos", "-c", str(path)])}


def tcpdump(path: Path) -> Figures:
    return {"tcpdump -w /dev/null": _seconds(["tcpdump", "-r", str(path), "-w", "/dev/null"])}


def cat(path: Path) -> Figures:
    return {"cat": _seconds(["cat", str(path)])}


def tshark(path: Path) -> Figures:
    """Its first packets, less the time that it takes to start."""
    start = _seconds(["tshark", "-n", "-r", str(path), "-c", "1"])
    some = _seconds(["tshark", "-n", "-r", str(path), "-c", str(TSHARK_PACKETS)])
    return {"tshark, first packet": start, "tshark, a packet": (some - start) / TSHARK_PACKETS}


def termshark(path: Path) -> Figures:
    """Until it shows a first row in a terminal."""
    from support.terminal import Terminal

    with Terminal(160, 50, folder=str(path.parent)) as terminal:
        begun = time.monotonic()
        terminal.type(f"termshark -r {path}")
        terminal.wait_for(lambda screen: "10.0." in screen or "10.1." in screen, 600)
        return {"termshark, first rows": time.monotonic() - begun}


OURS: tuple[Callable[[Path], Figures], ...] = (opened, on_the_screen)
PEERS: dict[str, Callable[[Path], Figures]] = {
    "cat": cat,
    "capinfos": capinfos,
    "tcpdump": tcpdump,
    "tshark": tshark,
    "termshark": termshark,
}
"""By the program that is needed."""


def child(path: str, begun: int) -> None:
    """What :func:`opened` measures, in a process that does nothing else."""
    from ringscope.capture.files import FileSession
    from ringscope.decode.summary import summarize

    def since() -> float:
        return (time.time_ns() - begun) / 1e9

    before, start = _anonymous(), time.monotonic()
    with FileSession.open(path, store_bytes=STORE) as session:
        rows = [summarize(packet.data, packet.link_type, packet.length) for packet in session.read(1, ROWS, 256)]
        first_rows = since()
        while session.loading() is not None:
            time.sleep(0.001)
        indexed, memory = time.monotonic() - start, _anonymous()
        assert len(rows) == ROWS
        packets = session.newest()
    print(json.dumps({
        "ringscope, first rows": first_rows,
        "ringscope, all indexed": indexed,
        "packets": packets,
        "anonymous": memory,
        "anonymous a packet": (memory - before) / packets,
    }))  # fmt: skip


def _anonymous() -> int:
    """Bytes of memory that this process has of its own."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


# -- told


def table(figures: Figures) -> list[str]:
    """Seconds, and their ratio to capinfos and to tcpdump."""
    figures = dict(figures)
    packets = figures["packets"]
    if each := figures.pop("tshark, a packet", 0.0):
        figures["tshark, all packets ~"] = each * packets + figures["tshark, first packet"]
    lines = [f"{'':<26}{'seconds':>9}{'capinfos -c':>14}{'tcpdump':>10}"]
    for name, value in figures.items():
        if name == "packets" or name.startswith("anonymous"):
            continue
        peers = [figures.get(peer) for peer in ("capinfos -c", "tcpdump -w /dev/null")]
        ratios = [f"{value / peer:.2f}x" if peer else "-" for peer in peers]
        lines.append(f"{name:<26}{value:>9.3f}{ratios[0]:>14}{ratios[1]:>10}")
    memory, each = figures["anonymous"], figures["anonymous a packet"]
    lines.append(f"memory of its own {memory / 1e6:.0f} MB, {each:.1f} B a packet "
                 f"(budget {(ANONYMOUS + EACH * packets) / 1e6:.0f} MB, {EACH} B)")  # fmt: skip
    return lines


def measure(path: Path, rounds: int) -> tuple[list[Figures], list[str]]:
    """All figures of each round, and the programs that are not here."""
    absent = [tool for tool in PEERS if shutil.which(tool) is None]
    those = [*OURS, *(run for tool, run in PEERS.items() if tool not in absent)]
    _seconds(["cat", str(path)])
    every: list[Figures] = []
    for _ in range(rounds):
        one: Figures = {}
        for run in those:
            one |= run(path)
        every.append(one)
    return every, absent


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--packets", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the file is made (default: a temporary folder)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep all of it, every round too")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        child(options.child[0], int(options.child[1]))
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        path = Path(folder) / "large.pcap"
        make(path, options.packets)
        size = path.stat().st_size
        every, absent = measure(path, options.rounds)
    medians = {name: statistics.median(one[name] for one in every) for name in every[0]}
    print(f"{options.packets:,} packets, {size / 1e9:.2f} GB, median of {options.rounds}, {os.cpu_count()} cores")
    print("\n".join(table(medians)))
    if absent:
        print(f"not installed: {', '.join(absent)}")
    if options.json:
        told: dict[str, Any] = {"kernel": platform.release(), "bytes": size, "medians": medians, "rounds": every}
        options.json.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
