# SPDX-License-Identifier: Apache-2.0
"""Packets of a store sorted by something of theirs."""

from __future__ import annotations

import os
import threading
import weakref
from array import array
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

from ringscope.native.core import ffi, lib, raise_for
from ringscope.native.records import Packet
from ringscope.native.store import Store, runs
from ringscope.native.views import View

HEADERS: Final = {
    "number": lib.RS_BY_NUMBER,
    "time": lib.RS_BY_TIME,
    "length": lib.RS_BY_LENGTH,
    "captured": lib.RS_BY_CAPTURED,
    "queue": lib.RS_BY_QUEUE,
    "epoch": lib.RS_BY_EPOCH,
}
"""What packets can be sorted by without a look at their bytes."""

LAST: Final = 2**64 - 1
"""The greatest key."""


class Sorted:
    """Packet numbers in an order, 8 bytes each. Nothing of it changes; from any thread."""

    def __init__(self, numbers: array[int]) -> None:
        self._numbers = numbers

    @classmethod
    def by_keys(cls, numbers: array[int], keys: array[int], *, falling: bool) -> Sorted:
        """Sorts ``numbers`` by their ``keys`` (both ``array("Q")``, and both used up), the least first or, if
        ``falling``, the greatest; what has the same key stays in its order. Raises NativeError: there is no memory.
        """
        words = ffi.new("rs_error *")
        with ffi.from_buffer("uint64_t[]", keys, True) as first, ffi.from_buffer("uint64_t[]", numbers, True) as second:
            raise_for(lib.rs_order_sort(first, second, len(numbers), falling, words), words)
        return cls(numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    def numbers(self, first: int, count: int) -> Sequence[int]:
        """Those at places ``first`` to ``first + count - 1``, which count from 0; fewer at the end."""
        return self._numbers[max(first, 0) : max(first + count, 0)]

    def nearest(self, number: int) -> int:
        """The place of that number, or of the nearest there is; a millisecond or two for each million."""
        with ffi.from_buffer("uint64_t[]", self._numbers) as numbers:
            return int(lib.rs_order_nearest(numbers, len(self._numbers), max(number, 0)))


class Order:
    """Reads what is to be sorted, in a thread of its own. ``close`` may come from any. Closed with its store at the
    latest; then it reads nothing any more.
    """

    AT_ONCE: Final = 65536
    """Places that are read in one go."""

    def __init__(self, store: Store) -> None:
        """Raises NativeError."""
        store.live()
        self._store = store
        self._packets = Store(store.owner, store.handle)  # reading has buffers of its own
        self._using = threading.Lock()  # held as long as the core works on the store
        self._closed = False
        store.lend(self)
        _open.add(self)

    def keys(self, by: str, first: int, count: int, view: View | None) -> tuple[array[int], array[int]]:
        """Numbers of the packets at places ``first`` to ``first + count - 1``, and what of HEADERS they are sorted by.

        Places are packet numbers, or indexes of the view; what was evicted is left out. Raises NativeError.
        """
        numbers, keys = array("Q", bytes(8 * count)), array("Q", bytes(8 * count))
        words, got = ffi.new("rs_error *"), 0
        with self._using, self._among(view) as among:
            if not self._closed and among is not None:
                with (
                    ffi.from_buffer("uint64_t[]", numbers, True) as one,
                    ffi.from_buffer("uint64_t[]", keys, True) as two,
                ):
                    got = lib.rs_order_keys(self._store.live(), among, first, count, HEADERS[by], one, two, words)
                    raise_for(got, words)
        return numbers[:got], keys[:got]

    def packets(self, first: int, count: int, view: View | None, limit: int) -> list[Packet]:
        """The packets at those places that are kept, with up to ``limit`` bytes of each."""
        with self._using:
            if self._closed:
                return []
            if view is None:
                return self._packets.read(first, count, limit)
            found: list[Packet] = []
            kept = max(first, view.state().low)  # from an index that was evicted on it tells none
            for begin, length in runs(view.numbers(kept, first + count - kept)):
                found += self._packets.read(begin, length, limit)
            return found

    def close(self) -> None:
        """Waits until what is being read has been, and reads nothing more. Idempotent."""
        with self._using:
            self._closed = True
        self._store.give_back(self)

    def cancel(self) -> None:
        """For a view that is closed while it is read: what is read in one go takes but a moment."""

    def disown(self) -> None:
        """For a forked child."""
        self._using, self._closed = threading.Lock(), True

    def _among(self, view: View | None) -> AbstractContextManager[Any]:
        return nullcontext(ffi.NULL) if view is None else view.lent(self)


_open: Final[weakref.WeakSet[Order]] = weakref.WeakSet()


def _disown() -> None:
    for one in list(_open):
        one.disown()


os.register_at_fork(after_in_child=_disown)
