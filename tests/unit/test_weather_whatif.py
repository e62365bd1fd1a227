# SPDX-License-Identifier: Apache-2.0
"""The model of a ring: what it makes of traffic of which everybody can count what fits."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest

from ringscope.native import Loss
from ringscope.weather.traffic import Arrivals, Recent, Traffic
from ringscope.weather.whatif import Geometry, around, replay, whatif

MS = 1_000_000
KIB = 1024
BEGAN = 1_900_000_000 * 10**9
NEVER = 10**13


def _traffic(
    *arrivals: Arrivals, away: tuple[tuple[int, int], ...] = (), pace: float = 0.1, timeout: int = NEVER
) -> Traffic:
    moved = tuple(Arrivals(BEGAN + a.begin, BEGAN + a.end, a.packets, a.octets) for a in arrivals)
    return Traffic(moved, tuple((BEGAN + b, BEGAN + e) for b, e in away), pace, 0, 64, 128 * KIB, timeout)


# Packets that take 1024 bytes: 127 to a block of 128 KiB, of which the header takes 48.
BURST = Arrivals(10 * MS, 110 * MS, 10_000, 10_000 * KIB)
HELD = _traffic(BURST, away=((5 * MS, 200 * MS),))


@pytest.mark.parametrize("blocks", [2, 4, 16, 64, 78])
def test_while_the_reader_is_away_a_ring_keeps_what_its_blocks_hold(blocks: int) -> None:
    assert abs(replay(HELD, Geometry(blocks, 128 * KIB)) - (10_000 - 127 * blocks)) <= 1


def test_a_ring_that_holds_all_loses_nothing() -> None:
    assert replay(HELD, Geometry(79, 128 * KIB)) == replay(HELD, Geometry(16, 1024 * KIB)) == 0


def test_a_reader_that_is_there_loses_nothing_in_two_blocks() -> None:
    assert replay(_traffic(BURST), Geometry(2, 128 * KIB)) == 0


def test_a_reader_that_is_slower_than_the_traffic_loses_the_difference_whatever_the_ring() -> None:
    """100 packets a ms come, of which the reader takes 50; the rings fill up, and then half is lost."""
    long = Arrivals(0, 2000 * MS, 200_000, 200_000 * KIB)
    slow = _traffic(long, pace=MS / 50 / KIB)
    small, large = (replay(slow, Geometry(blocks, 128 * KIB)) for blocks in (4, 400))
    assert abs(small - 100_000) < 1000
    assert abs(small - large - 127 * 396) < 300


def test_a_block_that_its_timeout_closes_half_empty_is_a_block_less() -> None:
    """One packet a ms, and a timeout of 10 ms: ten to a block, however large it is."""
    slow = Arrivals(0, 1000 * MS, 1000, 1000 * KIB)
    away = _traffic(slow, away=((0, 1000 * MS),), timeout=10 * MS)
    assert abs(replay(away, Geometry(50, 128 * KIB)) - 500) <= 10
    assert abs(replay(away, Geometry(50, 1024 * KIB)) - 500) <= 10
    assert replay(away, Geometry(101, 128 * KIB)) == 0


def test_the_reader_goes_on_where_it_was_and_catches_up() -> None:
    """Away twice: what it had no time to read in between is in the way the second time."""
    twice = (Arrivals(0, 50 * MS, 5000, 5000 * KIB), Arrivals(60 * MS, 110 * MS, 5000, 5000 * KIB))
    away = ((0, 50 * MS), (60 * MS, 120 * MS))
    assert replay(_traffic(*twice, away=away, pace=0.1), Geometry(40, 128 * KIB)) == 0
    assert replay(_traffic(*twice, away=away, pace=10.0), Geometry(40, 128 * KIB)) > 4000


def test_the_table_has_the_present_ring_and_names_the_smallest_that_would_have_done() -> None:
    held = replace(HELD, lost=1872)
    table = whatif([held, held], (Geometry(16, 128 * KIB), Geometry(80, 128 * KIB), Geometry(160, 128 * KIB)))
    assert [(str(row.geometry), row.present) for row in table.rows] == [
        ("16 x 128 KiB", False),
        ("64 x 128 KiB", True),
        ("80 x 128 KiB", False),
        ("160 x 128 KiB", False),
    ]
    assert table.enough is not None and table.enough.geometry.blocks == 80
    assert table.enough.more == 2 * 16 * 128 * KIB and table.came == 20_000
    assert [row.lost > 0 for row in table.rows] == [True, True, False, False] and table.lost == 3744
    assert whatif([_traffic(BURST)]).enough is None, "where nothing was lost, the present ring is enough"


def test_geometries_lie_around_the_present_one() -> None:
    tried = around(Geometry(64, 1024 * KIB))
    assert {str(one) for one in tried} >= {"32 x 1 MiB", "128 x 1 MiB", "1024 x 1 MiB", "256 x 256 KiB", "16 x 4 MiB"}
    assert all(one.octets <= 4 << 30 for one in around(Geometry(4096, 1 << 20)))


# -- the traffic


def _slice(first: int, last: int, begun: int, done: int, packets: int, *, left: int = 0, timeouts: int = 0) -> bytes:
    def at(time: int) -> int:
        return BEGAN + time if time else 0

    values = (at(first), at(last), at(left), at(begun), at(done), done - begun, packets, packets * KIB, timeouts)
    return struct.pack("=9Q", *values)


def _recent(slices: bytes, losses: tuple[Loss, ...] = (), dropped: int = 0) -> Recent:
    return Recent((slices,), losses, (dropped,), ((64, 128 * KIB),), 10 * MS, BEGAN + 1000 * MS)


def test_holes_are_filled_with_packets_like_those_before_them() -> None:
    slices = _slice(1 * MS, 2 * MS, 2 * MS, 3 * MS, 100) + _slice(50 * MS, 51 * MS, 51 * MS, 52 * MS, 100)
    loss = Loss(101, 0, 1000, "counted", 0.048, "late", BEGAN + 50 * MS, BEGAN + 50 * MS)
    (queue,) = _recent(slices, (loss,), dropped=1007).queues()
    assert [(a.begin - BEGAN, a.end - BEGAN, a.packets, a.octets // KIB) for a in queue.arrivals] == [
        (1 * MS, 2 * MS, 100, 100),
        (2 * MS, 12 * MS, 1000, 1000),  # as fast as the hundred before
        (50 * MS, 51 * MS, 100, 100),
        (51 * MS, 51 * MS + 7 * MS // 100, 7, 7),  # dropped, and nothing has come behind it
    ]
    assert queue.lost == 1007 and queue.pace == pytest.approx(2 * MS / 200 / KIB)


def test_what_was_lost_came_before_the_reader_was_back() -> None:
    """However long it takes until the next packet comes."""
    slices = _slice(1 * MS, 20 * MS, 40 * MS, 45 * MS, 100) + _slice(500 * MS, 501 * MS, 501 * MS, 502 * MS, 100)
    loss = Loss(101, 0, 500, "counted", 0.48, "late", BEGAN + 500 * MS, BEGAN + 40 * MS)
    (queue,) = _recent(slices, (loss,), dropped=500).queues()
    assert [(a.begin - BEGAN, a.end - BEGAN) for a in queue.arrivals if a.packets == 500] == [(20 * MS, 40 * MS)]


def test_the_reader_is_away_when_it_could_have_read_and_did_not() -> None:
    prompt = _slice(1 * MS, 2 * MS, 2 * MS + 1000, 3 * MS, 100)
    behind = _slice(2 * MS, 3 * MS, 3 * MS + 1000, 4 * MS, 100)
    late = _slice(10 * MS, 11 * MS, 60 * MS, 61 * MS, 100)
    retired = _slice(70 * MS, 71 * MS, 80 * MS, 81 * MS, 1, timeouts=1)
    held = _slice(90 * MS, 99 * MS, 150 * MS, 151 * MS, 100, left=85 * MS)
    (queue,) = _recent(prompt + behind + late + retired + held).queues()
    assert [(begin - BEGAN, end - BEGAN) for begin, end in queue.away] == [(11 * MS, 60 * MS), (85 * MS, 150 * MS)]
