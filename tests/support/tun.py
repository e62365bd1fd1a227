# SPDX-License-Identifier: Apache-2.0
"""An interface of raw IP packets, without any link-layer header, whose other end is held by the test."""

from __future__ import annotations

import fcntl
import os
import struct
from types import TracebackType
from typing import Self

from ringscope.capture.demo.netlink import Netlink
from support.oracles import missing

_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000  # linux/if_tun.h


class Tun:
    """The interface ``name`` in this network namespace, up and with an IPv4 address. A context manager."""

    def __init__(self, name: str = "rstun", address: str = "10.78.0.1") -> None:
        self.name = name
        try:
            self._device = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            missing(f"no interface of raw IP packets can be made here: {error}")
        fcntl.ioctl(self._device, _TUNSETIFF, struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI))
        with Netlink() as netlink:
            netlink.without_link_local(name)
            netlink.set_up(name)
            netlink.add_address(name, address, 24)

    def arrive(self, packet: bytes) -> None:
        """Have the interface receive an IP packet."""
        os.write(self._device, packet)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._device)
