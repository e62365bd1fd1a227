# SPDX-License-Identifier: Apache-2.0
"""A capture file, or a pipe that delivers one, as a session: to a screen it is what a capture is."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from ringscope.capture.ordering import Ordering, OrderingError
from ringscope.capture.saving import About, Saver
from ringscope.capture.session import CaptureError, Epoch, Loading, Session, Snapshot
from ringscope.capture.views import Search, View, ViewError
from ringscope.native import (
    Counters,
    File,
    FileInfo,
    FileInterface,
    FileName,
    Loss,
    NativeError,
    Packet,
    SavedInterface,
    SavedStatistics,
)

ETHERNET: Final = 1
SNAPLEN: Final = 262144
"""Bytes: libpcap's limit, where a file does not say."""

_MOST_INTERFACES: Final = 64
"""Interfaces that are counted one by one; a file may have thousands."""


def _counters(packets: int, bytes: int, dropped: int, evicted: int, interface: str, snapped: int = 0) -> Counters:
    """Counters of something that has no ring."""
    return Counters(
        stored=packets,
        dropped=dropped,
        early_drops=0,
        frozen_drops=0,
        freezes=0,
        delivered=packets,
        bytes=bytes,
        truncated=0,
        arena_drops=0,
        evicted=evicted,
        losing_blocks=0,
        blocks_full=0,
        blocks_timeout=0,
        wakeups=0,
        spurious_wakeups=0,
        resyncs=0,
        rollover_all=0,
        rollover_huge=0,
        rollover_failed=0,
        unaccounted=0,
        fill=0.0,
        peak=0.0,
        highest=0.0,
        oldest=0.0,
        ready_blocks=0,
        headroom=0,
        blocks=0,
        block_size=0,
        frozen=False,
        pressed=False,
        cpu=-1,
        interface=interface,
        snapped=snapped,
    )


def _lost(interface: FileInterface) -> int:
    """Packets that its statistics count as dropped: what the interface had no room for is what dumpcap and ringscope
    write; a file that tells only of the operating system's drops is taken by its word.
    """
    return interface.dropped or interface.os_dropped


