# SPDX-License-Identifier: Apache-2.0
"""Numbered frames faster than any socket can send them: XDP live frames by BPF_PROG_TEST_RUN, with ctypes alone.

The kernel runs an XDP program over pages of its own and hands every frame on as if the interface had received it
(``BPF_F_TEST_XDP_LIVE_FRAMES``, Linux 5.18, Documentation/bpf/bpf_prog_run.rst). The program here numbers the frame
and returns XDP_PASS, so the frame goes in at netif_receive_skb_list(), where those of a driver go in too: through the
taps, then to the protocols, which throw it away because its hardware address is somebody else's. All of that runs
in the sender's own system call. Some two million a second on one core, against 300 000 of AF_PACKET and sendmmsg.

The other way, XDP_TX out of the peer's end and through the veth driver, is a quarter slower and loses what the
driver's ring of 256 does not hold. The price of ours: the driver does not see the frames, so /proc/net/dev does not
count them. The program does, and so do the taps (PACKET_STATISTICS).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
import struct
import threading
import time
from types import TracebackType
from typing import Self

from ringscope.capture.demo import libc
from ringscope.capture.demo.frames import Datagram
from ringscope.capture.demo.netlink import Netlink
from ringscope.capture.demo.side import FAR
from ringscope.netlink import attribute, link_header
from support.frames import DESTINATION, PORT, SOURCE

FIRST_PORT = 0x8000
"""The source port of the first flow."""
_SOMEBODY = bytes.fromhex("0200000000ff")
_SOURCE_PORT_OFFSET = 34
_BATCH = 64  # NAPI_POLL_WEIGHT: what a driver hands on at once
_CALL = 1 << 16  # frames in one system call when there is no rate: some 30 ms

# linux/bpf.h
_SYSCALL = {"x86_64": 321, "aarch64": 280, "riscv64": 280}
_MAP_CREATE, _MAP_LOOKUP, _MAP_UPDATE, _PROG_LOAD, _PROG_TEST_RUN = 0, 1, 2, 5, 10
_MAP_TYPE_ARRAY, _PROG_TYPE_XDP, _LIVE_FRAMES, _XDP_PASS = 2, 6, 2, 2
_PSEUDO_MAP_VALUE = 2
# linux/if_link.h, linux/rtnetlink.h
_RTM_NEWLINK, _IFLA_XDP, _IFLA_XDP_FD, _IFLA_XDP_FLAGS, _XDP_DRIVER_MODE, _NESTED = 16, 43, 1, 3, 4, 0x8000

_c = ctypes.CDLL(None, use_errno=True)


class XdpUnavailable(RuntimeError):
    """This process or this kernel cannot do it; the text is one sentence with the cause and the cure."""


class XdpGenerator:
    """Frames of ``size`` bytes (60 to 1500) as received by an interface: UDP over IPv4 in ``flows`` flows.

    Frame N has N in its last 8 bytes, as those of `support.frames.FrameSender`, and the source port
    ``FIRST_PORT + N % flows`` (``flows`` a power of two, at most 32768), so that a fanout group by hash spreads them.
    ``first`` is the number of the first frame. One sends at a time.

    Make it as root and before entering a user namespace: what it opens needs CAP_BPF, CAP_NET_ADMIN and CAP_SYS_ADMIN
    of the initial one, what `send` does needs only the descriptors, which a forked child has too. Raises
    XdpUnavailable.
    """

    def __init__(self, size: int = 60, flows: int = 256, first: int = 1) -> None:
        if not 60 <= size <= 1500 or flows not in {1 << bits for bits in range(16)}:
            raise ValueError(f"frames of {size} bytes in {flows} flows")
        self._frame = _frame(size)
        self._first = first
        self._descriptors: list[int] = []
        try:
            self._counter = self._keep(_counter(first))
            self._program = self._keep(_load(_program(self._counter, size, flows)))
            self._keep(self._prepare())
            _store(self._counter, first)
        except OSError as error:
            self.close()
            raise XdpUnavailable(_sentence(error)) from error

    @property
    def sent(self) -> int:
        """The frames that have been handed on so far, by the program's own count."""
        return _stored(self._counter) - self._first

    def send(self, interface: str, count: int, rate: float | None = None) -> float:
        """Have the interface receive exactly ``count`` frames; returns the seconds it took.

        ``interface`` is in the network namespace of the calling thread and must be one whose driver knows XDP, as
        veth does. ``rate`` is in frames a second: they come in bursts of up to 64, as a driver's do, and a sender that
        was kept waiting catches up. None is as fast as it goes. They have passed the taps when this returns.
        """
        index = socket.if_nametoindex(interface)
        burst = _CALL if rate is None else max(1, min(_BATCH, int(rate / 1000)))
        goal = self.sent + count
        began = time.monotonic()
        while left := goal - self.sent:
            if rate is not None and (early := began + (count - left) / rate - time.monotonic()) > 0:
                time.sleep(early)
            try:
                self._run(index, min(left, burst))
            except InterruptedError:
                continue  # by a signal, between two batches: the counter knows how many it were
        return time.monotonic() - began

    def close(self) -> None:
        """Give back what the kernel keeps for it. May be called again."""
        while self._descriptors:
            os.close(self._descriptors.pop())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    def _keep(self, descriptor: int) -> int:
        self._descriptors.append(descriptor)
        return descriptor

    def _prepare(self) -> int:
        """Try it once, and attach the program to an interface that is down, in a network namespace of its own.

        A program that no interface uses is patched into the kernel's code for the time of every call (the XDP
        dispatcher), which takes 24 ms; a call for one that is there takes 17 us. Returns a descriptor that keeps the
        namespace.
        """
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            libc.unshare(libc.CLONE_NEWNET)
            try:
                index = _spare_interface()
                self._run(index, 1)
                _attach(self._program, index)
                return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            finally:
                _enter(home)
        finally:
            os.close(home)

    def _run(self, index: int, count: int) -> None:
        frame = ctypes.create_string_buffer(self._frame, len(self._frame))
        # struct xdp_md: data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex
        context = ctypes.create_string_buffer(struct.pack("6I", 0, len(self._frame), 0, index, 0, 0), 24)
        # prog_fd, retval, data_size_in and _out, data_in and _out, repeat, duration; then
        # ctx_size_in and _out, ctx_in and _out, flags, cpu, batch_size
        data = (self._program, 0, len(self._frame), 0, ctypes.addressof(frame), 0, count, 0)
        rest = (len(context), 0, ctypes.addressof(context), 0, _LIVE_FRAMES, 0, _BATCH)
        _bpf(_PROG_TEST_RUN, struct.pack("=4I2Q2I", *data) + struct.pack("=2I2Q3I4x", *rest))


