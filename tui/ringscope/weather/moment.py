# SPDX-License-Identifier: Apache-2.0
"""A reading of the host and a snapshot of the capture, taken together; and what lies between two of them."""

from __future__ import annotations

from collections.abc import Iterable

from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import LiveSession, Snapshot
from ringscope.frozen import frozen
from ringscope.host.interfaces import ANY
from ringscope.host.process import Thread
from ringscope.host.reader import Device, Host, HostReader


@frozen
class Setup:
    """What the capture is: its settings, and the capture filter in force (empty: everything)."""

    config: CaptureConfig
    expression: str = ""
    link_type: int = 1

    @property
    def everywhere(self) -> bool:
        """Is it on all interfaces?"""
        return self.config.interfaces == (ANY,)


@frozen
class Moment:
    """``interfaces`` are the present names of what is captured on. ``missed`` are packets that were evicted before they
    could be written to a file, 0 without one; ``hidden`` those that a view filter hides, None without one."""

    host: Host
    capture: Snapshot
    interfaces: tuple[str, ...]
    missed: int = 0
    hidden: int | None = None

    @property
    def time(self) -> float:
        """Seconds since 1970, of the capture's half."""
        return self.capture.time

    def devices(self) -> tuple[Device, ...]:
        """The interfaces that are captured on, as far as they are there."""
        if self.interfaces == (ANY,):
            return self.host.devices
        return tuple(device for name in self.interfaces if (device := self.host.device(name)))

    def worker(self, queue: int) -> Thread | None:
        """The thread that reads a queue's ring."""
        threads = self.host.process.threads if self.host.process else ()
        return next((one for one in threads if one.name == f"rs ring {queue}"), None)


def take(reader: HostReader, session: LiveSession, *, missed: int = 0, hidden: int | None = None) -> Moment:
    """Now: the host first, so that what it has counted is not yet more than the capture has."""
    names = tuple(source.name for source in session.sources())
    if names != reader.interfaces:
        reader.follow(names)
    host = reader.read()
    return Moment(host, session.snapshot(), names, missed, hidden)


def setup_of(session: LiveSession) -> Setup:
    """What it is at this moment: the filter may change."""
    return Setup(session.config, session.filter_expression, session.link_type)


def since(before: int, now: int) -> int:
    """By how much a counter has grown that only grows, or was begun anew meanwhile."""
    return now - before if now >= before else now


def paired(before: Moment, now: Moment) -> Iterable[tuple[Device | None, Device]]:
    """The interfaces now, each with what it was; None: it was not there, or it is another of that name."""
    then = {device.link.index: device for device in before.host.devices}
    for device in now.devices():
        yield then.get(device.link.index), device
