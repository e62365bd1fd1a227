# SPDX-License-Identifier: Apache-2.0
"""What the screen costs: CPU at ten ticks a second with packets pouring in, and the time from a key to the screen.

Both under a real pseudo terminal of 200x50 that answers as a terminal does, beside a bare Textual application that does
nothing but tick. Run it: ``python tests/bench/bench_screen.py``. It prints figures and asserts nothing.
"""

from __future__ import annotations

import fcntl
import os
import pty
import random
import select
import signal
import statistics
import struct
import sys
import termios
import time
from pathlib import Path
from typing import ClassVar

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

WIDTH, HEIGHT = 200, 50
RATE = 100_000
SECONDS = 10
KEYS = 120
CPU_BUDGET = 0.10
KEY_BUDGET = 0.050
MARK = "▌".encode()
"""Drawn with the cursor's row, and by nothing that a tick alone draws."""


class Terminal:
    """The other side of a pseudo terminal, with what ``script`` runs when it is told ``which`` in it."""

    def __init__(self, which: str, script: str = __file__) -> None:
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.execv(sys.executable, [sys.executable, script, which])
        fcntl.ioctl(self._file, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
        self.written = 0

    def read(self, seconds: float, until: bytes = b"") -> float | None:
        """Drain for so long, or until these bytes come; then the time it took."""
        began, tail = time.perf_counter(), b""
        while (left := began + seconds - time.perf_counter()) > 0:
            if not select.select([self._file], [], [], left)[0]:
                break
            try:
                data = os.read(self._file, 1 << 16)
            except OSError:  # it has ended
                break
            self.written += len(data)
            for _ in range(data.count(b"\x1b[6n")):
                os.write(self._file, b"\x1b[1;1R")
            if until and until in tail + data:
                return time.perf_counter() - began
            tail = data[-8:]
        return None

    def press(self, key: bytes) -> None:
        os.write(self._file, key)

    def cpu(self) -> float:
        """Seconds of CPU the program has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        os.kill(self.pid, signal.SIGTERM)
        self.read(1.0)
        os.close(self._file)
        os.waitpid(self.pid, 0)


def cpu_share(terminal: Terminal) -> tuple[float, float]:
    """CPU as a share of a core, and bytes written to the terminal a second."""
    before, written, began = terminal.cpu(), terminal.written, time.perf_counter()
    terminal.read(SECONDS)
    took = time.perf_counter() - began
    return (terminal.cpu() - before) / took, (terminal.written - written) / took


def key_times(terminal: Terminal) -> list[float]:
    """Seconds from a key to the first byte of its row on the terminal."""
    chance, times = random.Random(1), []
    for _ in range(KEYS):
        terminal.read(chance.uniform(0.2, 0.35))
        terminal.press(b"k")
        took = terminal.read(2.0, MARK)
        if took is not None:
            times.append(took)
    return sorted(times)


def measure(which: str) -> dict[str, float]:
    terminal = Terminal(which)
    try:
        terminal.read(3.0)
        following, rate = cpu_share(terminal)
        terminal.press(b"k")
        terminal.read(1.0)
        still, _ = cpu_share(terminal)
        times = key_times(terminal)
    finally:
        terminal.close()
    return {
        "following": following,
        "still": still,
        "bytes": rate,
        "p50": statistics.median(times),
        "p99": times[min(len(times) - 1, int(len(times) * 0.99))],
        "keys": len(times),
    }


def main() -> None:
    screen, bare = measure("screen"), measure("bare")
    print(f"{WIDTH}x{HEIGHT}, {RATE} packets/s, 10 ticks/s, {SECONDS} s each; {KEYS} keys")
    for name, label, budget in (
        ("following", "CPU, list following", CPU_BUDGET),
        ("still", "CPU, list standing still", CPU_BUDGET),
    ):
        verdict = "within" if screen[name] <= budget else "OVER"
        print(f"{label:<26} {screen[name]:7.1%}   bare {bare[name]:7.1%}   ratio {screen[name] / bare[name]:5.1f}"
              f"   budget {budget:.0%}: {verdict}")  # fmt: skip
    for name in ("p50", "p99"):
        verdict = "within" if screen[name] <= KEY_BUDGET else "OVER"
        beside = f"   budget {KEY_BUDGET * 1000:.0f} ms: {verdict}" if name == "p99" else ""
        print(f"{'key to screen, ' + name:<26} {screen[name] * 1000:5.1f} ms   bare {bare[name] * 1000:5.1f} ms"
              f"   ratio {screen[name] / bare[name]:5.1f}{beside}")  # fmt: skip
    print(f"written to the terminal    {screen['bytes'] / 1000:5.0f} kB/s while following")


def run_screen() -> None:
    from ringscope.app import RingscopeApp
    from support.fake_session import FakeCompiler, FakeSession

    session = FakeSession(capacity=1_000_000_000, rate=RATE)
    sys.exit(RingscopeApp(session, FakeCompiler(), theme="midnight").run())


def run_bare() -> None:
    from textual.app import App, ComposeResult
    from textual.binding import Binding, BindingType
    from textual.widgets import Static

    class Bare(App[None]):
        BINDINGS: ClassVar[list[BindingType]] = [Binding("k", "key", id="key")]
        CSS = "Static { height: 1; }"
        count = keys = 0

        def compose(self) -> ComposeResult:
            yield Static(id="ticks")
            yield Static(id="keys")

        def on_mount(self) -> None:
            self.set_interval(0.1, self.tick)

        def tick(self) -> None:
            self.count += RATE // 10
            self.query_one("#ticks", Static).update(f"{self.count}", layout=False)

        def action_key(self) -> None:
            self.keys += 1
            self.query_one("#keys", Static).update(f"▌{self.keys}", layout=False)

    sys.exit(Bare().run())


if __name__ == "__main__":
    {"screen": run_screen, "bare": run_bare}.get(sys.argv[1] if len(sys.argv) > 1 else "", main)()
