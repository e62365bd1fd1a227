# SPDX-License-Identifier: Apache-2.0
"""Which CPUs feed an interface: its interrupts, their affinity, and RPS (proc(5),
Documentation/networking/scaling.rst).

/sys/class/net shows the namespace in which /sys was mounted; what it says of an interface is believed only if the index
is ours. /sys/bus and /proc/irq are of the whole host.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from ringscope.frozen import frozen
from ringscope.host.unread import Unread

_NET: Final = Path("/sys/class/net")
_BUSES: Final = (Path("/sys/bus/pci/devices"), Path("/sys/bus/vmbus/devices"))
_IRQS: Final = Path("/proc/irq")
_QUEUE: Final = re.compile(r"(?:tx-?rx|rx-?tx|rx|input|comp|ntfy-(?:block|blk)|fp)[-._]?(\d+)", re.IGNORECASE)


@frozen
class Interrupt:
    """One interrupt of an interface. ``queue`` is the receive queue that it serves, as far as its name tells.
    ``counts`` are by CPU number. ``cpus`` are those that may take it (``effective_affinity_list``)."""

    number: int
    name: str
    queue: int | None
    counts: tuple[tuple[int, int], ...]
    cpus: tuple[int, ...]

    @property
    def total(self) -> int:
        """Times it came."""
        return sum(count for _, count in self.counts)


@frozen
class Rps:
    """Receive Packet Steering of one receive queue: the CPUs that its packets are handed to (none: it is off), and the
    entries of its flow table (RFS)."""

    queue: int
    cpus: tuple[int, ...]
    flows: int


def interrupt_rows(text: str) -> dict[int, tuple[str, tuple[tuple[int, int], ...]]]:
    """Name and counts by CPU of the numbered interrupts in /proc/interrupts."""
    lines = text.splitlines()
    head = [int(word[3:]) for word in lines[0].split() if word[3:].isdecimal()] if lines else []
    found = {}
    for line in lines[1:]:
        number, _, rest = line.partition(":")
        if not number.strip().isdecimal():
            continue
        words = rest.split()
        counts = tuple((cpu, int(word)) for cpu, word in zip(head, words, strict=False) if word.isdecimal())
        found[int(number)] = (" ".join(words[len(head) :]), counts)
    return found


def numbers(text: str) -> tuple[int, ...]:
    """A list of CPUs as the kernel writes it: ``0-3,8``. Empty for anything else."""
    found: list[int] = []
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        if not first.isdecimal() or not (last or first).isdecimal():
            return ()
        found += range(int(first), int(last or first) + 1)
    return tuple(found)


def mask(text: str) -> tuple[int, ...]:
    """A bitmap of CPUs as the kernel writes it: ``00000000,0000000f``."""
    try:
        bits = int(text.strip().replace(",", "") or "0", 16)
    except ValueError:
        return ()
    return tuple(bit for bit in range(bits.bit_length()) if bits >> bit & 1)


def belonging(
    rows: dict[int, tuple[str, tuple[tuple[int, int], ...]]], interface: str, tags: Iterable[str], known: Iterable[int]
) -> list[tuple[int, str, tuple[tuple[int, int], ...]]]:
    """The interrupts of an interface: those that the bus knows to be the device's (``known``), and those whose name
    holds the interface's name or one of the ``tags`` (``virtio2``, ``0000:3b:00.0``) as a word."""
    words = [re.compile(rf"(?<![A-Za-z0-9_]){re.escape(word)}(?![A-Za-z0-9_])") for word in (interface, *tags) if word]
    wanted = set(known)
    return [
        (number, name, counts)
        for number, (name, counts) in sorted(rows.items())
        if number in wanted or any(word.search(name) for word in words)
    ]


def queue_of(name: str) -> int | None:
    """The queue in a name such as ``eth0-TxRx-3``, ``virtio2-input.0``, ``mlx5_comp2@pci:0000:3b:00.0``."""
    found = _QUEUE.search(name.split("@")[0])
    return int(found[1]) if found else None


def read_interrupts(interface: str, bus: str) -> tuple[Interrupt, ...]:
    """Those of an interface whose device is at ``bus`` (`ethtool.Driver`). Raises OSError."""
    rows = interrupt_rows(Path("/proc/interrupts").read_text())
    tags, known = _of_bus(bus)
    return tuple(
        Interrupt(number, name, queue_of(name), counts, _affinity(number))
        for number, name, counts in belonging(rows, interface, tags, known)
    )


def _of_bus(bus: str) -> tuple[list[str], list[int]]:
    """Other names of a device, and its interrupts, as its bus knows them."""
    if not bus or "/" in bus:
        return [], []
    for folder in (place / bus for place in _BUSES):
        if folder.is_dir():
            virtio = [path.name for path in folder.glob("virtio*")]
            listed = [int(path.name) for path in folder.glob("msi_irqs/*") if path.name.isdecimal()]
            # Of a virtio device the bus's own list has those of its control queue, too; names tell them apart.
            return [*virtio, bus], [] if virtio else listed
    return [bus], []


def _affinity(number: int) -> tuple[int, ...]:
    for name in ("effective_affinity_list", "smp_affinity_list"):
        try:
            if found := numbers((_IRQS / str(number) / name).read_text()):
                return found
        except OSError:
            continue
    return ()


def read_rps(interface: str) -> tuple[tuple[Rps, ...], tuple[Unread, ...]]:
    """RPS of the receive queues of an interface, by queue; or why it cannot be read."""
    what = f"RPS of {interface}"
    folder = _NET / interface
    try:
        if int((folder / "ifindex").read_text()) != socket.if_nametoindex(interface):
            return (), (Unread(what, "/sys shows another network namespace"),)
        queues = sorted((int(path.name[3:]), path) for path in (folder / "queues").glob("rx-*"))
        found = tuple(
            Rps(number, mask((path / "rps_cpus").read_text()), int((path / "rps_flow_cnt").read_text()))
            for number, path in queues
        )
    except (OSError, ValueError):
        return (), (Unread(what, "/sys does not show this interface"),)
    return found, ()


def feeding(interrupts: Sequence[Interrupt], rps: Sequence[Rps], queue: int) -> tuple[int, ...]:
    """The CPUs on which packets of a receive queue come up: those of RPS where it is on, else those of its
    interrupt."""
    for one in rps:
        if one.queue == queue and one.cpus:
            return one.cpus
    return next((one.cpus for one in interrupts if one.queue == queue), ())
