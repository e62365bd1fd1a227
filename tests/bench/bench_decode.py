# SPDX-License-Identifier: Apache-2.0
"""What a row and a full dissection of a packet cost, beside dpkt's plain parse of the same bytes.

    python tests/bench/bench_decode.py [PACKETS]

Prints microseconds a packet, the best of five rounds, for each kind of packet the tests know. dpkt stops at TCP and UDP
and makes no text; a row goes on into DNS, TLS and HTTP and is ready to be drawn. The ratios are dpkt's time by the
row's (above 1: the row is cheaper) and the dissection's by dpkt's.

Then what the screen does: the fifty rows it shows, and the tree of the packet under the cursor, in milliseconds, of
mixed packets (with those of the folder that RINGSCOPE_CAPTURES names), beside dpkt and tshark on the same packets.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import timeit
from collections.abc import Callable
from pathlib import Path
from statistics import geometric_mean, median
from struct import pack

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tui"))

from dpkt.ethernet import Ethernet

from ringscope.decode import Memory, dissect, summarize
from support.capturefile import packets
from support.cases import cases
from support.packets import samples

ROUNDS = 5
ROWS = 50  # what a screen shows at once
A_FILE = 20  # packets of each capture


def microseconds(work: Callable[[], object], count: int) -> float:
    return min(timeit.repeat(work, number=count, repeat=ROUNDS)) / count * 1e6


def peer(data: bytes) -> None:
    try:
        Ethernet(data)
    except Exception:  # dpkt raises for what it does not know; that is its answer and its time
        return


def each_kind(count: int) -> None:
    rows: list[float] = []
    trees: list[float] = []
    print(f"{'microseconds':14}{'row':>9}{'dissect':>9}{'dpkt':>9}{'dpkt/row':>10}{'dissect/dpkt':>14}")
    for name, data in samples().items():
        row = microseconds(lambda data=data: summarize(data, 1, len(data)), count)
        tree = microseconds(lambda data=data: dissect(data, 1, len(data)), max(count // 10, 1))
        plain = microseconds(lambda data=data: peer(data), count)
        rows.append(plain / row)
        trees.append(tree / plain)
        print(f"{name:14}{row:9.2f}{tree:9.1f}{plain:9.2f}{plain / row:10.2f}{tree / plain:14.1f}")
    print(f"{'mean ratio':41}{geometric_mean(rows):10.2f}{geometric_mean(trees):14.1f}")


def mixed() -> list[bytes]:
    """Ethernet frames of every kind the tests know, and of real captures where a folder of them is named; shuffled."""
    frames = [*samples().values(), *(each.data for each in cases().values() if each.link_type == 1)]
    folder = os.environ.get("RINGSCOPE_CAPTURES")
    if folder is not None:
        for path in sorted(Path(folder).iterdir()):
            frames += [each.data for each in packets(path, A_FILE) if each.link_type == 1]
    random.Random(1).shuffle(frames)
    return frames


def least_ms(work: Callable[[], object]) -> float:
    """Of three, since the machine does other things, too."""
    return min(timeit.repeat(work, number=1, repeat=3)) * 1000


def on_the_screen() -> None:
    frames = mixed()
    memory = Memory()
    views = [frames[at : at + ROWS] for at in range(0, len(frames) - ROWS + 1, ROWS)]
    rows = [least_ms(lambda view=view: [summarize(data, 1, len(data), memory) for data in view]) for view in views]
    plain = [least_ms(lambda view=view: [peer(data) for data in view]) for view in views]
    trees = [least_ms(lambda data=data: dissect(data, 1, len(data), memory)) for data in frames]
    print(f"\n{len(frames)} mixed packets, ms{'median':>24}{'worst':>9}")
    print(f"{ROWS} rows, budget 5{'':20}{median(rows):9.2f}{max(rows):9.2f}")
    print(f"dpkt's plain parse of them{'':10}{median(plain):9.2f}{max(plain):9.2f}")
    print(f"tree of one packet, budget 10{'':7}{median(trees):9.3f}{max(trees):9.2f}")
    tool = shutil.which("tshark")
    if tool is None:
        print("tshark is not here to be measured beside it")
        return
    theirs = tshark_ms(tool, frames, "-T", "fields", "-e", "_ws.col.Info")
    deep = tshark_ms(tool, frames, "-V")
    print(f"tshark: {ROWS} rows {theirs * ROWS:.2f}, tree of one packet {deep:.3f}, its start left out")
    print(f"ratios: rows {theirs * ROWS / median(rows):.1f}x, tree {deep / median(trees):.1f}x faster than tshark;")
    print(f"        rows {median(plain) / median(rows):.1f}x as fast as dpkt's parse, which makes no text")


def tshark_ms(tool: str, frames: list[bytes], *options: str) -> float:
    """Milliseconds a packet: many packets less one."""

    def run(some: list[bytes]) -> float:
        records = (pack("<IIII", 0, 0, len(data), len(data)) + data for data in some)
        with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
            file.write(pack("<IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1) + b"".join(records))
            file.flush()
            command = [tool, "-n", "-r", file.name, *options]
            return least_ms(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    return (run(frames) - run(frames[:1])) / (len(frames) - 1)


def main() -> None:
    each_kind(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
    on_the_screen()


if __name__ == "__main__":
    main()
