# SPDX-License-Identifier: Apache-2.0
"""A source of packets as screens and headless commands see it: numbers, bytes, counters, one filter in force."""

from __future__ import annotations

import errno
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from ringscope.capture.config import CaptureConfig
from ringscope.capture.errors import CaptureError as CaptureError
from ringscope.capture.errors import WrongSettings as WrongSettings
from ringscope.capture.ordering import Ordering, OrderingError
from ringscope.capture.saving import About, Saver
from ringscope.capture.views import Search, View, ViewError
from ringscope.native import (
    Capture,
    Change,
    Counters,
    FileInterface,
    NativeError,
    Packet,
    SavedInterface,
    SavedStatistics,
    Source,
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A session at one moment; see :class:`ringscope.native.State` and :class:`ringscope.native.Counters`.

    ``state_text`` is empty while packets are read, else a sentence; ``state_since`` is in seconds since 1970. ``epoch``
    is the number of the newest filter, see :meth:`Session.epochs`. ``evicted`` counts the packets that the bounded
    store let go, ``disordered`` those whose time is before that of the packet numbered before them.
    """

    time: float
    state: str
    state_text: str
    total: Counters
    queues: tuple[Counters, ...]
    head: int
    tail: int
    evicted: int
    epoch: int
    disordered: int
    state_since: float = 0.0


@dataclass(frozen=True, slots=True)
class Epoch:
    """One capture filter, and the line that it draws through the packets.

    ``expression`` is as typed, empty for everything. ``mode`` is ``first``, ``soft`` or ``exact``: see
    :class:`ringscope.native.Change`. ``first`` is the number of the first packet that carries this epoch (0: none
    yet); from ``clean_from`` on (0: not known yet) every packet passed this filter. ``rechecked`` packets came while
    it was being attached and were run through it again: ``matched`` of them pass, ``unknown`` cannot be judged.
    ``begun`` is in seconds since 1970, ``gap`` the seconds in which nothing was captured because the kernel had no
    room for both filters. ``settled`` is false where the kernel could not be asked to wait for the old one to run
    out, ``undone`` true where it could not be attached everywhere and the one before is in force again.
    """

    number: int
    expression: str
    mode: str
    first: int
    clean_from: int
    rechecked: int
    matched: int
    unknown: int
    begun: float
    gap: float
    settled: bool
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Loading:
    """How far a file has been read.

    ``share`` is that of its bytes, 0 to 1, None for a pipe, whose size nobody knows; ``packets`` are those found so
    far. ``state`` is ``reading``, ``waiting`` (all there is was read, more may come), ``done``, ``cancelled`` or
    ``failed``. ``fault`` is a sentence that names what is wrong and at which byte of the file; empty: nothing is.
    """

    share: float | None
    packets: int
    state: str
    fault: str


class Session(Protocol):
    """What a screen may ask of a source of packets."""

    @property
    def kind(self) -> str:
        """``live``, ``demo``, ``file`` or ``pipe``."""

    @property
    def detail(self) -> str:
        """What is known of the interface, such as its speed, or of the file; may be empty."""

    @property
    def filter_expression(self) -> str:
        """The capture filter in force, as typed; empty: everything. Of a file that of its capture, where it tells."""

    @property
    def live_code(self) -> bool:
        """Whether filters for it are compiled for packet sockets (a capture) or for the bytes alone (a file)."""

    @property
    def can_filter(self) -> bool:
        """Whether :meth:`set_filter` works: a file's packets were captured long ago."""

    @property
    def counts_drops(self) -> bool:
        """Whether the counter of dropped packets is known: a file may not tell."""

    @property
    def swapped(self) -> bool:
        """Whether a machine of the other byte order captured it: see :meth:`ringscope.filter.Compiler.compile`."""

    @property
    def link_type(self) -> int:
        """LINKTYPE_* of the frames (pcap-linktype(7)); of a file that of most."""

    @property
    def link_types(self) -> tuple[int, ...]:
        """All link types met so far, those of most packets first; a pcapng file may mix them."""

    @property
    def snaplen(self) -> int:
        """Bytes of a frame that are kept at most."""

    @property
    def interface(self) -> str:
        """Name of what is captured on; several are joined by ``+``. Of a file its name."""

    def interface_name(self, ifindex: int) -> str:
        """Name of the interface a packet came by; ``#7`` where it has none any more."""

    def snapshot(self) -> Snapshot:
        """Counters and state now; returns at once."""

    def read(self, first: int, count: int, limit: int = ...) -> list[Packet]:
        """Packets ``first`` to ``first + count - 1`` that are still kept, up to ``limit`` bytes of each; returns at
        once.
        """

    def epochs(self) -> Sequence[Epoch]:
        """The capture filters so far, oldest first, at most the last 256; returns at once."""

    def set_filter(self, expression: str, code: bytes) -> int:
        """Puts another capture filter in force and returns its epoch. Waits some 20 ms. CaptureError: the old one
        stays.
        """

    def find_time(self, time_ns: int) -> int:
        """Number of the first packet that is kept and not before that time (nanoseconds since 1970), the newest number
        + 1: there is none; returns at once.
        """

    def saver(self, path: str, *, format: str = "pcapng") -> Saver:
        """A capture file for packets of this session. Raises CaptureError."""

    def loading(self) -> Loading | None:
        """How far a file has been read; None: nothing is being read any more, and nothing was wrong."""

    def cancel(self) -> None:
        """Stops reading a file; what was found so far stays."""

    def interfaces(self) -> Sequence[FileInterface]:
        """What a file says of its interfaces, the first 64 of them; of a capture nothing."""

    def comment(self, number: int) -> str:
        """What the file says of this packet, of several comments each in a line; of number 0 what it says of itself
        and its interfaces. Empty without.
        """

    def view(self) -> View:
        """A new view of its packets, which ends with it. Raises CaptureError."""

    def search(self) -> Search:
        """A new search through its packets, which ends with it. Raises CaptureError."""

    def ordering(self) -> Ordering:
        """What sorts its packets once, and ends with it. Raises CaptureError."""

    def close(self) -> None:
        """Ends it. Idempotent."""


def _clock(seconds: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds))


