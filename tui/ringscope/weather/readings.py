# SPDX-License-Identifier: Apache-2.0
"""What has grown by how much between two moments: of the host, of the capture, and of both held against each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ringscope.host.nic import FIFO, WIRE, XDP
from ringscope.host.reader import Device
from ringscope.host.softnet import grown
from ringscope.native import Counters
from ringscope.weather.moment import Moment, Setup, paired, since

Reading = Callable[[Moment, Moment], int]
"""What something has grown by between two moments."""

WIRE_COUNTERS: Final = ("rx_crc_errors", "rx_length_errors", "rx_frame_errors")
FIFO_COUNTERS: Final = ("rx_missed_errors", "rx_fifo_errors", "rx_over_errors")


def of_links(*names: str) -> Reading:
    """The growth of these counters of all captured interfaces together."""

    def reading(before: Moment, now: Moment) -> int:
        return sum(
            since(getattr(then.link.stats, name) if then else 0, getattr(device.link.stats, name))
            for then, device in paired(before, now)
            for name in names
        )

    return reading


def received(before: Moment, now: Moment) -> int:
    """Packets that the interfaces have received."""
    return of_links("rx_packets")(before, now)


def offered(setup: Setup) -> Reading:
    """Packets that came by the tap in the directions that are captured, as far as the interfaces tell."""

    def reading(before: Moment, now: Moment) -> int:
        total = 0
        for then, device in paired(before, now):
            stats, old = device.link.stats, then.link.stats if then else type(device.link.stats)()
            if setup.config.direction != "out" or device.link.loopback:
                total += since(old.rx_packets, stats.rx_packets)
                if not device.link.is_virtual:
                    # By RPS they find the backlog full only after the driver has counted them.
                    total -= min(since(old.rx_dropped, stats.rx_dropped), softnet_dropped(before, now))
            if setup.config.direction != "in" and not device.link.loopback:
                total += since(old.tx_packets, stats.tx_packets)
        return total

    return reading


def of_capture(*names: str, queue: int | None = None) -> Reading:
    """The growth of these counters of the capture, of one queue or of all."""

    def counters(moment: Moment) -> Counters | None:
        if queue is None:
            return moment.capture.total
        return moment.capture.queues[queue] if queue < len(moment.capture.queues) else None

    def reading(before: Moment, now: Moment) -> int:
        old, new = counters(before), counters(now)
        return sum(since(getattr(old, name) if old else 0, getattr(new, name)) for name in names)

    return reading


def driver_growth(then: Device | None, now: Device, group: str) -> dict[tuple[str, int | None], int]:
    """The growth of the driver's counters of a group, by name and queue, in the driver's order."""
    old = {(one.name, one.queue): one.value for one in then.nic.counters} if then else {}
    # A driver that was not asked before begins here: what it counted earlier is not of this capture.
    return {
        (one.name, one.queue): since(old.get((one.name, one.queue), one.value), one.value)
        for one in now.nic.counters
        if one.group == group
    }


def of_driver(group: str) -> Reading:
    """The growth of the driver's counters of a group: of its counters of the whole interface the one that grew most, or
    the sum over its queues of the one of which that grew most, whichever is more; several may count the same."""

    def reading(before: Moment, now: Moment) -> int:
        total = 0
        for then, device in paired(before, now):
            whole, by_queue = 0, dict[str, int]()
            for (name, queue), growth in driver_growth(then, device, group).items():
                if queue is None:
                    whole = max(whole, growth)
                else:
                    plain = name.replace(str(queue), "#", 1)
                    by_queue[plain] = by_queue.get(plain, 0) + growth
            total += max(whole, max(by_queue.values(), default=0))
        return total

    return reading


def softnet_dropped(before: Moment, now: Moment) -> int:
    """Packets for which the backlog of a CPU had no room, of all interfaces of the host."""
    old = {cpu.number: cpu.dropped for cpu in before.host.cpus}
    return sum(grown(old.get(cpu.number, cpu.dropped), cpu.dropped) for cpu in now.host.cpus if cpu.online)


def backlog_lost(before: Moment, now: Moment) -> int:
    """Of these, those of the captured interfaces: at most what their rx_dropped grew by, too."""
    return min(softnet_dropped(before, now), of_links("rx_dropped")(before, now))


def nic_lost(before: Moment, now: Moment) -> int:
    """Packets for which the device had no room: the largest of the counters that say so, of each interface."""
    return max(*(of_links(name)(before, now) for name in FIFO_COUNTERS), of_driver(FIFO)(before, now))


def wire_lost(before: Moment, now: Moment) -> int:
    """Frames that were damaged."""
    return max(*(of_links(name)(before, now) for name in WIRE_COUNTERS), of_driver(WIRE)(before, now))


def passed(before: Moment, now: Moment) -> int:
    """Packets that the capture filter let pass, stored or dropped."""
    return of_capture("stored", "dropped")(before, now)


def is_exact(setup: Setup, now: Moment) -> bool:
    """Does the tap see as many packets as the interfaces count? Not where hardware or the driver puts frames together
    or takes them apart, nor on all interfaces at once, where one packet may pass several; nor with XDP."""
    if setup.everywhere:
        return False
    return all(device.link.is_virtual and not device.link.xdp for device in now.devices())


def xdp_dropped(before: Moment, now: Moment) -> int:
    """Packets that an XDP program dropped, as far as the driver tells."""
    return of_driver(XDP)(before, now)


def tc_dropped(*, ingress: bool) -> Reading:
    """Packets that queueing disciplines dropped: behind the tap on the way in, or before it on the way out."""

    def reading(before: Moment, now: Moment) -> int:
        total = 0
        for then, device in paired(before, now):
            old = {(one.handle, one.parent): one.drops for one in then.qdiscs} if then else {}
            for one in device.qdiscs:
                if one.is_ingress == ingress:
                    total += grown(old.get((one.handle, one.parent), 0), one.drops)
        return total

    return reading


def of_cpu(number: int, name: str) -> Reading:
    def reading(before: Moment, now: Moment) -> int:
        old = next((cpu for cpu in before.host.cpus if cpu.number == number), None)
        new = next(cpu for cpu in now.host.cpus if cpu.number == number)
        return grown(getattr(old, name), getattr(new, name)) if old else 0

    return reading


def rejected(setup: Setup) -> Reading:
    """What came by and did not pass, estimated."""
    came = offered(setup)
    return lambda before, now: max(came(before, now) - passed(before, now), 0)


def head(before: Moment, now: Moment) -> int:
    return since(before.capture.head, now.capture.head)


def lag_between(then: Counters | None, queue: Counters) -> float:
    """The longest in seconds that a block has waited or is waiting for the reader, as far as it is known of this
    time."""
    longest = queue.longest_lag if then is None or queue.longest_lag > then.longest_lag else queue.lag
    return max(longest, queue.oldest)


def worker_share(before: Moment, now: Moment, index: int) -> tuple[float, float] | None:
    """Shares of the time between that a queue's worker ran, and that it waited for a CPU; None: not known."""
    old, new = before.worker(index), now.worker(index)
    if old is None or new is None or old.id != new.id:
        return None
    seconds = max(now.host.time - before.host.time, 1e-3)
    waited = (new.waited or 0.0) - (old.waited or 0.0)
    return (new.seconds - old.seconds) / seconds, waited / seconds
