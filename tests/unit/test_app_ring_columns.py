# SPDX-License-Identifier: Apache-2.0
"""The table of rings fits every width, keeps what matters most, and its columns do not move."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ringscope.app.pieces import form_width
from ringscope.app.ring_columns import COLUMNS, RingRow, heading, lay_out, name_of, plan, to_full
from ringscope.weather.rings import RingView, rings
from support.moments import QUEUE, SETUP, moment


def _view(**changes: object) -> RingView:
    return replace(rings(SETUP, moment(0.0), moment(1.0))[0], **changes)  # type: ignore[arg-type]


HUGE = _view(
    dropped=1_204_331_552,
    dropped_rate=1e6,
    stored_rate=14_880_952.0,
    freezes=123_456_789,
    oldest=86400 * 400.0,
    closed_full_rate=1e9,
    closed_timeout_rate=1e9,
    mean=1e9,
    wakeups_rate=1e9,
    to_full=1e9,
    blocks=4096,
    ready=4000,
    free=96,
    filling=0,
    headroom=4095,
    cpu=511,
    busy=1.0,
    fill=1.0,
    fed_by=tuple(range(64)),
)


@pytest.mark.parametrize("width", range(1, 320, 7))
@pytest.mark.parametrize("view", [_view(), HUGE])
def test_every_row_is_as_wide_as_the_heading_and_no_wider_than_the_screen(width: int, view: RingView) -> None:
    made = plan(width, view.blocks, ("0",))
    form = lay_out(RingRow(view, view, 1.0), made, "0")
    assert form_width(form) + 2 == len(heading(made))
    assert len(heading(made)) <= max(width, 20)


def test_columns_give_way_in_the_order_of_what_they_are_worth() -> None:
    titles = {width: [column.title for column in plan(width, 64, ("0",)).columns] for width in (40, 80, 200)}
    assert titles[40][-1] == "dropped" and "now" in titles[40]
    assert {"now", "peak", "to full", "dropped"} <= set(titles[80])
    assert titles[200] == [column.title for column in COLUMNS]
    assert plan(200, 64, ("0",)).strip == 32 and plan(80, 64, ("0",)).strip >= 12


def test_a_ring_is_called_by_its_queue_and_by_its_interface_where_there_are_several() -> None:
    assert name_of(_view(index=3), several=False) == "3"
    assert name_of(_view(index=3, interface="eth1"), several=True) == "3 eth1"


def test_the_time_to_full_is_in_words_where_there_is_none() -> None:
    full = replace(QUEUE, ready_blocks=64, headroom=0, frozen=True, fill=1.0)
    assert to_full(rings(SETUP, moment(0.0, full), moment(1.0, full))[0]) == "FULL"
    assert to_full(_view()) == "never" and to_full(_view(to_full=0.03)) == "30 ms"
    assert to_full(_view(to_full=1e6)) == "> 1 day"
