# SPDX-License-Identifier: Apache-2.0
"""A capture: interfaces, their rings, threads and store."""

from __future__ import annotations

import errno
import os
import threading
import weakref
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

from ringscope.native.core import ffi, lib, program, raise_for
from ringscope.native.records import Change, Counters, NativeError, Source, State
from ringscope.native.store import Losses, Store

SNAPLEN_MAX: Final[int] = lib.RS_SNAPLEN_MAX
"""Bytes: the largest snaplen, libpcap's and tcpdump's default."""
BLOCK_MIN: Final[int] = lib.RS_BLOCK_MIN
"""Bytes: the smallest ring block that does not cut GSO frames."""

QUEUES_MAX: Final[int] = lib.RS_QUEUES_MAX
"""Queues that a capture can have, over all its interfaces."""
LINKTYPE_COOKED: Final = 276
"""LINKTYPE_LINUX_SLL2: of captures on any interface, or on interfaces of different types."""

FANOUT: Final = {
    "hash": lib.RS_FANOUT_HASH,
    "cpu": lib.RS_FANOUT_CPU,
    "qm": lib.RS_FANOUT_QM,
    "lb": lib.RS_FANOUT_LB,
    "rnd": lib.RS_FANOUT_RND,
    "rollover": lib.RS_FANOUT_ROLLOVER,
    "cbpf": lib.RS_FANOUT_CBPF,
}
"""How the kernel shares packets out among queues, by the name of the mode."""

DIRECTIONS: Final = {"inout": lib.RS_DIRECTION_BOTH, "in": lib.RS_DIRECTION_IN, "out": lib.RS_DIRECTION_OUT}
"""Which packets of an interface, by tcpdump's word for ``-Q``."""

_STATES: Final = {
    lib.RS_STATE_OPEN: "open",
    lib.RS_STATE_RUNNING: "running",
    lib.RS_STATE_DOWN: "down",
    lib.RS_STATE_GONE: "gone",
    lib.RS_STATE_ERROR: "error",
    lib.RS_STATE_STOPPED: "stopped",
    lib.RS_STATE_NO_CARRIER: "no carrier",
    lib.RS_STATE_REOPENING: "reopening",
}

_SWAPS: Final = {lib.RS_SWAP_FIRST: "first", lib.RS_SWAP_SOFT: "soft", lib.RS_SWAP_EXACT: "exact"}


def _counters(c: Any, interface: str = "") -> Counters:
    size = c.ring_bytes or 1
    return Counters(
        stored=c.stored,
        dropped=c.dropped,
        early_drops=c.early_drops,
        frozen_drops=c.frozen_drops,
        freezes=c.freezes,
        delivered=c.delivered,
        bytes=c.bytes,
        truncated=c.truncated,
        arena_drops=c.arena_drops,
        evicted=c.evicted,
        losing_blocks=c.losing_blocks,
        blocks_full=c.blocks_full,
        blocks_timeout=c.blocks_timeout,
        wakeups=c.wakeups,
        spurious_wakeups=c.spurious_wakeups,
        resyncs=c.resyncs,
        rollover_all=c.rollover_all,
        rollover_huge=c.rollover_huge,
        rollover_failed=c.rollover_failed,
        unaccounted=c.unaccounted,
        fill=c.used_bytes / size,
        peak=c.peak_bytes / size,
        highest=c.highest_bytes / size,
        oldest=c.oldest_ns / 1e9,
        ready_blocks=c.ready_blocks,
        headroom=c.headroom,
        blocks=c.blocks,
        block_size=c.block_size,
        frozen=bool(c.frozen),
        pressed=bool(c.pressed),
        cpu=c.cpu,
        interface=interface,
        snapped=c.snapped,
        lag=c.lag_ns / 1e9,
        longest_lag=c.longest_lag_ns / 1e9,
    )


def _source(s: Any) -> Source:
    return Source(
        name=ffi.string(s.name).decode("utf-8", "backslashreplace"),
        state=_STATES[s.state],
        state_errno=s.state_errno,
        state_since=s.state_since_ns / 1e9,
        ifindex=s.ifindex,
        reopened=s.reopened,
        group=s.group,
        queues=s.queues,
    )


