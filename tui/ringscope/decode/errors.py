# SPDX-License-Identifier: Apache-2.0
"""The ways a header can be too short, told apart.

A header may reach beyond the packet that carries it (the packet is broken), only beyond the bytes the capture kept (the
packet may be fine), or, for what a byte stream carries, into the next segment (nothing is wrong at all). Decoders raise
these inside the room; `summarize` and `dissect` catch them.
"""

from __future__ import annotations


class Malformed(Exception):
    """The packet contradicts itself; the argument is a phrase that says how."""


class Short(Malformed):
    """A header reaches beyond what carries it: broken, unless the carrier is one piece of a stream or a datagram."""


class Cut(Exception):
    """The capture kept fewer bytes than the header needs (snap length); nothing is said about the packet."""


class Full(Exception):
    """A packet has more fields than anybody reads; what follows is left as bytes."""


def require(at: int, count: int, end: int, captured: int, what: str) -> None:
    """Check that `count` bytes at offset `at` lie before `end` (of the packet on the wire) and were captured.

    Raises Short when they reach beyond the packet, Cut when they reach only beyond the captured bytes.
    """
    stop = at + count
    if stop > end:
        raise Short(f"{what} needs {count} bytes, {max(end - at, 0)} left")
    if stop > captured:
        raise Cut(what)
