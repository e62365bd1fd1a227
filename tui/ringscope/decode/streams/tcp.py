# SPDX-License-Identifier: Apache-2.0
"""A conversation over TCP (RFC 9293), put together from segments that may come in any order, twice, in part or never.

Sequence numbers become places in the stream of their side. A segment is taken where its numbers put it, but one that
is megabytes ahead of all that was seen needs a witness (another one there, or an acknowledgement): a single wild or
forged number does not tear the stream apart.
"""

from __future__ import annotations

from ringscope.decode.address import grouped
from ringscope.decode.streams.model import CLIENT, SERVER, Hole
from ringscope.decode.streams.side import Side
from ringscope.decode.streams.transport import ACK, FIN, RST, SYN, Transport
from ringscope.decode.streams.turns import Turns
from ringscope.frozen import frozen

_WORDS = ("the client", "the server")
_FAR = 1 << 20
"""Bytes: a segment that is further ahead needs a witness."""
_BEFORE = 1 << 16
"""Bytes: so far before the first segment seen another may begin, where the capture began in the middle."""


@frozen
class _Doubt:
    """A segment that waits for a witness."""

    start: int
    number: int
    brought: Transport


class _Numbers:
    """The sequence numbers of a side. ``base`` is that of place 0, None: nothing was heard. ``exact``: of its SYN."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.base: int | None = None
        self.exact = False
        self.end: int | None = None
        self.doubt: _Doubt | None = None

    def begin(self, base: int, *, exact: bool) -> None:
        """Place 0 has this number."""
        self.base, self.exact = base & 0xFFFFFFFF, exact

    def place(self, number: int) -> int:
        """The place of a sequence number: the one nearest to where the side ends."""
        assert self.base is not None
        high = self.side.high
        return high + ((number - self.base - high + 0x80000000) & 0xFFFFFFFF) - 0x80000000


class Segments(Turns):
    """Both directions of a connection, from ``first`` on. ``doubted`` segments were left out for want of a witness."""

    def __init__(self, first: Transport, number: int) -> None:
        opens = first.source[1] >= first.destination[1]
        if first.flags & SYN:
            opens = not first.flags & ACK
        super().__init__((first.source, first.destination) if opens else (first.destination, first.source))
        self._numbers = (_Numbers(self.sides[CLIENT]), _Numbers(self.sides[SERVER]))
        self._reset = False
        self._odd_end = False
        self.doubted = 0
        self._doubted_in = 0
        self.opened = bool(first.flags & SYN)
        if not self.opened:
            self.say("the beginning was not captured: no SYN before this", number, "warning")

    @property
    def over(self) -> bool:
        """Whether it was closed by both sides or reset."""
        return self._reset or all(numbers.end is not None for numbers in self._numbers)

    def side(self, brought: Transport) -> int:
        """Whose segment it is."""
        return CLIENT if brought.source == self.ends[CLIENT] else SERVER

    def opens_another(self, brought: Transport) -> bool:
        """Whether a SYN is of another connection than this one: it has another number than this began with."""
        mine = self._numbers[self.side(brought)]
        return mine.base is not None and (brought.sequence + 1 - mine.base - min(0, mine.side.low)) & 0xFFFFFFFF != 0

    def fits(self, brought: Transport) -> bool:
        """Whether a segment continues what is here."""
        mine = self._numbers[self.side(brought)]
        return mine.base is not None and abs(mine.place(brought.sequence) - mine.side.high) <= _FAR

    def add(self, number: int, brought: Transport) -> None:
        """Take the next segment."""
        self.packets += 1
        side = self.side(brought)
        mine, other = self._numbers[side], self._numbers[1 - side]
        flags = brought.flags
        if flags & RST:
            self._take_reset(side, number, brought)
            return
        first = brought.sequence + (1 if flags & SYN else 0)
        if mine.base is None:
            mine.begin(first, exact=bool(flags & SYN))
        elif flags & SYN:
            mine.exact = True
        if flags & ACK:
            if other.base is None:
                other.begin(brought.acknowledged, exact=bool(flags & SYN))
            self._acknowledge(1 - side, number, brought.acknowledged)
        if brought.size or flags & FIN:
            self._place(side, mine.place(first), number, brought)

    # -- bytes

    def _place(self, side: int, start: int, number: int, brought: Transport) -> None:
        mine = self._numbers[side]
        ahead = start - mine.side.high
        if ahead > _FAR:
            doubt = mine.doubt
            if doubt is None or abs(start - doubt.start - doubt.brought.size) > _FAR:
                mine.doubt = _Doubt(start, number, brought)
                self.doubted, self._doubted_in = self.doubted + 1, number
                return
            self._believe(side)
        self._take(side, start, number, brought)

    def _believe(self, side: int) -> None:
        """There is a witness for the segment in doubt."""
        mine = self._numbers[side]
        doubt, mine.doubt = mine.doubt, None
        if doubt is not None:
            self.doubted -= 1
            self._take(side, doubt.start, doubt.number, doubt.brought)

    def _take(self, side: int, start: int, number: int, brought: Transport) -> None:
        mine = self._numbers[side]
        here, size, data = mine.side, brought.size, brought.data
        stop = start + size
        # The byte of a keep-alive stands before those that come next, and is any byte (RFC 9293, 3.8.4).
        probe = size == 1 and stop == here.high and here.acknowledged >= stop
        if start < here.low:
            early = not mine.exact and here.low <= 0 and here.low - start <= _BEFORE
            known = start if early else here.low
            data, size, start = data[known - start :], max(0, stop - known), max(start, known)
        if size and not probe:
            if mine.end is not None and stop > mine.end and not self._odd_end:
                self._odd_end = True
                self.say(f"{_WORDS[side]} sends on, although it had said that this was all", number, "warning", side)
            self._put(side, start, data, size, number, brought)
        if brought.flags & FIN and mine.end is None and stop >= here.high:
            self._miss(side, stop, number)
            mine.end = stop
            self.say(f"{_WORDS[side]} has sent all (FIN)", number, "note", side)

    def _put(self, side: int, start: int, data: bytes, size: int, number: int, brought: Transport) -> None:
        hole = Hole.FRAGMENT if brought.fragment else Hole.CUT
        added = self.sides[side].add(start, data, size, number, hole, joined=self._continues(side))
        self._take_in(side, added)
        if brought.fragment:
            self.say(
                f"packet {grouped(number)} is the first of several IP fragments; they are not joined", number, "warning"
            )
        if added.differing:
            many = "1 byte" if added.differing == 1 else f"{grouped(added.differing)} bytes"
            self.say(f"{many} of {_WORDS[side]} came again as others; the first are shown", number, "warning", side)

    def _acknowledge(self, side: int, number: int, acknowledged: int) -> None:
        """The other side has the bytes of this one up to a number, be they captured or not."""
        theirs = self._numbers[side]
        place = theirs.place(acknowledged)
        if place == 1 and not theirs.exact and not theirs.side.high and not theirs.side.low:
            # The first that was seen of it was a keep-alive, whose number is one too small.
            theirs.begin(acknowledged, exact=False)
            place = 0
        doubt = theirs.doubt
        if doubt is not None and doubt.start < place <= doubt.start + doubt.brought.size + _FAR:
            self._believe(side)
        if theirs.end is not None:
            place = min(place, theirs.end)  # the FIN takes a number, too
        if place - theirs.side.high > _FAR:
            return
        self._miss(side, place, number)
        confirmed = theirs.side.confirm(place)
        if confirmed is not None:
            self._changed_at(side, confirmed)

    # -- ends

    def _take_reset(self, side: int, number: int, brought: Transport) -> None:
        if self._reset:
            return
        self._reset = True
        mine, off = self._numbers[side], 0
        if mine.base is not None and mine.side.high:
            off = mine.place(brought.sequence) - mine.side.high - (mine.end is not None)
        aside = f", with a number that is {grouped(abs(off))} off" if off else ""
        self.say(f"{_WORDS[side]} resets the connection (RST){aside}", number, "warning", side)

    def settle(self) -> None:
        """No more packets will come: what is in doubt stays out, and that is said."""
        if self.doubted:
            one = self.doubted == 1
            self.say(
                f"{grouped(self.doubted)} segment{'' if one else 's'} far outside of all others left out",
                self._doubted_in,
                "warning",
            )
            self.doubted = 0
