# SPDX-License-Identifier: Apache-2.0
"""The gate: text is made safe and fits its cells, whatever it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ringscope.app import cells

ANY = st.text(alphabet=st.characters(), max_size=60)


@given(ANY, st.integers(0, 50))
def test_fitted_text_has_exactly_the_cells_asked_for_and_nothing_a_terminal_acts_on(text: str, width: int) -> None:
    for fitted in (cells.fit(text, width), cells.fit(text, width, right=True), cells.fit_middle(text, width)):
        assert cell_len(fitted) == width
        assert fitted.isprintable()


@given(ANY, st.integers(0, 50))
def test_cut_text_never_exceeds_its_cells_and_is_whole_where_it_has_room(text: str, width: int) -> None:
    for cut in (cells.cut(text, width), cells.cut_middle(text, width)):
        assert cell_len(cut) <= width
        assert cell_len(cells.safe(text)) > width or cut == cells.safe(text)


def test_an_address_keeps_both_ends() -> None:
    assert cells.cut_middle("2001:db8:0:1:a0b:c0d:e0f:1011", 15) == "2001:db…0f:1011"


def test_escape_sequences_are_spelt_out() -> None:
    assert cells.safe("a\x1b]52;c;aGk=\x07\x9b\u202eb") == "a\\x1b]52;c;aGk=\\x07\\x9b\\u202eb"
