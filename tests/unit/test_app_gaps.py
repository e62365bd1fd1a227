# SPDX-License-Identifier: Apache-2.0
"""Where packets are missing: what the line says, at every width, and what a list knows of gaps in its rows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringscope.app.gaps import Gap, told
from ringscope.app.packets import Rows, ViewRows
from ringscope.app.pieces import form_width
from ringscope.decode import Memory
from ringscope.native import Loss
from support.fake_session import FakeCompiler, FakeSession

LOSS = Loss(95, 2, 1204, "counted", 0.31, "late")


def _text(gap: Gap, width: int = 100) -> str:
    return "".join(text for text, _ in gap.form(width))


def test_a_gap_says_how_many_where_how_long_and_why() -> None:
    assert " ▲ 1 204 packets lost here, queue 2, 310 ms: slow reader, ring full ─" in _text(Gap(95, (LOSS,)))
    frozen = replace(LOSS, cause="frozen")
    assert "310 ms: still frozen, ring not read ─" in _text(Gap(95, (frozen,)))
    early = replace(LOSS, lost=1, cause="early")
    assert " ▲ 1 packet lost here, queue 2, 310 ms: early drop by the kernel ─" in _text(Gap(95, (early,)))


def test_an_estimate_is_marked_and_says_how_it_was_made() -> None:
    text = _text(Gap(95, (replace(LOSS, known="estimated"),)), 160)
    assert "▲ ~1 204 packets lost here, queue 2, 310 ms: slow reader, ring full" in text
    assert "(~ its share, by time, of what the kernel counted for several)" in text


def test_where_the_size_is_not_known_there_is_no_number() -> None:
    gap = Gap(95, (replace(LOSS, lost=0, known="counting"),))
    assert gap.counting and "▲ packets were lost here, queue 2, 310 ms" in _text(gap)


def test_of_a_file_no_queue_and_no_cause_is_said() -> None:
    gap = Gap(95, (replace(LOSS, cause="", seconds=None),), of_queues=False)
    assert " ▲ 1 204 packets lost here ─" in _text(gap)


def test_several_losses_between_two_rows_of_a_view_are_one_gap() -> None:
    other = replace(LOSS, number=97, lost=96, seconds=0.19)
    assert "▲ 1 300 packets lost here in 2 places, queue 2, 500 ms" in _text(Gap(99, (LOSS, other)))
    elsewhere = replace(other, queue=0, cause="early")
    assert "▲ 1 300 packets lost here in 2 places, queues 0 2 ─" in _text(Gap(99, (LOSS, elsewhere)))
    unknown = replace(other, lost=0)
    assert "▲ more than 1 204 packets lost here" in _text(Gap(99, (LOSS, unknown)))


@pytest.mark.parametrize("width", [*range(4, 60), 80, 200])
def test_the_line_fills_its_width_and_what_is_lost_stays_longest(width: int) -> None:
    assert form_width(Gap(95, (LOSS,)).form(width)) == width
    assert width < 17 or _text(Gap(95, (LOSS,)), width).lstrip("─ ").startswith(
        ("▲ 1 204 lost", "▲ 1 204 packets lost")
    )


def test_a_sentence_tells_what_is_missing_before_a_packet() -> None:
    assert told([LOSS]) == "before this packet 1 204 packets are missing"
    assert told([replace(LOSS, lost=1)]) == "before this packet 1 packet is missing"
    assert told([replace(LOSS, lost=0)]) == "before this packet some packets are missing"


def test_in_a_stream_a_sentence_tells_what_was_lost_before_a_packet() -> None:
    where = "before packet 95, queue 2"
    assert Gap(95, (LOSS,)).sentence(where) == f"1 204 packets were lost {where}, in 310 ms"
    assert Gap(95, (replace(LOSS, lost=1, seconds=None),)).sentence(where) == f"1 packet was lost {where}"
    assert Gap(95, ()).sentence(where) == f"packets were lost {where}"


# -- the rows of a list


def test_gaps_are_found_with_the_rows_in_one_question_and_counted_later() -> None:
    session = FakeSession()
    session.grow(200)
    session.lose_before(95, known="counting")
    rows = Rows(session, Memory())
    rows.ensure(50, 100)
    assert rows.gaps == {95: Gap(95, (Loss(95, 3, 0, "counting", 0.31, "late"),))}
    session.lose_before(95, 1204)
    rows.count_gaps()
    assert rows.gaps[95].amount == "1 204" and not rows.gaps[95].counting


def test_in_a_view_a_gap_before_hidden_packets_stands_before_the_next_that_passes() -> None:
    session, compiler = FakeSession(), FakeCompiler()
    session.grow(200)
    for number in (91, 93, 94, 97, 150):
        session.lose_before(number, 10)
    view = session.view()
    view.start({1: compiler.compile("arp", link_type=1, snaplen=0, timeout=1).code})  # packets 8, 18, 28 ...
    rows = ViewRows(session, Memory(), view)
    first, last = rows.extent(1, 200)
    rows.ensure(first, last)
    assert {row: len(gap.losses) for row, gap in rows.gaps.items()} == {10: 4, 16: 1}
    assert rows.gaps[10].lost == 40
