# SPDX-License-Identifier: Apache-2.0
"""The rows of a sorted list: a still picture of the packets that were there when it was made. No Textual here.

A row is the place of its packet in that order. What comes later is not in it, and what is evicted stays as a gap.
"""

from __future__ import annotations

from ringscope.app.listing import Listing
from ringscope.app.packets import Rows
from ringscope.capture.ordering import Sorted
from ringscope.capture.session import Session
from ringscope.decode import Memory
from ringscope.frozen import frozen
from ringscope.native import Packet, runs


@frozen
class Picture:
    """What was sorted by what, and when. ``what``: the column; ``having``: the packets that have a value in it.

    ``last``: the last row, in order, that there was; ``time``: seconds since 1970.
    """

    what: str
    title: str
    falling: bool
    order: Sorted
    having: int
    last: int
    time: float


class SortedRows(Rows):
    """``base`` are the rows it was made from: they are kept up to date meanwhile."""

    in_order = False

    def __init__(self, session: Session, memory: Memory, listing: Listing, base: Rows, picture: Picture) -> None:
        super().__init__(session, memory, listing)
        self.base = base
        self.picture = picture
        self.newer = 0
        """Rows that have come since."""

    def extent(self, tail: int, head: int) -> tuple[int, int]:
        _, last = self.base.extent(tail, head)
        self.newer = max(0, last - self.picture.last)
        return 1, len(self.picture.order)

    def number(self, row: int) -> int:
        return next(iter(self.picture.order.numbers(row - 1, 1)), 0)

    def gone(self, row: int) -> str:
        return str(self.number(row))

    def nearest(self, number: int) -> int:
        return self.picture.order.nearest(number) + 1

    def from_number(self, number: int) -> int:
        return self.nearest(number)

    def read(self, first: int, count: int, limit: int) -> list[tuple[int, Packet]]:
        numbers = self.picture.order.numbers(first - 1, count)
        rows = {number: row for row, number in enumerate(numbers, max(first, 1))}
        found: list[tuple[int, Packet]] = []
        for begin, length in runs(numbers):
            found += [(rows[packet.number], packet) for packet in self._session.read(begin, length, limit)]
        return found
