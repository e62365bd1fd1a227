# SPDX-License-Identifier: Apache-2.0
"""The system calls of the demo network that Python 3.11 does not offer: unshare, prctl, sendmmsg, socket filters.

The one module of the demo that uses ctypes. It holds no policy: callers decide what a failure means.
"""

import ctypes
import os
import signal
import socket
import struct
from collections.abc import Sequence

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_SO_ATTACH_FILTER, _SO_DETACH_FILTER = 26, 27

_libc = ctypes.CDLL(None, use_errno=True)


class _Iovec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _MessageHeader(ctypes.Structure):
    """``struct msghdr``."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("iovec", ctypes.POINTER(_Iovec)),
        ("iovec_length", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    """``struct mmsghdr``: the message and the number of bytes that were sent."""

    _fields_ = (("header", _MessageHeader), ("sent", ctypes.c_uint))


def _last_error(call: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{call}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Move the calling process into new namespaces, see unshare(2). Raises OSError; then nothing has changed."""
    if _libc.unshare(ctypes.c_int(flags)) != 0:
        raise _last_error("unshare")


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process (SIGKILL) when the thread that forked it ends, see PR_SET_PDEATHSIG(2const).

    ``parent`` is the process id that the parent had before the fork: when it is gone already the signal would never
    come, so the process ends at once.
    """
    arguments = [ctypes.c_ulong(value) for value in (int(signal.SIGKILL), 0, 0, 0)]
    if _libc.prctl(_PR_SET_PDEATHSIG, *arguments) != 0:
        raise _last_error("prctl")
    if os.getppid() != parent:
        os._exit(1)


def refuse_packets(channel: socket.socket) -> None:
    """Attach the classic filter ``ret #0``: whatever arrives for this socket from now on is thrown away unseen."""
    instruction = ctypes.create_string_buffer(struct.pack("=HBBI", 0x06, 0, 0, 0), 8)
    program = struct.pack("@HP", 1, ctypes.addressof(instruction))
    channel.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)


def accept_packets(channel: socket.socket) -> None:
    """Take away the filter of `refuse_packets`."""
    channel.setsockopt(socket.SOL_SOCKET, _SO_DETACH_FILTER, 0)


class MessageBatch:
    """Messages of a connected or bound socket that one sendmmsg(2) hands to the kernel.

    ``buffers`` are the messages' bytes: writable, the caller may change them between two sends (a sequence number),
    but not their length.
    """

    def __init__(self, buffers: Sequence[bytearray]) -> None:
        self._views = [(ctypes.c_char * len(buffer)).from_buffer(buffer) for buffer in buffers]
        self._iovecs = (_Iovec * len(buffers))()
        self._messages = (_Message * len(buffers))()
        for index, view in enumerate(self._views):
            self._iovecs[index] = _Iovec(ctypes.addressof(view), len(view))
            header = self._messages[index].header
            header.iovec, header.iovec_length = ctypes.pointer(self._iovecs[index]), 1

    def __len__(self) -> int:
        return len(self._views)

    def send(self, channel: socket.socket, first: int, count: int) -> int:
        """Send the ``count`` messages from index ``first`` on; returns how many the kernel took.

        Fewer than ``count`` when it refused a later one. Raises OSError when it refused the first one, ENOBUFS above
        all: the device threw that message away.
        """
        if not 0 <= first < first + count <= len(self):
            raise ValueError(f"messages {first} to {first + count - 1} of {len(self)}")
        start = ctypes.byref(self._messages, first * ctypes.sizeof(_Message))
        taken = int(_libc.sendmmsg(channel.fileno(), start, ctypes.c_uint(count), 0))
        if taken < 0:
            raise _last_error("sendmmsg")
        return taken
