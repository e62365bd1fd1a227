# SPDX-License-Identifier: Apache-2.0
"""A session without a capture: packets computed from their numbers, a head that grows when told, losses on demand.

Nothing is stored, so a session of fifty million packets costs nothing. What the screens ask is counted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ringscope.capture.config import CaptureConfig
from ringscope.capture.session import CaptureError, Epoch, Loading, Snapshot
from ringscope.filter import FilterError, Program, UnresolvedName
from ringscope.filter.program import Mode
from ringscope.native import Counters, FileInterface, Loss, Packet
from support.fake_frames import arp as arp
from support.fake_frames import dns as dns
from support.fake_frames import dns6 as dns6
from support.fake_frames import frame as frame
from support.fake_frames import http as http
from support.fake_frames import ipv4 as ipv4
from support.fake_frames import tcp as tcp
from support.fake_frames import udp as udp
from support.fake_views import EXPRESSIONS, FakeOrdering, FakeSaver, FakeSearch
from support.fake_views import FakeView as FakeView

BEGAN = 1_900_000_000
"""Unix seconds at which the fake's clock starts."""

SPACING_NS = 10_000
"""Nanoseconds between two packets."""

EVIL = b"\x1b]52;c;aGk=\x07\x9b31m\xe2\x80\xae\x1b[2J"
"""What a hostile peer would like to reach the terminal: a clipboard write, C1 and ESC controls, a bidi override."""


QUIET = Counters(
    stored=0,
    dropped=0,
    freezes=0,
    delivered=0,
    bytes=0,
    truncated=0,
    arena_drops=0,
    losing_blocks=0,
    blocks_full=0,
    blocks_timeout=0,
    wakeups=0,
    spurious_wakeups=0,
    resyncs=0,
    fill=0.0,
    peak=0.0,
    ready_blocks=0,
    headroom=63,
    blocks=64,
    block_size=1 << 20,
    early_drops=0,
    frozen_drops=0,
    highest=0.0,
    oldest=0.0,
    rollover_all=0,
    rollover_huge=0,
    rollover_failed=0,
    evicted=0,
    unaccounted=0,
    cpu=-1,
    interface="",
    frozen=False,
    pressed=False,
)
"""Counters before anything has come."""


SUMMED = (
    "stored",
    "dropped",
    "early_drops",
    "frozen_drops",
    "freezes",
    "delivered",
    "bytes",
    "blocks_full",
    "blocks_timeout",
    "wakeups",
)
"""Of several rings these are added up."""


class FakeCompiler:
    """Every expression is right but those with the word ``wrong``, and those with ``ether`` for what is no Ethernet.

    A program has as many instructions as the expression has words, and the return. What it passes: see ``FakeView``.
    """

    def __init__(self, mode: Mode = "live") -> None:
        self.compiled: list[str] = []
        self.asked_live: set[bool] = set()
        self._mode = mode

    def compile(
        self,
        expression: str,
        *,
        link_type: int,
        snaplen: int,
        timeout: float,
        live: bool = True,
        look_up: bool = True,
        loops: bool = False,
        swapped: bool = False,
    ) -> Program:
        self.compiled.append(expression)
        self.asked_live.add(live)
        if "www" in expression and not look_up:
            raise UnresolvedName(tuple(word for word in expression.split() if "www" in word))
        if "wrong" in expression:
            raise FilterError("can't parse filter expression: syntax error")
        if "ether" in expression and link_type != 1:
            raise FilterError("no Ethernet there")
        code = bytes(8 * len(expression.split())) + len(EXPRESSIONS).to_bytes(8, "little")
        EXPRESSIONS[code] = expression
        return Program(expression, link_type, snaplen, code, self._mode)


