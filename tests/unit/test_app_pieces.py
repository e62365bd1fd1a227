# SPDX-License-Identifier: Apache-2.0
"""Fitting facts into a line."""

from __future__ import annotations

from ringscope.app.pieces import Fact, Form, Steady, clip, fit, form_width, spaced


def _form(text: str) -> Form:
    return ((text, "text"),) if text else ()


def _fact(*texts: str, stays: int | tuple[int, ...] = 0) -> Fact:
    return Fact(tuple(_form(text) for text in texts), stays)


def test_with_room_everything_has_its_longest_form() -> None:
    assert fit([_fact("long", "l"), _fact("word", "w")], 10, 2) == [_form("long"), _form("word")]


def test_what_stays_least_gives_way_first_step_by_step() -> None:
    facts = [_fact("aaaa", "aa", "", stays=1), _fact("bbbb", "b", stays=2)]
    assert fit(facts, 8, 2) == [_form("aa"), _form("bbbb")]
    assert fit(facts, 5, 2) == [(), _form("bbbb")]
    assert fit(facts, 2, 2) == [(), _form("b")]


def test_a_first_step_may_come_earlier_than_the_rest() -> None:
    facts = [_fact("capture filter", "filter", "f", stays=(1, 9)), _fact("clock", "", stays=5)]
    assert fit(facts, 13, 2) == [_form("filter"), _form("clock")]
    assert fit(facts, 6, 2) == [_form("filter"), ()]


def test_empty_forms_take_no_gap() -> None:
    assert form_width(spaced([_form("a"), (), _form("b")], 3)) == 5


def test_a_form_is_clipped_with_an_ellipsis_and_only_where_it_is_too_wide() -> None:
    form = (("stored ", "dim"), ("日本語", "text"))
    assert clip(form, 13) == form
    assert clip(form, 12) == (("stored ", "dim"), ("日本…", "text"))
    assert clip(form, 5) == (("stor…", "dim"),)


def test_a_steady_width_only_grows() -> None:
    steady = Steady()
    assert [steady.right("n", text, 3) for text in ("1", "12345", "12")] == ["  1", "12345", "   12"]
