# SPDX-License-Identifier: Apache-2.0
"""Sending an exact number of numbered Ethernet frames, fast: UDP over IPv4 by AF_PACKET and sendmmsg.

To be used in the namespace of ``rs1``. The frames are for ``rs0`` by their hardware address but for nobody by their
IP address, so the kernel says nothing in answer.
"""

import errno
import socket
import struct
import time
from collections.abc import Sequence
from pathlib import Path

from ringscope.capture.demo.frames import Datagram
from ringscope.capture.demo.libc import MessageBatch
from ringscope.capture.demo.side import FAR, NEAR

SOURCE, DESTINATION = "198.18.0.1", "198.18.0.2"
PORT = 9
_BATCH = 64
_REFUSED = {errno.ENOBUFS, errno.EAGAIN}
_SHORT_PAUSE = 50e-6


class FrameSender:
    """Frames of ``size`` bytes (at least 50, and 4 more a tag), each with its number in its last 8 bytes.

    ``vlans`` are (TPID, TCI) pairs, outermost first. ``port`` is the UDP destination port. ``first`` is the number
    of the first frame; `number` reads it back.
    """

    def __init__(
        self, interface: str, size: int = 60, vlans: Sequence[tuple[int, int]] = (), port: int = PORT, first: int = 1
    ) -> None:
        frame = _frame(size, vlans, port)
        self._frames = [bytearray(frame) for _ in range(_BATCH)]
        self._batch = MessageBatch(self._frames)
        self._next = first
        self._channel = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        self._channel.bind((interface, 0))
        self._interface = interface

    def send(self, count: int, rate: float | None = None, *, alone: bool = True) -> float:
        """Send ``count`` frames, ``rate`` a second at most; returns the seconds it took.

        ``alone``: nobody else sends by this interface, so its own counter must agree.
        """
        before = self._transmitted()
        began = time.monotonic()
        sent = 0
        while sent < count:
            batch = min(_BATCH, count - sent)
            if rate is not None:
                batch = max(1, min(batch, int(rate / 200)))
                time.sleep(max(0.0, began + sent / rate - time.monotonic()))
            self._send_batch(batch)
            sent += batch
        took = time.monotonic() - began
        assert not alone or self._transmitted() - before == count, "the interface sent another number of frames"
        return took

    def _send_batch(self, count: int) -> None:
        for index in range(count):
            struct.pack_into("!Q", self._frames[index], len(self._frames[index]) - 8, self._next + index)
        self._next += count
        done = 0
        while done < count:
            try:
                done += self._batch.send(self._channel, done, count - done)
            except OSError as error:
                if error.errno not in _REFUSED:
                    raise
                # The receiving CPU's backlog was full and the frame is gone: send it again, it keeps its number.
                time.sleep(_SHORT_PAUSE)

    def _transmitted(self) -> int:
        return int(Path("/proc/net/dev").read_text().split(f"{self._interface}:")[1].split()[9])


def number(frame: bytes) -> int:
    """The number of a frame that a `FrameSender` has sent."""
    return int.from_bytes(frame[-8:], "big")


def _frame(size: int, vlans: Sequence[tuple[int, int]], port: int) -> bytes:
    payload = size - 42 - 4 * len(vlans)
    if payload < 8:
        raise ValueError(f"a frame of {size} bytes has no room for its headers and its number")
    datagram = Datagram(FAR.mac, NEAR.mac, SOURCE, DESTINATION, 40000, port, bytes(payload))
    frame = datagram.frame(vlans)
    # A UDP checksum of 0 says that there is none (RFC 768): the numbers change from frame to frame.
    return frame[: -payload - 2] + bytes(2 + payload)
