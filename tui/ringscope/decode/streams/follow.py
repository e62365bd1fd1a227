# SPDX-License-Identifier: Apache-2.0
"""The one conversation that a packet belongs to, out of all packets between two ports.

Ports are used again: a SYN with another number begins another conversation, if it is answered or the one before is
over; a SYN in the midst of a living connection that nobody takes up is told, and nothing else. What was said before
the conversation that is wanted is forgotten. So is, beyond ``limit`` bytes of memory, what came long before the packet;
what comes behind it is taken until the limit is reached.
"""

from __future__ import annotations

from collections.abc import Sequence

from ringscope.decode.address import grouped
from ringscope.decode.streams.datagrams import Datagrams
from ringscope.decode.streams.model import Sink
from ringscope.decode.streams.tcp import Segments
from ringscope.decode.streams.transport import ACK, RST, SYN, Transport

Note = tuple[str, str]
"""What is known of a packet beside its bytes, and the role of an event."""

LIMIT = 32 << 20
"""Bytes of memory that a conversation may take, its bytes and an allowance for each piece of them."""


class Follow:
    """Gets packets in order, and keeps the conversation of packet ``anchor``, which brought ``target``. With a
    ``sink`` it is never full: that takes what is beyond the limit, and at the end all the rest.

    ``earlier`` conversations of the same ports were before it, the last of which ended with packet ``before``;
    ``later`` is the packet with which the next one begins, 0: none has. ``full``: the limit is reached, with packet
    ``last``. After either nothing more is taken. ``cut``: what was first is left out.
    """

    def __init__(self, target: Transport, anchor: int, limit: int = LIMIT, sink: Sink | None = None) -> None:
        self.flow = target.flow
        self.anchor = anchor
        self.earlier = self.later = self.before = self.last = 0
        self.full = self.cut = False
        self._limit = limit
        self._sink = sink
        self._centred = False
        self._candidate: tuple[int, Transport] | None = None
        self.stream: Segments | Datagrams = _begun(target, anchor)
        self._empty = True
        self._skipped = 0

    @property
    def done(self) -> bool:
        """Whether nothing more is taken."""
        return self.full or self.later > 0

    def add(self, number: int, brought: Transport | None, notes: Sequence[Note] = ()) -> None:
        """Take the next packet between the two ends; of others nothing. ``notes`` are said before its bytes."""
        if self.done or brought is None or brought.flow != self.flow:
            return
        self._sort(number, brought, notes)
        self.last = number
        if self._sink is not None:
            if self.stream.kept > self._limit:
                self.stream.trim(self._limit // 2, self._sink)
            return
        if self.stream.kept > self._limit:
            if number < self.anchor:
                self._trim(self._limit // 2)
            else:
                self.full = True
        if number >= self.anchor and not self._centred:
            # So that there is room for what follows.
            self._centred = True
            if self.stream.kept > self._limit // 4:
                self._trim(self._limit // 4)
                self.full = False

    def skip(self, count: int) -> None:
        """So many packets between the two ends were evicted before they could be handed over."""
        self._skipped += count
        if not self._empty:
            self._say_skipped(0)

    def _say_skipped(self, number: int) -> None:
        if self._skipped:
            many = "1 packet" if self._skipped == 1 else f"{grouped(self._skipped)} packets"
            self._skipped = 0
            self.stream.say(f"{many} of these ports evicted before being read", number, "warning")

    def _trim(self, most: int) -> None:
        self.cut = True
        self.stream.trim(most)

    def settle(self) -> None:
        """No more packets will come."""
        if self._candidate is not None:
            number, brought = self._candidate
            self._candidate = None
            self._refuse(number, brought)
        self.stream.settle()
        if self._sink is not None:
            self.stream.trim(0, self._sink)

    def _sort(self, number: int, brought: Transport, notes: Sequence[Note]) -> None:
        """To the conversation it belongs to."""
        if self._empty:
            self._begin(number, brought)
        elif isinstance(self.stream, Segments):
            if self._candidate is not None:
                self._judge(self.stream, *self._candidate, brought)
            if not self.later and self._opens(self.stream, number, brought):
                return
        if self.later:
            return
        for text, role in notes:
            self.stream.say(text, number, role)
        self.stream.add(number, brought)

    def _opens(self, stream: Segments, number: int, brought: Transport) -> bool:
        """Begin another conversation with a SYN that is none of this one's. True: that is not sure yet."""
        if not brought.flags & SYN or brought.flags & RST or not stream.opens_another(brought):
            return False
        if stream.over or not stream.begun or number == self.anchor:
            self._candidate = None
            self._begin(number, brought)
            return False
        self._candidate = (number, brought)
        return True

    def _judge(self, stream: Segments, number: int, candidate: Transport, brought: Transport) -> None:
        """Whether a segment takes up the SYN before it, or goes on with what there was."""
        if _takes_up(candidate, brought):
            self._candidate = None
            self._begin(number, candidate)
            if not self.later:
                self.stream.add(number, candidate)
        elif not brought.flags & SYN and stream.fits(brought):
            self._candidate = None
            self._refuse(number, candidate)

    def _refuse(self, number: int, candidate: Transport) -> None:
        kind = "SYN, ACK" if candidate.flags & ACK else "SYN"
        self.stream.say(f"a {kind} in the midst of it, which nobody took up", number, "warning")

    def _begin(self, number: int, brought: Transport) -> None:
        """Another conversation begins, unless the one wanted is here already."""
        if not self._empty:
            if number > self.anchor:
                self.later = number
                self.stream.settle()
                return
            self.earlier, self.before, self.cut = self.earlier + 1, self.last, False
            if self._sink is not None:
                self._sink.restart()
        self._empty = False
        self.stream = _begun(brought, number)
        self._say_skipped(number)


def _begun(brought: Transport, number: int) -> Segments | Datagrams:
    return Segments(brought, number) if brought.carrier == "tcp" else Datagrams(brought)


def _takes_up(candidate: Transport, brought: Transport) -> bool:
    """Whether a segment answers a SYN, or goes on behind it."""
    begins = (candidate.sequence + 1) & 0xFFFFFFFF
    if brought.source == candidate.source:
        return brought.sequence == begins and not brought.flags & (SYN | RST)
    return bool(brought.flags & ACK) and brought.acknowledged == begins
