# SPDX-License-Identifier: Apache-2.0
"""Columns: what gives way, and that a row never exceeds its width."""

from __future__ import annotations

import pytest

from ringscope.app import cells
from ringscope.app.columns import Row, heading, lay_out, lay_out_whole, plan

ROW = Row(1204331, 1_900_000_000_123_456_789, "2001:db8:0:1:a0b:c0d:e0f:1011", "fd00::9", "ICMPv6", 1514,
          "443 → 40412 [ACK] Seq=1 Ack=518 Win=64128 Len=1448", "tcp")  # fmt: skip


@pytest.mark.parametrize("width", [*range(40, 130), 175, 176, 250])
def test_a_row_and_the_row_under_the_cursor_fit_their_width(width: int) -> None:
    columns = plan(width, 7)
    assert cells.width("".join(lay_out(ROW, columns))) <= width
    assert cells.width(lay_out_whole(ROW, columns, width)) <= width


def test_the_heading_stands_above_its_columns() -> None:
    for width in (60, 80, 100, 130, 200):
        columns = plan(width, 7)
        line, title = "".join(lay_out(ROW, columns)), heading(columns)
        assert line.index("ICMPv6") == title.index("Proto")
        assert line.index("[ACK]" if not columns.ports else "443 →") == title.index("Info")


def test_length_goes_first_then_fractions_of_the_time_then_ports() -> None:
    plans = [plan(width, 7) for width in range(200, 39, -1)]
    no_length = next(index for index, columns in enumerate(plans) if not columns.length)
    no_fraction = next(index for index, columns in enumerate(plans) if columns.time < 10)
    no_ports = next(index for index, columns in enumerate(plans) if not columns.ports)
    assert no_length <= no_fraction < no_ports


def test_an_address_is_whole_under_the_cursor_where_the_width_allows_it() -> None:
    for width in (64, 80, 100, 120):
        columns = plan(width, 7)
        assert ROW.source not in "".join(lay_out(ROW, columns))
        assert ROW.source in lay_out_whole(ROW, columns, width)


def test_a_number_of_more_digits_gets_the_cells_it_needs() -> None:
    assert plan(80, 12).number == 12
