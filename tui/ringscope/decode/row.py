# SPDX-License-Identifier: Apache-2.0
"""The row being written.

A protocol's row decoder is a function (row, at, end): it reads the header at offset `at` with `struct`, writes what it
learned over what outer protocols wrote, and passes on what is inside. When an inner decoder gives up, the row still
holds what the outer ones said.
"""

from __future__ import annotations

from collections.abc import Callable

from ringscope.decode.errors import Malformed
from ringscope.decode.memory import Memory
from ringscope.decode.names import ETHERTYPES, ROUTING_PROTOCOLS, ethertype, ip_protocol
from ringscope.decode.registry import Protocol
from ringscope.decode.walk import DEEPEST, Walk


class Row(Walk):
    """A summary under construction.

    protocol, info, role: as in `Summary`. names: the protocols met so far. link_at: where the innermost Ethernet header
    stands, -1 when there is none. sender: offset and size of the link address that a cooked header has. stopped: what
    stopped the first decoder that gave up, and the `piece` it was reading.
    """

    __slots__ = ("info", "link_at", "names", "protocol", "role", "sender", "stopped")

    def __init__(self, data: bytes, length: int, memory: Memory | None = None) -> None:
        Walk.__init__(self, data, length, memory)
        self.protocol = self.info = ""
        self.role = "other"
        self.names: list[str] = []
        self.link_at = -1
        self.sender = (0, 0)
        self.stopped: tuple[Exception, str] | None = None

    def enter(self, protocol: Protocol, at: int, end: int) -> None:
        """Let the protocol write over the row; what stops it is noted and ends there."""
        self.deep += 1
        try:
            if self.deep > DEEPEST:
                raise Malformed("too many headers inside one another")
            self.names.append(protocol.name)
            self.protocol = protocol.title
            if protocol.role:
                self.role = protocol.role
            protocol.summarize(self, at, end)
        except Exception as stopped:  # any packet may break any decoder; the row says so and the list goes on
            if self.stopped is None:
                self.stopped = (stopped, self.piece)
        self.deep -= 1

    def aside(self, step: Callable[..., None], what: int | Protocol, at: int, end: int) -> None:
        """Only the names of what is inside are of interest."""
        kept = (self.source, self.destination, self.protocol, self.info, self.role, self.hops, self.link_at)
        stopped = self.stopped
        step(what, at, end)
        self.source, self.destination, self.protocol, self.info, self.role, self.hops, self.link_at = kept
        self.stopped = stopped

    def unknown(self, what: str, number: int, at: int, end: int) -> None:
        """Say what is known of bytes that nobody claims."""
        size = f"{max(end - at, 0)} bytes"
        if what == "link":
            self.protocol, self.info = f"link type {number}", size
        elif what == "ethertype":
            known = ETHERTYPES.get(number)
            tag = f"{self.info}, " if self.info.startswith("VLAN ") else ""
            self.protocol = known or ("802.1Q" if tag else ethertype(number))
            self.info = f"{tag}{'' if known else f'Ethertype {ethertype(number)}, '}{size}"
        elif what == "ip":
            name = ip_protocol(number)
            if not name.startswith("protocol"):
                self.protocol = name
            if name in ROUTING_PROTOCOLS:
                self.role = "routing"
            self.info = f"{name}, {size}"
        elif not self.info:
            self.info = f"{what} 0x{number:04x}, {size}"
