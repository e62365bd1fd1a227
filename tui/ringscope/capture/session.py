# SPDX-License-Identifier: Apache-2.0
"""A source of packets as screens and headless commands see it: numbers, bytes, counters, one filter in force."""

from __future__ import annotations

import errno
import os
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from ringscope.capture.config import CaptureConfig
from ringscope.native import Capture, Counters, NativeError, Packet, Savefile, State


class CaptureError(RuntimeError):
    """A capture that cannot be had or changed: one sentence with cause and cure."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A session at one moment; see :class:`ringscope.native.State` and :class:`ringscope.native.Counters`.

    ``state_text`` is empty while packets are read, else a sentence. ``first_of_epoch`` is the number of the first
    packet under the filter in force, 0 as long as none has come. ``evicted`` counts the packets that the bounded
    store let go.
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
    first_of_epoch: int


class Session(Protocol):
    """What a screen may ask of a source of packets."""

    interface: str
    """Name of what is captured on."""
    kind: str
    """``live`` or ``demo``."""
    detail: str
    """What is known of the interface, such as its speed; may be empty."""
    link_type: int
    """LINKTYPE_* of the frames (pcap-linktype(7))."""
    snaplen: int
    """Bytes of a frame that are kept at most."""
    filter_expression: str
    """The capture filter in force, as typed; empty: everything."""

    def snapshot(self) -> Snapshot:
        """Counters and state now; returns at once."""

    def read(self, first: int, count: int, limit: int = ...) -> list[Packet]:
        """Packets ``first`` to ``first + count - 1`` that are still kept, up to ``limit`` bytes of each; returns at
        once.
        """

    def set_filter(self, expression: str, code: bytes) -> int:
        """Puts another capture filter in force and returns its epoch. Waits some 20 ms. CaptureError: the old one
        stays.
        """

    def close(self) -> None:
        """Ends it. Idempotent."""


def _clock(seconds: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds))


def _in_words(interface: str, state: State) -> str:
    since = _clock(state.state_since)
    match state.state:
        case "down":
            return f"{interface} is down since {since}; goes on when it is up"
        case "no carrier":
            return f"{interface} has no carrier since {since}: see the cable or the other end"
        case "gone":
            return f"{interface} was removed at {since}; start again once it is back"
        case "error":
            return f"reading from {interface} failed at {since}: {os.strerror(state.state_errno)}"
        case "stopped":
            return f"stopped at {since}"
        case _:
            return ""


class LiveSession:
    """A capture on an interface of this network namespace. A context manager.

    Made by :meth:`prepare`; packets come from :meth:`start` on. Reading is for one thread, the one that
    draws.
    """

    def __init__(self, capture: Capture, config: CaptureConfig, expression: str, kind: str, detail: str) -> None:
        self._capture = capture
        self.config = config
        self.interface = config.interface
        self.kind = kind
        self.detail = detail
        self.link_type = capture.link_type
        self.snaplen = config.snaplen
        self.filter_expression = expression

    @classmethod
    def prepare(cls, config: CaptureConfig, *, kind: str = "live", detail: str = "") -> Self:
        """Opens the rings, so that the link type is known and a filter can be compiled for it. Raises CaptureError."""
        try:
            capture = Capture.open(
                config.interface,
                snaplen=config.snaplen,
                block_size=config.block_size,
                blocks=config.blocks,
                block_timeout_ms=config.block_timeout_ms,
                promiscuous=config.promiscuous,
                store_bytes=config.store_bytes,
            )
        except NativeError as error:
            raise CaptureError(str(error)) from error
        return cls(capture, config, "", kind, detail)

    def start(self, expression: str, code: bytes) -> None:
        """Lets packets in that pass this filter. Raises CaptureError."""
        try:
            self._capture.start(code)
        except NativeError as error:
            raise CaptureError(str(error)) from error
        self.filter_expression = expression

    def snapshot(self) -> Snapshot:
        state = self._capture.state()
        return Snapshot(
            time=state.time,
            state=state.state,
            state_text=_in_words(self.interface, state),
            total=state.total,
            queues=state.queues,
            head=state.head,
            tail=state.tail,
            evicted=state.tail - 1,
            epoch=state.epoch,
            first_of_epoch=state.epoch_first,
        )

    def read(self, first: int, count: int, limit: int = 262144) -> list[Packet]:
        return self._capture.store.read(first, count, limit)

    def set_filter(self, expression: str, code: bytes) -> int:
        try:
            epoch = self._capture.set_filter(code)
        except NativeError as error:
            raise CaptureError(str(error)) from error
        self.filter_expression = expression
        return epoch

    def hold(self, held: bool) -> None:
        """While held nothing is read from the ring: what a late reader does to it, at will."""
        self._capture.hold(held)

    def save(self, path: str) -> Savefile:
        """A pcap file for this session's packets. Raises CaptureError."""
        try:
            return Savefile(path, link_type=self.link_type, snaplen=self.snaplen)
        except NativeError as error:
            raise CaptureError(str(error)) from error

    def follow(self, file: Savefile, last: int = 2**64 - 1) -> None:
        """Appends what is new to the file. Raises CaptureError, e.g. when the disk is full."""
        try:
            file.follow(self._capture.store, last)
        except NativeError as error:
            cure = " (make room, or capture less: -c, -s, a filter)" if error.errno == errno.ENOSPC else ""
            raise CaptureError(f"{error}{cure}") from error

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
