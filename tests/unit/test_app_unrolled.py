# SPDX-License-Identifier: Apache-2.0
"""A stream as rows: however it grows, the rows are those of the whole, and every byte has its row and its packet."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringscope.app import cells
from ringscope.app.finding import NothingToFind
from ringscope.app.readable import readable, spelled
from ringscope.app.sought import StreamSearch, sought
from ringscope.app.unrolled import Unrolled
from ringscope.decode.streams import Stream
from ringscope.decode.streams.transport import ACK, FIN, SYN
from support.streams import Told, segment


def _laid(stream: Stream, width: int = 20, *, text: bool = True) -> Unrolled:
    page = Unrolled()
    page.shape(width, text=text)
    page.take(stream)
    while not page.whole:
        page.lay(100)
    return page


def _rows(page: Unrolled) -> list[tuple[object, ...]]:
    lines = [page.line(row) for row in range(page.rows)]
    return [(line.run.side, line.run.hole, line.run.event, line.place, bytes(page.buffer[line.at : line.stop]))
            for line in lines]  # fmt: skip


def _fresh(told: Told, page: Unrolled) -> Unrolled:
    """The same laid out in one go, by someone who has not seen it grow."""
    again = Unrolled()
    again.shape(page.width, text=page.text)
    again.take(told.stream)
    while not again.whole:
        again.lay()
    return again


@given(st.randoms(use_true_random=False), st.integers(1, 40), st.booleans())
def test_rows_of_a_stream_that_grew_are_those_of_the_whole(dice: random.Random, width: int, text: bool) -> None:
    told, page = Told(), Unrolled()
    page.shape(width, text=text)
    told.packet(segment(0, 999, flags=SYN))
    told.packet(segment(1, 4999, flags=SYN | ACK, acknowledged=1000))
    for _ in range(dice.randrange(25)):
        side, start = dice.randrange(2), dice.randrange(300)
        data = bytes(dice.choice(b"ab\n\r\xc3\xa9\0") for _ in range(dice.randrange(60)))
        base = (1000, 5000)[side]
        size = len(data) + dice.choice((0, 0, 0, 7))
        flags = FIN | ACK if dice.random() < 0.05 else ACK
        told.packet(segment(side, base + start, data, flags, (5000, 1000)[side] + dice.randrange(200), size))
        if dice.random() < 0.5:
            page.take(told.stream)
            page.lay(dice.randrange(1, 200))
    page.take(told.stream)
    while not page.whole:
        page.lay(50)
    assert _rows(page) == _rows(_fresh(told, page))
    assert b"".join(bytes(page.buffer[line.at : line.stop]) for line in map(page.line, range(page.rows))) == page.buffer
    for row in range(page.rows):
        line = page.line(row)
        assert line.stop - line.at <= width + (2 if text else 0)
        for at in range(line.at, line.stop):
            assert page.row_of(line.run, at) == row
            number = page.number(line, at)
            found = page.of_packet(number)
            assert found is not None and page.number(page.line(page.row_of(*found) or 0), found[1]) == number


def _call() -> Told:
    told = Told()
    told.packet(segment(0, 999, flags=SYN))
    told.packet(segment(0, 1000, b"GET / HT", acknowledged=5000))
    told.packet(segment(0, 1008, b"TP/1.1\r\n\r\n", acknowledged=5000))
    told.packet(segment(1, 5000, b"200 OK\n" + b"x" * 45))
    told.packet(segment(1, 5060, "grüße".encode()))
    return told


def test_a_hole_at_the_end_that_grows_stays_one_row() -> None:
    told = Told()
    told.packet(segment(0, 1000, b"a", acknowledged=5000))
    told.packet(segment(1, 5000, acknowledged=1010))
    page = _laid(told.stream)
    told.packet(segment(0, 1030, b"b", acknowledged=5000))
    assert page.take(told.stream) == 1  # all but the event before it
    page.lay()
    assert _rows(page) == _rows(_fresh(told, page))
    holes = [run.hole for run in page.runs if run.hole is not None]
    assert [(hole.start, hole.size, hole.acknowledged) for hole in holes] == [(1, 29, False)]


def test_text_ends_rows_where_lines_end_or_the_width_does() -> None:
    page = _laid(_call().stream)
    lines = [page.line(row) for row in range(page.rows)]
    assert [readable(bytes(page.buffer[line.at : line.stop])) for line in lines] == [
        "GET / HTTP/1.1", "", "200 OK", "x" * 20, "x" * 20, "x" * 5, "", "grüße"]  # fmt: skip
    assert lines[6].run.hole is not None and lines[6].run.hole.size == 8


def test_a_character_is_not_cut_in_two_by_the_end_of_a_row() -> None:
    told = Told()
    told.packet(segment(0, 1000, "äöü漢字äöü".encode() * 4))
    for width in range(4, 20):
        page = _laid(told.stream, width)
        for row in range(1, page.rows):
            line = page.line(row)
            bytes(page.buffer[line.at : line.stop]).decode()


@given(st.binary(max_size=50) | st.text(max_size=20).map(str.encode))
def test_text_takes_no_more_cells_than_bytes_and_every_byte_is_in_it_once(data: bytes) -> None:
    assert cells.width(readable(data)) <= len(data)
    assert sum(size for _, size in spelled(data)) == len(data)
    assert cells.safe(readable(data)) == readable(data)
    ended = data.rstrip(b"\r\n") + b"\r\n"
    assert readable(ended) == "".join(text for text, _ in spelled(ended))


async def test_a_search_goes_across_packets_and_not_across_holes_or_turns() -> None:
    told = _call()
    for width, text in ((20, True), (8, False)):
        page = _laid(told.stream, width, text=text)
        found = {what: await StreamSearch(page, sought(what, "text")).find(0, forward=True)
                 for what in ("http/1.1", "hex: 0d 0a 0d 0a", "\n200", "xg", "GRÜSSE", "grü")}  # fmt: skip
        assert found == {"http/1.1": (6, 14, False), "hex: 0d 0a 0d 0a": (14, 18, False), "\n200": None, "xg": None,
                         "GRÜSSE": None, "grü": (70, 74, False)}  # fmt: skip


async def test_a_search_finds_the_next_and_the_one_before_over_many_megabytes() -> None:
    told = Told()
    for place in range(0, 3_000_000, 1000):
        told.packet(segment(0, 1000 + place, (b"needle" if place % 500_000 == 499_000 else b"").ljust(1000, b".")))
    page = _laid(told.stream, 100)
    search = StreamSearch(page, sought("needle", "text"))
    there = [499_000 + step for step in range(0, 3_000_000, 500_000)]
    at, forward, back = 0, [], []
    for _ in range(7):
        hit = await search.find(at, forward=True)
        assert hit is not None
        at = hit[0]
        forward.append((at, hit[2]))
    assert forward == [*((place, False) for place in there), (there[0], True)]
    for _ in range(7):
        hit = await search.find(at, forward=False)
        assert hit is not None
        at = hit[0]
        back.append((at, hit[2]))
    assert back == [(there[-1], True), *((place, False) for place in reversed(there[:-1])), (there[-1], True)]


def test_what_a_stream_is_not_searched_for_is_said() -> None:
    with pytest.raises(NothingToFind, match="a stream is searched for text, or for bytes"):
        sought("re: a+", "text")
