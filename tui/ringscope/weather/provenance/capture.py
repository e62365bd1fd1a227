# SPDX-License-Identifier: Apache-2.0
"""Numbers of the capture itself: filter, rings, workers, store, view; and what is calculated from host and capture."""

from __future__ import annotations

from typing import Final

from ringscope.weather.provenance.entry import NEVER, ON_READ, Provenance

_RING = "PACKET_STATISTICS of our own socket, 10 times a second"
_OURS = "the core's own count"

CAPTURE: Final = (
    Provenance(
        "filter.rejected",
        "~ estimated: what the interface counted, less tp_packets of all its queues",
        "it is no loss: the filter was asked to",
        NEVER,
        "all interfaces of the capture",
        defects="the kernel counts nowhere what a classic BPF program rejects. Wrong by what GRO, LRO and TSO put"
        " together or take apart, by what is on its way at that moment, and by packets that come between the two"
        " readings",
    ),
    Provenance(
        "filter.offered",
        "calculated: what the interface received and sent, in the directions that are captured",
        "not those that the device or the backlog lost",
        NEVER,
        "all interfaces of the capture",
        defects="~ where GRO, LRO and TSO put frames together or take them apart: then the tap sees fewer",
    ),
    Provenance(
        "filter.snapped",
        f"{_OURS}: tp_snaplen < tp_len, and the snaplen was the reason",
        "not a packet, but bytes of it",
        NEVER,
        "queue",
    ),
    Provenance(
        "ring.stored",
        f"{_RING}: tp_packets - tp_drops",
        "no: tp_packets has them in, we take them out",
        ON_READ,
        "queue",
    ),
    Provenance(
        "ring.dropped",
        f"{_RING}: tp_drops",
        "it is a count of losses, of packets that passed the filter",
        ON_READ,
        "queue",
        defects="ss(8) shows 0 drops for sockets with a ring, and skb:kfree_skb hardly any: this is the only place",
    ),
    Provenance(
        "ring.early",
        f"{_RING}: tp_drops without a freeze, on a ring that was not frozen at the last look",
        "part of ring.dropped",
        ON_READ,
        "queue",
        defects="told from the others ten times a second: drops of both kinds within a tenth of a second count as late",
    ),
    Provenance(
        "ring.frozen",
        f"{_RING}: tp_drops without a freeze, on a ring that was frozen at the last look",
        "part of ring.dropped",
        ON_READ,
        "queue",
        defects="told from the others ten times a second: of a ring that froze since the last look all count as slow",
    ),
    Provenance(
        "ring.slow",
        f"{_RING}: tp_drops with a freeze: what is neither ring.early nor ring.frozen",
        "part of ring.dropped",
        ON_READ,
        "queue",
        defects="told from the others ten times a second: it has all drops of the tenth in which the ring froze",
    ),
    Provenance(
        "ring.classes",
        f"{_RING}: tp_drops by what came with them: a freeze (slow reader), none on a ring that was frozen before"
        " (still frozen), none while blocks were free (early)",
        "parts of ring.dropped",
        ON_READ,
        "queue",
        defects="told from one another ten times a second",
    ),
    Provenance("ring.freezes", f"{_RING}: tp_freeze_q_cnt", "times, not packets", ON_READ, "queue"),
    Provenance(
        "ring.truncated",
        f"{_OURS}: tp_snaplen < tp_len, and the snaplen was not the reason",
        "not a packet, but bytes of it",
        NEVER,
        "queue",
        defects="the kernel does not count it: tp_drops stays 0",
    ),
    Provenance("worker.delivered", f"{_OURS} of packets that it has read from its ring", "no", NEVER, "queue"),
    Provenance(
        "worker.lost",
        f"{_OURS} of packets that were read, and for which the store had no room before they had a number",
        "it is a count of losses",
        NEVER,
        "queue",
    ),
    Provenance(
        "worker.lag",
        f"{_OURS}: time when a block is read, less ts_last_pkt, less the retire timeout if that closed it",
        "no count",
        "lag: every second; longest_lag: never",
        "queue",
        defects="a step of the system's clock looks like waiting",
    ),
    Provenance("store.head", f"{_OURS}: the newest number that was given", "no", NEVER, "capture"),
    Provenance(
        "store.evicted",
        f"{_OURS} of packets that went to make room for newer ones",
        "it is a count of what is no longer there; nothing of it is lost on the way in",
        NEVER,
        "capture",
    ),
    Provenance("store.missed", f"{_OURS}: evicted before it was written", "it is a count of losses", NEVER, "file"),
    Provenance("view.hidden", _OURS, "it is no loss: another view filter shows them", "with the view filter", "view"),
    Provenance(
        "account.unaccounted",
        "calculated: the core's sum stored = delivered + in the ring, and without a capture filter also what the"
        " interface counted, less tp_packets",
        "it is what no counter knows of",
        NEVER,
        "capture",
        defects="the second part only where frames are neither put together nor taken apart before the tap",
    ),
    Provenance(
        "ring.fill",
        "the ring itself: the status words of its blocks, between the reader's place and the kernel's, and the bytes in"
        " the block that is open",
        "no count",
        "the peak: after a minute, or a second where it says so; the highest: never",
        "queue; of all together the fullest",
        defects="looked at ten times a second and by the reader at each block: what is shorter may be missed",
    ),
    Provenance(
        "ring.blocks",
        "the ring itself: the status word of each block (TP_STATUS_USER: closed, the reader's)",
        "no count",
        "every look",
        "queue",
    ),
    Provenance(
        "ring.headroom",
        "the ring itself: free blocks ahead of the kernel, up to the first that is not given back",
        "no count",
        "every look",
        "queue; of all together the fullest",
        defects="blocks given back behind one that is still held are not in it: the kernel stops at the first",
    ),
    Provenance(
        "ring.to_full",
        "calculated: the headroom by the blocks that were closed a second, if the reader stopped now",
        "no count",
        "every look",
        "queue",
        defects="as long as packets come as they did in the last interval",
    ),
    Provenance(
        "ring.closed",
        f"{_OURS}, of the blocks it reads: full, or closed by the retire timeout (TP_STATUS_BLK_TMO)",
        "no",
        NEVER,
        "queue",
    ),
    Provenance("ring.mean", "calculated: packets read by blocks read", "no", "every look", "queue"),
    Provenance(
        "ring.oldest",
        "the time stamp of the first packet in the oldest closed block, and the clock",
        "no count",
        "every look",
        "queue",
        defects="packets in the block that is open are not looked at: up to the retire timeout younger",
    ),
    Provenance("ring.geometry", "as it was asked for, or less where memory was short", "no count", NEVER, "queue"),
    Provenance("worker.wakeups", f"{_OURS}: returns of poll(2)", "no", NEVER, "queue"),
    Provenance("store.bytes", "as it was asked for (--store)", "no count", NEVER, "capture"),
    Provenance(
        "store.disordered",
        f"{_OURS}: packets whose time is before that of the packet numbered before them",
        "no loss",
        NEVER,
        "capture",
        defects="two CPUs that feed one ring, or a clock that was stepped back",
    ),
    Provenance(
        "account.lost",
        "calculated: at each stage the counter that shows most of the same loss",
        "it is a count of losses",
        NEVER,
        "capture",
    ),
)
