# SPDX-License-Identifier: Apache-2.0
"""The account of the way of a packet, by stages: from two readings of every counter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from ringscope.host.nic import ALLOWANCE, FIFO, WIRE, XDP
from ringscope.host.softnet import grown
from ringscope.weather.model import CUT, GONE, LOST, PASSED, REJECTED, STAGES, TOLD, Figure, Path, Stage
from ringscope.weather.moment import Moment, Setup, paired, since
from ringscope.weather.readings import (
    FIFO_COUNTERS,
    WIRE_COUNTERS,
    Reading,
    backlog_lost,
    driver_growth,
    head,
    is_exact,
    of_capture,
    of_cpu,
    of_links,
    offered,
    passed,
    received,
    rejected,
    tc_dropped,
)

_SHORT: Final = 1e-3
_LATER_READ: Final = ("packets that rules", "queueing disciplines", "losses of IP")
"""How what is read for what is lost later begins, where it could not be."""


class _Account:
    """Makes figures out of moments: totals since the first, of the capture's own counters since it began; rates since
    the one before."""

    def __init__(self, setup: Setup, begin: Moment, first: Moment, before: Moment, now: Moment) -> None:
        self.setup, self.begin, self.first, self.before, self.now = setup, begin, first, before, now
        self.seconds = max(now.time - before.time, _SHORT)

    def figure(
        self,
        name: str,
        words: str,
        kind: str,
        source: str,
        reading: Reading,
        *,
        place: str = "",
        estimated: bool = False,
    ) -> Figure:
        total, last = reading(self.first, self.now), reading(self.before, self.now)
        return Figure(name, words, total, max(last, 0) / self.seconds, kind, place, estimated, source)

    def own(self, name: str, words: str, kind: str, source: str, reading: Reading, *, place: str = "") -> Figure:
        """A figure of the capture's own counters."""
        figure = self.figure(name, words, kind, source, reading, place=place)
        return replace(figure, value=reading(self.begin, self.now))

    def told(self, name: str, words: str, value: float, source: str, place: str = "", unit: str = "") -> Figure:
        return Figure(name, words, value, None, TOLD, place, False, source, unit)

    def stage(
        self,
        key: str,
        figures: Sequence[Figure],
        *,
        passed: Figure | None = None,
        added: bool = False,
        unread: Sequence[str] = (),
    ) -> Stage:
        """``added``: its lost figures are of different places and each loss is in one only; else of one loss, which
        several counters may show."""
        lost = [figure for figure in figures if figure.kind == LOST]
        join: Callable[[Iterable[float]], float] = sum if added else lambda values: max(values, default=0)
        return Stage(
            key=key,
            title=STAGES[key],
            passed=passed.value if passed else None,
            passed_rate=passed.rate if passed else None,
            passed_estimated=bool(passed and passed.estimated),
            lost=join(figure.value for figure in lost),
            lost_rate=join(figure.rate or 0.0 for figure in lost),
            figures=tuple(figures),
            unread=tuple(unread),
            source=passed.source if passed else "",
        )


def path(setup: Setup, first: Moment, before: Moment, now: Moment, *, begin: Moment | None = None) -> Path:
    """The account: totals since ``first``, rates since ``before``. ``begin`` is when the capture's own counters began,
    if the host was looked at for the first time later."""
    account = _Account(setup, begin or first, first, before, now)
    arrived = account.figure("rx_packets", "received", PASSED, "link.rx_packets", received)
    stages = (
        _wire(account, arrived),
        _nic(account, arrived),
        _xdp(account),
        _softirq(account),
        _tap(account),
        _filter(account),
        _ring(account),
        _worker(account),
        _merge(account),
        _store(account),
        _view(account),
    )
    unaccounted, rate, text = _unaccounted(account)
    missing = tuple(str(one) for one in now.host.unread if one.what.startswith(_LATER_READ))
    return Path(now.time, account.seconds, stages, _later(account), unaccounted, rate, text, missing)


# -- stages -----------------------------------------------------------------------------------------------------------


def _wire(account: _Account, arrived: Figure) -> Stage:
    figures = [
        account.figure(name, name.replace("rx_", "").replace("_", " "), LOST, "link.rx_errors", of_links(name))
        for name in WIRE_COUNTERS
    ]
    figures += _driver_figures(account, WIRE)
    return account.stage("wire", figures, passed=arrived, unread=_unread(account, "speed"))


def _nic(account: _Account, arrived: Figure) -> Stage:
    figures = [
        account.figure(name, name.replace("rx_", "").replace("_errors", ""), LOST, "link.rx_missed", of_links(name))
        for name in FIFO_COUNTERS
    ]
    figures += _driver_figures(account, FIFO) + _driver_figures(account, ALLOWANCE)
    for device in account.now.devices():
        if rings := device.nic.rings:
            name = device.link.name
            figures.append(account.told("rx", "descriptors of a receive queue", rings.rx, "nic.ring", name))
            figures.append(account.told("rx max", "of at most", rings.rx_max, "nic.ring", name))
    return account.stage("nic", figures, passed=arrived, unread=_unread(account, "counters of the driver", "ring size"))


