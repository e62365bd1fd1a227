# SPDX-License-Identifier: Apache-2.0
"""The screen gives way before the capture does, says why, and comes back; and what it costs is added up."""

from __future__ import annotations

from dataclasses import replace

from ringscope.app.cost import Sent, cost
from ringscope.app.pace import CALM, EVERY, Pace
from ringscope.host.process import Process, Thread
from support.fake_session import FakeSession


class Ticks:
    """A pace that is asked ten times a second, or later."""

    def __init__(self) -> None:
        self.now = 0.0
        self.session = FakeSession()
        self.pace = Pace(10, lambda: self.now)

    def drawn(self, ticks: int, *, apart: float = 0.1) -> int:
        count = 0
        for _ in range(ticks):
            self.now += apart
            count += self.pace.due(self.session.snapshot())
        return count


def test_every_tick_is_drawn_while_all_is_well() -> None:
    ticks = Ticks()
    assert ticks.drawn(50) == 50 and ticks.pace.why == "" and ticks.pace.rate == 10


def test_a_ring_that_is_nearly_full_slows_the_screen_until_it_has_been_calm_for_a_while() -> None:
    ticks = Ticks()
    ticks.drawn(10)
    ticks.session.fill(0.8)
    assert ticks.drawn(1) == 1 and ticks.drawn(50) == 50 / EVERY
    assert ticks.pace.why == "a ring is nearly full" and ticks.pace.rate == 10 / EVERY
    ticks.session.fill(0.1)
    assert ticks.drawn(round(CALM * 10) - 1) < CALM * 10 / EVERY + 1
    ticks.drawn(3)
    assert ticks.drawn(50) == 50


def test_dropped_packets_slow_it_but_not_those_of_before() -> None:
    ticks = Ticks()
    ticks.session.lose(1000)
    assert ticks.drawn(10) == 10
    ticks.session.lose(1)
    assert ticks.drawn(1) == 1 and ticks.drawn(20) == 4 and ticks.pace.why == "packets are being dropped"


def test_a_machine_that_has_no_time_for_it_slows_it_and_a_single_late_tick_does_not() -> None:
    ticks = Ticks()
    ticks.drawn(10)
    assert ticks.drawn(1, apart=2.0) == 1 and ticks.drawn(10) == 10
    assert ticks.drawn(30, apart=0.4) < 15 and ticks.pace.why == "the machine is busy"
    ticks.drawn(60)
    assert ticks.drawn(50) == 50


def _thread(number: int, name: str, ran: float) -> Thread:
    return Thread(number, name, 0.0, 0.0, ran, None, 0)


def test_cost_is_by_what_it_was_spent_on_and_a_new_thread_counts_from_nothing() -> None:
    before = Process(7, 10.0, 0, 0, 0, 0, (_thread(7, "python", 5.0), _thread(8, "rs ring 0", 1.0)))
    threads = (
        _thread(7, "python", 5.4),
        _thread(8, "rs ring 0", 1.1),
        _thread(9, "rs ring 1", 0.1),
        _thread(10, "x", 0.02),
    )
    now = replace(before, seconds=10.62, resident=1 << 26, threads=threads)
    spent = cost(before, now, 2.0)
    assert spent is not None and round(spent.cpu, 3) == 0.31 and spent.resident == 1 << 26
    assert [(name, round(share, 3)) for name, share in spent.by] == [("screen", 0.2), ("rings", 0.1), ("other", 0.01)]
    assert cost(None, now, 2.0) is None and cost(now, now, 0.0) is None


def test_bytes_to_the_terminal_are_those_of_the_last_seconds() -> None:
    sent = Sent()
    assert sent.rate == 0
    for step in range(100):
        sent.note(step / 10, 1000 * step if step < 50 else 50_000)
    assert sent.rate == 0
    sent.note(10.0, 60_000)
    assert 4000 < sent.rate < 6000
