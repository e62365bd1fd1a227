# SPDX-License-Identifier: Apache-2.0
"""Sorting the packets of a session, or those of a view, by what their headers say or by what somebody makes of them."""

from __future__ import annotations

import re
import socket
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from heapq import merge

from ringscope import native
from ringscope.capture.views import View
from ringscope.native import LAST, NativeError, Packet, Sorted, Store

__all__ = ["Ordering", "OrderingError", "Sorted"]

HEADERS = tuple(native.HEADERS)
"""What packets are sorted by without a look at their bytes, a million in a fraction of a second."""

MOST_VALUES = 500_000
"""Different values that packets are sorted by, at most: some hundred bytes of memory each."""

Value = int | str

_CHUNK = 128
_PIECE = 8192  # values that are sorted, or packets that get their key, in one go: some milliseconds
_PAUSE = 0.0001
_DIGITS = re.compile(r"([0-9]{1,18})")


class OrderingError(RuntimeError):
    """Packets that cannot be sorted: one sentence with cause and cure."""


class Ordering:
    """For one sort. Blocking: for a thread of its own; ``cancel`` and ``progress`` are for any. Ends with its session.

    Places are packet numbers or, where a view is given, its indexes.
    """

    def __init__(self, store: Store) -> None:
        """Raises OrderingError."""
        try:
            self._order = native.Order(store)
        except NativeError as error:
            raise OrderingError(str(error)) from error
        self._cancelled = False
        self.progress = 0
        """Places looked at so far."""

    def by_header(self, by: str, first: int, last: int, *, view: View | None, falling: bool) -> Sorted | None:
        """The packets at places ``first`` to ``last`` by one of HEADERS; None: it was cancelled. Takes 32 bytes a
        packet, and 8 when it is done. Raises OrderingError.
        """
        numbers, keys = array("Q"), array("Q")
        among = view.native if view else None
        try:
            for start, count in self._steps(first, last, native.Order.AT_ONCE):
                some, their = self._order.keys(by, start, count, among)
                numbers.extend(some)
                keys.extend(their)
            return None if self._cancelled else Sorted.by_keys(numbers, keys, falling=falling)
        except (NativeError, MemoryError) as error:
            raise OrderingError(str(error) or "no memory to sort so many packets; a view makes them fewer") from error

    def by_value(
        self,
        value: Callable[[Packet], Value | None],
        first: int,
        last: int,
        *,
        view: View | None,
        falling: bool,
        limit: int,
    ) -> tuple[Sorted, int] | None:
        """The same by a value that is made of each packet and the first ``limit`` bytes of it, and how many have one;
        those without (None) come last either way. Takes 44 bytes a packet, and what the values take.
        """
        numbers, seen = array("Q"), array("I")
        ids: dict[Value | None, int] = {}
        among = view.native if view else None
        try:
            for start, count in self._steps(first, last, _CHUNK):
                for packet in self._order.packets(start, count, among, limit):
                    numbers.append(packet.number)
                    seen.append(ids.setdefault(value(packet), len(ids)))
                if len(ids) > MOST_VALUES:
                    raise OrderingError(
                        f"more than {MOST_VALUES} different values are too many to sort by; a view (v) makes them fewer"
                    )
                time.sleep(_PAUSE)  # the screen's thread gets its turn
            keys = self._keys(ids, seen, falling=falling)
            if self._cancelled or keys is None:
                return None
            without = seen.count(ids[None]) if None in ids else 0
            return Sorted.by_keys(numbers, keys, falling=False), len(numbers) - without
        except (NativeError, MemoryError) as error:
            raise OrderingError(str(error) or "no memory to sort so many packets; a view makes them fewer") from error

    def cancel(self) -> None:
        """Ends what is under way, within some milliseconds."""
        self._cancelled = True

    def close(self) -> None:
        """Cancels, and reads nothing more. Idempotent."""
        self.cancel()
        self._order.close()

    def _steps(self, first: int, last: int, size: int) -> Iterator[tuple[int, int]]:
        """Places and how many, until the end or until it is cancelled."""
        for start in range(first, last + 1, size):
            if self._cancelled:
                return
            count = min(size, last - start + 1)
            yield start, count
            self.progress += count

    def _keys(self, ids: dict[Value | None, int], seen: array[int], *, falling: bool) -> array[int] | None:
        """The place of each packet's value among all values."""
        rank = array("Q", [LAST]) * len(ids)
        for place, value in enumerate(_in_order([value for value in ids if value is not None])):
            rank[ids[value]] = len(ids) - place if falling else place
            if not place % _PIECE and self._cancelled:
                return None
        keys = array("Q")
        for start in range(0, len(seen), _PIECE):
            keys.extend(rank[each] for each in seen[start : start + _PIECE])
            time.sleep(_PAUSE)
        return keys


def _in_order(values: Sequence[Value]) -> Iterator[Value]:
    """Numbers, then text, in which numbers count as such: ``10.0.0.9`` comes before ``10.0.0.10``.

    Sorting holds the interpreter for as long as it takes, so it is done in pieces.
    """
    pieces = []
    for start in range(0, len(values), _PIECE):
        pieces.append(sorted(values[start : start + _PIECE], key=_sort_key))
        time.sleep(_PAUSE)
    return merge(*pieces, key=_sort_key)


def _sort_key(value: Value) -> tuple[int, int | bytes | list[str | int]]:
    if isinstance(value, int):
        return 0, value
    if ":" in value:
        try:
            return 2, socket.inet_pton(socket.AF_INET6, value)
        except (OSError, ValueError):
            pass
    parts: list[str | int] = list(_DIGITS.split(value.casefold()))
    parts[1::2] = [int(digits) for digits in parts[1::2]]
    return 1, parts