def _change(e: Any) -> Change:
    return Change(
        epoch=e.epoch,
        mode=_SWAPS[e.mode],
        undone=bool(e.undone),
        is_settled=not e.unsettled,
        first=e.first,
        clean_from=e.clean_from,
        rechecked=e.rechecked,
        matched=e.matched,
        unknown=e.unknown,
        begun=e.begun_ns / 1e9,
        attached=e.attached_ns / 1e9,
        settled=e.settled_ns / 1e9,
        gap=e.gap_ns / 1e9,
        stored=(e.stored_begun, e.stored_settled),
        dropped=(e.dropped_begun, e.dropped_settled),
    )


class Capture:
    """One interface or several, their rings, threads and store. A context manager: leaving it ends all of them.

    ``open`` makes the rings, ``start`` lets packets in. ``set_filter``, ``reshape`` and ``stop`` wait some 20 to 200 ms
    and belong in a thread where a screen is running; they and ``close`` wait for one another. The rest returns at once
    and belongs to one thread, the one that closes.
    """

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        _captures.add(self)
        self._asking = threading.RLock()  # who writes a file asks from a thread of its own
        self._changing = threading.Lock()  # close() must not free what set_filter() works on in another thread
        self._snapshot = ffi.new("rs_snapshot *")
        self._queues = ffi.new("rs_counters[]", QUEUES_MAX)
        self._sources = ffi.new("rs_source_info[]", lib.RS_SOURCES_MAX)
        self._epochs = ffi.new("rs_epoch[]", lib.RS_EPOCHS_KEPT)
        self.link_type: Final[int] = lib.rs_capture_link_type(handle)
        self.note: Final[str] = ffi.string(lib.rs_capture_note(handle)).decode()
        """What was done otherwise than asked, a sentence; empty: nothing."""
        self.store: Final[Store] = Store(self, lib.rs_capture_store(handle))
        self.losses: Final[Losses] = Losses(self, lib.rs_capture_losses(handle))

    @classmethod
    def open(
        cls,
        interfaces: Sequence[str],
        *,
        snaplen: int,
        block_size: int,
        blocks: int,
        block_timeout_ms: int,
        promiscuous: bool,
        store_bytes: int,
        queues: int = 1,
        fanout: str = "hash",
        direction: str = "inout",
        exact_swap: bool = False,
        cpus: Sequence[int] = (),
        ring_limit: int = 0,
    ) -> Self:
        """Opens the rings; not a packet is taken yet. See rs_config in csrc/ringscope.h for units and limits.

        ``fanout`` is a key of FANOUT, ``direction`` one of DIRECTIONS. Raises NativeError (EPERM without CAP_NET_RAW,
        ENODEV, EINVAL, ENOMEM ...).
        """
        names = [ffi.new("char[]", os.fsencode(name)) for name in interfaces]
        try:
            # Kept in variables: cffi does not keep what a struct's pointers point to.
            listed, pinned = ffi.new("char *[]", names), ffi.new("int32_t[]", list(cpus))
            config = ffi.new(
                "rs_config *",
                {
                    "interfaces": listed,
                    "interface_count": len(names),
                    "snaplen": snaplen,
                    "block_size": block_size,
                    "blocks": blocks,
                    "block_timeout_ms": block_timeout_ms,
                    "promiscuous": promiscuous,
                    "direction": DIRECTIONS[direction],
                    "queues": queues,
                    "fanout": FANOUT[fanout],
                    "exact_swap": exact_swap,
                    "cpus": pinned,
                    "cpu_count": len(cpus),
                    "store_bytes": store_bytes,
                    "ring_limit": ring_limit,
                },
            )
        except OverflowError as error:
            raise NativeError(errno.EINVAL, "a number is too large or negative") from error
        out, words = ffi.new("rs_capture **"), ffi.new("rs_error *")
        raise_for(lib.rs_capture_open(config, out, words), words)
        return cls(out[0])

    @property
    def closed(self) -> bool:
        return self._handle is None

    def start(self, code: bytes) -> None:
        """Attaches the filter program (packed ``struct sock_filter``) and lets packets in: epoch 1."""
        instructions, length = program(code)
        words = ffi.new("rs_error *")
        raise_for(lib.rs_capture_start(self._live(), instructions, length, words), words)

    def set_filter(self, code: bytes) -> int:
        """Attaches another program and returns its epoch; on NativeError the old one stays in force."""
        instructions, length = program(code)
        words, epoch = ffi.new("rs_error *"), ffi.new("uint32_t *")
        with self._changing:
            raise_for(lib.rs_capture_set_filter(self._live(), instructions, length, epoch, words), words)
        return int(epoch[0])

    def reshape(self, *, blocks: int, block_size: int, block_timeout_ms: int, fanout: str) -> None:
        """Exchanges all rings for such of another shape while packets come; none is lost by that or stored twice. On
        NativeError (ENOMEM, EINVAL, EAGAIN) the old rings stay in force.
        """
        words = ffi.new("rs_error *")
        try:
            wanted = {"blocks": blocks, "block_size": block_size, "block_timeout_ms": block_timeout_ms}
            shape = ffi.new("rs_shape *", {**wanted, "fanout": FANOUT[fanout]})
        except OverflowError as error:
            raise NativeError(errno.EINVAL, "a number is too large or negative") from error
        with self._changing:
            raise_for(lib.rs_capture_reshape(self._live(), shape, words), words)

    def hold(self, held: bool) -> None:
        """While held, the readers leave the rings alone, as a late reader would."""
        lib.rs_capture_hold(self._live(), held)

    def sources(self) -> tuple[Source, ...]:
        """The interfaces, in the order in which they were named."""
        with self._asking:
            count = lib.rs_capture_sources(self._live(), self._sources, len(self._sources))
            return tuple(_source(s) for s in self._sources[0:count])

    def changes(self, first: int = 1) -> tuple[Change, ...]:
        """The filters from epoch ``first`` on, oldest first; the last 248 are remembered."""
        with self._asking:
            count = lib.rs_capture_epochs(self._live(), first, self._epochs, len(self._epochs))
            return tuple(_change(e) for e in self._epochs[0:count])

    def timeline(self, queue: int, since_ns: int) -> bytes:
        """What came to a queue since then (nanoseconds since 1970), in time order, as far as it is remembered: one
        rs_slice of csrc/ringscope.h after another, nine u64 in this machine's byte order each.
        """
        some = ffi.new("rs_slice[]", lib.RS_SLICES_KEPT)
        count = lib.rs_capture_timeline(self._live(), queue, max(since_ns, 0), some, lib.RS_SLICES_KEPT)
        return bytes(ffi.buffer(some, count * ffi.sizeof("rs_slice")))

    def has_epoch(self, number: int) -> bool:
        """Has the filter change of this number begun? From any thread."""
        found = ffi.new("rs_epoch *")
        with self._changing:  # close() may be at work in another thread
            if self._handle is None:
                return False
            return lib.rs_capture_epochs(self._handle, number, found, 1) == 1 and bool(found.epoch == number)

    def state(self) -> State:
        """State and counters now."""
        with self._asking:
            return self._state()

    def _state(self) -> State:
        s, queues = self._snapshot, self._queues
        lib.rs_capture_snapshot(self._live(), s, queues, len(queues))
        sources = self.sources()
        worst = sources[s.source]
        return State(
            time=s.time_ns / 1e9,
            state=worst.state,
            state_errno=worst.state_errno,
            state_since=worst.state_since,
            head=s.head,
            tail=s.tail,
            source=worst,
            epoch=s.epoch,
            disordered=s.disordered,
            total=_counters(s.total),
            queues=tuple(_counters(q, sources[q.source].name) for q in queues[0 : s.queues]),
        )

    def stop(self) -> None:
        """Ends the capture: what the rings hold is still read, then threads and sockets go. The store stays."""
        with self._changing:
            lib.rs_capture_stop(self._live())

    def close(self) -> None:
        """Stops and frees all, and closes the views and searches of its store. Idempotent."""
        self.store.release()
        with self._changing:
            handle, self._handle = self._handle, None
            if handle is not None:
                lib.rs_capture_close(handle)

    def disown(self) -> None:
        """For a forked child: closes its copies of the descriptors, which would keep the sockets alive."""
        self._changing = threading.Lock()  # whoever held it is not in this process
        lib.rs_capture_disown(self._live())

    def _live(self) -> Any:
        if self._handle is None:
            raise NativeError(errno.EBADF, "this capture is closed")
        return self._handle

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_captures: Final[weakref.WeakSet[Capture]] = weakref.WeakSet()
"""Those that are not closed: a forked child has copies of their descriptors."""


def _disown() -> None:
    for capture in list(_captures):
        if not capture.closed:
            capture.disown()


os.register_at_fork(after_in_child=_disown)