def _frame(size: int) -> bytes:
    # Addressed to somebody else, as on a mirror port: the protocols let go of it first thing. A UDP checksum of 0
    # says that there is none (RFC 768): numbers and ports change from frame to frame.
    payload = size - 42
    frame = Datagram(FAR.mac, _SOMEBODY, SOURCE, DESTINATION, FIRST_PORT, PORT, bytes(payload)).frame()
    return frame[:40] + bytes(2 + payload)


def _program(counter: int, size: int, flows: int) -> bytes:
    """Take the next number, write it and its port into the frame, pass the frame on; see linux/bpf.h, bpf_common.h.

    The pages go round and come back as they were left, so whatever changes is written every time.
    """
    body = b"".join(
        (
            _instruction(0x61, 2, 1, 0),  # r2 = ctx->data
            _instruction(0x61, 3, 1, 4),  # r3 = ctx->data_end
            _instruction(0xBF, 4, 2),  # r4 = r2
            _instruction(0x07, 4, immediate=size),  # r4 += size
            _instruction(0x2D, 4, 3, 11),  # if r4 > r3: go to the end; for the verifier, it never is
            _instruction(0x18, 5, _PSEUDO_MAP_VALUE, immediate=counter),  # r5 = &counter, ...
            _instruction(0),  # ... an instruction of two slots
            _instruction(0xB7, 0, immediate=1),  # r0 = 1
            _instruction(0xDB, 5, 0, immediate=0x01),  # r0 = atomic_fetch_add(r5, r0)
            _instruction(0xBF, 1, 0),  # r1 = r0
            _instruction(0x57, 1, immediate=flows - 1),  # r1 &= flows - 1
            _instruction(0x47, 1, immediate=FIRST_PORT),  # r1 |= FIRST_PORT
            _instruction(0xDC, 1, immediate=16),  # r1 = htobe16(r1)
            _instruction(0x6B, 2, 1, _SOURCE_PORT_OFFSET),  # *(u16 *)(r2 + 34) = r1
            _instruction(0xDC, 0, immediate=64),  # r0 = htobe64(r0)
            _instruction(0x7B, 2, 0, size - 8),  # *(u64 *)(r2 + size - 8) = r0
        )
    )
    return body + _instruction(0xB7, 0, immediate=_XDP_PASS) + _instruction(0x95)  # return XDP_PASS


