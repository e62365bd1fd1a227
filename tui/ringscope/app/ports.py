# SPDX-License-Identifier: Apache-2.0
"""What the screens need from the outside, as protocols: a session that has packets, a compiler that has programs.

A capture on an interface, the demo and a test's fake all fit. Stands at the top edge of the app room; imports nothing
from the other rooms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Packet(Protocol):
    """A stored packet. Times are Unix nanoseconds, lengths are bytes."""

    @property
    def number(self) -> int: ...
    @property
    def time_ns(self) -> int: ...
    @property
    def length(self) -> int: ...
    @property
    def captured(self) -> int: ...
    @property
    def queue(self) -> int: ...
    @property
    def epoch(self) -> int: ...
    @property
    def packet_type(self) -> int: ...
    @property
    def clock(self) -> str: ...
    @property
    def checksum_ready(self) -> bool: ...
    @property
    def data(self) -> bytes: ...


class Counters(Protocol):
    """Counters since the start; ``fill`` and ``peak`` are shares of the ring, 0 to 1."""

    @property
    def stored(self) -> int: ...
    @property
    def dropped(self) -> int: ...
    @property
    def freezes(self) -> int: ...
    @property
    def truncated(self) -> int: ...
    @property
    def bytes(self) -> int: ...
    @property
    def arena_drops(self) -> int: ...
    @property
    def fill(self) -> float: ...
    @property
    def peak(self) -> float: ...


class Snapshot(Protocol):
    """Every counter of one moment. ``tail`` to ``head`` are the packet numbers still kept; head 0 means none yet."""

    @property
    def time(self) -> float: ...
    @property
    def state(self) -> str: ...
    @property
    def state_text(self) -> str: ...
    @property
    def total(self) -> Counters: ...
    @property
    def head(self) -> int: ...
    @property
    def tail(self) -> int: ...
    @property
    def epoch(self) -> int: ...
    @property
    def first_of_epoch(self) -> int: ...


class Session(Protocol):
    """A source of packets that grows at its head and may be evicted at its tail."""

    @property
    def interface(self) -> str: ...
    @property
    def link_type(self) -> int: ...
    @property
    def snaplen(self) -> int: ...
    @property
    def filter_expression(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def kind(self) -> str: ...

    def snapshot(self) -> Snapshot:
        """The counters now. Cheap, never blocks."""
        ...

    def read(self, first: int, count: int, limit: int = 262144) -> Sequence[Packet]:
        """The packets ``first`` to ``first + count - 1`` that are still kept, at most ``limit`` bytes of each."""
        ...

    def set_filter(self, expression: str, code: bytes) -> int:
        """Attach a program to the running capture and return the new epoch. Blocks for milliseconds.

        Raises RuntimeError or OSError with one sentence, and leaves the old filter in force.
        """
        ...


class Program(Protocol):
    """A compiled filter: its code, eight bytes an instruction."""

    @property
    def code(self) -> bytes: ...
    @property
    def instructions(self) -> int: ...


class Compiler(Protocol):
    """Turns filter expressions into programs."""

    def compile(self, expression: str, *, link_type: int, snaplen: int) -> Program:
        """Compile; blocks for milliseconds. Raises ValueError with libpcap's own message."""
        ...
