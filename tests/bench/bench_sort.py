# SPDX-License-Identifier: Apache-2.0
"""A list of five million packets sorted by every kind of column, and rows with a column of a field.

    python tests/bench/bench_sort.py [--packets N] [--values N] [--file FILE]

Prints the milliseconds that a sort by a header takes over all packets, those a packet that one by a value takes (over
the first ``--values`` packets: the rest is alike), and those of fifty rows without and with a field as a column.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ringscope.app import choice
from ringscope.app.listing import Chosen, Listing
from ringscope.app.packets import Rows
from ringscope.app.sorting import key_of
from ringscope.capture.files import FileSession
from ringscope.decode import Memory
from support.bigfile import write_big_pcap

PAGE = 50


def _sort(session: FileSession, what: str, count: int) -> float:
    ordering, key = session.ordering(), key_of(choice.column(what), session)
    begun = time.perf_counter()
    if key.value is None:
        ordering.by_header(key.header, 1, count, view=None, falling=True)
    else:
        ordering.by_value(key.value, 1, count, view=None, falling=True, limit=key.limit)
    seconds = time.perf_counter() - begun
    ordering.close()
    return seconds


def _rows(session: FileSession, columns: str) -> float:
    """The median of a hundred pages."""
    rows, spent = Rows(session, Memory(), Listing(Chosen(choice.columns(columns)))), []
    for page in range(100):
        begun = time.perf_counter()
        rows.ensure(page * PAGE + 1, (page + 1) * PAGE)
        spent.append(time.perf_counter() - begun)
    return sorted(spent)[50]


def _measure(path: Path, values: int) -> None:
    with FileSession.open(str(path), store_bytes=1 << 20) as session:
        while session.loading():
            time.sleep(0.001)
        head = session.newest()
        print(f"{head} packets, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")
        for what in ("number", "time", "length"):
            print(f"{what:<24}{_sort(session, what, head) * 1e3:8.0f} ms for all")
        for what in ("protocol", "source", "info", "tcp.Window"):
            count = min(values if "." not in what else values // 10, head)
            print(f"{what:<24}{_sort(session, what, count) / count * 1e6:8.1f} µs a packet")
        for columns in ("", "number, time, source, destination, protocol, length, tcp.Window, info"):
            kind = "a column of a field" if columns else "the usual columns"
            print(f"{PAGE} rows, {kind:<20}{_rows(session, columns) * 1e3:5.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description="Sorting a list of packets.")
    parser.add_argument("--packets", type=int, default=5_000_000)
    parser.add_argument("--values", type=int, default=200_000)
    parser.add_argument("--file", type=Path, help="keep the file here, and use it again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.file or Path(folder) / "big.pcap"
        if not path.exists():
            write_big_pcap(path, options.packets)
        _measure(path, options.values)


if __name__ == "__main__":
    main()
