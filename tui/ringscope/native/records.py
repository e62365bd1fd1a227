# SPDX-License-Identifier: Apache-2.0
"""What the core tells, as frozen values: packets, counters, interfaces, filter changes; and how it says no.

Plain Python, without cffi. The meaning of each counter stands in csrc/ringscope.h, which is its source.
"""

from __future__ import annotations

from ringscope.frozen import frozen


class NativeError(OSError):
    """The core said no: ``errno`` as in C, and one sentence with cause and cure as its text."""

    def __str__(self) -> str:
        return str(self.args[1]) if len(self.args) > 1 else super().__str__()


@frozen
class Packet:
    """One captured packet, copied out of the store.

    ``number`` counts from 1 in time order. ``time_ns`` is nanoseconds since 1970 by CLOCK_REALTIME. ``length`` is
    bytes on the wire, ``captured`` the bytes that were kept, ``data`` the first of these, as many as were asked for;
    an outer VLAN tag that the kernel took out is back in all three. ``link_type`` is the LINKTYPE_* of these bytes
    (pcap-linktype(7)). ``packet_type`` is 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 sent by us
    (packet(7)), 255 out of a file, which does not say. ``clock`` says where the time stamp is from: ``software`` (on
    arrival), ``hardware`` (the interface), ``copy`` (when it was copied into the ring), ``file``. ``checksum_ready`` is
    false where the checksum was left to the hardware and must not be judged; ``segments`` is true for one frame that
    stands for several on the wire (GSO). ``epoch`` is the number of the capture filter that it passed; ``rechecked``
    packets came while the filter was being changed and were run through the new one again. ``after_loss`` is true
    where the kernel dropped packets of this queue directly before. Out of a file ``queue`` and ``ifindex`` are the
    index of its interface, and ``epoch`` is 1.
    """

    number: int
    time_ns: int
    length: int
    captured: int
    queue: int
    epoch: int
    ifindex: int
    link_type: int
    packet_type: int
    clock: str
    checksum_ready: bool
    segments: bool
    rechecked: bool
    after_loss: bool
    data: bytes


@frozen
class Loss:
    """Packets that are missing directly before packet ``number``.

    ``known`` is ``counting`` (for a tenth of a second or two), ``counted`` (by the kernel, or so a file says) or
    ``estimated``: the kernel counted several losses together, and each got a share by how long it was. ``lost`` is how
    many, 0 where that is not known. ``seconds`` passed between the packet before in that queue (of a file: interface)
    and this one, at ``time_ns``, None where there was none; from ``room_ns`` on the ring had room again. ``cause`` is
    ``late`` (all blocks of the ring waited for the reader), ``frozen`` (and went on waiting, from one reading of the
    kernel's counter to the next), ``early`` (the kernel's test for room, see :class:`Counters`), or empty: a file does
    not say.
    """

    number: int
    queue: int
    lost: int
    known: str
    seconds: float | None
    cause: str
    time_ns: int = 0
    room_ns: int = 0


@frozen
class Counters:
    """What one queue, or all together, counted since the capture began, and how its ring stands now.

    ``stored`` and ``dropped`` are the kernel's (PACKET_STATISTICS), ``delivered`` is the reader's. ``early_drops`` are
    those of ``dropped`` that came while blocks were free, ``frozen_drops`` those on a ring that was and stayed frozen,
    ``slow_drops`` all others: no block was left because the reader was too slow. ``fill``, ``peak`` and ``highest`` are
    shares of the ring, 0 to 1: not yet given back to the kernel now, the most of the last second, and the most since
    the start. For the total they are those of the fullest queue, as are ``headroom`` (blocks the kernel can still open)
    and the ring's size. ``snapped`` packets were cut by the snaplen, as was asked for, ``truncated`` ones by the
    block's size. ``lag`` is the longest in seconds that a closed block has waited for the reader, of the blocks read in
    the last second, ``longest_lag`` of all. ``oldest`` is the age in seconds of the oldest packet that waits in a
    closed block. ``unaccounted`` is by how many packets the sum stored = delivered + in the ring was ever wrong: 0, or
    something is broken. ``cpu`` is the one that the worker is pinned to, -1 for none and in totals; ``interface`` is
    empty in totals."""

    stored: int
    dropped: int
    early_drops: int
    frozen_drops: int
    freezes: int
    delivered: int
    bytes: int
    truncated: int
    arena_drops: int
    evicted: int
    losing_blocks: int
    blocks_full: int
    blocks_timeout: int
    wakeups: int
    spurious_wakeups: int
    resyncs: int
    rollover_all: int
    rollover_huge: int
    rollover_failed: int
    unaccounted: int
    fill: float
    peak: float
    highest: float
    oldest: float
    ready_blocks: int
    headroom: int
    blocks: int
    block_size: int
    frozen: bool
    pressed: bool
    cpu: int
    interface: str
    snapped: int = 0
    lag: float = 0.0
    longest_lag: float = 0.0

    @property
    def slow_drops(self) -> int:
        """Of ``dropped`` neither early nor on a ring that stayed frozen."""
        return self.dropped - self.early_drops - self.frozen_drops


