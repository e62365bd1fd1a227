# SPDX-License-Identifier: Apache-2.0
"""What the screen of the rings costs: 4 queues of 1024 blocks at ten ticks a second, on a pseudo terminal of 200x50.

Once with real rings, in a private network with a second's look at the host included, and once with rings of which every
one changes at every tick, and all charts with them; beside a bare Textual application that does nothing but tick. Run
it: ``python tests/bench/bench_rings.py``. It prints figures and asserts nothing. Every tick is drawn, also where the
machine is busy with something else.
"""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path

from bench_screen import CPU_BUDGET, HEIGHT, SECONDS, WIDTH, Terminal, cpu_share, run_bare

from ringscope.app import pace

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

QUEUES, BLOCKS, BLOCK = 4, 1024, 128 << 10
SPANS = ("last minute", "last 10 min", "last 10 s")


def measure(which: str) -> list[tuple[str, float, float]]:
    """What was on the screen, CPU as a share of a core, and bytes to the terminal a second."""
    terminal = Terminal(which, __file__)
    try:
        terminal.read(3.0)
        if which == "bare":
            return [("", *cpu_share(terminal))]
        found = []
        terminal.press(b"2")
        for span in SPANS:
            terminal.read(2.0)
            found.append((span, *cpu_share(terminal)))
            terminal.press(b"z")
        terminal.press(b"\r")
        terminal.read(2.0)
        found.append(("details of a ring", *cpu_share(terminal)))
        return found
    finally:
        terminal.close()


def main() -> None:
    print(f"{WIDTH}x{HEIGHT}, {QUEUES} queues of {BLOCKS} blocks, 10 ticks/s, {SECONDS} s each")
    _, bare, _ = measure("bare")[0]
    for which, label in (("real", "real rings"), ("moving", "all in motion")):
        for span, cpu, rate in measure(which):
            verdict = "within" if cpu <= CPU_BUDGET else "OVER"
            print(f"{label + ', ' + span:<34} {cpu:6.1%}   bare {bare:6.1%}   budget {CPU_BUDGET:.0%}: {verdict}"
                  f"   {rate / 1000:5.1f} kB/s to the terminal")  # fmt: skip


def run_real() -> None:
    from ringscope.app import RingscopeApp
    from ringscope.capture.config import CaptureConfig
    from ringscope.capture.demo import DemoNetwork
    from ringscope.capture.session import LiveSession
    from ringscope.filter import Compiler

    with DemoNetwork.start() as network, Compiler() as compiler:
        config = CaptureConfig((network.interface,), queues=QUEUES, blocks=BLOCKS, block_size=BLOCK)
        with LiveSession.prepare(config, kind="demo") as session:
            everything = compiler.compile("", link_type=session.link_type, snaplen=session.snaplen)
            session.start("", everything.code)
            RingscopeApp(session, compiler, theme="midnight").run()


def run_moving() -> None:
    from ringscope.app import RingscopeApp
    from ringscope.app.watch import Watch
    from ringscope.capture.config import CaptureConfig
    from ringscope.capture.session import Snapshot
    from support.fake_moments import FakeMoments
    from support.fake_session import QUIET, FakeCompiler, FakeSession

    class Moving(FakeSession):
        """Rings that fill and empty, each in its own time, and never so far that the screen would slow down."""

        def snapshot(self) -> Snapshot:
            before = super().snapshot()  # moves the clock
            queues = []
            for index in range(QUEUES):
                ready = round(BLOCKS * (0.35 + 0.3 * math.sin(self.now * (1 + index / 3))))
                count = round(self.now * 20_000 * (index + 1 + math.sin(self.now * 3)))
                stands = {"stored": count, "delivered": count, "bytes": 500 * count, "blocks_full": count // 100}
                places = {"ready_blocks": ready, "blocks": BLOCKS, "headroom": BLOCKS - ready - 1}
                queues.append(replace(QUIET, **stands, **places, fill=ready / BLOCKS, peak=ready / BLOCKS))
            self.stand(*queues)
            return replace(before, total=self.counters, queues=self.queues)

    session = Moving(capacity=1_000_000_000, rate=200_000)
    moments = FakeMoments(session, CaptureConfig(("eth0",), queues=QUEUES, blocks=BLOCKS))
    RingscopeApp(session, FakeCompiler(), theme="midnight", watch=Watch(lambda: moments)).run()


if __name__ == "__main__":
    pace.EVERY = 1
    runs = {"real": run_real, "moving": run_moving, "bare": run_bare}
    runs.get(sys.argv[1] if len(sys.argv) > 1 else "", main)()
