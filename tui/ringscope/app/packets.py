# SPDX-License-Identifier: Apache-2.0
"""The rows the packet list shows, read from the session in one call a frame and kept for a while.

A bounded number of recent rows is remembered, so that scrolling back and forth, changing the theme or the size asks
the session for nothing.
"""

from __future__ import annotations

from collections import OrderedDict

from ringscope.app.columns import Row
from ringscope.capture.session import Session
from ringscope.decode import Memory, summarize
from ringscope.native import Packet

ROW_BYTES = 2048
"""Bytes of a packet that a row is made from: enough for the server name in a TLS hello."""


class Rows:
    """Rows by packet number. Not a list: at most ``keep`` of them exist. ``memory``: what decoding knows of flows."""

    def __init__(self, session: Session, memory: Memory, keep: int = 2048) -> None:
        self._session = session
        self._memory = memory
        self._keep = keep
        self._rows: OrderedDict[int, Row] = OrderedDict()

    def ensure(self, first: int, last: int) -> None:
        """Read those of ``first`` to ``last`` that are not known yet, in one call."""
        missing = [number for number in range(first, last + 1) if number not in self._rows]
        if not missing:
            return
        low = missing[0]
        for packet in self._session.read(low, missing[-1] - low + 1, ROW_BYTES):
            self._rows[packet.number] = self._row(packet)
        while len(self._rows) > self._keep:
            self._rows.popitem(last=False)

    def get(self, number: int) -> Row | None:
        """A row; None when the packet is not kept any more."""
        return self._rows.get(number)

    def _row(self, packet: Packet) -> Row:
        summary = summarize(packet.data, packet.link_type, packet.length, self._memory)
        return Row(
            packet.number,
            packet.time_ns,
            summary.source,
            summary.destination,
            summary.protocol,
            packet.length,
            summary.info,
            summary.role,
        )
