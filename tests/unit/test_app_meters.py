# SPDX-License-Identifier: Apache-2.0
"""Rates, ring history and losses nobody has seen."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from ringscope.app.meters import Meters
from support.fake_session import QUIET, FakeSession


def _run(session: FakeSession, meters: Meters, ticks: int, packets: int) -> None:
    for _ in range(ticks):
        session.grow(packets, 0.1)
        meters.update(session.snapshot())


def test_rates_are_of_the_last_second() -> None:
    session, meters = FakeSession(), Meters()
    _run(session, meters, 30, 100)
    assert round(meters.packet_rate) == 1000 and round(meters.bit_rate) == 1000 * 120 * 8
    _run(session, meters, 20, 0)
    assert meters.packet_rate == 0


def test_a_rate_on_show_rests_for_half_a_second() -> None:
    session, meters = FakeSession(), Meters()
    shown = []
    for tick in range(40):
        _run(session, meters, 1, tick)
        shown.append(meters.packet_rate)
    changes = sum(one != other for one, other in pairwise(shown))
    assert changes <= 8


def test_every_second_has_its_highest_fill_and_the_peak_is_of_a_minute() -> None:
    session, meters = FakeSession(), Meters()
    session.fill(0.9)
    _run(session, meters, 1, 1)
    session.counters = replace(QUIET, fill=0.1, peak=0.1)
    _run(session, meters, 100, 1)
    assert meters.fills[0] == 0.9 and meters.fills[-1] == 0.1 and meters.peak == 0.9
    _run(session, meters, 600, 1)
    assert meters.peak == 0.1


def test_a_loss_stays_loud_until_it_is_seen_and_losses_are_never_added_together() -> None:
    session, meters = FakeSession(), Meters()
    _run(session, meters, 1, 1)
    assert not meters.loud and not meters.seen()
    session.lose(7)
    _run(session, meters, 5, 1)
    assert meters.loud and meters.lost == 7 and meters.lost_arena == 0
    assert meters.seen() and not meters.loud
    session.lose(2)
    _run(session, meters, 1, 1)
    assert meters.lost == 2


def test_counters_that_do_not_add_up_are_loud_until_seen_and_again_when_it_gets_worse() -> None:
    session, meters = FakeSession(), Meters()
    session.counters = replace(QUIET, unaccounted=12)
    _run(session, meters, 1, 1)
    assert meters.loud and meters.inexact and meters.lost == 0
    assert meters.seen() and not meters.loud and meters.unaccounted == 12
    session.counters = replace(session.counters, unaccounted=13)
    _run(session, meters, 1, 1)
    assert meters.inexact
