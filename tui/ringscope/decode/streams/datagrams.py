# SPDX-License-Identifier: Apache-2.0
"""A conversation over UDP: datagrams in the order in which they were captured, each a turn of its own.

UDP has no numbers, so nothing can be said of datagrams that were lost, doubled or overtaken.
"""

from __future__ import annotations

from ringscope.decode.streams.model import CLIENT, SERVER, Hole
from ringscope.decode.streams.transport import Transport
from ringscope.decode.streams.turns import Turns


class Datagrams(Turns):
    """Both directions between two ports. The client has the higher one or, of equals, spoke first."""

    def __init__(self, first: Transport) -> None:
        asks = first.source[1] >= first.destination[1]
        super().__init__((first.source, first.destination) if asks else (first.destination, first.source))

    def add(self, number: int, brought: Transport) -> None:
        """Take the next datagram."""
        self.packets += 1
        side = CLIENT if brought.source == self.ends[CLIENT] else SERVER
        if not brought.size:
            self.say("an empty datagram", number, side=side)
            return
        hole = Hole.FRAGMENT if brought.fragment else Hole.CUT
        here = self.sides[side]
        self._grow(side, here.add(here.high, brought.data, brought.size, number, hole).grown, apart=True)
