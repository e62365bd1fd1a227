# SPDX-License-Identifier: Apache-2.0
"""The network interfaces of this namespace, by ioctls and /proc/net, with no privilege (netdevice(7), proc(5)).

/sys/class/net shows the namespace in which /sys was mounted, not the one we are in: it is asked last, and checked.
"""

from __future__ import annotations

import fcntl
import ipaddress
import os
import socket
import struct
from pathlib import Path

from ringscope.frozen import frozen
from ringscope.host.ethtool import Ethtool

_SIOCGIFFLAGS = 0x8913
_SIOCGIFADDR = 0x8915
_SIOCGIFMTU = 0x8921
_SIOCGIFHWADDR = 0x8927
_IFF_UP, _IFF_LOOPBACK, _IFF_RUNNING = 0x1, 0x8, 0x40
_RTF_UP = 0x1

ANY = "any"
"""The name that stands for all interfaces, where none is called so."""

_HARDWARE = {1: "ethernet", 772: "loopback", 0xFFFE: "raw ip", 519: "raw ip", 768: "tunnel", 769: "tunnel", 776: "sit"}
"""ARPHRD_* of linux/if_arp.h that can be captured on."""


@frozen
class Interface:
    """An interface as it is now. ``speed`` is in Mb/s, None where the driver does not say."""

    name: str
    index: int
    up: bool
    carrier: bool
    loopback: bool
    kind: str
    driver: str
    mtu: int
    speed: int | None
    addresses: tuple[str, ...]
    default_route: bool

    @property
    def state(self) -> str:
        """``down``, ``no carrier`` or ``up``."""
        return "down" if not self.up else "up" if self.carrier else "no carrier"

    @property
    def detail(self) -> str:
        """Its speed, else its driver, else its kind: what stands beside its name."""
        if self.speed:
            return f"{self.speed // 1000} Gb/s" if self.speed % 1000 == 0 else f"{self.speed} Mb/s"
        return self.driver or self.kind


def _ask(sock: socket.socket, code: int, name: str) -> bytes:
    """One struct ifreq; the 24 bytes behind the name."""
    return fcntl.ioctl(sock, code, struct.pack("16s24x", os.fsencode(name)))[16:]


def _speed(ethtool: Ethtool, name: str) -> int | None:
    try:
        return ethtool.speed(name)
    except OSError:
        return None


def _driver(ethtool: Ethtool, name: str) -> str:
    try:
        return ethtool.driver(name).name
    except OSError:
        return ""


def _ipv6_addresses() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    try:
        lines = Path("/proc/net/if_inet6").read_text().splitlines()
    except OSError:
        return found
    for line in lines:
        address, _, prefix, _, _, name = line.split()
        found.setdefault(name, []).append(f"{ipaddress.IPv6Address(int(address, 16))}/{int(prefix, 16)}")
    return found


def _ipv4_address(sock: socket.socket, name: str) -> list[str]:
    try:
        return [socket.inet_ntoa(_ask(sock, _SIOCGIFADDR, name)[4:8])]
    except OSError:
        return []


def default_interface() -> str | None:
    """The interface of the default route, IPv4's with the lowest metric, else IPv6's; None when there is none."""
    best: tuple[int, str] | None = None
    try:
        for line in Path("/proc/net/route").read_text().splitlines()[1:]:
            name, target, _, flags, _, _, metric, mask = line.split()[:8]
            route = (int(metric), name)
            if target == mask == "00000000" and int(flags, 16) & _RTF_UP and (best is None or route < best):
                best = route
        if best is None:
            for line in Path("/proc/net/ipv6_route").read_text().splitlines():
                target, prefix, *_, metric, _, _, flags, name = line.split()
                route = (int(metric, 16), name)
                usable = int(flags, 16) & _RTF_UP and name != "lo"
                if int(target, 16) == 0 and prefix == "00" and usable and (best is None or route < best):
                    best = route
    except OSError:
        pass  # no IPv4 or no IPv6 in this kernel
    return best[1] if best else None


def interfaces() -> list[Interface]:
    """All interfaces of this network namespace, in the kernel's order."""
    ipv6, default, found = _ipv6_addresses(), default_interface(), []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, Ethtool() as ethtool:
        for index, name in socket.if_nameindex():
            try:
                flags = struct.unpack_from("=H", _ask(sock, _SIOCGIFFLAGS, name))[0]
                mtu = struct.unpack_from("=i", _ask(sock, _SIOCGIFMTU, name))[0]
                hardware = struct.unpack_from("=H", _ask(sock, _SIOCGIFHWADDR, name))[0]
            except OSError:
                continue  # removed while we look
            found.append(
                Interface(
                    name=name,
                    index=index,
                    up=bool(flags & _IFF_UP),
                    carrier=bool(flags & _IFF_RUNNING),
                    loopback=bool(flags & _IFF_LOOPBACK),
                    kind=_HARDWARE.get(hardware, f"hardware type {hardware}"),
                    driver=_driver(ethtool, name),
                    mtu=mtu,
                    speed=_speed(ethtool, name),
                    addresses=tuple(_ipv4_address(sock, name) + ipv6.get(name, [])),
                    default_route=name == default,
                )
            )
    return found


def interface_detail(name: str) -> str:
    """What stands beside the name on the screen, such as ``10 Gb/s`` or ``veth``; empty when it is not known."""
    return next((interface.detail for interface in interfaces() if interface.name == name), "")


def receive_queues(name: str) -> int:
    """Receive queues of an interface, or of the one that has the most for ANY; 1 where nobody tells."""
    names = [one.name for one in interfaces()] if name == ANY else [name]
    with Ethtool() as ethtool:
        return max((_receive_queues(ethtool, one) for one in names), default=1)


def _receive_queues(ethtool: Ethtool, name: str) -> int:
    try:
        return max(1, ethtool.channels(name).receiving)
    except OSError:
        pass  # this driver does not tell
    folder = Path("/sys/class/net") / name
    try:
        ours = int((folder / "ifindex").read_text()) == socket.if_nametoindex(name)
        return max(1, len(list((folder / "queues").glob("rx-*")))) if ours else 1
    except (OSError, ValueError):
        return 1
