# SPDX-License-Identifier: Apache-2.0
"""Columns: what gives way, that a row never exceeds its width, and what columns of one's own take."""

from __future__ import annotations

import pytest

from ringscope.app import cells, choice
from ringscope.app.clocks import FORMATS, Moments
from ringscope.app.columns import Columns, Row, heading, lay_out, lay_out_whole, plan
from ringscope.app.listing import Chosen, Listing

BEGAN = 1_900_000_000_123_456_789
ROW = Row(1204331, BEGAN, "2001:db8:0:1:a0b:c0d:e0f:1011", "fd00::9", "ICMPv6", 1514,
          "443 → 40412 [ACK] Seq=1 Ack=518 Win=64128 Len=1448", "tcp", BEGAN - 1_500_000,
          {"tcp.Window": "64128", "dns.Query name": "a.very.long.name.of.a.server.example.net"})  # fmt: skip
MOMENTS = Moments(BEGAN - 3_600_000_000_000, BEGAN + 310_000_000)
OWN = ("number, tcp.Window as Win, time, source, destination, protocol, length, dns.Query name, info",
       "info, number, time", "time, destination, since mark, length", "dns.Query name")  # fmt: skip


def _listing(text: str = "", time: str = "time") -> Listing:
    listing = Listing(Chosen(choice.columns(text), time))
    listing.see(ROW.values)
    return listing


def _line(columns: Columns, moments: Moments = MOMENTS) -> str:
    return "".join(text for text, _ in lay_out(ROW, columns, moments))


@pytest.mark.parametrize("width", [*range(40, 130), 175, 176, 250])
def test_a_row_and_the_row_under_the_cursor_fit_their_width(width: int) -> None:
    for text in ("", *OWN):
        for time in FORMATS:
            columns = plan(width, 7, _listing(text, time))
            assert cells.width(_line(columns).rstrip()) <= width
            assert cells.width(lay_out_whole(ROW, columns, MOMENTS, width)) <= width


def test_the_heading_stands_above_its_columns() -> None:
    for width in (60, 80, 100, 130, 200):
        columns = plan(width, 7)
        line, title = _line(columns), heading(columns)
        assert line.index("ICMPv6") == title.index("Proto")
        assert line.index("[ACK]" if not columns.ports else "443 →") == title.index("Info")
        listing = _listing(OWN[0])
        columns = plan(width, 7, listing)
        assert _line(columns).index("64128") + 5 == heading(columns, listing).index("Win") + 3, "both to the right"


def test_length_goes_first_then_fractions_of_the_time_then_ports() -> None:
    plans = [plan(width, 7) for width in range(200, 39, -1)]
    no_length = next(index for index, columns in enumerate(plans) if not columns.width("length"))
    no_fraction = next(index for index, columns in enumerate(plans) if columns.width("time") < 10)
    no_ports = next(index for index, columns in enumerate(plans) if not columns.ports)
    assert no_length <= no_fraction < no_ports


def test_columns_of_ones_own_make_the_others_narrower_and_give_way_last() -> None:
    usual = plan(80, 7)
    with_window = plan(80, 7, _listing("number, time, source, destination, protocol, length, tcp.Window, info"))
    assert with_window.width("tcp.Window") == 6
    assert with_window.width("info") == usual.width("info") - 7
    narrow = plan(60, 7, _listing(OWN[0]))
    assert narrow.width("tcp.Window") and not narrow.width("dns.Query name")
    assert heading(narrow).endswith("Proto   +1"), "one has no room"
    assert min(narrow.width(what) for what in ("source", "destination")) >= 10


def test_an_address_is_whole_under_the_cursor_where_the_width_allows_it() -> None:
    for width in (64, 80, 100, 120):
        columns = plan(width, 7)
        assert ROW.source not in _line(columns)
        assert ROW.source in lay_out_whole(ROW, columns, MOMENTS, width)


def test_a_number_of_more_digits_gets_the_cells_it_needs() -> None:
    assert plan(80, 12).width("number") == 12


def test_a_column_grows_with_what_it_shows_up_to_a_limit_and_never_shrinks() -> None:
    listing = Listing(Chosen(choice.columns("number, tcp.Window, dns.Query name, info")))
    assert plan(120, 7, listing).width("tcp.Window") == len("Window")
    listing.see({"tcp.Window": "1234567890"})
    listing.see({"tcp.Window": "1"})
    assert plan(120, 7, listing).width("tcp.Window") == 10
    listing.see(ROW.values)
    assert plan(120, 7, listing).width("dns.Query name") == 24


def test_a_click_on_a_heading_means_the_column_below_it() -> None:
    listing = _listing(OWN[0])
    columns = plan(130, 7, listing)
    title = heading(columns, listing)
    for word, what in (("No.", "number"), ("Win", "tcp.Window"), ("Time", "time"), ("Source", "source"),
                       ("Proto", "protocol"), ("Length", "length"), ("Info", "info")):  # fmt: skip
        column = columns.at(title.index(word))
        assert column is not None and column.what == what
    assert columns.at(10_000) is None


def test_the_column_that_is_sorted_by_has_an_arrow_also_where_it_is_narrow() -> None:
    listing = _listing()
    for what, falling, shown in (("length", True, "Lengt▼"), ("source", False, "Source ▲"), ("number", True, "No. ▼")):
        listing.sorted_by, listing.falling = what, falling
        assert shown in heading(plan(120, 7, listing), listing)
