# SPDX-License-Identifier: Apache-2.0
"""Sorting the packets of a session by the core: by headers, by values, in a view; cancelled, too much, closed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from struct import pack
from unittest.mock import patch

import pytest

from native.make_corpus import frame
from ringscope.capture import ordering
from ringscope.capture.files import FileSession
from ringscope.capture.ordering import OrderingError
from ringscope.capture.session import CaptureError
from ringscope.filter import Compiler
from ringscope.native import Packet
from support.reading import read_through

HEADER = pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
MANY = 5000


def _size(number: int) -> int:
    return 60 + number * 7919 % 300


@pytest.fixture
def session(tmp_path: Path) -> Iterator[FileSession]:
    path = tmp_path / "some.pcap"
    records = (
        pack("<IIII", 1_700_000_000 - number, 0, _size(number), _size(number)) + frame(number, _size(number))
        for number in range(1, MANY + 1)
    )
    path.write_bytes(HEADER + b"".join(records))
    with read_through(path) as made:
        yield made


def test_packets_are_sorted_by_their_headers_and_what_is_equal_stays_in_its_order(session: FileSession) -> None:
    for by, key in (("length", _size), ("time", lambda number: -number), ("number", lambda number: number)):
        for falling in (False, True):
            made = session.ordering().by_header(by, 1, MANY, view=None, falling=falling)
            assert made is not None and len(made) == MANY
            wanted = sorted(range(1, MANY + 1), key=lambda number: -key(number) if falling else key(number))
            assert list(made.numbers(0, MANY)) == wanted
            assert made.numbers(made.nearest(77), 1)[0] == 77 and made.numbers(made.nearest(10**9), 1)[0] == MANY


def test_of_a_view_only_what_passes_is_sorted(session: FileSession) -> None:
    with Compiler() as compiler, session.view() as view:
        program = compiler.compile("greater 300", link_type=1, snaplen=65535, live=False, timeout=10)
        view.start({1: program.code})
        while view.state().running:
            pass
        high = view.state().high
        made = session.ordering().by_header("length", 1, high, view=view, falling=True)
        passing = [number for number in range(1, MANY + 1) if _size(number) >= 300]
        assert made is not None and list(made.numbers(0, MANY)) == sorted(passing, key=lambda n: (-_size(n), n))
        valued = session.ordering().by_value(lambda packet: -packet.length, 1, high, view=view, falling=False, limit=0)
        assert valued is not None and list(valued[0].numbers(0, MANY)) == list(made.numbers(0, MANY))


def test_values_are_numbers_before_text_and_packets_without_one_come_last_either_way(session: FileSession) -> None:
    values: dict[int, int | str] = {1: "10.0.0.10", 2: "10.0.0.9", 3: 70, 4: -5, 5: "b", 6: "A", 7: "fd00::10",
                                    8: "fd00::9", 9: 2**70}  # fmt: skip

    def value(packet: Packet) -> int | str | None:
        return values.get(packet.number)

    rising = [4, 3, 9, 2, 1, 6, 5, 8, 7]
    for falling, order in ((False, rising), (True, rising[::-1])):
        made = session.ordering().by_value(value, 1, 12, view=None, falling=falling, limit=1)
        assert made is not None and list(made[0].numbers(0, 99)) == [*order, 10, 11, 12] and made[1] == 9


def test_too_many_values_are_refused_with_a_cure_and_a_sort_that_is_cancelled_gives_nothing(
    session: FileSession,
) -> None:
    with patch.object(ordering, "MOST_VALUES", 100), pytest.raises(OrderingError, match=r"a view .* fewer"):
        session.ordering().by_value(lambda packet: packet.number, 1, MANY, view=None, falling=False, limit=1)
    cancelled = session.ordering()

    def value(packet: Packet) -> int:
        cancelled.cancel()
        return packet.number

    assert cancelled.by_value(value, 1, MANY, view=None, falling=False, limit=1) is None
    assert cancelled.progress < MANY
    assert cancelled.by_header("length", 1, MANY, view=None, falling=False) is None


def test_when_the_session_is_closed_nothing_is_read_any_more(session: FileSession) -> None:
    late = session.ordering()
    session.close()
    made = late.by_header("length", 1, MANY, view=None, falling=False)
    assert made is not None and len(made) == 0
    with pytest.raises(CaptureError, match="closed"):
        session.ordering()
