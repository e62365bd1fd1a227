# SPDX-License-Identifier: Apache-2.0
"""What the model of a ring says that others would have lost, beside what they really lose.

    python tests/bench/bench_whatif.py

For each of three loads a ring of 16 blocks of 128 KiB loses some, and the model is asked for five others; then each of
them is opened and gets the same frames. Prints a line a ring, and fails when one differs by more than a tenth.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ringscope.weather.whatif import Geometry
from support.namespaces import Net, run_in_namespace
from support.staging import Burst, staged

KIB = 1024
BASE = Geometry(16, 128 * KIB)
OTHERS = (
    Geometry(4, 128 * KIB),
    Geometry(8, 128 * KIB),
    Geometry(32, 128 * KIB),
    Geometry(8, 512 * KIB),
    Geometry(2, 1024 * KIB),
)
LOADS = {
    "bursts of frames of 1000 bytes": (Burst(3000), Burst(9000), Burst(6000)),
    "20 000 a second, mixed sizes": (Burst(9000, 1400, 20_000), Burst(12_000, 300, 20_000), Burst(9000, 60, 20_000)),
    "2000 a second: blocks that close by themselves": (Burst(1600, 1000, 2000), Burst(1400, 200, 2000)),
}


def compare(net: Net) -> float:
    """Prints the table; the largest share by which the model was wrong."""
    worst = 0.0
    for name, bursts in LOADS.items():
        really, table = staged(net, BASE, bursts, OTHERS)
        print(f"{name}: {table.came} frames\n  {'ring':<16}{'really':>9}{'model':>9}{'':>9}")
        for row in table.rows:
            lost = really if row.present else staged(net, row.geometry, bursts)[0]
            wrong = abs(row.lost - lost) / max(lost, 1)
            # What no ring loses is no share of anything: a block's worth of frames is let pass.
            worst = max(worst, wrong if lost > 500 else 0.0)
            learnt = "  learnt from it" if row.present else ""
            print(f"  {row.geometry!s:<16}{lost:>9}{row.lost:>9}{wrong:>8.1%}{learnt}", flush=True)
    return worst


def main() -> int:
    worst = run_in_namespace(compare, limit=300, quiet=True)
    print(f"wrong by at most {worst:.1%}")
    return int(worst > 0.1)


if __name__ == "__main__":
    sys.exit(main())
