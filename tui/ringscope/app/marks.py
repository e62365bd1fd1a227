# SPDX-License-Identifier: Apache-2.0
"""The packets a person has marked, by number. No Textual here."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator


class Marks:
    """A set of packet numbers that knows its order."""

    GLYPH = "◆"

    def __init__(self) -> None:
        self._numbers: list[int] = []
        self._times: dict[int, int] = {}
        """When the packet of each mark came, in the order in which they were marked."""

    def __contains__(self, number: int) -> bool:
        at = bisect_left(self._numbers, number)
        return at < len(self._numbers) and self._numbers[at] == number

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbers)

    @property
    def last(self) -> tuple[int, int] | None:
        """The packet that was marked last, and its time in Unix nanoseconds."""
        return next(reversed(self._times.items()), None)

    def toggle(self, number: int, time_ns: int = 0) -> bool:
        """Mark a packet, or take its mark away. Whether it is marked now."""
        if number in self:
            del self._numbers[bisect_left(self._numbers, number)]
            del self._times[number]
            return False
        insort(self._numbers, number)
        self._times[number] = time_ns
        return True

    def from_here(self, number: int, *, forward: bool) -> Iterator[int]:
        """The marked packets after ``number`` in order, then from the first again; backwards, those before it."""
        numbers = self._numbers
        if forward:
            at = bisect_right(numbers, number)
            yield from numbers[at:]
            yield from numbers[:at]
        else:
            at = bisect_left(numbers, number)
            yield from reversed(numbers[:at])
            yield from reversed(numbers[at:])

    def forget_before(self, number: int) -> None:
        """Packets before ``number`` are not kept any more."""
        gone = bisect_left(self._numbers, number)
        for each in self._numbers[:gone]:
            del self._times[each]
        del self._numbers[:gone]
