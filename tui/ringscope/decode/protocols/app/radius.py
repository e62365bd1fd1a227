# SPDX-License-Identifier: Apache-2.0
"""RADIUS (RFC 2865, RFC 2866)."""

from __future__ import annotations

from ringscope.decode.registry import protocol
from ringscope.decode.row import Row

RADIUS = protocol("radius", "RADIUS", udp=(1645, 1646, 1812, 1813), packet="dpkt.radius:RADIUS")

_CODES = {
    1: "Access-Request",
    2: "Access-Accept",
    3: "Access-Reject",
    4: "Accounting-Request",
    5: "Accounting-Response",
    11: "Access-Challenge",
}


@RADIUS.row
def row(row: Row, at: int, end: int) -> None:
    """The code and the identifier that pairs a request with its answer."""
    row.need(at, 20, end, "RADIUS header")
    row.info = f"{_CODES.get(row.data[at], f'code {row.data[at]}')} id={row.data[at + 1]}"
