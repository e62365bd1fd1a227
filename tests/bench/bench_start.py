# SPDX-License-Identifier: Apache-2.0
"""How long until something is there: ``ringscope --help``, and the first packet that ``ringscope demo`` draws.

    python tests/bench/bench_start.py [--rounds N]

The peer is the bare interpreter (``python -c pass``): what is above it is ours. The demo is watched through a
pseudo-terminal of 80x24, from the start of the process to the first list row with a number.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.first_sight import first_sight

ROW = re.compile(rb"\d+ \d\d:\d\d:\d\d")
RINGSCOPE = [sys.executable, "-m", "ringscope"]


def command(arguments: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run(arguments, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    peer = statistics.median(command([sys.executable, "-c", "pass"]) for _ in range(rounds))
    print(f"{'median of ' + str(rounds):<34}{'seconds':>9}{'budget':>9}{'against the interpreter':>26}")
    rows = (
        ("python -c pass", peer, None),
        ("ringscope --help", statistics.median(command([*RINGSCOPE, "--help"]) for _ in range(rounds)), 0.15),
        (
            "ringscope demo, first packet drawn",
            statistics.median(first_sight([*RINGSCOPE, "demo"], ROW) for _ in range(rounds)),
            1.0,
        ),
    )
    for name, seconds, budget in rows:
        limit = "" if budget is None else f"{budget:.2f}"
        print(f"{name:<34}{seconds:>9.3f}{limit:>9}{seconds / peer:>25.1f}x")


if __name__ == "__main__":
    main()
