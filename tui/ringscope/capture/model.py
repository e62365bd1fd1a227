# SPDX-License-Identifier: Apache-2.0
"""What a source of packets is to screens and headless commands: a protocol, and the values that it tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ringscope.capture.ordering import Ordering
from ringscope.capture.saving import Saver
from ringscope.capture.views import Search, View
from ringscope.frozen import frozen
from ringscope.native import Counters, FileInterface, Loss, Packet


@frozen
class Snapshot:
    """A session at one moment; see :class:`ringscope.native.State` and :class:`ringscope.native.Counters`.

    ``state_text`` is empty while packets are read, else a sentence; ``state_since`` is in seconds since 1970. ``epoch``
    is the number of the newest filter, see :meth:`Session.epochs`. ``evicted`` counts the packets that the bounded
    store let go, ``disordered`` those whose time is before that of the packet numbered before them.
    """

    time: float
    state: str
    state_text: str
    total: Counters
    queues: tuple[Counters, ...]
    head: int
    tail: int
    evicted: int
    epoch: int
    disordered: int
    state_since: float = 0.0


@frozen
class Epoch:
    """One capture filter, and the line that it draws through the packets.

    ``expression`` is as typed, empty for everything. ``mode`` is ``first``, ``soft`` or ``exact``: see
    :class:`ringscope.native.Change`. ``first`` is the number of the first packet that carries this epoch (0: none
    yet); from ``clean_from`` on (0: not known yet) every packet passed this filter. ``rechecked`` packets came while
    it was being attached and were run through it again: ``matched`` of them pass, ``unknown`` cannot be judged.
    ``begun`` is in seconds since 1970, ``gap`` the seconds in which nothing was captured because the kernel had no
    room for both filters. ``settled`` is false where the kernel could not be asked to wait for the old one to run
    out, ``undone`` true where it could not be attached everywhere and the one before is in force again.
    """

    number: int
    expression: str
    mode: str
    first: int
    clean_from: int
    rechecked: int
    matched: int
    unknown: int
    begun: float
    gap: float
    settled: bool
    undone: bool = False


@frozen
class Loading:
    """How far a file has been read.

    ``share`` is that of its bytes, 0 to 1, None for a pipe, whose size nobody knows; ``packets`` are those found so
    far. ``state`` is ``reading``, ``waiting`` (all there is was read, more may come), ``done``, ``cancelled`` or
    ``failed``. ``fault`` is a sentence that names what is wrong and at which byte of the file; empty: nothing is.
    """

    share: float | None
    packets: int
    state: str
    fault: str


class Session(Protocol):
    """What a screen may ask of a source of packets."""

    @property
    def kind(self) -> str:
        """``live``, ``demo``, ``file`` or ``pipe``."""

    @property
    def detail(self) -> str:
        """What is known of the interface, such as its speed, or of the file; may be empty."""

    @property
    def filter_expression(self) -> str:
        """The capture filter in force, as typed; empty: everything. Of a file that of its capture, where it tells."""

    @property
    def live_code(self) -> bool:
        """Whether filters for it are compiled for packet sockets (a capture) or for the bytes alone (a file)."""

    @property
    def can_filter(self) -> bool:
        """Whether :meth:`set_filter` works: a file's packets were captured long ago."""

    @property
    def counts_drops(self) -> bool:
        """Whether the counter of dropped packets is known: a file may not tell."""

    @property
    def swapped(self) -> bool:
        """Whether a machine of the other byte order captured it: see :meth:`ringscope.filter.Compiler.compile`."""

    @property
    def link_type(self) -> int:
        """LINKTYPE_* of the frames (pcap-linktype(7)); of a file that of most."""

    @property
    def link_types(self) -> tuple[int, ...]:
        """All link types met so far, those of most packets first; a pcapng file may mix them."""

    @property
    def snaplen(self) -> int:
        """Bytes of a frame that are kept at most."""

    @property
    def interface(self) -> str:
        """Name of what is captured on; several are joined by ``+``. Of a file its name."""

    def interface_name(self, ifindex: int) -> str:
        """Name of the interface a packet came by; ``#7`` where it has none any more."""

    def snapshot(self) -> Snapshot:
        """Counters and state now; returns at once."""

    def read(self, first: int, count: int, limit: int = ...) -> list[Packet]:
        """Packets ``first`` to ``first + count - 1`` that are still kept, up to ``limit`` bytes of each; returns at
        once.
        """

    def epochs(self) -> Sequence[Epoch]:
        """The capture filters so far, oldest first, at most the last 256; returns at once."""

    def set_filter(self, expression: str, code: bytes) -> int:
        """Puts another capture filter in force and returns its epoch. Waits some 20 ms. CaptureError: the old one
        stays.
        """

    def find_time(self, time_ns: int) -> int:
        """Number of the first packet that is kept and not before that time (nanoseconds since 1970), the newest number
        + 1: there is none; returns at once.
        """

    def losses(self, first: int, last: int) -> list[Loss]:
        """The packets that are missing before packets ``first`` to ``last``, in their order; of very many the first.
        Returns at once.
        """

    def next_loss(self, number: int, *, forward: bool) -> int:
        """The nearest packet behind ``number``, or before it, before which some are missing, also if it is not kept any
        more; 0: none is known. Returns at once.
        """

    def saver(self, path: str, *, format: str = "pcapng") -> Saver:
        """A capture file for packets of this session. Raises CaptureError."""

    def loading(self) -> Loading | None:
        """How far a file has been read; None: nothing is being read any more, and nothing was wrong."""

    def cancel(self) -> None:
        """Stops reading a file; what was found so far stays."""

    def interfaces(self) -> Sequence[FileInterface]:
        """What a file says of its interfaces, the first 64 of them; of a capture nothing."""

    def comment(self, number: int) -> str:
        """What the file says of this packet, of several comments each in a line; of number 0 what it says of itself
        and its interfaces. Empty without.
        """

    def view(self) -> View:
        """A new view of its packets, which ends with it. Raises CaptureError."""

    def search(self) -> Search:
        """A new search through its packets, which ends with it. Raises CaptureError."""

    def ordering(self) -> Ordering:
        """What sorts its packets once, and ends with it. Raises CaptureError."""

    def close(self) -> None:
        """Ends it. Idempotent."""
