# SPDX-License-Identifier: Apache-2.0
"""The order of reading: whose bytes stand where, what is said between them, and what of it has changed.

Bytes stand where they were first heard of. A hole has its place, too, so what fills it later moves nothing else.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from ringscope.decode.address import grouped
from ringscope.decode.streams.model import Event, Piece, Place, Sink, Turn
from ringscope.decode.streams.side import ALLOWANCE, Added, Side
from ringscope.decode.streams.transport import Endpoint

_SAID = 256
"""Events that a conversation may have; one that has more is made to have them."""


class Turns:
    """What TCP and UDP have in common: two sides, and ``order``; see :class:`ringscope.decode.streams.model.Stream`."""

    def __init__(self, ends: tuple[Endpoint, Endpoint]) -> None:
        self.ends = ends
        self.sides = (Side(), Side())
        self.order: list[Turn | Event] = []
        self.packets = 0
        self.opened = True
        self._left_out = 0
        self._said = 0
        self._dropped = 0  # items that were dropped from the front of `order`
        self._starts = (array("q"), array("q"))
        self._items = (array("q"), array("q"))
        self._changed: Place | None = None

    @property
    def kept(self) -> int:
        return self.sides[0].kept + self.sides[1].kept + ALLOWANCE * len(self.order)

    @property
    def begun(self) -> bool:
        """Whether there is any byte to show, or a hole in its place."""
        return any(side.high > side.low for side in self.sides)

    def pieces(self, turn: Turn, start: int | None = None) -> Iterator[Piece]:
        yield from self.sides[turn.side].pieces(turn.start if start is None else start, turn.stop)

    def news(self) -> Place | None:
        changed, self._changed = self._changed, None
        return changed

    def totals(self) -> Sequence[tuple[int, int, int]]:
        return [(side.high - side.low - side.missing, side.missing, side.holes) for side in self.sides]

    def settle(self) -> None:
        """No more packets will come."""

    def say(self, text: str, number: int, role: str = "note", side: int | None = None) -> None:
        """Have an event behind all that is there."""
        self._said += 1
        if self._said <= _SAID:
            more = "; no more such lines are made" if self._said == _SAID else ""
            self.order.append(Event(text + more, number, role, side))
            self._change(Place(len(self.order) - 1))

    # -- growing

    def _take_in(self, side: int, added: Added) -> None:
        """A segment has been put in its place."""
        grown = added.grown
        if added.changed is not None:
            if self._starts[side]:
                self._changed_at(side, added.changed)
            else:
                grown = (added.changed, grown[1])
        self._grow(side, grown)

    def _miss(self, side: int, stop: int, number: int) -> None:
        """Packet ``number`` shows that there are bytes of a side up to ``stop``."""
        here = self.sides[side]
        high = here.high
        enlarged = here.miss(stop, number, joined=self._continues(side))
        if enlarged is not None:
            self._changed_at(side, enlarged)
        self._grow(side, (high, here.high))

    def _continues(self, side: int) -> bool:
        """Whether what comes next of a side stands in one turn with what it has."""
        last = self.order[-1] if self.order else None
        return isinstance(last, Turn) and last.side == side and last.stop == self.sides[side].high

    def _grow(self, side: int, grown: tuple[int, int], *, apart: bool = False) -> None:
        """A side has grown: the bytes stand at the end. ``apart``: not in one turn with those before."""
        start, stop = grown
        if start == stop:
            return
        last = self.order[-1] if self.order else None
        if isinstance(last, Turn) and last.side == side and last.stop == start and not apart:
            last.stop = stop
        else:
            self._starts[side].append(start)
            self._items[side].append(len(self.order) + self._dropped)
            self.order.append(Turn(side, start, stop))
        self._change(Place(len(self.order) - 1, start))

    def _changed_at(self, side: int, start: int) -> None:
        """Something that was there already is other now: a hole was filled, or the side begins earlier."""
        starts = self._starts[side]
        index = max(0, bisect_right(starts, start) - 1)
        item = self._items[side][index] - self._dropped
        turn = self.order[item]
        if isinstance(turn, Turn) and start < turn.start:
            turn.start = starts[index] = start
        self._change(Place(item, start))

    def _change(self, place: Place) -> None:
        old = self._changed
        if old is None or (place.item, place.start) < (old.item, old.start):
            self._changed = place

    # -- forgetting

    def trim(self, most: int, sink: Sink | None = None) -> None:
        """Forget what was said first, until ``kept`` is at most this; what ``sink`` did not take, an event tells."""
        count = 0
        while count < len(self.order) and (excess := self.kept - ALLOWANCE * count - most) > 0:
            entry = self.order[count]
            if isinstance(entry, Turn):
                if self._trim_turn(entry, excess, sink):
                    break
            elif sink is not None:
                sink.event(entry)
            count += 1
        del self.order[:count]
        if sink is None:
            said = f"{grouped(self._left_out)} bytes before this are left out"
            self.order.insert(0, Event(said, 0, "warning"))
            count -= 1
        self._dropped += count
        self._change(Place(0))

    def _trim_turn(self, turn: Turn, excess: int, sink: Sink | None) -> bool:
        """Forget bytes of the first turn of its side. Whether some of it is left."""
        side = self.sides[turn.side]
        start, gone = side.forget(turn.stop, excess)
        if sink is None:
            self._left_out += start - turn.start
        else:
            for piece in gone:
                sink.piece(turn.side, piece)
        if start < turn.stop:
            turn.start = self._starts[turn.side][0] = start
            return True
        del self._starts[turn.side][0], self._items[turn.side][0]
        return False
