# SPDX-License-Identifier: Apache-2.0
"""What a conversation is made of: pieces in their places, turns in the order of reading, and events between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from ringscope.decode.streams.transport import Endpoint
from ringscope.frozen import frozen

CLIENT, SERVER = 0, 1
"""The two sides. The client is who opened the connection or, where that was not seen, who has the higher port."""


class Hole(Enum):
    """Why bytes are missing."""

    CUT = "cut"
    """The capture kept fewer bytes of the packet than there were."""
    FRAGMENT = "fragment"
    """They are in later IP fragments, which are not joined."""
    UNSEEN = "unseen"
    """No packet that was captured brought them."""


@frozen
class Piece:
    """``size`` bytes from ``start`` of one side, out of packet ``number``.

    With a ``hole`` they are missing and ``data`` is empty; then ``number`` is the packet that was cut or that showed
    that something is missing. ``acknowledged``: the other side has said that it has them.
    """

    start: int
    size: int
    data: bytes
    number: int
    hole: Hole | None = None
    acknowledged: bool = False

    @property
    def stop(self) -> int:
        return self.start + self.size


@dataclass(slots=True)
class Turn:
    """The bytes from ``start`` to ``stop`` of one side, which stand together. The last of a side may grow."""

    side: int
    start: int
    stop: int


@frozen
class Event:
    """Something that is said between the bytes. ``role``: ``note`` or ``warning``; ``number``: the packet it is of."""

    text: str
    number: int
    role: str = "note"
    side: int | None = None


@frozen
class Place:
    """Where a conversation has changed: the item of ``order``, and in a turn the first byte that has."""

    item: int
    start: int = 0


class Stream(Protocol):
    """A conversation as far as it has come. ``order`` is what to read, from the beginning."""

    ends: tuple[Endpoint, Endpoint]
    """Client and server."""
    order: list[Turn | Event]
    packets: int
    """Packets that belong to it so far."""
    opened: bool
    """Whether nothing was said before what is here; a connection whose SYN was not captured began earlier."""

    @property
    def kept(self) -> int:
        """What it takes of memory: bytes, and an allowance for each piece."""

    def pieces(self, turn: Turn, start: int | None = None) -> Iterator[Piece]:
        """The pieces of a turn, from the one on that has the byte ``start``."""

    def news(self) -> Place | None:
        """The first place that has changed since the last call: what is before it stays as it was; None: nothing."""

    def totals(self) -> Sequence[tuple[int, int, int]]:
        """For each side the bytes that are here, the bytes that are missing, and the number of holes."""

    def settle(self) -> None:
        """No more packets will come."""

    def trim(self, most: int, sink: Sink | None = None) -> None:
        """Forget what was said first, until ``kept`` is at most this. ``sink`` takes it."""


class Sink(Protocol):
    """Takes what a conversation lets go, in the order of reading: so one of any length needs little memory."""

    def restart(self) -> None:
        """It was another conversation: what was taken so far is not wanted."""

    def piece(self, side: int, piece: Piece) -> None:
        """The next bytes, or a hole."""

    def event(self, event: Event) -> None:
        """The next event."""
