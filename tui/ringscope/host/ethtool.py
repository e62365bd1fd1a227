# SPDX-License-Identifier: Apache-2.0
"""What a driver says of its interface: ethtool(8)'s questions that need no privilege, by ioctl (linux/ethtool.h).

Every one may be refused: EOPNOTSUPP is "this driver does not tell". The namespace is that of the socket.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import struct
from typing import Final

from ringscope.frozen import frozen

_SIOCETHTOOL: Final = 0x8946
_GSET, _GDRVINFO, _GRINGPARAM, _GSTRINGS, _GSTATS = 0x01, 0x03, 0x10, 0x1B, 0x1D
_GTSO, _GGSO, _GFLAGS, _GGRO, _GSSET_INFO, _GRXFHINDIR, _GCHANNELS = 0x1E, 0x23, 0x25, 0x2B, 0x37, 0x38, 0x3C
_SET_STATS, _NAME = 1, 32
_FLAG_LRO = 1 << 15
_MOST_STATS: Final = 1 << 16
_MOST_ENTRIES: Final = 1 << 16
_SPARE: Final = 1024


@frozen
class Driver:
    """``ethtool -i``. ``bus`` is where the device is found, such as ``0000:3b:00.0``; may be empty."""

    name: str
    version: str
    firmware: str
    bus: str


@frozen
class RingSizes:
    """``ethtool -g``: descriptors of each receive and send ring, and the most there can be."""

    rx: int
    rx_max: int
    tx: int
    tx_max: int


@frozen
class Channels:
    """``ethtool -l``: queues, each with its interrupt, by what they do, and the most there can be."""

    rx: int
    tx: int
    other: int
    combined: int
    rx_max: int
    combined_max: int

    @property
    def receiving(self) -> int:
        """Queues that receive."""
        return self.rx + self.combined


@frozen
class Offloads:
    """What makes frames at the tap differ from those on the wire. ``gro``, ``lro``: several received are put together;
    ``gso``, ``tso``: one that is sent stands for several. None: the driver does not tell."""

    gro: bool | None
    lro: bool | None
    gso: bool | None
    tso: bool | None


class Ethtool:
    """Questions about the interfaces of the namespace in which it was made. A context manager."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)

    def __enter__(self) -> Ethtool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Idempotent."""
        self._socket.close()

    def ask(self, name: str, request: bytes, size: int) -> bytes:
        """One command, which begins the ``request``; the answer is the same ``size`` bytes, filled. Raises OSError."""
        import ctypes  # 5 ms that nobody waits for who asks no driver

        # The request holds a pointer to a buffer, which must stay where it is.
        buffer = ctypes.create_string_buffer(request.ljust(size, b"\0"), size)
        fcntl.ioctl(self._socket, _SIOCETHTOOL, struct.pack("16sP16x", os.fsencode(name), ctypes.addressof(buffer)))
        return buffer.raw

    def driver(self, name: str) -> Driver:
        """Raises OSError."""
        answer = self.ask(name, struct.pack("=I", _GDRVINFO), 196)
        return Driver(*(_text(answer[start : start + 32]) for start in (4, 36, 68, 100)))

    def speed(self, name: str) -> int | None:
        """Mb/s; None where it is not known. Raises OSError."""
        answer = self.ask(name, struct.pack("=I", _GSET), 44)
        low, high = struct.unpack_from("=H", answer, 12)[0], struct.unpack_from("=H", answer, 28)[0]
        speed = low | high << 16
        return speed if 0 < speed < 0xFFFF else None

    def rings(self, name: str) -> RingSizes:
        """Raises OSError."""
        answer = struct.unpack("=9I", self.ask(name, struct.pack("=I", _GRINGPARAM), 36))
        return RingSizes(rx=answer[5], rx_max=answer[1], tx=answer[8], tx_max=answer[4])

    def channels(self, name: str) -> Channels:
        """Raises OSError."""
        answer = struct.unpack("=9I", self.ask(name, struct.pack("=I", _GCHANNELS), 36))
        return Channels(
            rx=answer[5], tx=answer[6], other=answer[7], combined=answer[8], rx_max=answer[1], combined_max=answer[4]
        )

    def spread(self, name: str) -> tuple[int, ...]:
        """``ethtool -x``: how many entries of the indirection table point to each receive queue, by queue. An even
        spread is one of equal numbers. Raises OSError."""
        size = struct.unpack_from("=I", self.ask(name, struct.pack("=II", _GRXFHINDIR, 0), 8), 4)[0]
        if not 0 < size <= _MOST_ENTRIES:
            raise OSError(errno.EOPNOTSUPP, "no indirection table")
        table = struct.unpack_from(f"={size}I", self.ask(name, struct.pack("=II", _GRXFHINDIR, size), 8 + 4 * size), 8)
        return tuple(table.count(queue) for queue in range(max(table) + 1)) if max(table) < _MOST_ENTRIES else ()

    def offloads(self, name: str) -> Offloads:
        """None of them raises."""
        flags = self._value(name, _GFLAGS)

        def switch(command: int) -> bool | None:
            value = self._value(name, command)
            return None if value is None else bool(value)

        lro = None if flags is None else bool(flags & _FLAG_LRO)
        return Offloads(gro=switch(_GGRO), lro=lro, gso=switch(_GGSO), tso=switch(_GTSO))

    def _value(self, name: str, command: int) -> int | None:
        try:
            return int(struct.unpack_from("=I", self.ask(name, struct.pack("=I", command), 8), 4)[0])
        except OSError:
            return None

    def stat_names(self, name: str) -> tuple[str, ...]:
        """Names of ``ethtool -S``, as the driver gives them: with blanks before them, and not always unique. Raises
        OSError, EOPNOTSUPP where there are none."""
        answer = self.ask(name, struct.pack("=IIQ", _GSSET_INFO, 0, 1 << _SET_STATS), 20)
        if not struct.unpack_from("=Q", answer, 8)[0]:
            raise OSError(errno.EOPNOTSUPP, "no statistics")
        count = struct.unpack_from("=I", answer, 16)[0]
        if not 0 < count <= _MOST_STATS:
            raise OSError(errno.EOPNOTSUPP, "no statistics")
        # Room for more: the driver writes as many as it has by now, whatever is asked (net/ethtool/ioctl.c).
        size = 12 + (count + _SPARE) * _NAME
        answer = self.ask(name, struct.pack("=III", _GSTRINGS, _SET_STATS, count), size)
        told = min(count, struct.unpack_from("=I", answer, 8)[0])
        return tuple(_text(answer[12 + i * _NAME : 12 + (i + 1) * _NAME]) for i in range(told))

    def stat_values(self, name: str, count: int) -> tuple[int, ...]:
        """The ``count`` values that belong to the names. Fewer where the driver has fewer by now. Raises OSError."""
        answer = self.ask(name, struct.pack("=II", _GSTATS, count), 8 + 8 * (count + _SPARE))
        told = min(count, struct.unpack_from("=I", answer, 4)[0])
        return struct.unpack_from(f"={told}Q", answer, 8)


def _text(data: bytes) -> str:
    return data.split(b"\0")[0].decode("ascii", "replace")
