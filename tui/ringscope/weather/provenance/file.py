# SPDX-License-Identifier: Apache-2.0
"""Numbers of a capture file: what its writer says of the capture, and what is found by reading it."""

from __future__ import annotations

from typing import Final

from ringscope.weather.provenance.entry import NEVER, Provenance

_STATISTICS = "interface statistics blocks of the pcapng file (the newest of each interface)"
_FOUND = "counted while the file is read"
_WHOLE = "file; of a pipe what it brought so far"

FILE: Final = (
    Provenance(
        "file.packets", _FOUND, "no: lost packets are in no file", NEVER, _WHOLE, defects="those behind a fault are not"
    ),
    Provenance("file.bytes", f"{_FOUND}: the original lengths added up", "no", NEVER, _WHOLE),
    Provenance(
        "file.received",
        f"{_STATISTICS}: isb_ifrecv",
        "as its writer likes: libpcap's ps_recv, which dumpcap writes, has ring drops in on Linux",
        "with the capture",
        "interface, from the start of the capture to that block",
        defects="may count more packets than are in the file: of a capture of which only a part was saved",
    ),
    Provenance(
        "file.dropped",
        f"{_STATISTICS}: isb_ifdrop, else isb_osdrop",
        "it is a count of losses",
        "with the capture",
        "interface, from the start of the capture to that block",
        defects="dumpcap and ringscope write the drops of the ring there, other programs those of the device; where and"
        " why it was no file tells. A pcap file has no such number at all",
    ),
    Provenance(
        "file.os_dropped",
        f"{_STATISTICS}: isb_osdrop",
        "it is a count of losses",
        "with the capture",
        "interface, from the start of the capture to that block",
        defects="few programs write it, and some the same number as isb_ifdrop: never added to it",
    ),
    Provenance(
        "file.snapped",
        f"{_FOUND}: packets of which fewer bytes were captured than were on the wire",
        "not a packet, but bytes of it",
        NEVER,
        _WHOLE,
        defects="a file does not say whether the snaplen or the size of a block cut them",
    ),
    Provenance(
        "file.span",
        _FOUND,
        "no count",
        NEVER,
        "from the oldest to the newest packet that is kept",
        defects="by the clock of the machine that captured; packets need not stand in order of time",
    ),
    Provenance(
        "file.fault",
        "where reading stopped: the byte at which the file is not what its format demands",
        "packets behind it are not counted at all",
        NEVER,
        "file",
        defects="bytes of what gzip or zstd packed, where they did",
    ),
    Provenance(
        "file.evicted", "the spool of a pipe: what no longer fits --store goes", "no loss on the way in", NEVER, "pipe"
    ),
    Provenance("file.disordered", f"{_FOUND}: packets before the one before them", "no loss", NEVER, _WHOLE),
)
