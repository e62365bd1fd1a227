# SPDX-License-Identifier: Apache-2.0
"""How long it takes from an expression to its program, beside a ``tcpdump -d EXPRESSION`` process for each.

    python tests/bench/bench_filter_compile.py [ROUNDS]

Prints milliseconds: the first compilation with the start of the child in it, the further ones (each expression is new
to the cache), the cache, and tcpdump. The ratio is tcpdump's median by ours.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tui"))

from ringscope.filter import Compiler

TEMPLATE = "tcp and (port {0} or port 443) and not host 192.0.2.1 and tcp[tcpflags] & tcp-syn != 0"
TEMPLATE_VLAN = "vlan 5 and udp port {0}"
TEMPLATE_DIRECTION = "inbound and udp port {0}"
ETHERNET, RAW_IP, COOKED = (1, "EN10MB"), (101, "RAW"), (276, "LINUX_SLL2")


def milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e3


def share(times: Iterable[float], part: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def first(expression: str, link_type: int) -> float:
    with Compiler() as compiler:
        return milliseconds(lambda: compiler.compile(expression, link_type=link_type, snaplen=262144))


def tcpdump(expression: str, link_type: str) -> float:
    command = ["tcpdump", "-y", link_type, "-d", expression]
    return milliseconds(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True))


def report(name: str, template: str, link_type: tuple[int, str], rounds: int) -> None:
    starts = [first(template.format(80), link_type[0]) for _ in range(max(3, rounds // 50))]
    with Compiler() as compiler:
        engine = compiler.start()

        def compiled(number: int) -> float:
            expression = template.format(number)
            return milliseconds(lambda: compiler.compile(expression, link_type=link_type[0], snaplen=262144))

        ours, theirs = [], []
        for number in range(1, rounds + 1):  # in turn, so that both meet the same disturbances
            ours.append(compiled(number))
            if number % 10 == 0:
                theirs.append(tcpdump(template.format(number), link_type[1]))
        mode = compiler.compile(template.format(rounds), link_type=link_type[0], snaplen=262144).mode
        cached = [compiled(rounds) for _ in range(rounds)]
    print(f"{name} ({mode} code, {engine.version})")
    for label, times in (
        ("first, child started", starts),
        ("further", ours),
        ("from the cache", cached),
        ("tcpdump -d", theirs),
    ):
        p50, p99 = share(times, 0.5), share(times, 0.99)
        print(f"  {label:22} p50 {p50:8.3f} ms   p99 {p99:8.3f} ms   n {len(times)}")
    print(f"  tcpdump -d / first: {share(theirs, 0.5) / share(starts, 0.5):.2f}", end="")
    print(f"   tcpdump -d / further: {share(theirs, 0.5) / share(ours, 0.5):.0f}")


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.2f}")
    report("tcp, ports, flags", TEMPLATE, ETHERNET, rounds)
    report("vlan", TEMPLATE_VLAN, ETHERNET, rounds)
    report("raw IP, direction", TEMPLATE_DIRECTION, RAW_IP, rounds)
    report("cooked, direction", TEMPLATE_DIRECTION, COOKED, rounds)


if __name__ == "__main__":
    main()
