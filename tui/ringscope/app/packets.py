# SPDX-License-Identifier: Apache-2.0
"""The rows the packet list shows, read from the session in one call a frame and kept for a while.

Without a view a row is its packet's number; with one it is the packet's place among those that pass. Neither ever
changes, so a bounded number of recent rows is remembered, and scrolling back and forth, changing the theme or the size
asks the session for nothing.
"""

from __future__ import annotations

from collections import OrderedDict

from ringscope.app.columns import Row
from ringscope.capture.session import Session
from ringscope.capture.views import View
from ringscope.decode import Memory, summarize
from ringscope.native import Packet

ROW_BYTES = 2048
"""Bytes of a packet that a row is made from: enough for the server name in a TLS hello."""

COMMENT = "✎"
"""Stands before the info of a packet that its file has a comment on."""


class Rows:
    """All packets kept. Not a list: at most ``keep`` rows exist. ``memory``: what decoding knows of flows."""

    def __init__(self, session: Session, memory: Memory, keep: int = 2048) -> None:
        self._session = session
        self._memory = memory
        self._keep = keep
        self._rows: OrderedDict[int, Row] = OrderedDict()
        self._commented = session.kind in ("file", "pipe")
        self.gaps: dict[int, int] = {}
        """Rows met so far whose packet came after the kernel had lost some, and the queue it did so on."""

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

    def read(self, first: int, count: int, limit: int) -> list[tuple[int, Packet]]:
        """The packets of ``count`` rows, as far as they are kept, each with its row."""
        return [(packet.number, packet) for packet in self._session.read(first, count, limit)]

    # -- rows that are made

    def ensure(self, first: int, last: int) -> None:
        """Read those of ``first`` to ``last`` that are not known yet, in one call."""
        missing = [row for row in range(first, last + 1) if row not in self._rows]
        if not missing:
            return
        low = missing[0]
        for row, packet in self.read(low, missing[-1] - low + 1, ROW_BYTES):
            self._rows[row] = self._row(packet)
            if packet.after_loss:
                self.gaps[row] = packet.queue
        while len(self._rows) > self._keep:
            self._rows.popitem(last=False)

    def get(self, row: int) -> Row | None:
        """A row; None when its packet is not kept any more."""
        return self._rows.get(row)

    def _row(self, packet: Packet) -> Row:
        summary = summarize(packet.data, packet.link_type, packet.length, self._memory)
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
        )


class ViewRows(Rows):
    """The packets that pass a view, as it stands since it was started last."""

    def __init__(self, session: Session, memory: Memory, view: View, keep: int = 2048) -> None:
        super().__init__(session, memory, keep)
        self._view = view
        self.state = view.state()

    def extent(self, tail: int, head: int) -> tuple[int, int]:
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

    def read(self, first: int, count: int, limit: int) -> list[tuple[int, Packet]]:
        return self._view.read(first, count, limit)
