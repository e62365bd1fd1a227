# SPDX-License-Identifier: Apache-2.0
"""Views and searches of a store: which packets pass a program, and which contain bytes."""

from __future__ import annotations

import errno
import os
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from mmap import mmap
from typing import Any, Final, Protocol

from ringscope.frozen import frozen
from ringscope.native.core import ffi, lib, program, raise_for
from ringscope.native.records import NativeError
from ringscope.native.store import Store


@frozen
class ViewState:
    """How far a view is; see rs_view_info in csrc/ringscope.h.

    Packets up to number ``examined`` were looked at, ``judged`` of them (the others had been evicted), ``matched``
    pass, of ``unknown`` too little was kept to tell, and they do not pass. ``low`` and ``high`` are the view indexes of
    the first and the last match that is kept, low > high: there is none. ``running`` is true until the packet is
    examined that was the newest when the program came. ``fault`` is a sentence when it gave up, else empty.
    """

    examined: int
    judged: int
    matched: int
    unknown: int
    running: bool
    low: int
    high: int
    fault: str = ""


class Borrower(Protocol):
    """What reads a view in a thread of its own."""

    def cancel(self) -> None:
        """The view is being closed: it is to give it back soon."""


class View:
    """The packets of a store that pass a program; found by threads of the core's own, kept up to date.

    Every method may be called from any thread and returns at once, but for ``close``, which waits for the threads to
    finish a few packets. Closed with its store at the latest; after that it is empty.
    """

    def __init__(self, store: Store, *, threads: int = 0, nice: int = 0) -> None:
        """``threads`` 0: one for each CPU, at most 4; ``nice`` 0 to 19 lets a capture go first. Raises NativeError."""
        out, words = ffi.new("rs_view **"), ffi.new("rs_error *")
        raise_for(lib.rs_view_open(store.live(), threads, nice, out, words), words)
        self._handle: Any = out[0]
        self._using = threading.Lock()  # close() must not free what another thread works on
        self._returned = threading.Condition(self._using)
        self._borrowers: list[Borrower] = []
        self._store = store
        store.lend(self)
        _open.add(self)

    def start(self, programs: Sequence[tuple[int, bytes]], *, live: bool) -> None:
        """Begins anew with a program (packed ``struct sock_filter``) for each link type; drops at once what was under
        way.

        ``live`` says whose rules the programs are made for: the kernel's, as for a capture, or libpcap's, as for a
        file. Raises NativeError when one is not valid; then the view stays as it was.
        """
        machine = lib.RS_MACHINE_KERNEL if live else lib.RS_MACHINE_LIBPCAP
        listed, kept = ffi.new("rs_view_program[]", len(programs)), []
        for each, (link_type, code) in zip(listed, programs, strict=True):
            instructions, length = program(code)
            kept.append(instructions)  # cffi does not keep what a struct's pointers point to
            each.link_type, each.machine, each.insns, each.length = link_type, machine, instructions, length
        words = ffi.new("rs_error *")
        with self._using:
            if self._handle is None:
                raise NativeError(errno.EBADF, "this view is closed")
            raise_for(lib.rs_view_start(self._handle, listed, len(programs), words), words)

    def state(self) -> ViewState:
        """How far it is. Also makes it look for new packets."""
        info = ffi.new("rs_view_info *")
        info.low = 1
        with self._using:
            if self._handle is not None:
                lib.rs_view_state(self._handle, info)
        return ViewState(
            examined=info.examined,
            judged=info.judged,
            matched=info.matched,
            unknown=info.unknown,
            running=bool(info.running),
            low=info.low,
            high=info.high,
            fault=f"the view gave up: {os.strerror(info.fault)}; clear it and type it again" if info.fault else "",
        )

    def numbers(self, first: int, count: int) -> list[int]:
        """Packet numbers of the matches with view indexes ``first`` to ``first + count - 1``, fewer at the end; none
        where the first was evicted.
        """
        if count <= 0 or first <= 0:
            return []
        out = ffi.new("uint64_t[]", count)
        with self._using:
            got = 0 if self._handle is None else lib.rs_view_numbers(self._handle, first, out, count)
        return list(out[0:got])

    def index(self, number: int) -> int:
        """How many matches have a number of at most this."""
        with self._using:
            return 0 if self._handle is None or number < 0 else int(lib.rs_view_index(self._handle, number))

    def has(self, number: int) -> bool:
        """Does that packet pass? Not one of which it is not known yet."""
        with self._using:
            return self._handle is not None and number > 0 and bool(lib.rs_view_has(self._handle, number))

    def close(self) -> None:
        """Ends its threads, and cancels the searches in it. Idempotent."""
        with self._using:
            handle, self._handle = self._handle, None
            for borrower in self._borrowers:
                borrower.cancel()
            self._returned.wait_for(lambda: not self._borrowers)
            if handle is not None:
                lib.rs_view_close(handle)
        self._store.give_back(self)

    def disown(self) -> None:
        """For a forked child, which has none of the threads: there the view is empty."""
        self._using = threading.Lock()
        self._returned = threading.Condition(self._using)
        self._handle = None

    @contextmanager
    def lent(self, borrower: Borrower) -> Iterator[Any]:
        """Its handle for the time of the block; None when it is closed."""
        with self._using:
            handle = self._handle
            self._borrowers.append(borrower)
        try:
            yield handle
        finally:
            with self._using:
                self._borrowers.remove(borrower)
                self._returned.notify_all()


