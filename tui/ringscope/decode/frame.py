# SPDX-License-Identifier: Apache-2.0
"""The layer before the first header: what the capture itself knows about a packet."""

from __future__ import annotations

from datetime import UTC, datetime

from ringscope.decode.address import grouped
from ringscope.decode.model import Field, Layer
from ringscope.decode.text import escape

_DIRECTIONS = {
    0: "to this host",
    1: "broadcast",
    2: "multicast",
    3: "to another host",
    4: "sent by this host",
    255: "",  # a file does not say
}
_CLOCKS = {
    "software": "software time",
    "hardware": "hardware time",
    "copy": "time of the copy to the ring",
    "file": "time out of a file",
}


def frame_layer(
    *,
    number: int,
    time_ns: int,
    length: int,
    captured: int,
    queue: int,
    epoch: int,
    packet_type: int,
    clock: str,
    interface: str = "",
    checksum_ready: bool = True,
    rechecked: bool = False,
    segments: bool = False,
) -> Layer:
    """The "frame" layer; none of its fields has bytes.

    number: packet number; time_ns: Unix time in nanoseconds; length, captured: bytes on the wire and in the store;
    queue, epoch: where and under which capture filter it was captured; packet_type: PACKET_* of packet(7), 0 to 4, or
    255: not known; clock: "software", "hardware", "copy", or "file", which knows no queue and no epoch; interface: its
    name, may be empty; checksum_ready: False for a packet whose transport checksum the network card had still to fill
    in (TP_STATUS_CSUMNOTREADY); rechecked: True for one that came while the filter was being changed; segments: True
    for one that stands for several on the wire (GSO).
    """
    words = _CLOCKS.get(clock, escape(clock))
    cut = "" if captured >= length else f", {grouped(captured)} captured"
    from_ring = clock != "file"
    place = f", queue {queue}" if from_ring else ""
    title = f"Frame {grouped(number)}: {grouped(length)} bytes{cut}{place}, {words}"
    rows = [
        ("Number", grouped(number)),
        ("Time", f"{_time(time_ns)} UTC"),
        ("Clock", words),
        ("Length on the wire", f"{grouped(length)} bytes"),
        ("Captured", f"{grouped(captured)} bytes"),
        ("Direction", _DIRECTIONS.get(packet_type, f"type {packet_type}")),
        ("Interface", escape(interface)),
        ("Queue", str(queue) if from_ring else ""),
        ("Filter epoch", f"{epoch}{', re-checked while the filter was being changed' * rechecked}" * from_ring),
        ("Segmentation", "one frame that stands for several on the wire" if segments else ""),
        ("Transport checksum", "" if checksum_ready else "not filled in yet by the network card"),
    ]
    return Layer("frame", title, 0, 0, tuple(Field(name, value, 0, 0) for name, value in rows if value))


def _time(time_ns: int) -> str:
    seconds, rest = divmod(time_ns, 1_000_000_000)
    try:
        day = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):  # a file may claim any time, also one no calendar has
        day = f"{seconds} s"
    return f"{day}.{rest:09d}"
