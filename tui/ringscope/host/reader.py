# SPDX-License-Identifier: Apache-2.0
"""One reading of everything around the rings: interfaces, CPUs, other taps, ourselves."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from types import TracebackType
from typing import Final, Self, TypeVar

from ringscope.frozen import frozen
from ringscope.host import nic as nics
from ringscope.host.ethtool import Ethtool, Offloads
from ringscope.host.interfaces import ANY
from ringscope.host.interrupts import Interrupt, Rps, read_interrupts, read_rps
from ringscope.host.link import Link, read_links
from ringscope.host.nic import Nic
from ringscope.host.process import Process, read_process
from ringscope.host.protocols import Protocols, read_protocols
from ringscope.host.qdisc import Qdisc, read_qdiscs
from ringscope.host.sockets import Owners, PacketSocket, TapWarning, read_packet_sockets, tap_warnings
from ringscope.host.softnet import Cpu, Limits, read_cpus, read_limits
from ringscope.host.unread import Unread, because
from ringscope.netlink import ROUTE, SOCK_DIAG, Channel

T = TypeVar("T")

_SETTLED: Final = 10.0
"""Seconds for which a driver's settings and the names of its counters are believed."""
_DRIVERS: Final = 16
"""Of more interfaces than that only hardware is asked for what its driver knows: on a host of containers there may be
a thousand virtual ones."""


@frozen
class Device:
    """One interface: as the kernel sees it, as its driver does, what queues packets before it, and which CPUs feed
    it."""

    link: Link
    nic: Nic
    qdiscs: tuple[Qdisc, ...]
    interrupts: tuple[Interrupt, ...]
    rps: tuple[Rps, ...]


@frozen
class Host:
    """One reading. ``time`` is in seconds since 1970 when it began; it takes a few milliseconds. Everything in it
    counts since the kernel began to: only differences between two readings tell of a capture. ``unread`` is what could
    not be read, and why."""

    time: float
    devices: tuple[Device, ...]
    cpus: tuple[Cpu, ...]
    limits: Limits
    sockets: tuple[PacketSocket, ...]
    warnings: tuple[TapWarning, ...]
    protocols: Protocols | None
    process: Process | None
    unread: tuple[Unread, ...]

    def device(self, name: str) -> Device | None:
        """The interface of this name."""
        return next((one for one in self.devices if one.link.name == name), None)


