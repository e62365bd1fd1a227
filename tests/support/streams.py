# SPDX-License-Identifier: Apache-2.0
"""Segments and datagrams between two ends, as the decoder finds them in packets, and what became of them."""

from __future__ import annotations

from ringscope.decode.streams import Event, Follow, Stream, Transport, Turn
from ringscope.decode.streams.transport import ACK

CLIENT, SERVER = ("10.0.0.1", 40000), ("10.0.0.2", 80)


def segment(
    side: int, sequence: int, data: bytes = b"", flags: int = ACK, acknowledged: int = 0, size: int | None = None
) -> Transport:
    """A segment of the client (0) or of the server (1); ``size``: more than were captured."""
    ends = (CLIENT, SERVER) if side == 0 else (SERVER, CLIENT)
    wire = len(data) if size is None else size
    return Transport("tcp", *ends, data, wire, False, sequence & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF, flags)


class Told:
    """A conversation that is told packet by packet; each gets the next number, from 1 on."""

    def __init__(self, anchor: int = 1, limit: int = 16 << 20) -> None:
        self.follow = Follow(segment(0, 1), anchor, limit)
        self.number = 0

    def packet(self, brought: Transport, note: str = "") -> int:
        self.number += 1
        self.follow.add(self.number, brought, [(note, "warning")] if note else [])
        return self.number

    @property
    def stream(self) -> Stream:
        return self.follow.stream

    @property
    def sides(self) -> tuple[bytes, bytes]:
        return sides(self.stream)

    @property
    def events(self) -> list[str]:
        return [entry.text for entry in self.stream.order if isinstance(entry, Event)]

    @property
    def shown(self) -> list[str]:
        """What is read, in order: ``>`` and the bytes of the client, ``<`` and those of the server, ``?`` and a hole
        as its size and reason (``!`` where it was acknowledged), ``#`` and an event."""
        told: list[str] = []
        for entry in self.stream.order:
            if isinstance(entry, Event):
                told.append(f"# {entry.text}")
                continue
            for piece in self.stream.pieces(entry):
                sign = "<" if entry.side else ">"
                if piece.hole is None:
                    told.append(f"{sign} {piece.data.decode('latin-1')}")
                else:
                    told.append(f"{sign}? {piece.size} {piece.hole.value}{'!' if piece.acknowledged else ''}")
        return told


def sides(stream: Stream) -> tuple[bytes, bytes]:
    """The bytes of both sides in the order of reading, without what is missing."""
    found = (bytearray(), bytearray())
    for entry in stream.order:
        if isinstance(entry, Turn):
            for piece in stream.pieces(entry):
                found[entry.side].extend(piece.data)
    return bytes(found[0]), bytes(found[1])
