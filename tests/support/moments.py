# SPDX-License-Identifier: Apache-2.0
"""Moments as they could be: a host with one interface, a capture with some queues, and what a test changes in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import Snapshot
from ringscope.host.ethtool import Channels, Driver, Offloads, RingSizes
from ringscope.host.interrupts import Interrupt
from ringscope.host.link import Link, LinkStats
from ringscope.host.nic import Nic, NicCounter, sort_name
from ringscope.host.process import Process, Thread
from ringscope.host.protocols import Protocols
from ringscope.host.qdisc import Qdisc
from ringscope.host.reader import Device, Host
from ringscope.host.softnet import Cpu, Limits
from ringscope.native import Counters
from ringscope.weather.moment import Moment, Setup

_ZERO = {"str": "eth0", "bool": False, "float": 0.0, "int": 0}
QUEUE = replace(
    Counters(**{field.name: _ZERO[str(field.type)] for field in fields(Counters)}),  # type: ignore[arg-type]
    blocks=64,
    block_size=1 << 20,
    headroom=63,
    cpu=-1,
)
SETUP = Setup(CaptureConfig(("eth0",)))


def link(*, kind: str = "", name: str = "eth0", index: int = 2, xdp: str = "", **stats: int) -> Link:
    """An interface that is up, with these counters."""
    return Link(
        name=name,
        index=index,
        kind=kind,
        loopback=name == "lo",
        up=True,
        carrier=True,
        operstate="up",
        mtu=1500,
        promiscuity=1,
        rx_queues=4,
        tx_queues=4,
        tx_queue_length=1000,
        qdisc="mq",
        carrier_changes=1,
        xdp=xdp,
        gso_max=65536,
        gro_max=65536,
        stats=LinkStats(**stats),
    )


def device(
    *, driver: dict[str, int] | None = None, drops: int = 0, ingress: int = 0, irq_cpu: int = 0, **more: Any
) -> Device:
    """An interface of hardware (``kind=""``) with the driver's own counters by name, and what its qdiscs dropped."""
    counters = [(sort_name(name), value) for name, value in (driver or {}).items()]
    nic = Nic(
        driver=Driver("ice", "1", "2", "0000:3b:00.0"),
        speed=10_000,
        rings=RingSizes(512, 4096, 512, 4096),
        channels=Channels(0, 0, 1, 4, 0, 64),
        spread=(64, 64, 0, 0),
        offloads=Offloads(True, False, True, True),
        counters=tuple(NicCounter(one.name, one.group, one.queue, value) for one, value in counters),
        unread=(),
    )
    qdiscs = (
        Qdisc(2, "fq", "1:", "root", 0, 0, drops, 0, 0, 0, 0),
        Qdisc(2, "clsact", "ffff:", "ingress", 0, 0, ingress, 0, 0, 0, 0),
    )
    return Device(link(**more), nic, qdiscs, (Interrupt(40, "eth0-TxRx-0", 0, (), (irq_cpu,)),), ())


def cpu(number: int = 0, *, dropped: int = 0, squeezed: int = 0, flow_limited: int = 0, softirq: float = 0.0) -> Cpu:
    """A CPU that has run for a hundred seconds."""
    return Cpu(number, True, 0, dropped, squeezed, 0, flow_limited, 0, softirq, 50.0, 100.0)


def worker(index: int = 0, *, ran: float = 0.0, waited: float = 0.0, on: int = 1) -> Thread:
    """The thread that reads a ring."""
    return Thread(1000 + index, f"rs ring {index}", 0.0, 0.0, ran, waited, on)


def moment(
    time: float = 0.0,
    *queues: Counters,
    devices: Sequence[Device] | None = None,
    cpus: Sequence[Cpu] | None = None,
    threads: Sequence[Thread] = (),
    head: int | None = None,
    tail: int = 1,
    evicted: int = 0,
    missed: int = 0,
    hidden: int | None = None,
    udp: int = 0,
    interfaces: tuple[str, ...] = ("eth0",),
    backlog: int | None = 1000,
) -> Moment:
    """One moment; everything that is not said is quiet."""
    rings = queues or (QUEUE,)
    summed = (
        "stored",
        "dropped",
        "early_drops",
        "frozen_drops",
        "freezes",
        "delivered",
        "bytes",
        "truncated",
        "arena_drops",
        "evicted",
    )
    summed += ("unaccounted", "snapped", "blocks_full", "blocks_timeout")
    total = replace(rings[0], **{name: sum(getattr(ring, name) for ring in rings) for name in summed})
    host = Host(
        time=time,
        devices=tuple(devices if devices is not None else (device(),)),
        cpus=tuple(cpus if cpus is not None else (cpu(0), cpu(1))),
        limits=Limits(backlog, 300, 8000, "0", 4096),
        sockets=(),
        warnings=(),
        protocols=Protocols(udp, 0, 0, 0, 0, 0),
        process=Process(500, 1.0, 1 << 26, 1 << 25, 1 << 25, 0, tuple(threads)),
        unread=(),
    )
    newest = total.delivered - total.arena_drops if head is None else head
    capture = Snapshot(time, "running", "", total, tuple(rings), newest, tail, evicted, 1, 0)
    return Moment(host, capture, interfaces, missed, hidden)
