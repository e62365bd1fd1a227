# SPDX-License-Identifier: Apache-2.0
"""Findings, account, verdict and cures, of moments that no test can make a kernel have."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringscope.capture.config import CaptureConfig
from ringscope.native import Counters
from ringscope.weather.feeders import Feeder, Flow
from ringscope.weather.judge import judge
from ringscope.weather.model import STAGES, Finding, Verdict
from ringscope.weather.moment import Moment, Setup
from ringscope.weather.path import path
from ringscope.weather.provenance import PROVENANCE
from ringscope.weather.rings import rings, worst
from ringscope.weather.verdict import CAUSES, Tally, verdict
from support.moments import QUEUE, SETUP, cpu, device, moment, worker


def _found(before: Moment, now: Moment) -> list[tuple[str, str, str, int]]:
    return [(one.stage, one.cause, one.place, one.packets) for one in judge(before, now)]


def _said(before: Moment, now: Moment, setup: Setup = SETUP, **more: Any) -> Verdict:
    return verdict(setup, Tally().plus(judge(before, now)), before, now, **more)


def _queue(**more: Any) -> Counters:
    return replace(QUEUE, **more)


# -- before the ring --------------------------------------------------------------------------------------------------


def test_nothing_is_found_where_nothing_has_grown() -> None:
    busy = device(driver={"rx_discards_phy": 9}, rx_missed_errors=5, rx_crc_errors=4, drops=3, rx_packets=100)
    before = moment(0, _queue(stored=50, dropped=7, truncated=3), devices=[busy], cpus=[cpu(dropped=5)], evicted=4)
    now = moment(1, _queue(stored=90, dropped=7, truncated=3), devices=[busy], cpus=[cpu(dropped=5)], evicted=4)
    assert judge(before, now) == ()
    assert _said(before, now).severity == "fine" and "all 40 packets" in _said(before, now).sentence


@pytest.mark.parametrize(
    ("driver", "stats", "lost"),
    [
        ({}, {"rx_missed_errors": 70}, 70),
        ({}, {"rx_missed_errors": 70, "rx_fifo_errors": 70, "rx_over_errors": 3}, 70),  # one loss, told three times
        ({"rx_out_of_buffer": 90}, {}, 90),  # a driver that leaves the kernel's counters at 0
        ({"rx_out_of_buffer": 90}, {"rx_missed_errors": 70}, 90),
        ({"rx_queue_0_drops": 30, "rx_queue_1_drops": 20}, {}, 50),  # of each queue its own
        ({"rx_queue_0_drops": 30, "rx_queue_1_drops": 20, "rx_drops": 50}, {}, 50),
        ({"rx_no_buffer_count": 40, "rx_no_dma_resources": 35}, {}, 40),
    ],
)
def test_what_the_device_had_no_room_for_is_counted_once(
    driver: dict[str, int], stats: dict[str, int], lost: int
) -> None:
    before = moment(0, devices=[device(driver=dict.fromkeys(driver, 0))])
    now = moment(2, devices=[device(driver=driver, **stats)])
    assert _found(before, now) == [("nic", "no descriptors", "eth0", lost)]
    said = _said(before, now)
    assert said.sentence.startswith(f"You lose {lost // 2} packets/s in NIC of eth0: the device had no room")
    assert [cure.command for cure in said.cures] == ["ethtool -G eth0 rx 4096", "ethtool -X eth0 equal 4"]
    assert "8 times as long" in said.cures[0].saves
    assert path(SETUP, before, before, now).stage("nic").lost == max([*driver.values(), *stats.values()])


def test_a_driver_that_is_heard_of_late_is_not_charged_with_what_it_counted_before() -> None:
    before, now = moment(0, devices=[device()]), moment(1, devices=[device(driver={"rx_discards": 10**6})])
    assert judge(before, now) == ()


def test_an_interface_that_was_made_anew_counts_from_nothing() -> None:
    before = moment(0, devices=[device(rx_missed_errors=1000, index=2)])
    assert _found(before, moment(1, devices=[device(rx_missed_errors=7, index=9)])) == [
        ("nic", "no descriptors", "eth0", 7)
    ]
    # The driver was reset under the same index.
    assert _found(before, moment(1, devices=[device(rx_missed_errors=7, index=2)])) == [
        ("nic", "no descriptors", "eth0", 7)
    ]


def test_damaged_frames_are_lost_on_the_wire() -> None:
    before = moment(0)
    now = moment(1, devices=[device(rx_crc_errors=12, rx_frame_errors=12, driver={"rx_symbol_err_phy": 0})])
    assert _found(before, now) == [("wire", "damaged", "eth0", 12)]
    assert _said(before, now).sentence.startswith("You lose 12 frames/s on the WIRE of eth0")


def test_what_xdp_drops_is_told_and_is_no_loss() -> None:
    before = moment(0, devices=[device(driver={"rx_xdp_drop": 0, "rx0_xdp_drop": 0}, xdp="native")])
    now = moment(1, devices=[device(driver={"rx_xdp_drop": 500, "rx0_xdp_drop": 500}, xdp="native")])
    said = _said(before, now)
    assert (said.severity, said.stage, said.total) == ("told", "xdp", 500)
    assert said.sentence == (
        "Nothing is lost to the capture; 500 packets never reached the tap of eth0: an XDP program drops them."
    )


def test_a_full_backlog_is_ours_only_as_far_as_our_interface_lost_packets_too() -> None:
    before = moment(0, cpus=[cpu(0, dropped=2**32 - 10), cpu(1)])
    ours = moment(1, devices=[device(rx_dropped=30)], cpus=[cpu(0, dropped=20), cpu(1)])
    assert _found(before, ours) == [("softirq", "backlog", "CPU 0", 30)]
    others = moment(1, devices=[device(rx_dropped=0)], cpus=[cpu(0, dropped=20), cpu(1)])
    assert _found(before, others) == []
    # Unknown ethertypes are in rx_dropped, and in no backlog.
    assert _found(moment(0), moment(1, devices=[device(rx_dropped=30)])) == []


def test_the_flow_limit_is_told_from_a_backlog_that_is_full() -> None:
    now = moment(1, devices=[device(rx_dropped=30)], cpus=[cpu(0), cpu(1, dropped=30, flow_limited=25)])
    said = _said(moment(0), now)
    assert (said.cause, said.place) == ("flow limit", "CPU 1")
    assert said.cures[0].command == "sysctl -w net.core.flow_limit_cpu_bitmap=0"


def test_a_cpu_that_comes_back_is_not_charged_with_its_past() -> None:
    before = moment(0, cpus=[cpu(0)])
    now = moment(1, devices=[device(rx_dropped=30)], cpus=[cpu(0), cpu(1, dropped=900)])
    assert _found(before, now) == []


# -- rings ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("queue", "ran", "waited", "cause"),
    [
        ({"dropped": 100, "frozen": True, "delivered": 0, "oldest": 3.0}, 0.0, 0.0, "frozen"),
        ({"dropped": 100, "delivered": 500, "lag": 0.01}, 0.97, 0.0, "busy"),
        ({"dropped": 100, "delivered": 500, "lag": 0.3}, 0.2, 0.6, "starved"),
        ({"dropped": 100, "delivered": 500, "lag": 0.3, "longest_lag": 0.3}, 0.2, 0.0, "late"),
        ({"dropped": 100, "delivered": 500, "frozen": True, "oldest": 0.4}, 0.2, 0.0, "late"),
        ({"dropped": 100, "delivered": 500, "lag": 0.004, "longest_lag": 0.004}, 0.2, 0.0, "small"),
        ({"dropped": 100, "early_drops": 100, "delivered": 500, "lag": 0.3}, 0.2, 0.0, "early drop"),
    ],
)
def test_why_a_ring_loses(queue: dict[str, Any], ran: float, waited: float, cause: str) -> None:
    before = moment(0, _queue(), threads=[worker()])
    now = moment(1, _queue(**queue), threads=[worker(ran=ran, waited=waited)])
    assert _found(before, now) == [("ring", cause, "queue 0", 100)]
    said = _said(before, now)
    assert said.cures and said.sentence.startswith("You lose 100 packets/s in RING 0: ")
    assert CAUSES[cause] in said.sentence


def test_late_and_early_drops_of_one_ring_are_two_findings() -> None:
    now = moment(1, _queue(), _queue(dropped=100, early_drops=30, delivered=9, lag=0.2, longest_lag=0.2))
    assert _found(moment(0, _queue(), _queue()), now) == [
        ("ring", "early drop", "queue 1", 30),
        ("ring", "late", "queue 1", 70),
    ]
    said = _said(moment(0, _queue(), _queue()), now)
    assert said.place == "queue 1" and said.total == 70 and "RING 1" in said.sentence
    assert len(said.also) == 1 and said.also[0].startswith("30 lost in RING 1")
    assert "before it or after it" not in said.sentence


def test_losses_behind_the_ring() -> None:
    before = moment(0, _queue())
    now = moment(1, _queue(arena_drops=3, unaccounted=2, snapped=5, delivered=50), missed=4, evicted=6)
    assert _found(before, now) == [
        ("worker", "unaccounted", "", 2),
        ("worker", "store full", "", 3),
        ("filter", "snaplen", "", 5),
        ("store", "file late", "", 4),
        ("store", "evicted", "", 6),
    ]
    # What does not add up comes before everything.
    assert _said(before, now).sentence.startswith("2 packets are not accounted for")
    assert path(SETUP, before, before, now).unaccounted == 2


def test_the_loss_that_goes_on_comes_before_a_larger_one_that_is_over() -> None:
    start, middle = moment(0, _queue()), moment(1, _queue(dropped=10_000, delivered=9, lag=0.5, longest_lag=0.5))
    ring = _queue(dropped=10_000, delivered=99, longest_lag=0.5)
    now = moment(2, ring, devices=[device(rx_missed_errors=5)])
    tally = Tally().plus(judge(start, middle)).plus(judge(middle, now))
    said = verdict(SETUP, tally, start, now)
    assert (said.stage, said.now, said.rate, said.total) == ("nic", True, 5.0, 5)
    over = verdict(SETUP, tally, start, now, ended=True)
    assert (over.stage, over.now, over.rate, over.total) == ("ring", False, 0.0, 10_000)
    assert over.sentence.startswith("You lost 10 000") and over.also == (
        "5 lost in NIC of eth0: the device had no room left for them",
    )


def test_losses_of_one_kind_add_up_over_intervals_and_remember_the_worst() -> None:
    tally = Tally()
    for packets, because in ((5, "a"), (50, "b"), (7, "c")):
        tally = tally.plus([Finding("ring", "late", "lost", "queue 0", packets, 1.0, because)])
    assert tally.packets("ring") == tally.packets("ring", "late") == 62 and tally.packets("nic") == 0
    (sum_,) = tally.sums.values()
    assert (sum_.packets, sum_.seconds, sum_.because) == (62, 3.0, "b")


# -- cures ------------------------------------------------------------------------------------------------------------

_FLOW = Flow("udp", "10.0.0.1", 9000, "10.0.0.2", 40000)


def test_the_flow_that_feeds_a_losing_ring_is_left_out_by_a_filter_that_keeps_the_old_one() -> None:
    before, now = moment(0), moment(1, _queue(dropped=100, delivered=9, lag=0.5, longest_lag=0.5))
    setup = replace(SETUP, expression="udp or tcp")
    cures = _said(before, now, setup, sample=[Feeder(_FLOW, 0.71, 0.9)]).cures
    (cure,) = [one for one in cures if "not (" in one.command]
    assert cure.command == (
        "'(udp or tcp) and not (udp and host 10.0.0.1 and host 10.0.0.2 and port 9000 and port 40000)'"
    )
    assert "71%" in cure.saves
    assert not any("not (" in one.command for one in _said(before, now, sample=[Feeder(_FLOW, 0.05, 0.9)]).cures)


def test_blocks_are_enough_for_all_that_was_lost_and_for_blocks_that_the_timeout_closes() -> None:
    ring = _queue(blocks=4, block_size=1 << 17, dropped=1000, delivered=100, bytes=100_000, lag=0.2, longest_lag=0.2)
    cure = _said(moment(0), moment(1, ring)).cures[0]
    # 1000 packets of 1000 bytes and their headers are 9 blocks; 200 ms are 20 retire timeouts.
    assert cure.command == "--blocks 64" and "3" not in cure.command and "all 1 000" in cure.saves


def test_a_ring_that_nobody_would_want_is_not_proposed() -> None:
    ring = _queue(dropped=10**8, delivered=100, bytes=140_000, lag=0.2, longest_lag=0.2)
    assert not any("--blocks" in cure.command for cure in _said(moment(0), moment(1, ring)).cures)


def test_workers_are_pinned_away_from_the_cpus_that_feed() -> None:
    now = moment(1, _queue(dropped=9, delivered=9), devices=[device(irq_cpu=0)], threads=[worker(waited=0.8)])
    cures = _said(moment(0, threads=[worker()]), now).cures
    assert cures[0].command == "--pin 1" and "(0)" in cures[0].words


def test_one_ring_of_many_that_gets_most_is_proposed_another_fanout() -> None:
    setup = Setup(CaptureConfig(("eth0",), queues=4, fanout="hash"))
    full = _queue(dropped=900, delivered=9000, stored=9000)
    now = moment(1, full, _queue(delivered=300), _queue(), _queue(), threads=[worker(ran=0.99)])
    said = _said(moment(0, QUEUE, QUEUE, QUEUE, QUEUE, threads=[worker()]), now, setup)
    (cure,) = [one for one in said.cures if one.command.startswith("--fanout")]
    assert cure.command == "--fanout lb" and "25%" in cure.saves and "97%" in cure.saves


@given(
    st.dictionaries(
        st.sampled_from(
            ["stored", "dropped", "early_drops", "delivered", "truncated", "snapped", "arena_drops", "bytes"]
        ),
        st.integers(0, 1 << 40),
    ),
    st.dictionaries(
        st.sampled_from(["rx_packets", "rx_missed_errors", "rx_dropped", "rx_crc_errors"]), st.integers(0, 99)
    ),
)
def test_whatever_the_counters_say_there_is_one_sentence_and_no_loss_without_a_counter(
    counters: dict[str, int], stats: dict[str, int]
) -> None:
    before, now = moment(0), moment(1, _queue(**counters), devices=[device(**stats)])
    found, said = judge(before, now), _said(before, now)
    assert all(one.packets > 0 and one.cause in CAUSES for one in found)
    assert said.sentence.endswith(".") and "\n" not in said.sentence
    losses = counters.get("dropped", 0) + counters.get("arena_drops", 0)
    losses += stats.get("rx_missed_errors", 0) + stats.get("rx_crc_errors", 0)
    assert (said.severity == "lost") == bool(losses)


# -- the account ------------------------------------------------------------------------------------------------------


def test_the_account_has_every_stage_in_order_and_every_figure_its_source() -> None:
    way = path(SETUP, moment(0), moment(1), moment(2, hidden=3))
    assert [stage.key for stage in way.stages] == list(STAGES)
    figures = [figure for stage in way.stages for figure in stage.figures] + list(way.later)
    assert figures and all(figure.source in PROVENANCE for figure in figures)
    assert all(one.read and one.drops and one.resets and one.scope for one in PROVENANCE.values())
    assert asdict(way)["stages"][0]["key"] == "wire"


def test_totals_are_since_the_first_moment_and_rates_of_the_last_interval() -> None:
    first = moment(0, _queue(stored=100, delivered=100), devices=[device(rx_packets=1000)])
    before = moment(10, _queue(stored=600, delivered=600, dropped=8), devices=[device(rx_packets=1500)])
    now = moment(12, _queue(stored=800, delivered=790, dropped=28), devices=[device(rx_packets=1740)])
    way = path(SETUP, first, before, now)
    assert (way.stage("wire").passed, way.stage("wire").passed_rate) == (740, 120)
    assert (way.stage("ring").passed, way.stage("ring").passed_rate) == (700, 100)
    assert (way.stage("ring").lost, way.stage("ring").lost_rate) == (28, 10)
    assert (way.stage("worker").passed, way.seconds) == (690, 2)


def test_what_the_capture_counted_before_the_host_was_looked_at_is_in_its_totals_and_is_not_missing() -> None:
    begin, first = moment(0), moment(2, _queue(stored=900, dropped=100, delivered=900), devices=[device(kind="veth")])
    came = device(kind="veth", rx_packets=500)
    now = moment(3, _queue(stored=1380, dropped=120, delivered=1380), devices=[came])
    way = path(SETUP, first, now, replace(now, host=replace(now.host, time=4)), begin=begin)
    assert way.stage("tap").passed == way.stage("filter").passed == 1500
    assert (way.stage("ring").passed, way.stage("ring").lost, way.stage("worker").passed) == (1380, 120, 1380)
    assert way.stage("wire").passed == 500 and way.unaccounted == 0


def test_what_comes_in_bursts_is_not_called_missing_while_it_is_on_its_way() -> None:
    def at(time: float, came: int, stored: int) -> Moment:
        return moment(time, _queue(stored=stored), devices=[device(kind="veth", rx_packets=came)])

    start = at(0, 0, 0)
    assert path(SETUP, start, at(9, 900, 900), at(10, 990, 930)).unaccounted == 0, "60 of a burst of 90"
    assert path(SETUP, start, at(9, 960, 900), at(10, 1050, 990)).unaccounted == 60, "they never came"


def test_a_burst_at_the_first_look_is_not_called_missing_for_ever() -> None:
    def at(time: float, came: int, stored: int) -> Moment:
        return moment(time, _queue(stored=stored), devices=[device(kind="veth", rx_packets=came)])

    begin, first = at(0, 700, 0), at(1, 700, 2000)
    later, now = at(9, 1141, 2100), at(10, 1141, 2100)
    assert path(SETUP, first, later, now, begin=begin).unaccounted == 0, "341 of 2 000 that came before"
    assert path(SETUP, first, later, now).unaccounted == 341, "nothing had come before"


def test_conservation_is_exact_on_virtual_links_and_cannot_be_told_behind_offloads() -> None:
    def account(kind: str, came: int, expression: str = "") -> tuple[float | None, str]:
        now = moment(1, _queue(stored=1000, delivered=1000), devices=[device(kind=kind, rx_packets=came)])
        still = moment(2, _queue(stored=1000, delivered=1000), devices=[device(kind=kind, rx_packets=came)])
        start = moment(0, devices=[device(kind=kind)])
        way = path(replace(SETUP, expression=expression), start, now, still)
        return way.unaccounted, way.unaccounted_text

    assert account("veth", 1000)[0] == 0
    assert account("veth", 1007) == (7, "counted by the interface, and not seen by the tap")
    assert account("", 1007)[0] is None and "cannot be told" in account("", 1007)[1]
    assert account("veth", 1007, "udp")[0] == 0


def test_the_direction_decides_what_was_offered() -> None:
    def offered(direction: str, **more: Any) -> float | None:
        setup = Setup(CaptureConfig(("eth0",), direction=direction))
        now = moment(1, devices=[device(kind="veth", rx_packets=100, tx_packets=30, **more)])
        return path(setup, moment(0, devices=[device(kind="veth", **more)]), moment(0), now).stage("tap").passed

    assert [offered(direction) for direction in ("in", "out", "inout")] == [100, 30, 130]


def test_what_is_lost_later_stands_beside_and_never_among_the_losses() -> None:
    before, now = moment(0), moment(1, devices=[device(drops=4, ingress=5, tx_dropped=6)], udp=7)
    later = {one.name: one.value for one in path(SETUP, before, before, now).later}
    assert later == {"tc": 5, "conntrack": 0, "udp": 7, "tx": 6, "qdisc": 4}
    assert sum(stage.lost for stage in path(SETUP, before, before, now).stages) == 0
    assert _said(before, now).severity == "told"


# -- rings as they are drawn ------------------------------------------------------------------------------------------


def test_a_ring_is_drawn_from_its_blocks() -> None:
    before = moment(0, _queue(), threads=[worker()])
    ring = _queue(
        ready_blocks=10, headroom=53, fill=0.16, stored=5000, delivered=4000, blocks_full=30, blocks_timeout=10
    )
    (view,) = rings(SETUP, before, moment(2, ring, threads=[worker(ran=0.5, on=1)], cpus=[cpu(0, softirq=9.0), cpu(1)]))
    assert (view.ready, view.filling, view.free) == (10, 1, 53) and view.blocks == 64
    # 40 blocks were read and 10 wait: 25 a second are filled.
    assert view.to_full == pytest.approx(53 / 25)
    assert view.mean == pytest.approx(100) and view.stored_rate == 2500 and view.share == 1.0
    assert (view.busy, view.waited, view.cpu, view.pinned) == (0.25, 0.0, 1, None)
    assert view.fed_by == (0,) and view.interrupts == (40,)


def test_a_frozen_ring_is_full_now_and_a_silent_one_never() -> None:
    frozen = _queue(ready_blocks=64, headroom=0, frozen=True, fill=1.0)
    one, other = rings(SETUP, moment(0, QUEUE, QUEUE), moment(1, frozen, QUEUE))
    assert (one.ready, one.filling, one.free, one.to_full) == (64, 0, 0, 0.0)
    assert math.isinf(other.to_full)
    assert worst((one, other)) is one


def test_by_cpu_a_queue_is_fed_by_the_cpu_of_its_number() -> None:
    setup = Setup(CaptureConfig(("eth0",), queues=2, fanout="cpu"))
    views = rings(setup, moment(0, QUEUE, QUEUE), moment(1, QUEUE, QUEUE))
    assert [view.fed_by for view in views] == [(0,), (1,)]