def state_in_words(source: Source) -> str:
    """The state of an interface as a sentence; empty while packets are read."""
    name, since = source.name, _clock(source.state_since)
    match source.state:
        case "down":
            return f"{name} is down since {since}; goes on when it is up"
        case "no carrier":
            return f"{name} has no carrier since {since}: see the cable or the other end"
        case "gone" if source.state_errno not in (0, errno.ENODEV):
            return f"{name} is back, but cannot be opened: {os.strerror(source.state_errno)}; tried again every second"
        case "gone":
            return f"{name} was removed at {since}; goes on when it is back"
        case "reopening":
            return f"{name} is back; its rings are being opened again"
        case "error":
            return f"reading from {name} failed at {since}: {os.strerror(source.state_errno)}"
        case "stopped":
            return f"stopped at {since}"
        case _:
            return ""


@lru_cache(maxsize=64)
def _alias(name: str, ifindex: int) -> str:
    """What somebody wrote of an interface: ``ip link set IFACE alias TEXT``. /sys may be that of another namespace."""
    folder = Path("/sys/class/net") / name
    try:
        ours = int((folder / "ifindex").read_text()) == ifindex
        return (folder / "ifalias").read_text().strip() if ours else ""
    except (OSError, ValueError):
        return ""


def _epoch(change: Change, expression: str) -> Epoch:
    return Epoch(
        number=change.epoch,
        expression=expression,
        mode=change.mode,
        first=change.first,
        clean_from=change.clean_from,
        rechecked=change.rechecked,
        matched=change.matched,
        unknown=change.unknown,
        begun=change.begun,
        gap=change.gap,
        settled=change.is_settled,
        undone=change.undone,
    )


