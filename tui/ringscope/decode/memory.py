# SPDX-License-Identifier: Apache-2.0
"""What the decoder remembers of flows between packets, so that the middle of a conversation has its name.

The caller owns it and passes it in: a decoding is a function of a packet and a memory. One thread at a time may use it.
"""

from __future__ import annotations

from collections import OrderedDict

from ringscope.decode.registry import Protocol

Endpoint = tuple[str, int]
"""Address and port."""

_FACTS = 16


class Flow:
    """One conversation. `protocol`: what its bytes once showed it to be, None while nobody knows. `client`: the side
    that asks, where that is known. `through`: the protocol of a proxy that has let the client through, so that all else
    in the flow stands inside it. `facts`: what a protocol wants to know later (a version, the length of an identifier),
    by its own keys."""

    __slots__ = ("client", "facts", "protocol", "through")

    def __init__(self) -> None:
        self.protocol: Protocol | None = None
        self.through: Protocol | None = None
        self.client: Endpoint | None = None
        self.facts: dict[str, int | str | bytes] = {}

    def note(self, key: str, value: int | str | bytes) -> None:
        """Remember a fact; a flow keeps at most sixteen."""
        if key in self.facts or len(self.facts) < _FACTS:
            self.facts[key] = value


class Memory:
    """At most `most` flows; the ones not seen for longest are forgotten."""

    def __init__(self, most: int = 16384) -> None:
        self._most = most
        self._flows: OrderedDict[tuple[str, Endpoint, Endpoint], Flow] = OrderedDict()
        self._expected: OrderedDict[tuple[str, Endpoint], Protocol] = OrderedDict()

    def flow(self, carrier: str, one: Endpoint, other: Endpoint) -> Flow:
        """The flow between two ends, in either direction; `carrier` is "tcp", "udp" or "sctp"."""
        key = (carrier, one, other) if one < other else (carrier, other, one)
        flow = self._flows.get(key)
        if flow is not None:
            self._flows.move_to_end(key)
            return flow
        flow = self._flows[key] = Flow()
        if self._expected:
            flow.protocol = self._expected.get((carrier, one)) or self._expected.get((carrier, other))
        if len(self._flows) > self._most:
            self._flows.popitem(last=False)
        return flow

    def expect(self, carrier: str, end: Endpoint, protocol: Protocol) -> None:
        """Flows to or from that end will be this protocol: it was announced in another flow."""
        self._expected[carrier, end] = protocol
        self._expected.move_to_end((carrier, end))
        if len(self._expected) > self._most:
            self._expected.popitem(last=False)

    def __len__(self) -> int:
        return len(self._flows)