@frozen
class Batch:
    """Packets whose bytes are in a buffer: those of ``numbers[i]`` end at ``ends[i]`` and begin where those before end,
    the first at 0. ``following`` is the first number that was not looked at.
    """

    numbers: list[int]
    ends: list[int]
    following: int


class Search:
    """Looks for bytes in the packets of a store, as their filter saw them. For one thread, but for ``cancel`` and
    ``progress``; once cancelled it finds nothing any more. Closed with its store at the latest.
    """

    AT_ONCE: Final = 1024
    """Packets of a batch at most."""

    def __init__(self, store: Store) -> None:
        """Raises NativeError."""
        out, words = ffi.new("rs_search **"), ffi.new("rs_error *")
        raise_for(lib.rs_search_open(store.live(), out, words), words)
        self._handle: Any = out[0]
        self._searching = threading.Lock()  # held as long as the core works on it
        self._using = threading.Lock()  # held for a moment, by whoever needs the handle to stay
        self._cancelled = False
        self._store = store
        store.lend(self)
        _open.add(self)

    def find(self, needle: bytes, start: int, *, fold: bool, forward: bool, view: View | None) -> int | None:
        """Number of the first packet from ``start`` on that contains the bytes, or of the last one up to it; None:
        there is none, or the search was cancelled. ``fold`` takes capital letters A to Z as small ones.
        """
        found, words = ffi.new("uint64_t *"), ffi.new("rs_error *")
        with self._searching, _among(view, self) as among:
            if self._handle is None or among is None:
                return None
            start = max(start, 0)
            result = lib.rs_search_bytes(self._handle, needle, len(needle), fold, start, forward, among, found, words)
        if result == -errno.ECANCELED:
            return None
        raise_for(result, words)
        return int(found[0]) or None

    def batch(self, first: int, last: int, into: mmap | bytearray, view: View | None) -> Batch:
        """Bytes of packets ``first`` to ``last``, as many as the buffer holds; it must have room for one packet."""
        numbers, ends = ffi.new("uint64_t[]", self.AT_ONCE), ffi.new("uint32_t[]", self.AT_ONCE)
        following, got = ffi.new("uint64_t *", last + 1), 0
        with self._searching, _among(view, self) as among, ffi.from_buffer("uint8_t[]", into, True) as room:
            if self._handle is not None and among is not None:
                got = lib.rs_search_copy(
                    self._handle, first, last, among, numbers, ends, self.AT_ONCE, room, len(room), following
                )
        return Batch(list(numbers[0:got]), list(ends[0:got]), int(following[0]))

    @property
    def progress(self) -> int:
        """Packets looked at so far."""
        with self._using:
            return 0 if self._handle is None else int(lib.rs_search_progress(self._handle))

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def cancel(self) -> None:
        """Ends what is under way. From any thread; returns at once."""
        self._cancelled = True
        with self._using:
            if self._handle is not None:
                lib.rs_search_cancel(self._handle)

    def close(self) -> None:
        """Cancels, and frees it. Idempotent."""
        self.cancel()
        with self._searching, self._using:
            handle, self._handle = self._handle, None
            if handle is not None:
                lib.rs_search_close(handle)
        self._store.give_back(self)

    def disown(self) -> None:
        """For a forked child."""
        self._searching, self._using = threading.Lock(), threading.Lock()
        self._handle = None


def _among(view: View | None, search: Search) -> AbstractContextManager[Any]:
    """What the core takes for the view to search in; None: it is closed."""
    return nullcontext(ffi.NULL) if view is None else view.lent(search)


_open: Final[weakref.WeakSet[View | Search]] = weakref.WeakSet()


def _disown() -> None:
    for one in list(_open):
        one.disown()


os.register_at_fork(after_in_child=_disown)
