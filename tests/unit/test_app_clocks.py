# SPDX-License-Identifier: Apache-2.0
"""Times in every format: right, within their cells, and empty where there is nothing to count from."""

from __future__ import annotations

import pytest

from ringscope.app.clocks import FORMATS, Moments, cells_for, elapsed, following, span, time_text

AT = 1_900_000_000_123_456_789
MOMENTS = Moments(AT - 1_204_000_001_000, AT + 250_000_000)


@pytest.mark.parametrize(
    ("name", "cells", "text"),
    [
        ("first", 14, "1204.000001"),
        ("first", 8, "1204.000"),
        ("mark", 12, "-0.250000"),
        ("previous", 12, "0.000120"),
        ("unix", 17, "1900000000.123456"),
        ("unix", 14, "1900000000.123"),
        ("utc", 8, "17:46:40"),
        ("utc", 15, "17:46:40.123456"),
        ("utc", 26, "2030-03-17 17:46:40.123456"),
    ],
)
def test_a_time_is_as_precise_as_its_cells_allow(name: str, cells: int, text: str) -> None:
    assert time_text(name, AT, AT - 120_000, cells, MOMENTS) == text


def test_without_anything_to_count_from_there_is_nothing() -> None:
    assert {time_text(name, AT, None, 14, Moments()) for name in ("first", "mark", "previous")} == {""}


def test_every_format_fits_what_it_asks_for() -> None:
    for name, made in FORMATS.items():
        for usual in (8, 12, 13, 15, 26):
            cells = cells_for(name, usual)
            assert len(time_text(name, AT, AT - 99_999_000_000, cells, MOMENTS)) <= cells
            assert len(made.title) <= max(cells, 8)


def test_the_key_goes_round_all_formats() -> None:
    met, name = [], "time"
    for _ in FORMATS:
        met.append(name)
        name = following(name)
    assert sorted(met) == sorted(FORMATS) and name == "time"


def test_decimals_give_way_to_whole_seconds() -> None:
    assert [span(ns, 8) for ns in (0, -1_000, 12_345_678_901, 123_456_789 * 10**9)] == [
        "0.000000", "-0.00000", "12.34567", "123456789"]  # fmt: skip


def test_a_distance_has_the_unit_that_suits_it() -> None:
    times = (120_000, 1_204_000, 310_000_000, -1_204_000_000, 184_000_000_000, 7_380_000_000_000)
    assert [elapsed(ns) for ns in times] == ["120 µs", "1.20 ms", "310 ms", "-1.204 s", "3 min 4 s", "2 h 3 min"]