class FakeSession:
    """A session whose head is moved by ``grow`` (or, with ``rate``, by the clock, that many packets a second).

    capacity: packets kept; the tail follows the head at that distance.
    """

    link_type = 1
    snaplen = 262144

    def __init__(
        self,
        *,
        capacity: int = 1_000_000,
        rate: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        kind: str = "live",
    ) -> None:
        of_file = kind in ("file", "pipe")
        self.interface = {"file": "trace.pcapng", "pipe": "standard input"}.get(kind, "eth0")
        self.detail = "pcapng, Ethernet" if of_file else "10 Gb/s"
        self.kind = kind
        self.filter_expression = ""
        self.live_code = self.can_filter = not of_file
        self.counts_drops = True
        self.swapped = False
        self.link_types: tuple[int, ...] = (1,)
        self.progress: Loading | None = None
        self.comments: dict[int, str] = {}
        self.config = CaptureConfig(("eth0",))
        self.slices = b""
        """What ``timeline`` tells of every queue."""
        self.lost: dict[int, Loss] = {}
        """By the number of the packet behind it; ``lose_before`` adds one."""
        self.held = 10**18
        """Views are not known beyond this packet."""
        self.views: list[FakeView] = []
        self.searching = threading.Event()
        self.searching.set()
        self.saved: list[FakeSaver] = []
        self.saving = threading.Event()
        self.saving.set()
        self.full_disk = ""
        self.capacity = capacity
        self.refusal = ""
        self.state, self.state_text = "running", ""
        self.counters = QUIET
        self.queues: tuple[Counters, ...] = ()
        """The rings, where they are more than one; see `stand`."""
        self.now = 0.0
        self.withhold = False
        """Whether a change of the filter is not known to be done until ``settle``."""
        self.reads: list[tuple[int, int]] = []
        self.snapshots = self.asked_for_epochs = 0
        self.frames: dict[int, bytes] = {}
        self._rate, self._clock, self._began = rate, clock, clock()
        self._head = 0
        self._epochs = [_epoch(1, "", "first", clean_from=1)]

    # -- what a test does

    def grow(self, count: int, seconds: float = 0.1) -> None:
        """``count`` packets come in, in ``seconds``."""
        self._head += count
        self.now += seconds
        total = self.counters
        self.counters = replace(total, stored=total.stored + count, bytes=total.bytes + 120 * count)
        if not self._epochs[-1].first and count:
            self.account(first=self._head - count + 1)

    def lose(self, count: int, *, freezes: int = 1) -> None:
        """The ring loses packets."""
        total = self.counters
        self.counters = replace(total, dropped=total.dropped + count, freezes=total.freezes + freezes)

    def lose_before(self, number: int, lost: int = 0, known: str = "counted", cause: str = "late") -> None:
        """So many packets are missing before this one; it took a third of a second."""
        self.lost[number] = Loss(number, number % 4, lost, known, 0.31, cause)

    def fill(self, share: float) -> None:
        """The ring is this full."""
        self.counters = replace(self.counters, fill=share, peak=max(share, self.counters.peak))

    def stand(self, *queues: Counters) -> None:
        """There are several rings, which stand so; what came until now came to them."""
        fullest = max(queues, key=lambda queue: queue.fill)
        sums = {name: sum(getattr(queue, name) for queue in queues) for name in SUMMED}
        self.queues, self.counters = queues, replace(fullest, **sums)

    def change(self, expression: str, **account: Any) -> None:
        """Another filter is put in force; ``account``: fields of its Epoch, such as ``rechecked`` or ``gap``."""
        self.set_filter(expression, b"")
        self.account(**account)

    def account(self, **fields: Any) -> None:
        """Say this of the newest epoch."""
        self._epochs[-1] = replace(self._epochs[-1], **fields)

    def settle(self, rechecked: int = 0) -> None:
        """A change of the filter that was withheld is done: what comes from now on has passed it."""
        self.account(clean_from=self._head + 1, rechecked=rechecked, matched=rechecked)

    @property
    def head(self) -> int:
        return self._head

    @property
    def tail(self) -> int:
        return max(1, self._head - self.capacity + 1)

    # -- what the screens ask

    def loading(self) -> Loading | None:
        return self.progress

    def cancel(self) -> None:
        if self.progress is not None:
            self.progress = replace(self.progress, state="cancelled")

    def interfaces(self) -> tuple[FileInterface, ...]:
        return ()

    def comment(self, number: int) -> str:
        return self.comments.get(number, "")

    def view(self) -> FakeView:
        self.views.append(FakeView(self))
        return self.views[-1]

    def search(self) -> FakeSearch:
        return FakeSearch(self)

    def ordering(self) -> FakeOrdering:
        return FakeOrdering(self)

    def losses(self, first: int, last: int) -> list[Loss]:
        return [loss for number, loss in sorted(self.lost.items()) if first <= number <= last][:3]

    def next_loss(self, number: int, *, forward: bool) -> int:
        beyond = [other for other in self.lost if (other > number if forward else other < number)]
        return (min(beyond) if forward else max(beyond)) if beyond else 0

    def timeline(self, queue: int, since_ns: int) -> bytes:
        return self.slices

    def reshape(self, *, blocks: int, block_size: int, block_timeout_ms: int, fanout: str) -> None:
        if self.refusal:
            raise CaptureError(self.refusal)
        self.config = replace(
            self.config, blocks=blocks, block_size=block_size, block_timeout_ms=block_timeout_ms, fanout=fanout
        )
        self.counters = replace(self.counters, blocks=blocks, block_size=block_size)

    def saver(self, path: str, *, format: str = "pcapng") -> FakeSaver:
        if path.startswith("/nowhere/"):
            raise CaptureError(f"{path}: no such folder")
        self.saved.append(FakeSaver(self, path, format))
        return self.saved[-1]

    def find_time(self, time_ns: int) -> int:
        number = -((BEGAN * 1_000_000_000 - time_ns) // SPACING_NS)
        return max(self.tail, min(number, self._head + 1))

    def interface_name(self, ifindex: int) -> str:
        return self.interface

    def snapshot(self) -> Snapshot:
        self.snapshots += 1
        if self._rate:
            elapsed = self._clock() - self._began
            self.grow(int(elapsed * self._rate) - self._head, elapsed - self.now)
        return Snapshot(
            time=BEGAN + self.now,
            state=self.state,
            state_text=self.state_text,
            total=self.counters,
            queues=self.queues or (self.counters,),
            head=self._head,
            tail=self.tail,
            evicted=self.tail - 1,
            epoch=self._epochs[-1].number,
            disordered=0,
        )

    def epochs(self) -> tuple[Epoch, ...]:
        self.asked_for_epochs += 1
        return tuple(self._epochs[-256:])

    def read(self, first: int, count: int, limit: int = 262144) -> list[Packet]:
        self.reads.append((first, count))
        numbers = range(max(first, self.tail), min(first + count - 1, self._head) + 1)
        return [self.packet(number, limit) for number in numbers]

    def set_filter(self, expression: str, code: bytes) -> int:
        if self.refusal:
            raise CaptureError(self.refusal)
        self.filter_expression = expression
        number = self._epochs[-1].number + 1
        self._epochs.append(_epoch(number, expression, "soft", begun=BEGAN + self.now))
        if not self.withhold:
            self.settle()
        return number

    def packet(self, number: int, limit: int = 262144) -> Packet:
        """The packet of that number; the same every time."""
        data = self.frames.get(number) or frame(number)
        return Packet(
            number=number,
            time_ns=BEGAN * 1_000_000_000 + number * SPACING_NS,
            length=len(data),
            captured=len(data),
            queue=number % 4,
            epoch=next((epoch.number for epoch in reversed(self._epochs) if 0 < epoch.clean_from <= number), 1),
            ifindex=2,
            link_type=self.link_type,
            packet_type=(0, 1, 4)[number % 3],
            clock="software",
            checksum_ready=True,
            segments=False,
            rechecked=False,
            after_loss=number in self.lost,
            data=data[:limit],
        )


def _epoch(number: int, expression: str, mode: str, *, clean_from: int = 0, begun: float = BEGAN) -> Epoch:
    return Epoch(
        number=number,
        expression=expression,
        mode=mode,
        first=0,
        clean_from=clean_from,
        rechecked=0,
        matched=0,
        unknown=0,
        begun=begun,
        gap=0.0,
        settled=True,
    )
