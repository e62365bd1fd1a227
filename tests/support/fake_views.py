# SPDX-License-Identifier: Apache-2.0
"""What reads the fake session as a whole: views, searches, sorting, savers."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ringscope.capture.ordering import Ordering
from ringscope.capture.pattern import Pattern
from ringscope.capture.session import CaptureError
from ringscope.native import Packet

if TYPE_CHECKING:
    from support.fake_session import FakeSession

EXPRESSIONS: dict[bytes, str] = {}
"""What programs were compiled from: a view that is given one looks here."""

KINDS = {"tcp": (0, 1, 3, 5, 7), "udp": (2, 4, 6, 9), "arp": (8,), "http": (5,), "port 53": (2, 6), "none": ()}
"""Which of ten packets an expression passes: see ``_KINDS``."""


@dataclass(frozen=True, slots=True)
class FakeViewState:
    examined: int
    matched: int
    unknown: int
    running: bool
    low: int
    high: int
    fault: str = ""


class FakeView:
    """What passes an expression of KINDS, any other passes every hundredth packet; computed, so of any length."""

    def __init__(self, session: FakeSession) -> None:
        self._session = session
        self.started: list[str] = []
        self.link_types: list[tuple[int, ...]] = []
        self.closed = False
        self._period, self._passing = 10, ()

    def start(self, programs: Mapping[int, bytes]) -> None:
        assert not self.closed and programs
        expression = EXPRESSIONS[next(iter(programs.values()))].strip()
        self.started.append(expression)
        self.link_types.append(tuple(programs))
        self._period = 10 if expression in KINDS else 100
        self._passing: tuple[int, ...] = KINDS.get(expression, (0,))

    def _upto(self, number: int) -> int:
        """Passing packets with numbers 1 to ``number``."""
        rounds, rest = divmod(max(0, number), self._period)
        return rounds * len(self._passing) + bisect_right(self._passing, rest) - (0 in self._passing)

    @property
    def _examined(self) -> int:
        return min(self._session.held, self._session.head)

    def state(self) -> FakeViewState:
        assert not self.closed
        examined = self._examined
        low = self._upto(self._session.tail - 1) + 1
        matched = self._upto(examined)
        return FakeViewState(examined, matched, 0, examined < self._session.head, low, matched)

    def index(self, number: int) -> int:
        assert not self.closed
        return self._upto(min(number, self._examined))

    def number(self, index: int) -> int:
        assert not self.closed and 1 <= index <= self._upto(self._examined), index
        at = index - 1 + (0 in self._passing)
        return at // len(self._passing) * self._period + self._passing[at % len(self._passing)]

    @property
    def native(self) -> FakeView:
        return self

    def has(self, number: int) -> bool:
        index = self.index(number)
        return index > 0 and self.number(index) == number

    def numbers(self, first: int, count: int) -> list[int]:
        return [self.number(index) for index in range(first, min(first + count - 1, self._upto(self._examined)) + 1)]

    def read(self, first: int, count: int, limit: int) -> list[tuple[int, Packet]]:
        self._session.reads.append((first, count))
        found = enumerate(self.numbers(first, count), first)
        return [(index, self._session.packet(number, limit)) for index, number in found]

    def close(self) -> None:
        self.closed = True


class FakeSearch:
    """Looks at packets one after another; while the session's ``searching`` is not set it waits."""

    def __init__(self, session: FakeSession) -> None:
        self._session = session
        self._cancelled = False
        self.progress = 0

    def find(self, pattern: Pattern, start: int, *, forward: bool = True, view: FakeView | None = None) -> int | None:
        from ringscope.app.finding import Wanted  # not above: it brings Textual

        session = self._session
        numbers = range(max(start, session.tail), session.head + 1) if forward else range(start, session.tail - 1, -1)
        for number in numbers:
            while not session.searching.wait(0.01):
                if self._cancelled:
                    return None
            self.progress += 1
            passes = view is None or view.number(max(1, view.index(number))) == number
            if passes and Wanted("", "", pattern, re.compile("")).span(session.packet(number).data) is not None:
                return number
        return None

    def cancel(self) -> None:
        self._cancelled = True

    def close(self) -> None:
        self.cancel()


class FakeOrdering(Ordering):
    """Sorts as any ordering does, what a session without a store has."""

    def __init__(self, session: FakeSession) -> None:
        self._order = _FakeOrder(session, self)  # type: ignore[assignment]  # of the core's it has what is used
        self._cancelled = False
        self.progress = 0


class _FakeOrder:
    """Reads packets one after another; while the session's ``searching`` is not set it waits."""

    def __init__(self, session: FakeSession, ordering: FakeOrdering) -> None:
        self._session = session
        self._ordering = ordering

    def keys(self, by: str, first: int, count: int, view: FakeView | None) -> tuple[array[int], array[int]]:
        packets = self.packets(first, count, view, 1)
        values = (packet.time_ns if by == "time" else getattr(packet, by) for packet in packets)
        return array("Q", (packet.number for packet in packets)), array("Q", values)

    def packets(self, first: int, count: int, view: FakeView | None, limit: int) -> list[Packet]:
        while not self._session.searching.wait(0.01) and not self._ordering._cancelled:
            pass
        numbers = range(first, first + count) if view is None else view.numbers(first, count)
        kept = range(self._session.tail, self._session.head + 1)
        return [self._session.packet(number, limit) for number in numbers if number in kept]

    def close(self) -> None:
        pass


class FakeSaver:
    """Remembers what it was told to write; the file gets its name when it is closed."""

    def __init__(self, session: FakeSession, path: str, format_: str) -> None:
        self._session = session
        self.path, self.format = path, format_
        self.found: list[int] = []
        self.missed = 0
        self.ended = ""
        self.cancelled = False

    @property
    def written(self) -> int:
        return len(self.found)

    def range(self, first: int, last: int) -> None:
        self.numbers(range(first, last + 1))

    def numbers(self, numbers: Sequence[int]) -> None:
        self._session.saving.wait(10)
        if self._session.full_disk:
            raise CaptureError(self._session.full_disk)
        self.found += numbers

    def cancel(self) -> None:
        self.cancelled = True

    def close(self) -> None:
        self.ended = "closed"

    def abandon(self) -> None:
        self.ended = "abandoned"
