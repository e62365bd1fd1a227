# SPDX-License-Identifier: Apache-2.0
"""What the packets of a list are sorted by, for any column. No Textual here.

What the packet's header says the core sorts by itself, millions in a fraction of a second. Everything else is made of
each packet in a thread: some five microseconds for what a row shows, some seventy for a field.
"""

from __future__ import annotations

from collections.abc import Callable

from ringscope.app.choice import TIMES, Column
from ringscope.app.detail import frame_of
from ringscope.app.packets import ROW_BYTES
from ringscope.app.values import DEEP_BYTES, fields_of
from ringscope.capture.ordering import Value
from ringscope.capture.session import Session
from ringscope.decode import Memory, dissect, summarize
from ringscope.frozen import frozen
from ringscope.native import Packet


@frozen
class Key:
    """Either ``header``, one that the core knows, or ``value``, which takes ``limit`` bytes of a packet."""

    header: str = ""
    value: Callable[[Packet], Value | None] | None = None
    limit: int = 1


def key_of(column: Column, session: Session) -> Key:
    """What a column is sorted by. The function in it is for one sort, in one thread."""
    what, of_file = column.what, session.kind in ("file", "pipe")
    if what in ("number", "length", "captured") or (what in ("queue", "epoch") and not of_file):
        return Key(header=what)
    if what == "since previous":
        return Key(value=_since_previous())
    if what == "time" or what in TIMES:
        return Key(header="time")
    if what in ("source", "destination", "protocol", "info"):
        return Key(value=_of_row(what), limit=ROW_BYTES)
    if what == "interface":
        return Key(value=lambda packet: session.interface_name(packet.ifindex) or None)
    if what == "direction":
        return Key(value=lambda packet: packet.packet_type if packet.packet_type < 255 else None)
    span = column.span()
    if span is not None:
        first, end = span
        return Key(value=lambda packet: packet.data[first:end].hex() or None, limit=end)
    if column.is_field:
        return Key(value=_of_field(what), limit=DEEP_BYTES)
    return Key(value=lambda packet: None)


def _since_previous() -> Callable[[Packet], Value | None]:
    before: list[int] = []

    def value(packet: Packet) -> Value | None:
        since = packet.time_ns - before[0] if before else None
        before[:] = [packet.time_ns]
        return since

    return value


def _of_row(what: str) -> Callable[[Packet], Value | None]:
    memory = Memory()  # another thread's than the screen's

    def value(packet: Packet) -> Value | None:
        summary = summarize(packet.data, packet.link_type, packet.length, memory)
        return getattr(summary, what) or None

    return value


def _of_field(what: str) -> Callable[[Packet], Value | None]:
    memory = Memory()
    of_frame = what.startswith("frame.")

    def value(packet: Packet) -> Value | None:
        layers = (frame_of(packet, ""),) if of_frame else dissect(packet.data, packet.link_type, packet.length, memory)
        field = next(fields_of(layers, what), None)
        if field is None:
            return None
        return field.value if isinstance(field.value, int) else field.display or field.note or None

    return value
