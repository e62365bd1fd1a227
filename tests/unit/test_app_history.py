# SPDX-License-Identifier: Apache-2.0
"""The past of the rings: nothing that came is in two buckets or in none, and memory is bounded."""

from __future__ import annotations

import random
from dataclasses import replace

from ringscope.app.history import SPANS, Track
from support.fake_session import QUIET


def _run(track: Track, seconds: float, *, tick: float = 0.1, rate: float = 1000, fill: float = 0.0) -> None:
    count = round(seconds / tick)
    for step in range(count + 1):
        time = 1000 + step * tick
        stored = round(step * tick * rate)
        track.note(time, replace(QUIET, stored=stored, bytes=stored * 100, dropped=stored // 10, fill=fill))


def test_rates_are_a_second_whatever_the_buckets_are() -> None:
    track = Track()
    _run(track, 700)
    for span in SPANS:
        past = track.past(span)
        assert len(past) == span.buckets
        middle = list(past)[1:]
        assert all(900 <= bucket.packets <= 1100 and 90_000 <= bucket.bytes <= 110_000 for bucket in middle)
        assert all(80 <= bucket.dropped <= 120 for bucket in middle)


def test_what_came_while_nobody_looked_is_spread_over_that_time_and_none_of_it_is_lost() -> None:
    chance = random.Random(3)
    for span in SPANS:
        track, time, stored = Track(), 1000.0, 0
        track.note(time, QUIET)
        while time < 1000 + span.seconds * 0.7:
            time += chance.choice((0.1, 0.1, 0.3, 2.0)) * span.seconds / 100
            stored += chance.randrange(1000)
            track.note(time, replace(QUIET, stored=stored))
        track.note(1000 + span.seconds * 0.9, replace(QUIET, stored=stored))
        kept = sum(bucket.packets for bucket in track.past(span)) * span.bucket
        assert abs(kept - stored) < 1e-6 * stored


def test_the_highest_fill_of_a_bucket_is_kept_and_forgotten_with_it() -> None:
    track = Track()
    track.note(1000.0, QUIET)
    track.note(1000.1, replace(QUIET, fill=0.9))
    for step in range(2, 200):
        track.note(1000 + step / 10, replace(QUIET, fill=0.1))
    assert track.peak(SPANS[0]) == 0.1 and track.peak(SPANS[1]) == track.peak(SPANS[2]) == 0.9


def test_a_peak_between_two_ticks_counts_but_not_in_the_shortest_span_which_it_would_smear() -> None:
    track = Track()
    track.note(1000.0, QUIET)
    for step in range(1, 30):
        track.note(1000 + step / 10, replace(QUIET, fill=0.1, peak=0.7))
    assert track.peak(SPANS[0]) == 0.1 and track.peak(SPANS[1]) == 0.7


def test_a_clock_that_is_set_begins_anew_and_breaks_nothing() -> None:
    track = Track()
    _run(track, 5)
    track.note(900.0, replace(QUIET, stored=6000))
    track.note(900.1, replace(QUIET, stored=6100))
    track.note(90_000.0, replace(QUIET, stored=7000))
    track.note(90_000.1, replace(QUIET, stored=7100))
    assert all(len(track.past(span)) <= span.buckets for span in SPANS)
