# SPDX-License-Identifier: Apache-2.0
"""HSRP (RFC 2281)."""

from __future__ import annotations

from dpkt.hsrp import HSRP as HEADER

from ringscope.decode.registry import protocol
from ringscope.decode.row import Row

HSRP = protocol("hsrp", "HSRP", role="routing", udp=(1985,), packet=HEADER)

_CODES = {0: "Hello", 1: "Coup", 2: "Resign", 3: "Advertise"}


@HSRP.row
def row(row: Row, at: int, end: int) -> None:
    """The kind of message."""
    row.need(at, 20, end, "HSRP message")
    row.info = _CODES.get(row.data[at + 1], f"code {row.data[at + 1]}")
