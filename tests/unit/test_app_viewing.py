# SPDX-License-Identifier: Apache-2.0
"""Views: which is shown, which is kept, and when one is closed."""

from __future__ import annotations

from ringscope.app.packets import ViewRows
from ringscope.app.programs import Programs, compile_all
from ringscope.app.viewing import Lent, Viewing
from ringscope.decode import Memory
from support.fake_session import FakeCompiler, FakeSession, FakeView


def _programs(session: FakeSession, expression: str) -> Programs:
    return compile_all(FakeCompiler(), session, expression, timeout=1)  # type: ignore[arg-type]


def _viewing(session: FakeSession) -> Viewing:
    return Viewing(session, Memory())  # type: ignore[arg-type]


def test_giving_up_brings_back_what_was_in_force_and_closes_what_was_tried() -> None:
    session = FakeSession()
    session.grow(1000)
    viewing = _viewing(session)
    viewing.attempt(_programs(session, "udp"))
    viewing.keep()
    before = viewing.rows
    viewing.attempt(_programs(session, "arp"))
    assert viewing.expression == "arp" and viewing.in_force == "udp" and viewing.rows is not before
    viewing.give_up()
    assert viewing.expression == "udp" and viewing.rows is before
    assert [view.closed for view in session.views] == [False, True]
    viewing.close()
    assert all(view.closed for view in session.views)


def test_a_view_that_is_read_elsewhere_is_closed_when_that_is_done() -> None:
    view = FakeView(FakeSession())
    lent = Lent(view)  # type: ignore[arg-type]
    with lent, lent:
        lent.replace()
        assert not view.closed
    assert view.closed


def test_rows_of_a_view_are_the_nearest_and_the_first_from_a_number_on() -> None:
    session = FakeSession()
    session.grow(1000)
    viewing = _viewing(session)
    viewing.attempt(_programs(session, "port 53"))
    rows = viewing.rows
    assert isinstance(rows, ViewRows) and rows.extent(1, 1000) == (1, 200)
    assert [rows.number(rows.nearest(n)) for n in (1, 2, 3, 4, 5, 6, 9, 999)] == [2, 2, 2, 2, 6, 6, 6, 996]
    assert [rows.number(rows.from_number(n)) for n in (1, 2, 3, 7)] == [2, 2, 6, 12]


def test_a_view_is_told_by_what_passes_of_what_was_looked_at() -> None:
    session = FakeSession(capacity=10_000)
    session.grow(10_000)
    viewing = _viewing(session)
    assert viewing.told(1, 10_000) == "all 10 000"
    session.held = 5000
    viewing.attempt(_programs(session, "http"))
    viewing.rows.extent(1, 10_000)
    assert viewing.told(1, 10_000) == "500 of 5 000, 10 %, 50 % looked at"
    session.held = 10**9
    viewing.rows.extent(1, 10_000)
    assert viewing.told(1, 10_000) == "1 000 of 10 000, 10 %"
