# SPDX-License-Identifier: Apache-2.0
"""Marks are a set that knows its order."""

from __future__ import annotations

from ringscope.app.marks import Marks


def _marks(*numbers: int) -> Marks:
    marks = Marks()
    for number in numbers:
        marks.toggle(number)
    return marks


def test_a_mark_is_made_and_taken_away_by_the_same_key() -> None:
    marks = _marks(5, 3, 9)
    assert list(marks) == [3, 5, 9] and 5 in marks and 4 not in marks
    assert not marks.toggle(5) and 5 not in marks and len(marks) == 2


def test_going_round_begins_behind_where_one_is() -> None:
    marks = _marks(10, 20, 30)
    assert list(marks.from_here(20, forward=True)) == [30, 10, 20]
    assert list(marks.from_here(20, forward=False)) == [10, 30, 20]
    assert list(marks.from_here(25, forward=True)) == [30, 10, 20]
    assert list(Marks().from_here(1, forward=True)) == []


def test_what_is_not_kept_any_more_is_forgotten() -> None:
    marks = _marks(10, 20, 30)
    marks.forget_before(20)
    assert list(marks) == [20, 30]
