# SPDX-License-Identifier: Apache-2.0
"""Mixed load for as long as wanted, and not one loss claimed that no counter of the kernel has.

    python tests/bench/bench_verdict.py [SECONDS]       (default: 600)

Frames of all sizes and rates, TCP in large segments, a filter that changes, other taps that come and go, in a private
network. Once a second the verdict is asked for. A ring that loses because this machine is busy with something else is
a loss, and is counted apart: what must never be is a claim without a drop that PACKET_STATISTICS, the interface or
softnet_stat has. Prints one line a minute, and the sum.
"""

from __future__ import annotations

import random
import socket
import struct
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import LiveSession
from ringscope.weather.model import LOST
from support.frames import FrameSender
from support.namespaces import INTERFACE, PEER, Net, run_in_namespace, start_forked
from support.watching import Watching

EVERYTHING = struct.pack("HBBI", 0x06, 0, 0, 262144)
UDP = struct.pack("HBBI", 0x30, 0, 0, 23) + struct.pack("HBBI", 0x15, 0, 1, 17) + EVERYTHING
UDP += struct.pack("HBBI", 0x06, 0, 0, 0)
SECONDS = 600


def _load(name: str, seconds: float, seed: int) -> int:
    """Bursts of frames with pauses; returns how many were sent."""
    choose, ends, sent = random.Random(seed), time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        count = choose.choice((1, 50, 1000, 5000))
        # No rate that a ring of 64 MiB with a reader that runs could not take.
        FrameSender(name, choose.choice((60, 300, 1000, 1500))).send(
            count, choose.choice((1000, 20_000, 60_000)), alone=False
        )
        sent += count
        time.sleep(choose.random() / 5)
    return sent


def _talk(net: Net, seconds: float) -> None:
    """TCP for a second, ten seconds' rest, again."""
    listener = socket.create_server((net.ipv4, 0))
    port = listener.getsockname()[1]

    def send() -> None:
        ends = time.monotonic() + seconds
        with socket.create_connection((net.ipv4, port)) as channel:
            while time.monotonic() < ends:
                for _ in range(20):
                    channel.sendall(bytes(1 << 20))
                time.sleep(10)

    sending = net.start_in_peer(send)
    connection, _ = listener.accept()
    while connection.recv(1 << 20):
        pass
    sending.result(timeout=60)


def watch(net: Net, seconds: float) -> tuple[int, int, int]:
    """Packets seen, packets that a counter says were lost, packets claimed to be lost."""
    loads = [net.start_in_peer(lambda: _load(PEER, seconds, 1)), start_forked(lambda: _talk(net, seconds))]
    with LiveSession.prepare(CaptureConfig((INTERFACE,))) as session:
        session.start("", EVERYTHING)
        with Watching(session) as watching:
            began, second = time.monotonic(), 0
            while time.monotonic() - began < seconds:
                time.sleep(1)
                second += 1
                watching.look()
                if second % 20 == 0:
                    session.set_filter("udp" * (second % 40 == 20), UDP if second % 40 == 20 else EVERYTHING)
                if second % 60 == 0:
                    print(f"{second:5} s  {watching.verdict(ended=False).sentence}", flush=True)
            for load in loads:
                load.result(timeout=90)
            session.stop()
            watching.look()
            total, first, last = watching.moment().capture.total, watching.first, watching.moment()
            claimed = sum(one.packets for one in watching.tally.sums.values() if one.kind == LOST)
            (old,), (new,) = first.devices(), last.devices()
            counted = total.dropped + total.arena_drops + new.link.stats.rx_dropped - old.link.stats.rx_dropped
            print(watching.verdict().sentence)
            for one in watching.verdict().also:
                print(f"  also: {one}")
            return total.stored + total.dropped, counted, claimed


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    seen, counted, claimed = run_in_namespace(lambda net: watch(net, seconds), limit=seconds + 120)
    print(f"{seen} packets in {seconds:.0f} s: {counted} lost by the kernel's counters, {claimed} by ours")
    return int(claimed > counted)


if __name__ == "__main__":
    sys.exit(main())
