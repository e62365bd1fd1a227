# SPDX-License-Identifier: Apache-2.0
"""Stored packets by number."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Any, Protocol

from ringscope.native.core import ffi, lib, loss, packet
from ringscope.native.records import Loss, NativeError, Packet

_LOSSES = 256
"""That are asked for in one call."""


class Owner(Protocol):
    """Whose memory a store is: a capture, or an open file."""

    @property
    def closed(self) -> bool:
        """Is the memory gone?"""


class Losses:
    """What a capture knows of its losses, by the packets behind them, and for the files that these are saved in."""

    def __init__(self, owner: Owner, handle: Any) -> None:
        self.owner = owner  # keeps the memory alive
        self.handle = handle

    def between(self, first: int, last: int) -> list[Loss]:
        """The losses before packets ``first`` to ``last``, in their order, at most 256."""
        if self.owner.closed:
            return []
        some = ffi.new("rs_loss_info[]", _LOSSES)
        return [loss(one) for one in some[0 : lib.rs_losses_between(self.handle, first, last, some, _LOSSES)]]

    def next(self, number: int, *, forward: bool) -> int:
        """The nearest packet behind ``number``, or before it, that is the first one behind a loss; 0: none is known."""
        return 0 if self.owner.closed else int(lib.rs_losses_next(self.handle, number, forward))


class Reader(Protocol):
    """What works on a store by itself, and must end before the store's memory goes."""

    def close(self) -> None:
        """Ends it. Idempotent."""


class Store:
    """Captured packets by number; a view of its owner's memory, usable as long as that is not closed."""

    def __init__(self, owner: Owner, handle: Any) -> None:
        self.owner = owner  # keeps the memory alive
        self.handle = handle
        self._room = 0
        self._packets: Any = None
        self._bytes: Any = None
        self._count = 0
        self._readers: set[Reader] = set()  # they have threads: to be closed also if nobody else knows them any more

    def live(self) -> Any:
        """The core's handle. Raises NativeError when its owner is closed."""
        if self.owner.closed:
            raise NativeError(errno.EBADF, "these packets are gone: their capture or file is closed")
        return self.handle

    def lend(self, reader: Reader) -> None:
        """To be closed before the store's memory goes."""
        self._readers.add(reader)

    def give_back(self, reader: Reader) -> None:
        """It is closed."""
        self._readers.discard(reader)

    def release(self) -> None:
        """For the owner, before it frees the memory: closes all that reads here."""
        for reader in list(self._readers):
            reader.close()

    @property
    def head(self) -> int:
        """Number of the newest packet, 0: none yet."""
        return 0 if self.owner.closed else int(lib.rs_store_head(self.handle))

    @property
    def tail(self) -> int:
        """Number of the oldest packet that may still be kept."""
        return 1 if self.owner.closed else int(lib.rs_store_tail(self.handle))

    def find_time(self, time_ns: int) -> int:
        """Number of the first packet that is kept and not before that time (nanoseconds since 1970); head + 1: there is
        none.
        """
        if self.owner.closed:
            return 1
        return int(lib.rs_store_find_time(self.handle, min(max(time_ns, 0), 2**64 - 1)))

    def read(self, first: int, count: int, limit: int) -> list[Packet]:
        """Packets ``first`` to ``first + count - 1`` that are kept, with up to ``limit`` bytes of each. Not thread-
        safe.
        """
        if count <= 0 or self.owner.closed:
            return []
        limit = min(limit, lib.RS_READ_MAX)
        if count > self._count or count * limit > self._room:
            self._count, self._room = max(count, self._count), max(count * limit, self._room)
            self._packets = ffi.new("rs_packet[]", self._count)
            self._bytes = ffi.new("uint8_t[]", self._room)
        got = lib.rs_store_read(self.handle, max(first, 0), count, limit, self._packets, self._bytes, self._room)
        view = ffi.buffer(self._bytes)
        return [packet(p, view[p.offset : p.offset + p.copied]) for p in self._packets[0:got]]


def runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Numbers as (first, count) of those that follow each other."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number == sum(found[-1]):
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((number, 1))
    return found
