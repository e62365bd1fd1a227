# SPDX-License-Identifier: Apache-2.0
"""The rows the packet list shows, read from the session in one call a frame and kept for a while.

Without a view a row is its packet's number; with one it is the packet's place among those that pass. Neither ever
changes, so a bounded number of recent rows is remembered, and scrolling back and forth, changing the theme or the size
asks the session for nothing.
"""

from __future__ import annotations

from collections import OrderedDict

from ringscope.app.columns import Row
from ringscope.app.gaps import Gap
from ringscope.app.listing import Listing
from ringscope.app.values import DEEP_BYTES, values
from ringscope.capture.session import Session
from ringscope.capture.views import View
from ringscope.decode import Memory, summarize
from ringscope.native import Loss, Packet

ROW_BYTES = 2048
"""Bytes of a packet that a row is made from: enough for the server name in a TLS hello."""

_LOSSES = 4096
"""Losses that are gone through at once: in a view, or a file, there may be any number between two rows."""
_COUNTED_AGAIN = 16
"""Gaps of which the size was not known yet that are asked for again in one go, the newest first."""

COMMENT = "✎"
"""Stands before the info of a packet that its file has a comment on."""


class Rows:
    """All packets kept. Not a list: at most ``keep`` rows exist. ``memory``: what decoding knows of flows; ``listing``:
    which columns there are beside the usual ones.
    """

    in_order = True
    """Whether rows are in the order of packet numbers, and grow as packets come."""

    def __init__(self, session: Session, memory: Memory, listing: Listing | None = None, keep: int = 2048) -> None:
        self._session = session
        self._memory = memory
        self._listing = listing or Listing()
        self._made_for = self._listing.needs
        self._keep = keep
        self._rows: OrderedDict[int, Row] = OrderedDict()
        self._commented = session.kind in ("file", "pipe")
        self.gaps: dict[int, Gap] = {}
        """Rows met so far before which packets are missing, and what is known of that."""

    # -- where packets are

    def extent(self, tail: int, head: int) -> tuple[int, int]:
        """The first and the last row, now that the packets ``tail`` to ``head`` are kept."""
        return tail, head

    def number(self, row: int) -> int:
        """The packet of a row."""
        return row

    def gone(self, row: int) -> str:
        """What is said of the number of a row whose packet is not kept any more."""
        return str(row)

    def nearest(self, number: int) -> int:
        """The row of a packet, or of the one next to it that has a row."""
        return number

    def from_number(self, number: int) -> int:
        """The first row whose packet is this one or a later one."""
        return number

    def settled(self, number: int) -> bool:
        """Whether it is known which packets up to this one have a row."""
        return True

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The numbers of the packets of these rows, and of those before each of them that have no row."""
        return first, last

    def read(self, first: int, count: int, limit: int) -> list[tuple[int, Packet]]:
        """The packets of ``count`` rows, as far as they are kept, each with its row."""
        return [(packet.number, packet) for packet in self._session.read(first, count, limit)]

    # -- rows that are made

    def ensure(self, first: int, last: int) -> None:
        """Read those of ``first`` to ``last`` that are not known yet, in one call."""
        listing = self._listing
        if self._made_for != listing.needs:
            self._made_for = listing.needs
            self._rows.clear()
        missing = [row for row in range(first, last + 1) if row not in self._rows]
        if not missing:
            return
        low = missing[0]
        before = self._time_of(low - 1) if listing.needs_before else None
        read = self.read(low, missing[-1] - low + 1, DEEP_BYTES if listing.deep else ROW_BYTES)
        for row, packet in read:
            made = self._rows[row] = self._row(packet, before)
            listing.see(made.values)
            before = packet.time_ns if listing.needs_before else None
        if read and self.in_order:
            self._find_gaps(read[0][0], read[-1][0])
        while len(self._rows) > self._keep:
            self._rows.popitem(last=False)

    def get(self, row: int) -> Row | None:
        """A row; None when its packet is not kept any more."""
        return self._rows.get(row)

    def count_gaps(self) -> None:
        """Ask again for the sizes that were not known yet."""
        counting = [row for row, gap in self.gaps.items() if gap.counting]
        for row in counting[-_COUNTED_AGAIN:]:
            self._find_gaps(row, row)

    def _find_gaps(self, first: int, last: int) -> None:
        """The losses before these rows, which were read and are kept."""
        number, end = self.span(first, last)
        losses = found = self._session.losses(number, end)
        while found and len(losses) < _LOSSES and (found := self._session.losses(found[-1].number + 1, end)):
            losses += found
        by_row: dict[int, list[Loss]] = {}
        for loss in losses:
            by_row.setdefault(self.from_number(loss.number), []).append(loss)
        for row, some in by_row.items():
            self.gaps[row] = Gap(row, tuple(some), not self._commented, len(losses) >= _LOSSES)

    def _time_of(self, row: int) -> int | None:
        known = self._rows.get(row)
        if known is not None:
            return known.time_ns
        return next((packet.time_ns for _, packet in self.read(row, 1, 1)), None) if row > 0 else None

    def _row(self, packet: Packet, before_ns: int | None) -> Row:
        data, wanted = packet.data, self._listing.wanted
        summary = summarize(data[:ROW_BYTES], packet.link_type, packet.length, self._memory)
        commented = self._commented and self._session.comment(packet.number)
        return Row(
            packet.number,
            packet.time_ns,
            summary.source,
            summary.destination,
            summary.protocol,
            packet.length,
            f"{COMMENT} {summary.info}" if commented else summary.info,
            summary.role,
            before_ns,
            values(packet, wanted, self._session, self._memory) if wanted else {},
        )


class ViewRows(Rows):
    """The packets that pass a view, as it stands since it was started last."""

    def __init__(
        self, session: Session, memory: Memory, view: View, listing: Listing | None = None, keep: int = 2048
    ) -> None:
        super().__init__(session, memory, listing, keep)
        self._view = view
        self._tail = 1
        self.state = view.state()

    def extent(self, tail: int, head: int) -> tuple[int, int]:
        self._tail = tail
        self.state = self._view.state()
        return self.state.low, min(self.state.high, self._view.index(head))

    def number(self, row: int) -> int:
        return self._view.number(row)

    def gone(self, row: int) -> str:
        known = self.get(row)
        return str(known.number) if known else ""

    def nearest(self, number: int) -> int:
        view, low, high = self._view, self.state.low, self.state.high
        row = view.index(number)
        if row < low or high < low:
            return low
        if row >= high:
            return high
        return row if number - view.number(row) <= view.number(row + 1) - number else row + 1

    def from_number(self, number: int) -> int:
        return self._view.index(number - 1) + 1

    def settled(self, number: int) -> bool:
        return self.state.examined >= number

    def span(self, first: int, last: int) -> tuple[int, int]:
        before = self._view.number(first - 1) if first > self.state.low else 0
        return max(before + 1, self._tail), self._view.number(last)

    def read(self, first: int, count: int, limit: int) -> list[tuple[int, Packet]]:
        return self._view.read(first, count, limit)