class FileSession:
    """A file's packets. A context manager; reading is for one thread, the one that draws."""

    live_code = can_filter = False

    def __init__(self, file: File, name: str) -> None:
        self._file = file
        self.interface: Final[str] = name
        self.kind: Final[str] = "pipe" if file.info().pipe else "file"
        self._interfaces: tuple[FileInterface, ...] = ()
        self._as_of: tuple[int, int, str] | None = None

    @classmethod
    def open(cls, path: str, *, store_bytes: int, descriptor: int = -1, follow: bool = False) -> Self:
        """Opens a capture file; ``-`` is standard input, or ``descriptor`` where that has been put elsewhere (it is
        duplicated). Of what a pipe brings the newest ``store_bytes`` are kept. ``follow``: a file that is still being
        written is read on. Raises CaptureError, also for a file that is no capture.
        """
        name = path
        if path == "-":
            name = "standard input"
            descriptor = descriptor if descriptor >= 0 else sys.stdin.fileno()
        try:
            file = File(name, descriptor=descriptor, store_bytes=store_bytes, follow=follow)
        except NativeError as error:
            raise CaptureError(str(error)) from error
        return cls(file, name.rpartition("/")[2] or name)

    def info(self) -> FileInfo:
        """All that is known of the file."""
        return self._file.info()

    def interfaces(self) -> tuple[FileInterface, ...]:
        """The first 64 interfaces of the file, as of the newest snapshot."""
        self._look(self._file.info())
        return self._interfaces

    def names(self) -> tuple[FileName, ...]:
        """The names of addresses that the file tells."""
        return self._file.names()

    def _look(self, info: FileInfo) -> None:
        """Asks for the interfaces again, if anything has come since the last time."""
        as_of = (info.packets, info.interfaces, info.state)
        if as_of != self._as_of:
            self._as_of = as_of
            self._interfaces = self._file.interfaces(0, _MOST_INTERFACES)

    @property
    def detail(self) -> str:
        """What kind of file it is."""
        info = self._file.info()
        several = f"{info.interfaces} interfaces" if info.interfaces > 1 else ""
        sections = f"{info.sections} sections" if info.sections > 1 else ""
        return ", ".join(part for part in (info.format, info.compression, sections, several) if part)

    @property
    def filter_expression(self) -> str:
        """The capture filter that the file tells of, if all of its interfaces had the same."""
        filters = {one.filter for one in self.interfaces()}
        return filters.pop() if len(filters) == 1 else ""

    @property
    def counts_drops(self) -> bool:
        """Has the file statistics of any of its interfaces?"""
        return any(one.has_statistics for one in self.interfaces())

    @property
    def link_types(self) -> tuple[int, ...]:
        return self._file.link_types()

    @property
    def link_type(self) -> int:
        return next(iter(self.link_types), ETHERNET)

    @property
    def snaplen(self) -> int:
        limits = [one.snaplen for one in self.interfaces()]
        return min(max(limits), SNAPLEN) if limits and all(limits) else SNAPLEN

    @property
    def swapped(self) -> bool:
        """Whether a machine of the other byte order wrote it: see :meth:`ringscope.filter.Compiler.compile`."""
        return self._file.info().swapped

    def interface_name(self, ifindex: int) -> str:
        """What the file calls the interface of this index; ``#1`` where it names others, but not this one."""
        known = self.interfaces()
        if 0 <= ifindex < len(known) and (name := known[ifindex].name or known[ifindex].description):
            return name
        return f"#{ifindex}" if len(known) > 1 else ""

    def snapshot(self) -> Snapshot:
        info = self._file.info()
        self._look(info)
        queues = tuple(
            _counters(one.packets, 0, _lost(one), 0, self.interface_name(index))
            for index, one in enumerate(self._interfaces)
        )
        few = info.interfaces <= _MOST_INTERFACES
        dropped = sum(map(_lost, self._interfaces)) if few else info.dropped or info.os_dropped
        return Snapshot(
            time=time.time(),
            state=info.state if info.state in ("reading", "waiting") else "file",
            state_text=_in_words(info),
            total=_counters(info.packets, info.bytes, dropped, info.evicted, "", info.snapped),
            queues=queues,
            head=info.packets,
            tail=info.evicted + 1,
            evicted=info.evicted,
            epoch=1,
            disordered=info.disordered,
        )

    def epochs(self) -> tuple[Epoch, ...]:
        """One: what was captured under the filter that the file tells of."""
        info = self._file.info()
        return (
            Epoch(
                number=1,
                expression=self.filter_expression,
                mode="first",
                first=1 if info.packets else 0,
                clean_from=1,
                rechecked=0,
                matched=0,
                unknown=0,
                begun=info.first_ns / 1e9,
                gap=0.0,
                settled=True,
            ),
        )

    def newest(self) -> int:
        """The newest packet number."""
        return self._file.store.head

    def read(self, first: int, count: int, limit: int = 262144) -> list[Packet]:
        return self._file.store.read(first, count, limit)

    def comment(self, number: int) -> str:
        return self._file.comment(number)

    def find_time(self, time_ns: int) -> int:
        return self._file.store.find_time(time_ns)

    def losses(self, first: int, last: int) -> list[Loss]:
        """As pcapng files tell by epb_dropcount."""
        return self._file.losses(first, last)

    def next_loss(self, number: int, *, forward: bool) -> int:
        return self._file.next_loss(number, forward=forward)

    def saver(self, path: str, *, format: str = "pcapng", first: int = 1, size_limit: int = 0) -> Saver:
        """As for a capture; what the file says of its interfaces and packets goes with them."""
        about = About(
            link_type=self.link_type,
            snaplen=self.snaplen,
            interfaces=self._saved_interfaces,
            statistics=self._saved_statistics,
            origin=self._file,
        )
        return Saver(path, self._file.store, about, format=format, first=first, size_limit=size_limit)

    def _saved_interfaces(self) -> list[SavedInterface]:
        return [
            SavedInterface(index, one.link_type, one.snaplen, one.name, one.description, one.filter)
            for index, one in enumerate(self._all_interfaces())
        ]

    def _saved_statistics(self) -> list[SavedStatistics]:
        """What the file says was counted; a count of 0 may be one that it does not tell."""
        end = self._file.info().last_ns
        return [
            SavedStatistics(
                index, 0, end, received=one.received or None, dropped=one.dropped, os_dropped=one.os_dropped or None
            )
            for index, one in enumerate(self._all_interfaces())
            if one.has_statistics
        ]

    def _all_interfaces(self) -> tuple[FileInterface, ...]:
        return self._file.interfaces(0, self._file.info().interfaces)

    def loading(self) -> Loading | None:
        info = self._file.info()
        if info.state == "done":
            return None
        share = None if info.pipe else info.read / info.size if info.size else 1.0
        return Loading(share=share, packets=info.packets, state=info.state, fault=info.fault)

    def cancel(self) -> None:
        self._file.cancel()

    def view(self) -> View:
        try:
            return View(self._file.store, live=False)
        except ViewError as error:
            raise CaptureError(str(error)) from error

    def search(self) -> Search:
        try:
            return Search(self._file.store)
        except ViewError as error:
            raise CaptureError(str(error)) from error

    def ordering(self) -> Ordering:
        try:
            return Ordering(self._file.store)
        except OrderingError as error:
            raise CaptureError(str(error)) from error

    def set_filter(self, expression: str, code: bytes) -> int:
        raise CaptureError("a file has no capture filter: its packets were captured before; hide some by a view filter")

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _in_words(info: FileInfo) -> str:
    """What has become of reading it; empty while it is read, and when all is there."""
    if info.fault:
        return info.fault
    if info.state == "cancelled":
        share = f" at {100 * info.read // info.size} %" if info.size else ""
        return f"reading was cancelled{share}: the first {info.packets} packets are shown"
    return ""


if TYPE_CHECKING:
    _: type[Session] = FileSession
