# SPDX-License-Identifier: Apache-2.0
"""RIP versions 1 and 2 (RFC 2453)."""

from __future__ import annotations

from dpkt.rip import RIP as HEADER

from ringscope.decode.registry import protocol
from ringscope.decode.row import Row

RIP = protocol("rip", "RIP", role="routing", udp=(520,), packet=HEADER)

_COMMANDS = {1: "Request", 2: "Response"}


@RIP.row
def row(row: Row, at: int, end: int) -> None:
    """Command and version."""
    row.need(at, 4, end, "RIP header")
    row.protocol = f"RIPv{row.data[at + 1]}"
    row.info = _COMMANDS.get(row.data[at], f"command {row.data[at]}")
