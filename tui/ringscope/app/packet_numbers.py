# SPDX-License-Identifier: Apache-2.0
"""The numbers of the packet under the cursor, with where each is from. No Textual here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ringscope.app.numbers import Number
from ringscope.app.units import clock, group
from ringscope.native import Packet

_CLOCKS: Final = {
    "software": "stamped by the kernel when it came up from the driver",
    "hardware": "stamped by the device",
    "copy": "stamped when it was copied into the ring",
    "file": "as the file has it",
}


def packet_numbers(packet: Packet) -> Iterator[Number]:
    """Of one packet."""
    which = f"packet {group(packet.number)}"
    yield Number("packet number", group(packet.number), "packet.number")
    yield Number(
        "time", clock(packet.time_ns, 26), "packet.time", f"{which}: {_CLOCKS.get(packet.clock, packet.clock)}"
    )
    several = "; stands for several on the wire" if packet.segments else ""
    yield Number("length", f"{group(packet.length)} bytes", "packet.length", which + several)
    yield Number("captured", f"{group(packet.captured)} bytes", "packet.captured", which)
    if packet.clock != "file":
        yield Number("queue", str(packet.queue), "packet.queue", which)
