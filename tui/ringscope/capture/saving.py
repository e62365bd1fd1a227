# SPDX-License-Identifier: Apache-2.0
"""Packets of a session to a capture file: those of a range, those with some numbers, or all that come."""

from __future__ import annotations

import errno
import os
import threading
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

from ringscope import __version__
from ringscope.capture.errors import CaptureError
from ringscope.frozen import frozen
from ringscope.native import FORMATS, File, Losses, NativeError, SavedInterface, SavedStatistics, Savefile, Store

_AT_ONCE: Final = 1 << 16
"""Packets that are appended before it is looked whether somebody has lost patience."""

_LAST: Final = 2**64 - 1


def format_of(path: str, asked: str | None = None) -> str:
    """The format of a file: the one that was asked for, else by the ending of its name; ``pcap``, as tcpdump writes,
    where that does not tell.
    """
    if asked is not None:
        return asked
    ending = os.path.splitext(path)[1].removeprefix(".").lower()
    return ending if ending in FORMATS else "pcap"


@frozen
class About:
    """What a session tells of its packets, for the files that they are saved in.

    ``link_type`` is the LINKTYPE_* of all packets of a pcap file, ``snaplen`` the bytes that were kept of each.
    ``interfaces``, ``statistics`` and ``epochs`` are asked again while a file is written; ``epochs(first)`` gives
    number and filter expression of the epochs from that number on. ``filter`` is that of interfaces which are not
    among ``interfaces``, whose names this host knows if ``names`` is true. ``losses`` are those of a capture,
    ``origin`` is the file that the packets are of.
    """

    link_type: int
    snaplen: int
    interfaces: Callable[[], Sequence[SavedInterface]] = tuple
    statistics: Callable[[], Sequence[SavedStatistics]] = tuple
    epochs: Callable[[int], Sequence[tuple[int, str]]] = lambda first: ()
    losses: Losses | None = None
    origin: File | None = None
    filter: str = ""
    names: bool = False


class Saver:
    """A capture file that is being written, under a hidden name in its folder until it is closed.

    ``-`` is standard output; that and what is no regular file is written directly. One thread uses it; ``cancel`` is
    for any. A context manager: leaving it closes the file, leaving it by an exception abandons it.
    """

    def __init__(
        self,
        path: str,
        store: Store,
        about: About,
        *,
        format: str = "pcapng",
        first: int = 1,
        size_limit: int = 0,
    ) -> None:
        """Creates the file; ``follow`` will begin with number ``first``. Raises CaptureError."""
        self.path: Final = path
        self.format: Final = format
        self._store = store
        self._about = about
        self._cancelled = threading.Event()
        self._next_epoch = 1
        self._interfaces: tuple[SavedInterface, ...] = ()
        self._closed = False
        with _worded():
            self._file = Savefile(
                path,
                format=format,
                link_type=about.link_type,
                snaplen=about.snaplen,
                first=first,
                size_limit=size_limit,
                names=about.names,
                made_of=_made_of(),
                filter=about.filter,
                losses=about.losses,
                origin=about.origin,
            )
        try:
            self._describe()
        except CaptureError:
            self._file.discard()
            raise

    def range(self, first: int, last: int) -> None:
        """Appends packets ``first`` to ``last``. Raises CaptureError, e.g. for a full disk."""
        last = min(last, self._store.head)
        self._describe()
        while first <= last and not (self._cancelled.is_set() or self.full):
            with _worded():
                first = self._file.append(self._store, first, min(last, first + _AT_ONCE - 1))

    def numbers(self, numbers: Sequence[int]) -> None:
        """Appends the packets with these numbers, which rise. Raises CaptureError."""
        self._describe()
        for begin in range(0, len(numbers), _AT_ONCE):
            if self._cancelled.is_set() or self.full:
                return
            with _worded():
                self._file.pick(self._store, array("Q", numbers[begin : begin + _AT_ONCE]))

    def follow(self, last: int = _LAST, *, complete: bool = False) -> None:
        """Appends what has come since the last call, up to number ``last``. Raises CaptureError.

        A packet that is the first behind a loss waits up to half a second for the size of that loss, and what follows
        it with it, unless all is wanted now (``complete``).
        """
        # In this order: what is told of epochs holds for all packets up to this one.
        last = min(last, self._store.head)
        self._describe()
        with _worded():
            self._file.follow(self._store, last, may_wait=not complete)

    @property
    def written(self) -> int:
        """Packets in the file."""
        return self._file.written

    @property
    def missed(self) -> int:
        """Packets that were to be in it, but had been evicted, or were lost to an error of the file."""
        return self._file.missed

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self._file.size

    @property
    def next(self) -> int:
        """The number that ``follow`` goes on with."""
        return self._file.next

    @property
    def full(self) -> bool:
        """Did the last call end because the file had reached its limit?"""
        return self._file.full

    @property
    def moved(self) -> bool:
        """Was the file, after it had been published, moved away or removed?"""
        return self._file.moved

    def publish(self) -> None:
        """What is there goes to the disk, and has the file's name from now on; more can follow. Raises CaptureError."""
        with _worded():
            self._file.publish()

    def cancel(self) -> None:
        """Ends ``range`` and ``numbers`` soon; from any thread."""
        self._cancelled.set()

    def close(self) -> None:
        """Adds what was counted, gives the file its name and closes it. Idempotent. Raises CaptureError."""
        if self._closed:
            return
        self._closed = True
        with _worded():
            try:
                for interface in self._about.interfaces():
                    self._file.add_interface(interface)
                for statistics in self._about.statistics():
                    self._file.add_statistics(statistics)
            finally:
                self._file.close()

    def abandon(self) -> None:
        """Closes the file and removes it, unless it was published. Idempotent."""
        self._closed = True
        self._file.discard()

    def _describe(self) -> None:
        """Tells the file of interfaces and epochs that are new."""
        with _worded():
            if (interfaces := tuple(self._about.interfaces())) != self._interfaces:
                for interface in interfaces:
                    self._file.add_interface(interface)
                self._interfaces = interfaces
            for number, expression in self._about.epochs(self._next_epoch):
                told = f"capture filter: {expression}" if expression else "no capture filter"
                self._file.add_epoch(number, f"{told}, epoch {number}")
                self._next_epoch = number + 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.abandon()


def _made_of() -> tuple[str, str, str]:
    """What a pcapng file says of the machine, its system and us."""
    system = os.uname()
    return system.machine, f"{system.sysname} {system.release}", f"ringscope {__version__}"


@contextmanager
def _worded() -> Iterator[None]:
    """Makes what the core says a CaptureError, with a cure where there is one."""
    try:
        yield
    except NativeError as error:
        cure = " (make room, or capture less: -c, -s, a filter)" if error.errno in (errno.ENOSPC, errno.EDQUOT) else ""
        raise CaptureError(f"{error}{cure}") from error