def _xdp(account: _Account) -> Stage:
    figures = _driver_figures(account, XDP)
    attached = [device for device in account.now.devices() if device.link.xdp]
    figures += [
        account.told("xdp", f"a program is attached ({one.link.xdp})", 1, "nic.xdp", one.link.name) for one in attached
    ]
    return account.stage("xdp", figures, unread=_unread(account, "counters of the driver") if attached else ())


def _driver_figures(account: _Account, group: str) -> list[Figure]:
    """The driver's own counters of a group: those of the whole interface, and those of queues that have grown."""
    found = []
    then = {device.link.index: device for device in account.before.host.devices}
    for first, device in paired(account.first, account.now):
        last = driver_growth(then.get(device.link.index), device, group)
        for (name, queue), total in driver_growth(first, device, group).items():
            if queue is None or total:
                place = device.link.name if queue is None else f"{device.link.name} queue {queue}"
                source = "nic.xdp" if group == XDP else "nic.counter"
                rate = last.get((name, queue), 0) / account.seconds
                found.append(Figure(name, name, total, rate, LOST, place, False, source))
    return found


def _softirq(account: _Account) -> Stage:
    figures = [
        account.figure("dropped", "no room in a CPU's backlog", LOST, "softnet.dropped", backlog_lost),
        account.figure("rx_dropped", "dropped as the interface says", TOLD, "link.rx_dropped", of_links("rx_dropped")),
        account.figure("rx_nohandler", "nobody wanted", TOLD, "link.rx_nohandler", of_links("rx_nohandler")),
    ]
    old = {cpu.number: cpu for cpu in account.first.host.cpus}
    for cpu in account.now.host.cpus:
        then = old.get(cpu.number, cpu)
        place = f"CPU {cpu.number}"
        if cpu.online and grown(then.squeezed, cpu.squeezed):
            reading = of_cpu(cpu.number, "squeezed")
            figures.append(
                account.figure("time_squeeze", "budget used up", TOLD, "softnet.squeezed", reading, place=place)
            )
        if cpu.online and grown(then.dropped, cpu.dropped):
            reading = of_cpu(cpu.number, "dropped")
            words = "no room in its backlog, of all interfaces"
            figures.append(account.figure("dropped", words, TOLD, "softnet.dropped", reading, place=place))
    unread = [str(one) for one in account.now.host.unread if one.what.startswith(("softnet", "net.core"))]
    return account.stage("softirq", figures, unread=unread)


def _tap(account: _Account) -> Stage:
    estimated = not is_exact(account.setup, account.now)
    seen = account.figure("tap", "offered", PASSED, "filter.offered", offered(account.setup), estimated=estimated)
    # What passed the filter before the host was looked at for the first time has come by here, too.
    seen = replace(seen, value=seen.value + passed(account.begin, account.first))
    own = account.now.host.process.id if account.now.host.process else 0
    indexes = {0, *(device.link.index for device in account.now.devices())}
    others = [one for one in account.now.host.sockets if one.is_tap and one.pid != own and one.ifindex in indexes]
    figures = [
        account.figure("rx_packets", "in", PASSED, "link.rx_packets", received),
        account.figure("tx_packets", "out", PASSED, "link.tx_packets", of_links("tx_packets")),
        account.told("taps", "other taps", len(others), "tap.others"),
        account.told("warnings", "warnings about taps", len(account.now.host.warnings), "tap.others"),
    ]
    unread = [str(one) for one in account.now.host.unread if one.what.startswith("packet sockets")]
    return account.stage("tap", figures, passed=seen, unread=unread)


def _filter(account: _Account) -> Stage:
    let = account.own("tp_packets", "passed", PASSED, "ring.stored", passed)
    figures = [account.own("snapped", "cut by the snaplen", CUT, "filter.snapped", of_capture("snapped"))]
    if account.setup.expression:
        figures.insert(
            0,
            account.figure(
                "rejected", "rejected", REJECTED, "filter.rejected", rejected(account.setup), estimated=True
            ),
        )
    return account.stage("filter", figures, passed=let)


def _ring(account: _Account) -> Stage:
    stored = account.own("stored", "stored", PASSED, "ring.stored", of_capture("stored"))
    figures = [
        account.own(
            "tp_drops",
            "no room in the ring",
            LOST,
            "ring.dropped",
            of_capture("dropped", queue=queue),
            place=f"queue {queue}",
        )
        for queue in range(len(account.now.capture.queues))
    ]
    figures += [
        account.own("slow", "of these for a slow reader", TOLD, "ring.slow", of_capture("slow_drops")),
        account.own("still frozen", "of these while still frozen", TOLD, "ring.frozen", of_capture("frozen_drops")),
        account.own("early", "of these early, while blocks were free", TOLD, "ring.early", of_capture("early_drops")),
        account.own("freezes", "freezes", TOLD, "ring.freezes", of_capture("freezes")),
        account.own("truncated", "cut by the block's size", CUT, "ring.truncated", of_capture("truncated")),
    ]
    return account.stage("ring", figures, passed=stored, added=True)


