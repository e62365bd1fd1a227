# SPDX-License-Identifier: Apache-2.0
"""When the packet under the cursor is decoded in depth: at rest at once, while following now and then. No Textual."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import monotonic

from ringscope.capture.session import Session
from ringscope.decode import Field, Layer, Memory, dissect, escape, frame_layer
from ringscope.native import Packet

REST = 0.05
"""Seconds the cursor must lie still: a held key must not cost a decoding a row."""

FOLLOW = 0.4
"""Seconds between two decodings while the list follows the newest packet."""


class Detail:
    """Remembers which packet is on show in the lower panes."""

    def __init__(self, session: Session, memory: Memory, clock: Callable[[], float] = monotonic) -> None:
        self._session = session
        self._memory = memory
        self._clock = clock
        self.number = 0
        """The packet on show, 0 for none."""
        self.shown: tuple[Packet, tuple[Layer, ...]] | None = None
        """That packet and its layers; kept on show when it is evicted."""
        self._shown_at = 0.0
        self._moves = -1
        self._moved_at = 0.0

    def due(self, cursor: int, moves: int, *, following: bool) -> bool:
        """Whether ``cursor`` should be decoded now. ``moves``: how often the user has moved it."""
        now = self._clock()
        first = self._moves < 0  # the rows come before what is in one of them
        if moves != self._moves:
            self._moves, self._moved_at = moves, now
        if first or cursor == self.number:
            return False
        return now - self._shown_at >= FOLLOW if following else now - self._moved_at >= REST

    def decode(self, number: int) -> tuple[Packet, tuple[Layer, ...]] | None:
        """Read and decode a packet to be put on show; None when it is not kept any more."""
        self.number, self._shown_at = number, self._clock()
        decoded = self.read(number)
        self.shown = decoded or self.shown
        return decoded

    def read(self, number: int) -> tuple[Packet, tuple[Layer, ...]] | None:
        """Read and decode a packet; None when it is not kept any more."""
        packets = self._session.read(number, 1)
        if not packets:
            return None
        packet = packets[0]
        outer = frame_of(packet, self._session.interface_name(packet.ifindex))
        outer = _commented(outer, self._session.comment(packet.number))
        return packet, (outer, *dissect(packet.data, packet.link_type, packet.length, self._memory))


def frame_of(packet: Packet, interface: str) -> Layer:
    """The layer of what the capture knows about a packet that came by that interface."""
    return frame_layer(
        number=packet.number,
        time_ns=packet.time_ns,
        length=packet.length,
        captured=packet.captured,
        queue=packet.queue,
        epoch=packet.epoch,
        packet_type=packet.packet_type,
        clock=packet.clock,
        interface=interface,
        checksum_ready=packet.checksum_ready,
        rechecked=packet.rechecked,
        segments=packet.segments,
    )


def _commented(layer: Layer, comment: str) -> Layer:
    """The layer with a field for each line of the comment that the file has on the packet."""
    fields = [Field("Comment", escape(line), 0, 0) for line in comment.splitlines() if line.strip()]
    if not fields:
        return layer
    return replace(layer, title=f"{layer.title}  ✎ {fields[0].display}", fields=(*fields, *layer.fields))
