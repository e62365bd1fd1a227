# SPDX-License-Identifier: Apache-2.0
"""The kernel's own verdict on packets, by a classic BPF program."""

from __future__ import annotations

import contextlib
import ctypes
import socket
from collections.abc import Sequence

_SO_ATTACH_FILTER = 26  # asm-generic/socket.h


class _FilterProgram(ctypes.Structure):  # struct sock_fprog, linux/filter.h
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def attach(to: socket.socket, code: bytes) -> None:
    """Have the kernel give a socket only what the program (packed ``struct sock_filter``) accepts; OSError."""
    to.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, bytes(_FilterProgram(len(code) // 8, code)))


def accepted(code: bytes, frames: Sequence[bytes]) -> list[int]:
    """Which of the frames (by their place) a program for bytes alone accepts: it works on Unix sockets as well."""
    places = []
    sender, receiver = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with sender, receiver:
        attach(receiver, code)
        for place, frame in enumerate(frames):
            sender.send(frame)
            with contextlib.suppress(BlockingIOError):
                assert receiver.recv(65536, socket.MSG_DONTWAIT) == frame
                places.append(place)
    return places
