# SPDX-License-Identifier: Apache-2.0
"""A view filter over a file of five million packets beside ``tcpdump -r FILE EXPR -w /dev/null``.

    python tests/bench/bench_view.py [--packets N] [--rounds N] [--file FILE]

Prints for each expression the milliseconds from the program to the last packet judged, tcpdump's for the same
expression, and the ratio: at most 0.20 is wanted. Both take turns in one run; of each the best round counts, and both
find the file in the page cache. The view's threads are one a CPU, at most four, as on the screen; tcpdump has one.

The first view reads the file. Then its threads gather the packets' headers, which takes memory, and the views after it
run over them; but for the last expression, which asks for what no header has.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ringscope.capture.files import FileSession
from ringscope.capture.views import View
from ringscope.filter import Compiler
from support.bigfile import write_big_pcap

EXPRESSIONS = (
    "tcp port 443",
    "udp",
    "vlan 5 and tcp",
    "len > 1000",
    "net 10.1.3.0/24 and tcp[13] & 2 != 0",
    "host 10.0.0.1 or host 10.0.0.2 or port 22",
    "ip6 and udp port 53",
    "tcp[20:4] = 0x47455420",
)


def _view_seconds(view: View, code: bytes, head: int) -> tuple[float, int]:
    begun = time.perf_counter()
    view.start({1: code})
    while (state := view.state()).examined < head:
        time.sleep(0.0005)
    return time.perf_counter() - begun, state.matched


def _tcpdump_seconds(path: Path, expression: str) -> float:
    begun = time.perf_counter()
    subprocess.run(
        ["tcpdump", "-r", str(path), "-w", "/dev/null", expression], check=True, stderr=subprocess.DEVNULL, timeout=120
    )
    return time.perf_counter() - begun


def _anonymous() -> int:
    """Bytes of memory that this process has of its own."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


def _gathered() -> float:
    """Seconds until no more memory is taken for headers, to a fifth of one."""
    begun = ended = time.perf_counter()
    memory = 0
    while (now := time.perf_counter()) < ended + 1:
        if _anonymous() != memory:
            memory, ended = _anonymous(), now
        time.sleep(0.2)
    return ended - begun


def _measure(path: Path, rounds: int) -> None:
    before = _anonymous()
    with FileSession.open(str(path), store_bytes=1 << 20) as session, Compiler() as compiler:
        while session.loading():
            time.sleep(0.001)
        head = session.newest()
        print(
            f"{head} packets, {path.stat().st_size / 1e9:.2f} GB, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}"
        )
        with session.view() as view:
            code = compiler.compile(EXPRESSIONS[0], link_type=1, snaplen=262144, live=False).code
            seconds, _ = _view_seconds(view, code, head)
            print(f"the first view, by the file: {seconds * 1e3:.0f} ms", end="; ")
            print(f"headers gathered after {_gathered():.1f} s", end="; ")
            print(f"memory of its own {(_anonymous() - before) / head:.1f} B a packet (budget 48 B)")
            for expression in EXPRESSIONS:
                code = compiler.compile(expression, link_type=1, snaplen=262144, live=False).code
                ours, theirs = [], []
                for _ in range(rounds):
                    theirs.append(_tcpdump_seconds(path, expression))
                    seconds, matched = _view_seconds(view, code, head)
                    ours.append(seconds)
                best, peer = min(ours), min(theirs)
                print(
                    f"{expression:<44}{matched:>9} match  {best * 1e3:7.1f} ms ({head / best / 1e6:5.1f} M/s)"
                    f"   tcpdump {peer * 1e3:7.1f} ms   ratio {best / peer:.3f}"
                )


def main() -> None:
    parser = argparse.ArgumentParser(description="A view filter beside tcpdump.")
    parser.add_argument("--packets", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--file", type=Path, help="keep the file here, and use it again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.file or Path(folder) / "big.pcap"
        if not path.exists():
            write_big_pcap(path, options.packets)
        _measure(path, options.rounds)


if __name__ == "__main__":
    main()
