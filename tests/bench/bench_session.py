# SPDX-License-Identifier: Apache-2.0
"""How long a capture takes to open, to change its filter and to stop: on a silent link and under load.

    python tests/bench/bench_session.py [--rounds N] [--rate PACKETS_PER_SECOND] [--json FILE]

"attached" is from the call until every queue has the new filter (budget: 5 ms), "settled" until nothing under the old
one is on its way any more (soft: membarrier; exact: the kernel waits within the flip). tcpdump is started and ended
beside it: it cannot change its filter, so its open is from start to "listening" and its stop from SIGINT to its end.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import LiveSession
from support.namespaces import Net, run_in_namespace

EVERYTHING = struct.pack("HBBI", 0x06, 0, 0, 262144)
UDP = struct.pack("HBBI" * 4, 0x28, 0, 0, 12, 0x15, 0, 1, 0x800, 0x06, 0, 0, 262144, 0x06, 0, 0, 0)
SHAPES = ((1, False), (2, False), (4, False), (2, True))
"""Queues, and whether the filter changes exactly."""


@dataclass(frozen=True, slots=True)
class Row:
    """Milliseconds: medians, and the worst of all rounds where there is a budget."""

    load: bool
    queues: int
    exact: bool
    open: float
    attached: float
    attached_worst: float
    settled: float
    stop: float
    stop_worst: float


def measure(net: Net, queues: int, exact: bool, load: bool, rounds: int, rate: float) -> Row:
    """One shape of capture, so many times."""
    opens, attached, settled, stops = [], [], [], []
    for _ in range(rounds):
        begun = time.monotonic()
        with LiveSession.prepare(CaptureConfig(("rs0",), queues=queues, exact_swap=exact)) as session:
            session.start("", EVERYTHING)
            opens.append(time.monotonic() - begun)
            sending = net.start_frames(int(rate * 0.6), rate=rate) if load else None
            time.sleep(0.1)
            for change in range(4):
                session.set_filter("", UDP if change % 2 else EVERYTHING)
            attached += [change.attached for change in session.changes()[1:]]
            settled += [change.settled for change in session.changes()[1:]]
            begun = time.monotonic()
            session.stop()
            stops.append(time.monotonic() - begun)
            if sending is not None:
                sending.result()
    ms = [[1000 * value for value in values] for values in (opens, attached, settled, stops)]
    return Row(load, queues, exact, statistics.median(ms[0]), statistics.median(ms[1]), max(ms[1]),
               statistics.median(ms[2]), statistics.median(ms[3]), max(ms[3]))  # fmt: skip


def tcpdump(net: Net, rounds: int) -> tuple[float, float]:
    """Milliseconds from its start until it listens, and from SIGINT to its end; medians."""
    opens, stops = [], []
    for _ in range(rounds):
        begun = time.monotonic()
        process = net.spawn(["tcpdump", "-i", net.interface, "-w", "/dev/null"], stdout=subprocess.DEVNULL)
        assert process.stderr is not None
        while "listening" not in process.stderr.readline():
            pass
        opens.append(time.monotonic() - begun)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.communicate()
        stops.append(time.monotonic() - begun)
    return 1000 * statistics.median(opens), 1000 * statistics.median(stops)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--rate", type=float, default=150_000)
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)

    def body(net: Net) -> tuple[list[Row], tuple[float, float]]:
        rows = [
            measure(net, queues, exact, load, options.rounds, options.rate)
            for load in (False, True)
            for queues, exact in SHAPES
        ]
        return rows, tcpdump(net, options.rounds) if shutil.which("tcpdump") else (float("nan"),) * 2

    rows, peer = run_in_namespace(body, limit=600)
    print(f"milliseconds, median of {options.rounds} (worst)")
    print(f"{'':<38}{'open':>6}{'attached':>18}{'settled':>9}{'stop':>14}")
    for row in rows:
        what = f"{'load' if row.load else 'silent':<8}{row.queues} queues{', exact changes' if row.exact else ''}"
        worst, stop = f"{row.attached:.2f} ({row.attached_worst:.2f})", f"{row.stop:.0f} ({row.stop_worst:.0f})"
        print(f"{what:<38}{row.open:>6.0f}{worst:>18}{row.settled:>9.1f}{stop:>14}")
    whole = "tcpdump -w /dev/null, the process"
    print(f"{whole:<38}{peer[0]:>6.0f}{'-':>18}{'-':>9}{peer[1]:>14.0f}")
    print(f"one queue against tcpdump: open {rows[0].open / peer[0]:.2f}x, stop {rows[0].stop / peer[1]:.2f}x")
    if options.json:
        options.json.write_text(json.dumps({"rows": [asdict(row) for row in rows], "tcpdump": peer}, indent=1))


if __name__ == "__main__":
    main()
