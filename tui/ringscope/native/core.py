# SPDX-License-Identifier: Apache-2.0
"""The compiled core and what its callers share: the one module that touches cffi.

Everything that leaves this room is a frozen dataclass or plain bytes; no pointer, no ring block. Calls that wait
release the interpreter's lock (cffi does so for every call), and nothing in the core calls back into Python.
"""

from __future__ import annotations

import errno
import os
from typing import Any, Final

from ringscope._core import ffi, lib
from ringscope.native.records import Loss, NativeError, Packet

__all__ = ["ffi", "lib", "loss", "packet", "program", "raise_for"]


_CLOCKS: Final = {
    0: "copy",
    lib.RS_CLOCK_SOFTWARE: "software",
    lib.RS_CLOCK_HARDWARE: "hardware",
    lib.RS_CLOCK_FILE: "file",
}


_KNOWN: Final = {
    lib.RS_LOST_COUNTING: "counting",
    lib.RS_LOST_COUNTED: "counted",
    lib.RS_LOST_ESTIMATED: "estimated",
}

_CAUSES: Final = {
    lib.RS_LOST_SOMEHOW: "",
    lib.RS_LOST_LATE: "late",
    lib.RS_LOST_FROZEN: "frozen",
    lib.RS_LOST_EARLY: "early",
}


def raise_for(result: int, error: Any) -> None:
    """Turns a negative errno and the core's sentence into an exception."""
    if result < 0:
        text = ffi.string(error.text).decode("utf-8", "replace")
        raise NativeError(-result, text or os.strerror(-result))


def packet(p: Any, data: bytes) -> Packet:
    """A packet out of an rs_packet and its bytes."""
    flags = p.flags
    return Packet(
        number=p.number,
        time_ns=p.time_ns,
        length=p.length,
        captured=p.captured,
        queue=p.queue,
        epoch=p.epoch,
        ifindex=p.ifindex,
        link_type=p.link_type,
        packet_type=p.packet_type,
        clock=_CLOCKS[flags & lib.RS_CLOCK_FILE],
        checksum_ready=not flags & lib.RS_CHECKSUM_NOT_READY,
        segments=bool(flags & lib.RS_GSO),
        rechecked=bool(flags & lib.RS_RECHECKED),
        after_loss=bool(flags & lib.RS_AFTER_LOSS),
        data=data,
    )


def program(code: bytes) -> tuple[Any, int]:
    """Packed ``struct sock_filter`` as C sees it, and its number of instructions."""
    size = ffi.sizeof("rs_insn")
    if not code or len(code) % size:
        raise NativeError(errno.EINVAL, "this is not a filter program")
    return ffi.from_buffer("rs_insn[]", code), len(code) // size


def loss(info: Any) -> Loss:
    """A loss out of an rs_loss_info."""
    passed = info.time_ns - info.before_ns if info.before_ns else None
    return Loss(
        number=info.number,
        queue=info.queue,
        lost=info.lost,
        known=_KNOWN[info.known],
        seconds=None if passed is None else max(passed, 0) / 1e9,
        cause=_CAUSES[info.cause],
        time_ns=info.time_ns,
        room_ns=min(info.room_ns or info.time_ns, info.time_ns),
    )