def _instruction(code: int, destination: int = 0, source: int = 0, offset: int = 0, immediate: int = 0) -> bytes:
    # The registers are bit fields; all machines of _SYSCALL are little-endian.
    return struct.pack("=BBhi", code, destination | source << 4, offset, immediate)


def _counter(first: int) -> int:
    descriptor = _bpf(_MAP_CREATE, struct.pack("=5I", _MAP_TYPE_ARRAY, 4, 8, 1, 0))
    try:
        _store(descriptor, first)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _store(counter: int, number: int) -> None:
    _element(_MAP_UPDATE, counter, ctypes.c_uint64(number))


def _stored(counter: int) -> int:
    value = ctypes.c_uint64()
    _element(_MAP_LOOKUP, counter, value)
    return value.value


def _element(command: int, counter: int, value: ctypes.c_uint64) -> None:
    key = ctypes.c_uint32(0)
    _bpf(command, struct.pack("=I4xQQQ", counter, ctypes.addressof(key), ctypes.addressof(value), 0))


def _load(program: bytes) -> int:
    code = ctypes.create_string_buffer(program, len(program))
    license_name = ctypes.create_string_buffer(b"Apache-2.0")
    attributes = (_PROG_TYPE_XDP, len(program) // 8, ctypes.addressof(code), ctypes.addressof(license_name))
    return _bpf(_PROG_LOAD, struct.pack("=IIQQ", *attributes) + bytes(56))


def _spare_interface() -> int:
    with Netlink() as netlink:
        netlink.add_veth("spare0", bytes.fromhex("020000000003"), "spare1", FAR.mac, threading.get_native_id())
    return socket.if_nametoindex("spare0")


def _attach(program: int, index: int) -> None:
    options = attribute(_IFLA_XDP_FD, struct.pack("=i", program))
    options += attribute(_IFLA_XDP_FLAGS, struct.pack("=I", _XDP_DRIVER_MODE))
    with Netlink() as netlink:
        body = link_header(index) + attribute(_IFLA_XDP | _NESTED, options)
        netlink.request(_RTM_NEWLINK, body, "attach the XDP program")


def _enter(namespace: int) -> None:
    if _c.setns(namespace, libc.CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"setns: {os.strerror(number)}")


def _sentence(error: OSError) -> str:
    reason = error.strerror or str(error)
    if error.errno in {errno.EPERM, errno.EACCES}:
        return (
            "XDP live frames need root of the initial user namespace (CAP_BPF, CAP_NET_ADMIN, CAP_SYS_ADMIN), and this"
            f" process has not the right ({reason}): run it as root, or send by AF_PACKET."
        )
    return f"XDP live frames need Linux 5.18 or later with veth, and this kernel says: {reason}; send by AF_PACKET."


def _bpf(command: int, attributes: bytes) -> int:
    number = _SYSCALL.get(platform.machine())
    if number is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    buffer = ctypes.create_string_buffer(attributes, len(attributes))
    _c.syscall.restype = ctypes.c_long
    result = int(_c.syscall(ctypes.c_long(number), ctypes.c_long(command), buffer, ctypes.c_long(len(attributes))))
    if result < 0:
        failed = ctypes.get_errno()
        raise OSError(failed, f"bpf: {os.strerror(failed)}")
    return result