class LiveSession:
    """A capture on interfaces of this network namespace. A context manager.

    Made by :meth:`prepare`; packets come from :meth:`start` on. Reading is for one thread, the one that
    draws.
    """

    live_code = can_filter = counts_drops = True
    swapped = False

    def __init__(self, capture: Capture, config: CaptureConfig, kind: str, detail: str) -> None:
        self._capture = capture
        self._expressions: dict[int, str] = {}
        self._newest = 1
        self._started_ns = time.time_ns()
        self.config = config
        self.kind = kind
        self.detail = detail
        self.link_type = capture.link_type
        self.snaplen = config.snaplen
        self.filter_expression = ""
        self.note = capture.note

    @classmethod
    def prepare(cls, config: CaptureConfig, *, kind: str = "live", detail: str = "") -> Self:
        """Opens the rings, so that the link type is known and a filter can be compiled for it. Raises CaptureError."""
        try:
            capture = Capture.open(
                config.interfaces,
                snaplen=config.snaplen,
                block_size=config.block_size,
                blocks=config.blocks,
                block_timeout_ms=config.block_timeout_ms,
                promiscuous=config.promiscuous,
                store_bytes=config.store_bytes,
                queues=config.queues,
                fanout=config.fanout,
                direction=config.direction,
                exact_swap=config.exact_swap,
                cpus=config.cpus,
                ring_limit=config.ring_limit,
            )
        except NativeError as error:
            kind_of = WrongSettings if error.errno == errno.EINVAL else CaptureError
            raise kind_of(str(error)) from error
        return cls(capture, config, kind, detail)

    def start(self, expression: str, code: bytes) -> None:
        """Lets packets in that pass this filter. Raises CaptureError."""
        try:
            self._capture.start(code)
        except NativeError as error:
            raise CaptureError(str(error)) from error
        self.filter_expression = self._expressions[1] = expression
        self._started_ns = time.time_ns()

    @property
    def interface(self) -> str:
        """What is captured on, by the present names."""
        return self.config.title if self._capture.closed else "+".join(source.name for source in self.sources())

    def interface_name(self, ifindex: int) -> str:
        try:
            return socket.if_indextoname(ifindex)
        except OSError:
            return f"#{ifindex}"

    def sources(self) -> tuple[Source, ...]:
        """The interfaces, each with its state."""
        return self._capture.sources()

    def epochs(self) -> tuple[Epoch, ...]:
        return tuple(_epoch(change, self._expressions.get(change.epoch, "")) for change in self._capture.changes())

    def changes(self) -> tuple[Change, ...]:
        """The same with all that is known of each change."""
        return self._capture.changes()

    def snapshot(self) -> Snapshot:
        state = self._capture.state()
        return Snapshot(
            time=state.time,
            state=state.state,
            state_text=state_in_words(state.source),
            total=state.total,
            queues=state.queues,
            head=state.head,
            tail=state.tail,
            # The tail is the oldest packet that any queue keeps; of the other queues newer ones may have gone already.
            evicted=max(state.tail - 1, state.total.evicted),
            epoch=state.epoch,
            disordered=state.disordered,
            state_since=state.state_since,
        )

    def newest(self) -> int:
        """The newest packet number: what a snapshot calls head, for less."""
        return self._capture.store.head

    def oldest(self) -> int:
        """The oldest packet number that may still be kept: what a snapshot calls tail, for less."""
        return self._capture.store.tail

    def read(self, first: int, count: int, limit: int = 262144) -> list[Packet]:
        return self._capture.store.read(first, count, limit)

    @property
    def link_types(self) -> tuple[int, ...]:
        return (self.link_type,)

    def loading(self) -> None:
        return None

    def cancel(self) -> None:
        """Nothing is being loaded."""

    def interfaces(self) -> tuple[FileInterface, ...]:
        return ()

    def comment(self, number: int) -> str:
        return ""

    def view(self) -> View:
        try:
            return View(self._capture.store, live=True)
        except ViewError as error:
            raise CaptureError(str(error)) from error

    def search(self) -> Search:
        try:
            return Search(self._capture.store)
        except ViewError as error:
            raise CaptureError(str(error)) from error

    def ordering(self) -> Ordering:
        try:
            return Ordering(self._capture.store)
        except OrderingError as error:
            raise CaptureError(str(error)) from error

    def set_filter(self, expression: str, code: bytes) -> int:
        # Before the call: the line may be drawn before it returns.
        upcoming = self._newest + 1
        self._expressions[upcoming] = expression
        try:
            self._newest = self._capture.set_filter(code)
        except NativeError as error:
            if self._capture.has_epoch(upcoming):  # begun and undone
                self._newest = upcoming
            raise CaptureError(str(error)) from error
        self.filter_expression = expression
        return self._newest

    def hold(self, held: bool) -> None:
        """While held nothing is read from the ring: what a late reader does to it, at will."""
        self._capture.hold(held)

    def find_time(self, time_ns: int) -> int:
        return self._capture.store.find_time(time_ns)

    def saver(self, path: str, *, format: str = "pcapng", first: int = 1, size_limit: int = 0) -> Saver:
        """As for every session; ``first`` is where following begins, and beyond ``size_limit`` bytes (0: no limit)
        nothing is appended.
        """
        about = About(
            link_type=self.link_type,
            snaplen=self.snaplen,
            interfaces=self._saved_interfaces,
            statistics=self._saved_statistics,
            epochs=self._saved_epochs,
            losses=self._capture.losses,
            filter=self.filter_expression,
            names=True,
        )
        return Saver(path, self._capture.store, about, format=format, first=first, size_limit=size_limit)

    def _saved_interfaces(self) -> list[SavedInterface]:
        if self._capture.closed:
            return []
        return [
            SavedInterface(
                ifindex=source.ifindex,
                link_type=self.link_type,
                snaplen=self.snaplen,
                name=source.name,
                description=_alias(source.name, source.ifindex),
                filter=self.filter_expression,
            )
            for source in self.sources()
        ]

    def _saved_statistics(self) -> list[SavedStatistics]:
        if self._capture.closed:
            return []
        queues, now = iter(self._capture.state().queues), time.time_ns()
        told = []
        for source in self.sources():
            own = list(islice(queues, source.queues))
            dropped, stored = sum(queue.dropped for queue in own), sum(queue.stored for queue in own)
            told.append(
                SavedStatistics(
                    ifindex=source.ifindex,
                    start_ns=self._started_ns,
                    end_ns=now,
                    received=stored + dropped,
                    dropped=dropped,
                    accepted=stored + dropped,
                    os_dropped=dropped,
                    delivered=sum(queue.delivered for queue in own),
                )
            )
        return told

    def _saved_epochs(self, first: int) -> list[tuple[int, str]]:
        return [(change.epoch, self._expressions.get(change.epoch, "")) for change in self._capture.changes(first)]

    def stop(self) -> None:
        """Ends the capture; the packets stay readable and the counters are final."""
        self._capture.stop()

    def close(self) -> None:
        self._capture.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
