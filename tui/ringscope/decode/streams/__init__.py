# SPDX-License-Identifier: Apache-2.0
"""Streams: the packets of one TCP or UDP conversation put together to the bytes that its two sides sent.

``transport`` says what a packet brings; ``side`` holds one direction, byte by byte in its place, with the holes in it;
``tcp`` and ``datagrams`` put both directions in the order in which a reader wants to see them; ``follow`` finds the
conversation that a certain packet belongs to among those that used the same ports. Nothing here reads a capture or
draws: a caller hands packets over one after another and looks at what has become of them.
"""

from __future__ import annotations

from ringscope.decode.streams.follow import Follow
from ringscope.decode.streams.model import CLIENT, SERVER, Event, Hole, Piece, Place, Sink, Stream, Turn
from ringscope.decode.streams.transport import Endpoint, Transport, transport

__all__ = [
    "CLIENT",
    "SERVER",
    "Endpoint",
    "Event",
    "Follow",
    "Hole",
    "Piece",
    "Place",
    "Sink",
    "Stream",
    "Transport",
    "Turn",
    "transport",
]
