# SPDX-License-Identifier: Apache-2.0
"""Changes of the capture filter: which lines there are, what they say, and when the session is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ringscope.app.epochs import Epochs, FilterNote, filter_notes
from ringscope.app.pieces import form_width
from ringscope.capture.session import Epoch
from support.fake_session import FakeSession

FIRST = Epoch(1, "", "first", 1, 1, 0, 0, 0, 0.0, 0.0, True)
LONG = "tcp port 443 and host 10.20.30.40 and not (net 192.168.0.0/16 or port 53)"


def _epoch(number: int, clean_from: int, expression: str = "tcp", mode: str = "soft") -> Epoch:
    return replace(FIRST, number=number, expression=expression, mode=mode, first=clean_from, clean_from=clean_from)


def _text(note: FilterNote, width: int) -> str:
    return "".join(text for text, _ in note.form(width))


# -- which lines there are


def test_the_first_filter_has_no_line() -> None:
    assert filter_notes([FIRST]) == ()


def test_every_other_has_one_before_the_first_packet_from_which_on_all_passed_it() -> None:
    notes = filter_notes([FIRST, _epoch(2, 101, "udp"), _epoch(3, 501, "icmp")])
    assert [(note.before, note.number, note.expression) for note in notes] == [(101, 2, "udp"), (501, 3, "icmp")]


def test_a_change_of_which_the_end_is_not_known_has_no_line_yet() -> None:
    assert [note.number for note in filter_notes([FIRST, _epoch(2, 101), _epoch(3, 0)])] == [2]


def test_changes_between_which_nothing_came_have_one_line_with_the_last_and_all_their_counts() -> None:
    two = replace(_epoch(2, 101, "udp"), rechecked=3, matched=1, gap=0.002)
    three = replace(_epoch(3, 101, "arp"), rechecked=4, matched=4, unknown=1, settled=False)
    (note,) = filter_notes([FIRST, two, three, _epoch(4, 101, "icmp")])
    assert (note.number, note.expression, note.between) == (4, "icmp", 2)
    assert (note.rechecked, note.matched, note.unknown, note.gap, note.settled) == (7, 5, 1, 0.002, False)


def test_a_change_that_was_undone_has_no_line_and_is_not_counted() -> None:
    undone = replace(_epoch(3, 0), undone=True)
    (note,) = filter_notes([FIRST, _epoch(2, 101), undone])
    assert (note.number, note.between) == (2, 0)


# -- what a line says


def test_a_line_has_filter_epoch_first_packet_and_how_many_were_re_checked() -> None:
    note = FilterNote(10_482, 3, "tcp port 443", rechecked=311, matched=311)
    assert _text(note, 120).startswith(
        "════════ capture filter: tcp port 443   epoch 3 from 10 482   (311 re-checked: 311 pass) ═"
    )
    assert _text(note, 80).startswith("════ capture filter: tcp port 443  epoch 3 from 10 482  (311 re-checked) ═")


@pytest.mark.parametrize("width", [*range(39, 60), 79, 80, 119, 200, 300])
def test_a_line_fills_its_width_and_the_expression_gives_way_first(width: int) -> None:
    note = FilterNote(1_205_526, 4, LONG, rechecked=311, matched=5, unknown=306)
    text = _text(note, width)
    assert form_width(note.form(width)) == width
    assert text.startswith("═") and (width < 60 or text.endswith("══"))
    assert "epoch 4" in text and "311 re-checked" in text
    assert width < 45 or "from 1 205 526" in text
    assert width < 79 or "tcp port 443" in text
    assert width < 200 or LONG in text


@pytest.mark.parametrize("width", range(1, 39))
def test_a_line_is_never_wider_than_what_there_is(width: int) -> None:
    note = FilterNote(1_205_526, 4, "日本語" + LONG, rechecked=10**12, between=3, gap=2.5, settled=False)
    assert form_width(note.form(width)) <= max(2, width)


def test_what_went_wrong_is_said_in_words() -> None:
    gap = FilterNote(101, 2, LONG, rechecked=311, gap=0.012)
    assert "▲ nothing captured for 12 ms: no room for both filters" in _text(gap, 220)
    assert "▲ nothing captured for 12 ms" in _text(gap, 119)
    assert "▲ gap 12 ms" in _text(gap, 79)
    assert all("▲" in _text(gap, width) and "12 ms" in _text(gap, width) for width in range(39, 220))
    unsettled = FilterNote(101, 2, LONG, rechecked=311, settled=False)
    assert "▲ packets under the old filter may still follow" in _text(unsettled, 200)
    assert "▲ old filter may linger" in _text(unsettled, 79)
    assert all("▲" in _text(unsettled, width) for width in range(39, 220))


def test_a_gap_is_never_said_to_be_nothing() -> None:
    assert "0.1 ms" in _text(FilterNote(101, 2, "udp", gap=1e-6), 120)


def test_a_cut_through_all_queues_at_once_is_called_exact() -> None:
    assert "(exact)" in _text(FilterNote(101, 2, "udp", exact=True), 120)
    assert "(0 re-checked)" in _text(FilterNote(101, 2, "udp"), 120)


def test_no_filter_is_said_in_words() -> None:
    assert "no capture filter   epoch 2 from 101" in _text(FilterNote(101, 2, ""), 120)


@pytest.mark.parametrize(("between", "words"), [(1, "(1 change in between)"), (12, "(12 changes in between)")])
def test_changes_in_between_are_counted(between: int, words: str) -> None:
    assert words in _text(FilterNote(101, 14, "udp", between=between), 120)


def test_an_expression_cannot_act_on_the_terminal() -> None:
    text = _text(FilterNote(101, 2, "tcp \x1b[2J\u202e\x9b31m"), 120)
    assert text.isprintable() and "\\x1b" in text


# -- when the session is asked


def _ticks(session: FakeSession, epochs: Epochs, count: int) -> Sequence[bool]:
    return [epochs.update(session.snapshot()) for _ in range(count)]


def test_the_session_is_asked_only_when_the_epoch_has_changed_or_is_not_clean_yet() -> None:
    session = FakeSession()
    epochs = Epochs(session)
    session.grow(100)
    assert not any(_ticks(session, epochs, 5)) and session.asked_for_epochs == 1
    session.withhold = True
    session.change("udp")
    assert not any(_ticks(session, epochs, 3)) and session.asked_for_epochs == 4
    session.settle()
    assert list(_ticks(session, epochs, 3)) == [True, False, False]
    assert session.asked_for_epochs == 5 and [note.before for note in epochs.notes] == [101]


def test_a_change_is_under_way_until_its_end_is_known() -> None:
    session = FakeSession()
    epochs = Epochs(session)
    session.grow(100)
    session.withhold = True
    session.change("udp")
    epochs.update(session.snapshot())
    assert epochs.changing
    session.grow(7)
    epochs.update(session.snapshot())
    assert epochs.changing
    session.settle(rechecked=7)
    session.grow(1)
    epochs.update(session.snapshot())
    assert not epochs.changing and epochs.since == 108


def test_a_change_that_was_undone_is_over_and_the_filter_before_it_holds() -> None:
    session = FakeSession()
    epochs = Epochs(session)
    session.grow(100)
    session.change("udp")
    session.grow(1)
    session.withhold = True
    session.change("tcp")
    epochs.update(session.snapshot())
    assert epochs.changing and epochs.number == 3
    session.account(undone=True)
    epochs.update(session.snapshot())
    assert not epochs.changing and (epochs.number, epochs.since) == (2, 101)
    asked = session.asked_for_epochs
    epochs.update(session.snapshot())
    assert session.asked_for_epochs == asked


def test_the_filter_holds_since_the_clean_packet_and_not_since_the_first_one_that_passed_it() -> None:
    session = FakeSession()
    epochs = Epochs(session)
    session.grow(100)
    session.change("udp", first=90)
    epochs.update(session.snapshot())
    assert epochs.since == 0, "the clean packet has not come"
    session.grow(1)
    epochs.update(session.snapshot())
    assert epochs.since == 101


def test_a_session_that_tells_nothing_of_its_filters_has_no_line() -> None:
    session = FakeSession()
    session.grow(100)
    session.epochs = lambda: ()  # type: ignore[method-assign]
    epochs = Epochs(session)
    assert not epochs.update(session.snapshot())
    assert (epochs.notes, epochs.number, epochs.changing) == ((), 1, False)
