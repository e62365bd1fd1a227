# SPDX-License-Identifier: Apache-2.0
"""The row being written, and the tables of who decodes what.

A decoder is a function (row, at, end): it reads the header at offset `at` of a packet that ends at `end` on the wire,
writes what it learned over what outer headers wrote, and calls the decoder of what is inside. When an inner decoder
gives up, the row still holds what the outer ones said.
"""

from __future__ import annotations

from collections.abc import Callable

from ringscope.decode.errors import Malformed, require

_DEEPEST = 24  # headers inside headers; real packets have fewer than ten


class Row:
    """A summary under construction. `size` is the captured, `wire` the original length; `piece` is what the bytes are
    when they need not be whole ("segment" of a stream), else "". `hops` is the TTL or hop limit. `link_at` is where the
    innermost Ethernet header stands, -1 when there is none; `sender` is the offset and size of the link address that a
    cooked header has."""

    __slots__ = (
        "data",
        "deep",
        "destination",
        "hops",
        "info",
        "link_at",
        "piece",
        "protocol",
        "role",
        "sender",
        "size",
        "source",
        "wire",
    )

    def __init__(self, data: bytes, length: int) -> None:
        self.data = data
        self.size = len(data)
        self.wire = max(length, self.size)
        self.source = self.destination = self.protocol = self.info = self.piece = ""
        self.role = "other"
        self.link_at = -1
        self.sender = (0, 0)
        self.hops = 0
        self.deep = 0

    def need(self, at: int, count: int, end: int, what: str) -> None:
        """As `errors.require`, for this packet."""
        require(at, count, end, self.size, what)

    def nested(self) -> None:
        """Count one header inside another; raises Malformed when there is no end to it."""
        self.deep += 1
        if self.deep > _DEEPEST:
            raise Malformed("too many headers inside one another")


Decoder = Callable[[Row, int, int], None]

LINKS: dict[int, Decoder] = {}
ETHERTYPES: dict[int, Decoder] = {}
IP_PROTOCOLS: dict[int, Decoder] = {}
