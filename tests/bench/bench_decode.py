# SPDX-License-Identifier: Apache-2.0
"""What a row and a full dissection of a packet cost, beside dpkt's plain parse of the same bytes.

    python tests/bench/bench_decode.py [PACKETS]

Prints microseconds a packet, the best of five rounds, for each kind of packet the tests know. dpkt stops at TCP and UDP
and makes no text; a row goes on into DNS, TLS and HTTP and is ready to be drawn. The ratios are dpkt's time by the
row's (above 1: the row is cheaper) and the dissection's by dpkt's.
"""

from __future__ import annotations

import sys
import timeit
from collections.abc import Callable
from pathlib import Path
from statistics import geometric_mean

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tui"))

from dpkt.ethernet import Ethernet

from ringscope.decode import dissect, summarize
from support.packets import samples

ROUNDS = 5


def microseconds(work: Callable[[], object], count: int) -> float:
    return min(timeit.repeat(work, number=count, repeat=ROUNDS)) / count * 1e6


def peer(data: bytes) -> None:
    try:
        Ethernet(data)
    except Exception:  # dpkt raises for what it does not know; that is its answer and its time
        return


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    rows: list[float] = []
    trees: list[float] = []
    print(f"{'':14}{'row':>9}{'dissect':>9}{'dpkt':>9}{'dpkt/row':>10}{'dissect/dpkt':>14}")
    for name, data in samples().items():
        row = microseconds(lambda data=data: summarize(data, 1, len(data)), count)
        tree = microseconds(lambda data=data: dissect(data, 1, len(data)), max(count // 10, 1))
        plain = microseconds(lambda data=data: peer(data), count)
        rows.append(plain / row)
        trees.append(tree / plain)
        print(f"{name:14}{row:9.2f}{tree:9.1f}{plain:9.2f}{plain / row:10.2f}{tree / plain:14.1f}")
    print(f"{'mean ratio':41}{geometric_mean(rows):10.2f}{geometric_mean(trees):14.1f}")


if __name__ == "__main__":
    main()
