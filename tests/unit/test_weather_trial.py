# SPDX-License-Identifier: Apache-2.0
"""What cures would have saved: each is the same minute, otherwise, and what is said of it is what was replayed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringscope.capture.config import CaptureConfig
from ringscope.native import Counters
from ringscope.weather.feeders import Feeder, Flow
from ringscope.weather.judge import judge
from ringscope.weather.model import Verdict
from ringscope.weather.moment import Setup
from ringscope.weather.traffic import IN_RING, Arrivals, Traffic
from ringscope.weather.trial import (
    HEADERS,
    IN_TURN,
    LEFT_OUT,
    PROMPT,
    SPREAD,
    Trial,
    in_turn,
    more_queues,
    only_headers,
    scaled,
    try_cures,
)
from ringscope.weather.verdict import Tally, verdict
from ringscope.weather.whatif import Geometry, Outcome, WhatIf
from support.moments import QUEUE, SETUP, moment, worker

MS, KIB = 1_000_000, 1024
SIZE = 1000
FLOW = Flow("udp", "10.0.0.1", 9000, "10.0.0.2", 40000)
FEEDER = Feeder(FLOW, 0.7, 0.7)


def _held(packets: int = 10_000) -> Traffic:
    """All of them come while the reader is away, into a ring that holds 16 times 119."""
    arrivals = (Arrivals(10 * MS, 110 * MS, packets, packets * (SIZE + IN_RING)),)
    lost = packets - 16 * 119
    return Traffic(arrivals, ((5 * MS, 200 * MS),), 0.1, lost, 16, 128 * KIB, 10**13)


def _tried(*queues: Traffic, setup: Setup = SETUP, cpus: int = 2, feeder: Feeder | None = FEEDER) -> Trial:
    return try_cures(1_900_000_000.0, queues, setup, queue=0, cpus=cpus, feeder=feeder)


def test_each_way_loses_what_the_ring_has_no_room_for() -> None:
    trial = _tried(_held())
    assert trial.lost == 10_000 - 1904 and trial.feeder is FEEDER
    assert trial.ways[PROMPT] == 0, "the reader was never away"
    assert trial.ways[LEFT_OUT] == pytest.approx(3000 - 1904, abs=20)
    # One of two rings gets the flow that cannot be parted, the other one the rest.
    assert trial.ways[SPREAD] == pytest.approx((7000 - 1904) + (3000 - 1904), abs=20)
    # 226 bytes a packet in the ring: 579 to a block.
    assert trial.ways[HEADERS] == pytest.approx(10_000 - 16 * 579, abs=40)
    assert IN_TURN not in trial.ways, "one queue has nobody to take turns with"


def test_in_turn_a_queue_gets_its_share_of_all_and_the_others_theirs() -> None:
    setup = Setup(CaptureConfig(("eth0",), queues=2, fanout="hash"))
    quiet = replace(_held(), arrivals=(), lost=0)
    trial = _tried(_held(), quiet, setup=setup)
    assert trial.ways[IN_TURN] == pytest.approx(2 * (5000 - 1904), abs=20)
    assert [sum(some.packets for some in one.arrivals) for one in in_turn((_held(), quiet))] == [5000, 5000]
    alike = _tried(_held(), _held(), setup=setup)
    assert alike.ways[IN_TURN] == pytest.approx(alike.lost, abs=40), "where both are alike nothing is gained"


def test_what_would_take_too_long_is_not_replayed() -> None:
    setup = Setup(CaptureConfig(("eth0",), queues=4, fanout="hash"))
    many = tuple(Arrivals(at * MS, at * MS + 1, 1, SIZE) for at in range(6000))
    queues = [_held(), *[replace(_held(), arrivals=many, lost=0) for _ in range(3)]]
    assert IN_TURN not in _tried(*queues, setup=setup).ways


def test_of_many_short_times_with_a_packet_each_a_share_is_left() -> None:
    single = tuple(Arrivals(at * MS, at * MS + 1, 1, SIZE + IN_RING) for at in range(100))
    some = scaled(replace(_held(), arrivals=single), 0.3, 0.3)
    assert sum(one.packets for one in some.arrivals) == 30
    assert sum(one.octets for one in some.arrivals) == pytest.approx(30 * (SIZE + IN_RING), rel=0.01)


def test_a_reader_is_no_faster_with_a_packet_that_is_cut() -> None:
    whole, cut = _held(), only_headers(_held())
    cost = [one.pace * one.arrivals[0].octets / one.arrivals[0].packets for one in (whole, cut)]
    assert cost[0] == pytest.approx(cost[1])


@pytest.mark.parametrize(("have", "cpus", "wanted"), [(1, 1, 1), (1, 2, 2), (2, 2, 2), (2, 8, 4), (4, 64, 4)])
def test_more_queues_are_tried_where_there_are_cpus_for_their_workers(have: int, cpus: int, wanted: int) -> None:
    assert more_queues(have, cpus) == wanted


# -- what is said of it

_RING = replace(QUEUE, blocks=16, block_size=128 * KIB, delivered=1000, dropped=2000, bytes=10**6)
_LATE = replace(_RING, lag=0.3, longest_lag=0.3)


def _said(trial: Trial | None, ring: Counters = _LATE, ran: float = 0.2) -> Verdict:
    before, now = moment(0, threads=[worker()]), moment(1, ring, threads=[worker(ran=ran)])
    tally = Tally().plus(judge(before, now))
    return verdict(SETUP, tally, before, now, sample=[FEEDER], trial=trial)


def _trial(*rows: Outcome, lost: int = 1204, **ways: int) -> Trial:
    present = Outcome(Geometry(16, 128 * KIB), 1190, 0, True)
    named = {name.replace("_", " "): count for name, count in ways.items()}
    return Trial(1_900_000_000.0, WhatIf(84_210, lost, (present, *rows)), 0, lost, named, FEEDER)


def _row(blocks: int, lost: int) -> Outcome:
    return Outcome(Geometry(blocks, 128 * KIB), lost, (blocks - 16) * 128 * KIB, False)


def test_more_blocks_are_those_that_the_table_of_other_rings_advises() -> None:
    said = _said(_trial(_row(32, 500), _row(64, 0)))
    assert said.cures[0].command == "--blocks 64"
    assert said.cures[0].saves == "would have saved ~1 204 of 1 204, +6 MiB"
    assert said.replayed.endswith(", in which 1 204 were lost")
    assert _said(_trial(_row(32, 500), _row(64, 480))).cures[0].saves == "would have saved ~704 of 1 204, +2 MiB"


def test_where_no_larger_ring_would_have_helped_none_is_proposed() -> None:
    assert not [one for one in _said(_trial(_row(32, 1180), _row(64, 1150))).cures if "--blocks" in one.command]


def test_a_ring_that_is_as_large_by_now_is_not_proposed_again() -> None:
    larger = replace(_LATE, blocks=64)
    assert not [one for one in _said(_trial(_row(64, 0)), larger).cures if "--blocks" in one.command]


def test_without_a_replay_it_is_reckoned_and_says_so() -> None:
    said = _said(None)
    assert said.cures[0].command.startswith("--blocks ") and "reckoned, not replayed" in said.cures[0].saves
    assert not said.replayed
    (cure,) = [one for one in said.cures if "not (" in one.command]
    assert cure.saves.endswith("of the others how many were saved was not replayed yet")


def test_a_replay_is_not_told_of_losses_that_it_does_not_know() -> None:
    early = replace(_RING, early_drops=2000, highest=0.8)
    said = _said(_trial(_row(64, 0)), early)
    assert said.cause == "early drop" and not said.replayed
    assert "would have stayed below 75 %" in said.cures[1].saves and "reckoned" in said.cures[1].saves
    assert said.cures[2].saves.endswith("of the others how many were saved no model tells")


def test_of_a_flow_that_is_left_out_it_is_told_what_the_others_would_have_lost() -> None:
    (cure,) = [one for one in _said(_trial(left_out=61)).cures if "not (" in one.command]
    assert cure.saves.endswith("of other flows ~300 of ~361 lost packets would have been saved")


def test_pinning_and_queues_and_headers_tell_what_they_would_have_saved() -> None:
    trial = _trial(_row(64, 0), prompt=4, spread=204, headers=604)
    (pin,) = [one for one in _said(trial).cures if one.command.startswith("--pin")]
    assert pin.saves == "a reader that is never late would have saved ~1 200 of 1 204"
    busy = {one.command.split()[0]: one.saves for one in _said(trial, ran=0.95).cures}
    assert busy["--queues"].startswith("would have saved ~1 000 of 1 204: 50% of the load for each worker")
    assert busy["-s"] == "would have saved at least ~600 of 1 204"
    assert busy["--blocks"] == "would have saved ~1 204 of 1 204, +6 MiB", "the replay knows that it helps here, too"


def test_a_model_that_is_far_off_says_so_beside_the_cures() -> None:
    assert "rough: the model is 40% off for the ring as it was" in _said(_trial(lost=2000)).replayed


def test_what_would_hardly_have_helped_comes_last() -> None:
    said = _said(_trial(_row(64, 0), prompt=1190, left_out=0))
    assert [one.command.split()[0] for one in said.cures] == ["--blocks", "'not", "--pin"]
    assert [one.share for one in said.cures[:2]] == [1.0, None] and said.cures[2].share == pytest.approx(14 / 1204)
