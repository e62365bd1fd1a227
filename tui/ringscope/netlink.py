# SPDX-License-Identifier: Apache-2.0
"""Netlink messages (netlink(7)): attributes, questions with one answer, questions with many.

What the demo's network is made with, and what the host's counters are read with. A `Channel` speaks with the network
namespace of the thread that opened it. The numbers are those of linux/netlink.h and linux/rtnetlink.h.
"""

import os
import socket
import struct
from collections.abc import Iterator
from types import TracebackType
from typing import Self

ROUTE, SOCK_DIAG = 0, 4
"""Protocols: rtnetlink(7), sock_diag(7)."""

_NLM_F_REQUEST, _NLM_F_ACK, _NLM_F_DUMP = 0x1, 0x4, 0x300
_NLM_F_DUMP_INTR, _NLM_F_ACK_TLVS = 0x10, 0x200
_NLMSG_ERROR, _NLMSG_DONE, _NLMSGERR_ATTR_MSG = 2, 3, 1
_SOL_NETLINK, _NETLINK_CAP_ACK, _NETLINK_EXT_ACK = 270, 10, 11
_KIND = 0x3FFF  # NLA_TYPE_MASK: without the bits for "nested" and "in network byte order"
_HEADER = struct.Struct("=IHHII")
_ROOM = 1 << 16  # the kernel fills at most 32 KiB with answers
_TRIES = 4


def attribute(kind: int, value: bytes) -> bytes:
    """One netlink attribute: length, kind, value, padded to 4 bytes."""
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def attributes(data: bytes) -> dict[int, bytes]:
    """The attributes in ``data`` by kind; of several of a kind the last. Stops at one that is cut short."""
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if length < 4:
            break
        found[kind & _KIND] = data[4:length]
        data = data[length + -length % 4 :]
    return found


def link_header(index: int = 0, flags: int = 0, change: int = 0) -> bytes:
    """A ``struct ifinfomsg``."""
    return struct.pack("=BxHiII", socket.AF_UNSPEC, 0, index, flags, change)


class Channel:
    """A netlink socket. A context manager. Every refusal of the kernel is an OSError."""

    def __init__(self, protocol: int = ROUTE) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol)
        for option in (_NETLINK_CAP_ACK, _NETLINK_EXT_ACK):
            self._socket.setsockopt(_SOL_NETLINK, option, 1)
        self._sequence = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    def close(self) -> None:
        """Idempotent."""
        self._socket.close()

    def request(self, kind: int, body: bytes, doing: str, flags: int = 0) -> bytes:
        """Send one message, wait for its acknowledgement; returns the body of the answer, empty when there is none.

        ``doing`` completes the sentence "cannot ..." of the OSError.
        """
        answer = b""
        for answered, answered_flags, part in self._ask(kind, body, flags | _NLM_F_ACK):
            if answered == _NLMSG_ERROR:
                _check(part, answered_flags, doing)
                break
            answer = part
        return answer

    def dump(self, kind: int, body: bytes, doing: str) -> list[bytes]:
        """The bodies of all answers to a question for everything there is.

        Where something changed while the kernel told, it is asked again, a few times.
        """
        found: list[bytes] = []
        for _ in range(_TRIES):
            found, changed = [], False
            for answered, answered_flags, part in self._ask(kind, body, _NLM_F_DUMP):
                changed = changed or bool(answered_flags & _NLM_F_DUMP_INTR)
                if answered == _NLMSG_ERROR:
                    _check(part, answered_flags, doing)
                    break
                if answered == _NLMSG_DONE:
                    if len(part) >= 4:
                        _check(part, 0, doing)
                    break
                found.append(part)
            if not changed:
                break
        return found

    def _ask(self, kind: int, body: bytes, flags: int) -> Iterator[tuple[int, int, bytes]]:
        """Sends a question; kind, flags and body of each message that answers it, without end."""
        self._sequence += 1
        head = _HEADER.pack(_HEADER.size + len(body), kind, flags | _NLM_F_REQUEST, self._sequence, 0)
        self._socket.send(head + body)
        while True:
            data = self._socket.recv(_ROOM)
            while len(data) >= _HEADER.size:
                length, answered, answered_flags, sequence, _ = _HEADER.unpack_from(data)
                if length < _HEADER.size:
                    break
                if sequence == self._sequence:  # else the rest of an answer that nobody waited for
                    yield answered, answered_flags, data[_HEADER.size : length]
                data = data[length + -length % 4 :]


def _check(body: bytes, flags: int, doing: str) -> None:
    number = -struct.unpack_from("=i", body)[0]
    if number > 0:
        details = attributes(body[4 + _HEADER.size :]) if flags & _NLM_F_ACK_TLVS else {}
        said = details.get(_NLMSGERR_ATTR_MSG, b"").rstrip(b"\0").decode("utf-8", "replace")
        raise OSError(number, f"cannot {doing}: {said or os.strerror(number)}")
