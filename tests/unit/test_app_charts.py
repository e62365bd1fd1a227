# SPDX-License-Identifier: Apache-2.0
"""The charts start at zero, tell zero from little and from nobody having looked, and fit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringscope.app.charts import KINDS, area, charts, columns, top_of
from ringscope.app.history import SPANS, Track
from ringscope.app.pieces import form_width
from support.fake_session import QUIET

PACKETS, _, DROPS, FILL = KINDS


def _track(seconds: float, rate: float = 1000, *, drops_at: float = -1) -> Track:
    track = Track()
    for step in range(round(seconds * 10) + 1):
        time = step / 10
        lost = 50 if 0 <= drops_at < time else 0
        track.note(1000 + time, replace(QUIET, stored=round(time * rate), bytes=0, dropped=lost, fill=0.25))
    return track


def test_an_area_stands_on_the_line_of_zero_and_what_is_more_than_nothing_is_seen() -> None:
    assert area([None, 0, 1, 500, 1000], 1000, 1) == [" ▁▂▄█"]
    assert area([None, 0, 1, 500, 1000], 1000, 2) == ["    █", " ▁▂██"]


def test_a_whole_column_stands_for_a_round_number_that_nothing_exceeds() -> None:
    assert [top_of([value], PACKETS) for value in (None, 0, 1, 3, 84_210, 100_000)] == [1, 1, 1, 5, 100_000, 100_000]
    assert top_of([0.1], FILL) == 1.0


def test_the_past_moves_as_a_whole_and_what_nobody_saw_is_empty() -> None:
    track = _track(5)
    values = columns(track, SPANS[0], PACKETS, 50)
    assert len(values) == 50 and values[:24] == [None] * 24
    assert all(value is None or round(value) == 1000 for value in values[:-1])
    # With the bucket that fills a column up nothing else changes.
    track = _track(30, drops_at=27.05)
    before = columns(track, SPANS[0], DROPS, 50)
    track.note(1030.1, replace(QUIET, stored=30_100, dropped=50))
    track.note(1030.2, replace(QUIET, stored=30_200, dropped=50))
    after = columns(track, SPANS[0], DROPS, 50)
    assert after[:-1] == before[1:] and sum(1 for value in after if value) == 1


@pytest.mark.parametrize("width", [1, 20, 40, 80, 110, 200, 300])
@pytest.mark.parametrize("height", [0, 1, 3, 4, 9, 30])
def test_charts_fit_in_what_they_are_given(width: int, height: int) -> None:
    lines = charts(_track(20), SPANS[1], width, height)
    assert len(lines) <= height
    if width >= 40:
        assert all(form_width(line) <= width for line in lines)
    text = "\n".join("".join(piece for piece, _ in line) for line in lines)
    if height >= 4 and width >= 40:
        assert "packets/s" in text and "1 000" in text and "fill" in text and "25 %" in text
