# SPDX-License-Identifier: Apache-2.0
"""A capture as a source of packets: live, or of the demo's network."""

from __future__ import annotations

import errno
import os
import socket
import time
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ringscope.capture.config import CaptureConfig
from ringscope.capture.errors import CaptureError as CaptureError
from ringscope.capture.errors import WrongSettings as WrongSettings
from ringscope.capture.model import Epoch as Epoch
from ringscope.capture.model import Loading as Loading
from ringscope.capture.model import Session as Session
from ringscope.capture.model import Snapshot as Snapshot
from ringscope.capture.ordering import Ordering, OrderingError
from ringscope.capture.saving import About, Saver
from ringscope.capture.views import Search, View, ViewError
from ringscope.native import (
    Capture,
    Change,
    FileInterface,
    Loss,
    NativeError,
    Packet,
    SavedInterface,
    SavedStatistics,
    Source,
)


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

    def reshape(self, *, blocks: int, block_size: int, block_timeout_ms: int, fanout: str) -> None:
        """Exchanges the rings for others while packets come: make before break. Nothing is lost by it; numbers,
        counters, filter and files go on. ``block_size`` is in bytes, ``fanout`` a key of
        :data:`ringscope.native.FANOUT`. Waits some 100 ms. CaptureError: the old rings stay in force.
        """
        try:
            self._capture.reshape(
                blocks=blocks, block_size=block_size, block_timeout_ms=block_timeout_ms, fanout=fanout
            )
        except NativeError as error:
            kind_of = WrongSettings if error.errno == errno.EINVAL else CaptureError
            raise kind_of(str(error)) from error
        self.config = replace(
            self.config, blocks=blocks, block_size=block_size, block_timeout_ms=block_timeout_ms, fanout=fanout
        )

    def hold(self, held: bool) -> None:
        """While held nothing is read from the ring: what a late reader does to it, at will."""
        self._capture.hold(held)

    def find_time(self, time_ns: int) -> int:
        return self._capture.store.find_time(time_ns)

    def losses(self, first: int, last: int) -> list[Loss]:
        return self._capture.losses.between(first, last)

    def next_loss(self, number: int, *, forward: bool) -> int:
        return self._capture.losses.next(number, forward=forward)

    def timeline(self, queue: int, since_ns: int) -> bytes:
        """When a queue's packets came and were read: see :meth:`ringscope.native.Capture.timeline`."""
        return self._capture.timeline(queue, since_ns)

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


if TYPE_CHECKING:
    _: type[Session] = LiveSession
