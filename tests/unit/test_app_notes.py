# SPDX-License-Identifier: Apache-2.0
"""Where rows and the notes between them are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ringscope.app.notes import Places

rising = st.lists(st.integers(0, 40), max_size=12).map(sorted)


def _page(before: list[int], rows: int) -> list[tuple[int, int | None]]:
    """Every line of the page down to row ``rows``, laid out one after another."""
    lines: list[tuple[int, int | None]] = []
    for row in range(rows + 1):
        lines += [(row, note) for note, at in enumerate(before) if at == row]
        lines.append((row, None))
    return lines


def test_without_notes_a_row_is_at_the_place_of_its_number() -> None:
    places = Places()
    assert places.row(7) == places.above(7) == places.row_from(7) == places.row_to(7) == 7
    assert places.at(50_000_000) == (50_000_000, None)


@given(rising)
def test_places_are_those_of_a_page_laid_out_line_by_line(before: list[int]) -> None:
    places, page = Places(before), _page(before, 45)
    assert [places.at(place) for place in range(len(page))] == page
    for place, (row, note) in enumerate(page):
        if note is None:
            assert places.row(row) == place
            assert places.above(row) == place - before.count(row)
            assert places.row_from(place) == places.row_to(place) == row
        else:
            assert (places.row_to(place), places.row_from(place)) == (row - 1, row)


def test_a_look_up_in_a_hundred_thousand_notes_takes_a_handful_of_steps() -> None:
    class Counted(list[int]):
        asked = 0

        def __getitem__(self, index):  # type: ignore[no-untyped-def]
            Counted.asked += 1
            return super().__getitem__(index)

    places = Places(Counted(range(0, 100_000_000, 1000)))
    row = 77_777_777
    assert places.at(places.row(row)) == (row, None)
    assert Counted.asked < 50
