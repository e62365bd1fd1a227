# SPDX-License-Identifier: Apache-2.0
"""How long until something is there: ``ringscope --help``, and the first packet that ``ringscope demo`` draws.

    python tests/bench/bench_start.py [--rounds N]

The peer is the bare interpreter (``python -c pass``): what is above it is ours. The demo is watched through a
pseudo-terminal of 80x24, from the start of the process to the first list row with a number.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import re
import select
import statistics
import struct
import subprocess
import sys
import termios
import time

COLOUR = re.compile(rb"\x1b\[[\d;]*m")
ROW = re.compile(rb"\d+ \d\d:\d\d:\d\d")
WHERE, HERE = b"\x1b[6n", b"\x1b[1;1R"
"""A terminal answers where its cursor is; the screen waits for that before it sends more."""
RINGSCOPE = [sys.executable, "-m", "ringscope"]


def command(arguments: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run(arguments, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def first_packet() -> float:
    begin = time.perf_counter()
    process, terminal = pty.fork()
    if process == 0:
        os.environ.update(TERM="xterm-256color")
        os.execv(RINGSCOPE[0], [*RINGSCOPE, "demo"])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    seen = b""
    took = float("nan")
    while time.perf_counter() - begin < 20:
        if select.select([terminal], [], [], 0.5)[0]:
            part = os.read(terminal, 65536)
            os.write(terminal, HERE * part.count(WHERE))
            seen += part
        if ROW.search(COLOUR.sub(b"", seen)):
            took = time.perf_counter() - begin
            break
    os.write(terminal, b"q")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.read(terminal, 65536)
        except OSError:
            break
    os.waitpid(process, 0)
    os.close(terminal)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    peer = statistics.median(command([sys.executable, "-c", "pass"]) for _ in range(rounds))
    print(f"{'median of ' + str(rounds):<34}{'seconds':>9}{'budget':>9}{'against the interpreter':>26}")
    rows = (
        ("python -c pass", peer, None),
        ("ringscope --help", statistics.median(command([*RINGSCOPE, "--help"]) for _ in range(rounds)), 0.15),
        ("ringscope demo, first packet drawn", statistics.median(first_packet() for _ in range(rounds)), 1.0),
    )
    for name, seconds, budget in rows:
        limit = "" if budget is None else f"{budget:.2f}"
        print(f"{name:<34}{seconds:>9.3f}{limit:>9}{seconds / peer:>25.1f}x")


if __name__ == "__main__":
    main()
