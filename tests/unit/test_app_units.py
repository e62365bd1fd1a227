# SPDX-License-Identifier: Apache-2.0
"""Numbers for people."""

from __future__ import annotations

import pytest

from ringscope.app import units


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 10, "0 %"), (1, 0, "0 %"), (1, 10**6, "0.1 %"), (1, 100, "1.0 %"), (994, 10_000, "9.9 %"), (1, 10, "10 %"),
     (9999, 10_000, "99 %"), (10, 10, "100 %")],
)  # fmt: skip
def test_a_share_is_exact_where_it_is_small(part: int, whole: int, text: str) -> None:
    assert units.share(part, whole) == text


def test_a_gauge_is_as_full_as_what_is_done() -> None:
    assert [units.gauge(done, 4) for done in (-1, 0, 0.5, 1, 2)] == ["░░░░", "░░░░", "██░░", "████", "████"]


@pytest.mark.parametrize(
    ("span", "text"),
    [(0.0004, "0.4 ms"), (9.5, "9.5 s"), (12, "12 s"), (300, "5 min"), (7200, "2 h"), (432000, "5 days")],
)
def test_how_long_a_file_lasts_is_in_words_units(span: float, text: str) -> None:
    assert units.lasting(span) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0"), (999, "999"), (1204331, "1 204 331"), (10**9, "1 000 000 000")])
def test_digits_are_grouped_in_threes(number: int, text: str) -> None:
    assert units.group(number) == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [(0, "0 b/s"), (999, "999 b/s"), (1000, "1.0 kb/s"), (9960, "10 kb/s"), (512e6, "512 Mb/s"), (1.24e9, "1.2 Gb/s"),
     (999.7e9, "1.0 Tb/s"), (4e15, "4000 Tb/s"), (-5, "0 b/s")],
)  # fmt: skip
def test_bit_rates_always_have_their_unit(rate: float, text: str) -> None:
    assert units.bits(rate) == text


@pytest.mark.parametrize(
    ("span", "text"),
    [(0, "0.0 ms"), (1e-9, "0.1 ms"), (0.0004, "0.4 ms"), (0.012, "12 ms"), (0.9996, "1.0 s"), (1.24, "1.2 s"),
     (95, "95 s")],
)  # fmt: skip
def test_a_short_span_is_nothing_only_when_it_is(span: float, text: str) -> None:
    assert units.brief(span) == text


@pytest.mark.parametrize(("share", "text"), [(0, "0 %"), (0.0001, "1 %"), (0.9999, "99 %"), (1, "100 %")])
def test_a_share_is_zero_or_hundred_only_when_it_is(share: float, text: str) -> None:
    assert units.percent(share) == text


def test_the_time_of_day_is_as_precise_as_its_cells() -> None:
    time_ns = 1_900_000_000_123_456_789
    whole = units.clock(time_ns, 26)
    assert len(whole) == 26 and whole.endswith(".123456")
    assert [len(units.clock(time_ns, cells)) for cells in (26, 15, 13, 12, 8, 5)] == [26, 15, 13, 12, 8, 0]
    assert units.clock(time_ns, 13) == whole[11:24]


def test_bars_rise_with_the_share_and_never_vanish() -> None:
    drawn = units.bars([step / 16 for step in range(17)])
    assert drawn[0] == "▁" and drawn[-1] == "█" and list(drawn) == sorted(drawn)
