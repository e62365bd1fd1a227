# SPDX-License-Identifier: Apache-2.0
"""Numbers that the screens calculate: rates, shares, histories; and those of a packet."""

from __future__ import annotations

from typing import Final

from ringscope.weather.provenance.entry import NEVER, Provenance

_SECOND = "calculated: the growth over the last second, shown for half a second so that it can be read"

SCREEN: Final = (
    Provenance(
        "rate.packets",
        f"{_SECOND}; of packets stored",
        "no",
        "every second",
        "all queues together",
        defects="counted ten times a second, when the kernel's statistics are read",
    ),
    Provenance(
        "rate.bits",
        f"{_SECOND}; of lengths on the wire, times eight",
        "no",
        "every second",
        "all queues together",
        defects="without preamble, gap and frame check sequence: a full 10 Gb/s link shows less. A frame that"
        " hardware put together or takes apart counts with the one header that is captured",
    ),
    Provenance(
        "rate.of",
        "calculated: the growth between two looks by the time between them",
        "as its total does",
        "every look",
        "as its total",
    ),
    Provenance(
        "history.packets",
        "packets stored in each step of time, by its length",
        "no",
        "when its time is over",
        "all queues together, or the one that is chosen",
    ),
    Provenance(
        "history.bytes",
        "bytes on the wire of packets read in each step of time, by its length",
        "no",
        "when its time is over",
        "all queues together, or the one that is chosen",
    ),
    Provenance(
        "history.dropped",
        "packets dropped in each step of time, by its length",
        "it is a count of losses",
        "when its time is over",
        "all queues together, or the one that is chosen",
    ),
    Provenance(
        "history.fill",
        "the fullest that the ring was in each step of time",
        "no count",
        "when its time is over",
        "the fullest queue, or the one that is chosen",
    ),
    Provenance(
        "store.kept",
        "the numbers of the oldest and the newest packet in the store, asked ten times a second",
        "no",
        NEVER,
        "capture",
        defects="each queue lets its own oldest go: behind the oldest number there may be gaps, told as evicted",
    ),
    Provenance(
        "view.shown",
        "the packets that pass the view filter, of those that are kept",
        "no loss: it hides",
        "with the view filter",
        "view",
        defects="while the view is still looked through: of those looked at",
    ),
    Provenance(
        "epoch.first",
        "the first packet of which it is certain that it passed the filter in force",
        "no count",
        "with each change of the capture filter",
        "capture",
        defects="packets that came while the filter was attached were run through it again",
    ),
    Provenance(
        "packet.number",
        "given once, in the order of time over all queues",
        "lost packets have no number",
        NEVER,
        "capture or file",
    ),
    Provenance(
        "packet.time",
        "the kernel's time stamp of the packet, in nanoseconds; of a file as it stands there",
        "no count",
        NEVER,
        "packet",
        defects="software: when it came up from the driver, not when it was on the wire; copy: when it was put"
        " into the ring, later still; hardware: by the clock of the device, which nobody need have set. The"
        " system's clock may be stepped",
    ),
    Provenance(
        "packet.length",
        "tp_len: bytes on the wire, with the VLAN tag that the kernel took out",
        "no count",
        NEVER,
        "packet",
        defects="without frame check sequence; frames that hardware put together (GRO, LRO) or"
        " will take apart (TSO) never were on the wire like that",
    ),
    Provenance(
        "packet.captured",
        "tp_snaplen: bytes that are kept",
        "no count",
        NEVER,
        "packet",
        defects="less than the length where the snaplen or the size of a block cut it",
    ),
    Provenance(
        "packet.queue",
        "the ring it came by: the fanout mode chose it",
        "no count",
        NEVER,
        "packet",
        defects="of a file: the interface of the file",
    ),
    Provenance(
        "ring.share",
        "calculated: packets that came to this queue by those that came to all",
        "no",
        "every look",
        "queue",
    ),
    Provenance(
        "feeder.share",
        "calculated: the flows of the newest packets of the queue, up to a thousand",
        "of what was lost nobody knows the flow: it is taken to be alike",
        "every look",
        "queue",
    ),
    Provenance(
        "whatif.lost",
        "~ calculated: the arrivals and the reader's pauses of the last minute in a model of the ring",
        "it is a count of losses that would have been",
        "every look",
        "queue",
        defects="the sizes of lost packets are taken from those that were stored",
    ),
    Provenance(
        "terminal.bytes", "bytes that were written to the terminal, by the time", "no count", "every look", "process"
    ),
)