@frozen
class Source:
    """One interface of a capture, under its present name; see State for ``state``.

    ``ifindex`` is 0 for all interfaces. ``reopened`` counts how often it was removed, came back and was opened again.
    ``group`` is the id of its fanout group (0 with one queue).
    """

    name: str
    state: str
    state_errno: int
    state_since: float
    ifindex: int
    reopened: int
    group: int
    queues: int


@frozen
class Change:
    """How one capture filter was put in force; see rs_epoch in csrc/ringscope.h.

    ``mode`` is first, soft (queue by queue, what came meanwhile run through the filter again) or exact (all queues at
    one cut). ``first`` is the number of its first packet (0: none yet), ``clean_from`` the number from which on every
    packet passed it (0: not known yet). Of the ``rechecked`` packets ``matched`` passed and ``unknown`` could not be
    judged. ``begun`` is in seconds since 1970; ``attached``, ``settled`` and ``gap`` are durations in seconds: until
    the last queue had it, until nothing under the old one was on its way, and the longest time that a queue rejected
    everything. ``stored`` and ``dropped`` are the counters of all queues when it had begun and when it was settled.
    """

    epoch: int
    mode: str
    undone: bool
    is_settled: bool
    first: int
    clean_from: int
    rechecked: int
    matched: int
    unknown: int
    begun: float
    attached: float
    settled: float
    gap: float
    stored: tuple[int, int]
    dropped: tuple[int, int]


@frozen
class State:
    """A capture at one moment.

    ``state`` is open, running, no carrier, down, gone, reopening, error or stopped, since ``state_since`` (seconds
    since 1970); of several interfaces it is that of ``source``, the one that is worst off. ``head`` is the newest
    packet number (0: none), ``tail`` the oldest kept. ``epoch`` is that of the newest filter. ``disordered`` counts
    packets whose time is before that of the packet numbered before them.
    """

    time: float
    state: str
    state_errno: int
    state_since: float
    head: int
    tail: int
    source: Source
    epoch: int
    disordered: int
    total: Counters
    queues: tuple[Counters, ...]


@frozen
class FileInfo:
    """A capture file at one moment; see rs_file_info in csrc/ringscope.h.

    ``state`` is reading, waiting (all there is was read, more may come), done, cancelled or failed: ``fault`` then is a
    sentence that names the place, also by ``fault_offset``, in bytes of the capture. ``format`` is pcap, pcapng or
    empty (not known yet), ``compression`` gzip, zstd or empty. ``size`` (0 for a pipe) and ``read`` are bytes of the
    file; ``swapped`` when a machine of the other byte order wrote it. ``packets`` is the newest number; ``evicted`` of
    them a pipe's spool let go. ``bytes`` adds up lengths on the wire; of ``snapped`` packets only a part was captured.
    ``first_ns`` and ``last_ns`` are the earliest and the latest time. ``received``, ``dropped`` and ``os_dropped`` are
    sums over the interface statistics (isb_ifrecv, isb_ifdrop, isb_osdrop). ``blocks`` are kept as they stand, among
    them ``unknown`` ones and ``secrets``; ``ignored`` were too many to keep.
    """

    state: str
    format: str
    compression: str
    pipe: bool
    size: int
    read: int
    swapped: bool
    packets: int
    evicted: int
    bytes: int
    snapped: int
    disordered: int
    first_ns: int
    last_ns: int
    received: int
    dropped: int
    os_dropped: int
    interfaces: int
    sections: int
    names: int
    blocks: int
    unknown: int
    secrets: int
    ignored: int
    fault: str
    fault_offset: int


@frozen
class FileInterface:
    """An interface of a capture file; texts are empty where the file does not say. ``snaplen`` 0 is no limit. The last
    three are of its newest statistics, if it ``has_statistics``.
    """

    name: str
    description: str
    filter: str
    link_type: int
    snaplen: int
    packets: int
    has_statistics: bool
    received: int
    dropped: int
    os_dropped: int


@frozen
class FileName:
    """A name of an address (4 bytes IPv4, 16 IPv6, 6 or 8 EUI) out of a name resolution block."""

    address: bytes
    name: str


@frozen
class SavedInterface:
    """How a pcapng file describes an interface (its interface description block).

    ``ifindex`` is that of its packets (:class:`Packet`), ``link_type`` the LINKTYPE_* of their bytes, ``snaplen`` the
    bytes that were kept of each, 0 where there was no limit. Empty texts are left out.
    """

    ifindex: int
    link_type: int
    snaplen: int
    name: str = ""
    description: str = ""
    filter: str = ""


@frozen
class SavedStatistics:
    """What a pcapng file says was counted of an interface (its interface statistics block); None is left out.

    Times are nanoseconds since 1970. ``received`` and ``dropped`` are what libpcap calls ps_recv and ps_drop, which is
    what dumpcap writes there and Wireshark shows: packets that passed the filter, and those of them for which there
    was no room. ``accepted``, ``os_dropped`` and ``delivered`` are the standard's own words for the same.
    """

    ifindex: int
    start_ns: int
    end_ns: int
    received: int | None = None
    dropped: int | None = None
    accepted: int | None = None
    os_dropped: int | None = None
    delivered: int | None = None
