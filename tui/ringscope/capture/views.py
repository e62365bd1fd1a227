# SPDX-License-Identifier: Apache-2.0
"""Views of a session's packets, and searches through them."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ringscope import native
from ringscope.capture.pattern import Pattern
from ringscope.native import NativeError, Packet, Store, ViewState, runs

if TYPE_CHECKING:
    from ringscope.capture.matching import Matcher

__all__ = ["Search", "View", "ViewError", "ViewState"]

_NICE = 5
"""How far the threads of a view over a capture stand back behind its own."""
_PAUSE = 0.005
_SMALLEST_WINDOW, _LARGEST_WINDOW = 256, native.Search.AT_ONCE


class ViewError(RuntimeError):
    """A view or a search that cannot be had: one sentence with cause and cure."""


class View:
    """The packets that pass a view filter, kept up to date by threads of the core's own.

    A match has a view index, 1, 2, 3 ... in the order of packet numbers, which stays what it is; when the store lets
    old packets go, only ``low`` rises. Returns at once, from any thread, but for ``read``, which is for one thread, and
    ``close``. Ends with its session.
    """

    def __init__(self, store: Store, *, live: bool, threads: int = 0) -> None:
        """``live`` tells whose rules the programs are for: the kernel's (a capture) or libpcap's (a file). Raises
        ViewError.
        """
        self._live = live
        try:
            self._view = native.View(store, threads=threads, nice=_NICE if live else 0)
        except NativeError as error:
            raise ViewError(str(error)) from error
        self._packets = Store(store.owner, store.handle)  # reading has buffers of its own

    @property
    def native(self) -> native.View:
        """For a search."""
        return self._view

    def start(self, programs: Mapping[int, bytes]) -> None:
        """Begins anew with these programs (packed ``struct sock_filter``), one for each link type; what was under way
        is dropped at once. Packets of another link type do not pass. Raises ViewError, and then stays as it was.
        """
        try:
            self._view.start(list(programs.items()), live=self._live)
        except NativeError as error:
            raise ViewError(str(error)) from error

    def state(self) -> ViewState:
        """How far it is. To be called with every tick: it also makes the view look for new packets."""
        return self._view.state()

    def number(self, index: int) -> int:
        """Packet number of the index-th match; 0: there is none, or it was evicted."""
        found = self._view.numbers(index, 1)
        return found[0] if found else 0

    def numbers(self, first: int, count: int) -> list[int]:
        """Packet numbers of the matches with view indexes ``first`` to ``first + count - 1``, fewer at the end."""
        return self._view.numbers(first, count)

    def index(self, number: int) -> int:
        """How many matches have a number of at most this: the view index of the last of them."""
        return self._view.index(number)

    def has(self, number: int) -> bool:
        """Does that packet pass? Not one of which it is not known yet."""
        return self._view.has(number)

    def read(self, first: int, count: int, limit: int = 262144) -> list[tuple[int, Packet]]:
        """The matches with view indexes ``first`` to ``first + count - 1`` that are kept, each with its view index, and
        up to ``limit`` bytes of each.
        """
        indexes = {number: first + place for place, number in enumerate(self._view.numbers(first, count))}
        found: list[tuple[int, Packet]] = []
        for begin, length in runs(list(indexes)):
            found += [(indexes[one.number], one) for one in self._packets.read(begin, length, limit)]
        return found

    def close(self) -> None:
        """Ends it. Idempotent."""
        self._view.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Search:
    """Looks for the next packet with a pattern in its bytes, or the one before. Blocking: for a thread of its own.

    The bytes are those that a capture filter sees: without an outer VLAN tag that the kernel took out, and of a cooked
    capture without the cooked header. ``cancel`` and ``progress`` may be used from any thread. Once cancelled it finds
    nothing any more: take a new one. Ends with its session.
    """

    def __init__(self, store: Store) -> None:
        """Raises ViewError."""
        try:
            self._search = native.Search(store)
        except NativeError as error:
            raise ViewError(str(error)) from error
        self._store = store
        self._matcher: Matcher | None = None
        self._changing = threading.Lock()

    def find(self, pattern: Pattern, start: int, *, forward: bool = True, view: View | None = None) -> int | None:
        """Number of the first packet from number ``start`` on that has the pattern, or of the last one up to it; None:
        there is none, or it was cancelled.

        ``view`` confines it to what passes there; it waits until the view has come so far. Raises ViewError.
        """
        from ringscope.capture.matching import Matcher, MatcherGone  # not before something is looked for

        among = view.native if view else None
        if view and not self._wait_for(view):
            return None
        try:
            if pattern.kind != "regex":
                return self._search.find(pattern.data, start, fold=pattern.ignore_case, forward=forward, view=among)
            with Matcher(pattern) as matcher:
                with self._changing:
                    self._matcher = matcher
                try:
                    return self._forward(matcher, start, among) if forward else self._back(matcher, start, among)
                finally:
                    with self._changing:
                        self._matcher = None
        except (NativeError, MatcherGone) as error:
            if self._search.cancelled:
                return None
            raise ViewError(str(error)) from error

    @property
    def progress(self) -> int:
        """Packets looked at so far."""
        return self._search.progress

    def cancel(self) -> None:
        """Ends what is under way; returns at once."""
        self._search.cancel()
        with self._changing:
            if self._matcher:
                self._matcher.kill()

    def close(self) -> None:
        """Cancels, and frees its memory. Idempotent."""
        self.cancel()
        self._search.close()

    def _wait_for(self, view: View) -> bool:
        """False: cancelled, or the view gave up."""
        while (state := view.state()).running:
            if self._search.cancelled:
                return False
            time.sleep(_PAUSE)
        return not state.fault

    def _forward(self, matcher: Matcher, start: int, view: native.View | None) -> int | None:
        first, last = max(start, 1), self._store.head
        while first <= last and not self._search.cancelled:
            batch = self._search.batch(first, last, matcher.memory, view)
            if batch.numbers and (place := matcher.match(batch.ends, want_last=False)) is not None:
                return batch.numbers[place]
            first = batch.following
        return None

    def _back(self, matcher: Matcher, start: int, view: native.View | None) -> int | None:
        """In windows that are looked through forwards: the last match of the first window with one."""
        last, window = min(start, self._store.head), _SMALLEST_WINDOW
        while last >= max(self._store.tail, 1) and not self._search.cancelled:
            first, found = max(last - window + 1, 1), None
            following = first
            while following <= last and not self._search.cancelled:
                batch = self._search.batch(following, last, matcher.memory, view)
                if batch.numbers and (place := matcher.match(batch.ends, want_last=True)) is not None:
                    found = batch.numbers[place]
                following = batch.following
            if found:
                return found
            last, window = first - 1, min(2 * window, _LARGEST_WINDOW)
        return None