class HostReader:
    """Reads the network namespace in which it was made. A context manager; for one thread at a time, and not for the
    one that draws: a driver may take its time."""

    def __init__(self, interfaces: Sequence[str]) -> None:
        """``interfaces`` by name; ``any`` alone is all. Raises OSError where there is not even rtnetlink."""
        self.interfaces = tuple(interfaces)
        with ExitStack() as stack:
            self._route = stack.enter_context(Channel(ROUTE))
            self._ethtool = stack.enter_context(Ethtool())
            self._diag: Channel | OSError
            try:
                self._diag = stack.enter_context(Channel(SOCK_DIAG))
            except OSError as error:  # a kernel without CONFIG_INET_DIAG
                self._diag = error
            self._open = stack.pop_all()
        self._owners = Owners()
        self._drivers: dict[str, tuple[float, _Driver]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    def close(self) -> None:
        """Idempotent."""
        self._open.close()

    def follow(self, interfaces: Sequence[str]) -> None:
        """From now on these: an interface may be renamed."""
        self.interfaces = tuple(interfaces)

    def read(self) -> Host:
        """Everything, once. Never raises: what cannot be read is told in the reading."""
        began = time.time()
        unread: list[Unread] = []
        links: tuple[Link, ...] = ()
        try:
            links = read_links(self._route, None if self.interfaces == (ANY,) else self.interfaces)
        except OSError as error:
            unread.append(because("the interfaces", error))
        devices = tuple(self._device(link, len(links), unread) for link in links)
        cpus: tuple[Cpu, ...] = ()
        try:
            cpus = read_cpus()
        except OSError as error:
            unread.append(because("softnet counters", error))
        sockets = self._sockets(unread)
        protocols, more = read_protocols()
        unread += more
        limits = read_limits()
        unread += _limits_unread(limits)
        process = None
        try:
            process = read_process()
        except OSError as error:
            unread.append(because("our own cost", error))
        return Host(
            time=began,
            devices=devices,
            cpus=cpus,
            limits=limits,
            sockets=sockets,
            warnings=tap_warnings(sockets, os.getpid()),
            protocols=protocols,
            process=process,
            unread=tuple(unread),
        )

    def _sockets(self, unread: list[Unread]) -> tuple[PacketSocket, ...]:
        try:
            if isinstance(self._diag, OSError):
                raise self._diag
            return self._owners.named(read_packet_sockets(self._diag))
        except OSError as error:
            unread.append(because("packet sockets of others", error))
            return ()

    def _device(self, link: Link, count: int, unread: list[Unread]) -> Device:
        qdiscs: tuple[Qdisc, ...] = ()
        try:
            qdiscs = read_qdiscs(self._route, link.index)
        except OSError as error:
            unread.append(because(f"queueing disciplines of {link.name}", error))
        if count > _DRIVERS and link.kind:
            nic = Nic(None, None, None, None, (), Offloads(None, None, None, None), (), ())
            return Device(link, nic, qdiscs, (), ())
        driver = self._driver(link.name)
        interrupts: tuple[Interrupt, ...] = ()
        if bus := driver.nic.driver.bus if driver.nic.driver else "":
            try:
                interrupts = read_interrupts(link.name, bus)
            except OSError as error:
                unread.append(because(f"interrupts of {link.name}", error))
        rps, why = read_rps(link.name)
        unread += why
        return Device(link, self._counted(link.name, driver), qdiscs, interrupts, rps)

    def _driver(self, name: str) -> _Driver:
        known = self._drivers.get(name)
        if known and time.monotonic() - known[0] < _SETTLED:
            return known[1]
        found = _ask_driver(self._ethtool, name)
        self._drivers[name] = (time.monotonic(), found)
        return found

    def _counted(self, name: str, driver: _Driver) -> Nic:
        """The driver's settings with the values that its counters have now."""
        nic = driver.nic
        if not driver.names:
            return nic
        try:
            values = self._ethtool.stat_values(name, len(driver.names))
        except OSError as error:
            return _with(nic, (), (*nic.unread, because(f"counters of the driver of {name}", error)))
        order = driver.order or nics.sort_names(driver.names, values)
        if not driver.order:
            self._drivers[name] = (self._drivers[name][0], _Driver(nic, driver.names, order))
        return _with(nic, nics.counters(order, values), nic.unread)


@frozen
class _Driver:
    """What is known of a driver between two looks: all but the values of its counters."""

    nic: Nic
    names: tuple[str, ...]
    order: tuple[nics.Sorted, ...] = ()


def _with(nic: Nic, counters: tuple[nics.NicCounter, ...], unread: tuple[Unread, ...]) -> Nic:
    return replace(nic, counters=counters, unread=unread)


def _ask_driver(ethtool: Ethtool, name: str) -> _Driver:
    unread: list[Unread] = []

    def told(what: str, question: Callable[[str], T]) -> T | None:
        try:
            return question(name)
        except OSError as error:
            unread.append(because(f"{what} of {name}", error))
            return None

    driver = told("driver", ethtool.driver)
    nic = Nic(
        driver=driver,
        speed=told("speed", ethtool.speed),
        rings=told("ring size", ethtool.rings),
        channels=told("number of queues", ethtool.channels),
        spread=told("spread over queues (RSS)", ethtool.spread) or (),
        offloads=ethtool.offloads(name),
        counters=(),
        unread=(),
    )
    names = told("counters of the driver", ethtool.stat_names) or ()
    return _Driver(_with(nic, (), tuple(unread)), names)


def _limits_unread(limits: Limits) -> Iterator[Unread]:
    if limits.netdev_max_backlog is None:
        yield Unread("net.core sysctls of the backlog", "they are not shown in a network namespace of its own")