def _worker(account: _Account) -> Stage:
    total = account.now.capture.total
    read = account.own("delivered", "read", PASSED, "worker.delivered", of_capture("delivered"))
    figures = [
        account.own("arena_drops", "no room in the store", LOST, "worker.lost", of_capture("arena_drops")),
        account.told("lag", "late, at most in the last second", total.lag, "worker.lag", unit="s"),
        account.told("longest_lag", "late, at most", total.longest_lag, "worker.lag", unit="s"),
    ]
    return account.stage("worker", figures, passed=read)


def _merge(account: _Account) -> Stage:
    numbered = account.own("head", "numbered", PASSED, "store.head", head)
    total = account.now.capture.total
    waiting = max(total.delivered - total.arena_drops - account.now.capture.head, 0)
    figures = [
        account.told("waiting", "read, and not yet numbered", waiting, "store.head"),
        account.told(
            "disordered",
            "before the one that was numbered before it",
            account.now.capture.disordered,
            "store.disordered",
        ),
    ]
    return account.stage("merge", figures, passed=numbered)


def _store(account: _Account) -> Stage:
    kept = account.own("kept", "stored", PASSED, "store.head", head)
    figures = [
        account.own(
            "evicted",
            "let go for newer ones",
            GONE,
            "store.evicted",
            lambda b, n: since(b.capture.evicted, n.capture.evicted),
        ),
        account.own(
            "missed", "let go before they were written", LOST, "store.missed", lambda b, n: since(b.missed, n.missed)
        ),
        account.told("bytes", "room for packets", account.setup.config.store_bytes, "store.bytes", unit="B"),
    ]
    return account.stage("store", figures, passed=kept)


def _view(account: _Account) -> Stage:
    hidden = account.now.hidden
    if hidden is None:
        return account.stage("view", ())
    return account.stage("view", [Figure("hidden", "hidden", hidden, None, REJECTED, "", False, "view.hidden")])


def _unread(account: _Account, *what: str) -> list[str]:
    return [str(one) for device in account.now.devices() for one in device.nic.unread if one.what.startswith(what)]


# -- beside -----------------------------------------------------------------------------------------------------------


def _later(account: _Account) -> tuple[Figure, ...]:
    def of_protocols(name: str) -> Reading:
        def reading(before: Moment, now: Moment) -> int:
            old, new = getattr(before.host.protocols, name, None), getattr(now.host.protocols, name, None)
            return 0 if old is None or new is None else since(old, new)

        return reading

    protocols = account.now.host.protocols
    figures = [
        account.figure("tc", "dropped by tc on the way in", LOST, "qdisc.ingress", tc_dropped(ingress=True)),
        account.figure("tx", "sent, and dropped by the driver", LOST, "link.tx_dropped", of_links("tx_dropped")),
        account.figure(
            "qdisc", "dropped before the tap of the sending side", LOST, "qdisc.drops", tc_dropped(ingress=False)
        ),
    ]
    # What the kernel does not tell is left out, and is no 0.
    if protocols is not None:
        udp = of_protocols("udp_buffer_errors")
        figures.insert(1, account.figure("udp", "no room in a UDP socket", LOST, "protocol.udp", udp))
        if protocols.conntrack_drops is not None:
            tracked, words = of_protocols("conntrack_drops"), "dropped by connection tracking"
            figures.insert(1, account.figure("conntrack", words, LOST, "protocol.conntrack", tracked))
    return tuple(figures)


def _unaccounted(account: _Account) -> tuple[float | None, float | None, str]:
    broken = account.now.capture.total.unaccounted
    if broken:
        return broken, 0.0, "stored by the kernel, and neither delivered nor in the ring"
    if account.setup.expression:
        return 0, 0.0, "all that passed the filter is stored, dropped, or in the ring"
    if not is_exact(account.setup, account.now):
        text = "frames are put together, taken apart or seen twice before the tap: what it missed cannot be told"
        return None, None, text
    came = offered(account.setup)

    def missing(then: Moment, now: Moment) -> int:
        return came(then, now) - passed(then, now)

    # The kernel's statistics are read ten times a second, the interface's counters at once: so much may be on its way,
    # and more where packets come in bursts. What was on its way at the moment before has come by now.
    moving = came(account.before, account.now) / account.seconds * 0.25
    total = min(missing(account.first, account.before), missing(account.first, account.now), key=abs)
    # What was on its way when the host was looked at for the first time is in all sums since. All that had come by then
    # may have come in that moment.
    at_first = passed(account.begin, account.first)
    if abs(total) <= moving + at_first:
        return 0, 0.0, "what the interface counted is stored, dropped, or on its way"
    last = missing(account.before, account.now)
    rate = last / account.seconds if abs(last) > moving else 0.0
    return total, rate, "counted by the interface, and not seen by the tap"
