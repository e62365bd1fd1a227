# SPDX-License-Identifier: Apache-2.0
"""Who feeds a queue: the flows of a sample of its packets, by share. Enough of a decoder for that, for any bytes."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable
from typing import Final

from ringscope.frozen import frozen
from ringscope.native import Packet

ENOUGH: Final = 96
"""Bytes of a packet that are looked at."""
_ETHERNET, _RAW, _SLL2 = 1, 101, 276
_VLANS: Final = (0x8100, 0x88A8)
_IPV4, _IPV6, _TCP, _UDP, _SCTP = 0x0800, 0x86DD, 6, 17, 132
_PROTOCOLS: Final = {_TCP: "tcp", _UDP: "udp", _SCTP: "sctp"}


@frozen
class Flow:
    """One flow, both directions in one: its lower end first. ``protocol`` is ``tcp``, ``udp``, ``sctp`` or a number;
    ports are None where there are none (other protocols, fragments)."""

    protocol: str
    address: str
    port: int | None
    other_address: str
    other_port: int | None

    @property
    def expression(self) -> str:
        """A filter that matches it, for pcap-filter(7). Not behind a VLAN tag or in a tunnel."""
        kind = self.protocol if self.protocol in _PROTOCOLS.values() else f"ip{'6' * self._six} proto {self.protocol}"
        ends = f"host {self.address} and host {self.other_address}"
        if self.port is None or self.other_port is None:
            return f"{kind} and {ends}"
        return f"{kind} and {ends} and port {self.port} and port {self.other_port}"

    @property
    def _six(self) -> bool:
        return ":" in self.address


@frozen
class Feeder:
    """A flow and its share, 0 to 1, of the packets and of the bytes on the wire of a sample."""

    flow: Flow
    packets: float
    bytes: float


def feeders(sample: Iterable[Packet], *, queue: int | None = None, most: int = 5) -> tuple[Feeder, ...]:
    """The flows with most packets among the sample, of one queue or of all; those that are no flow are only in the
    whole."""
    packets: Counter[Flow] = Counter()
    octets: Counter[Flow] = Counter()
    all_packets = all_octets = 0
    for packet in sample:
        if queue is not None and packet.queue != queue:
            continue
        all_packets += 1
        all_octets += packet.length
        if (flow := flow_of(packet.data, packet.link_type)) is not None:
            packets[flow] += 1
            octets[flow] += packet.length
    return tuple(
        Feeder(flow, count / all_packets, octets[flow] / max(all_octets, 1))
        for flow, count in packets.most_common(most)
    )


def flow_of(data: bytes, link_type: int) -> Flow | None:
    """The flow of one packet; None: it is of none, or cut too short to tell."""
    kind, start = _network(data, link_type)
    match kind:
        case 0x0800:
            return _of_ipv4(data[start:])
        case 0x86DD:
            return _of_ipv6(data[start:])
        case _:
            return None


def _network(data: bytes, link_type: int) -> tuple[int, int]:
    """The ethertype, and where what it names begins."""
    if link_type == _ETHERNET:
        kind, start = int.from_bytes(data[12:14], "big"), 14
    elif link_type == _SLL2:
        kind, start = int.from_bytes(data[0:2], "big"), 20
    elif link_type == _RAW and data:
        return {4: _IPV4, 6: _IPV6}.get(data[0] >> 4, 0), 0
    else:
        return 0, 0
    while kind in _VLANS:
        kind, start = int.from_bytes(data[start + 2 : start + 4], "big"), start + 4
    return kind, start


def _of_ipv4(data: bytes) -> Flow | None:
    if len(data) < 20:
        return None
    size, fragment = (data[0] & 15) * 4, int.from_bytes(data[6:8], "big") & 0x1FFF
    return _flow(data[9], data[12:16], data[16:20], b"" if fragment else data[size:])


def _of_ipv6(data: bytes) -> Flow | None:
    if len(data) < 40:
        return None
    return _flow(data[6], data[8:24], data[24:40], data[40:])


def _flow(protocol: int, source: bytes, destination: bytes, payload: bytes) -> Flow:
    ports: tuple[int | None, int | None] = (None, None)
    if protocol in _PROTOCOLS and len(payload) >= 4:
        ports = int.from_bytes(payload[0:2], "big"), int.from_bytes(payload[2:4], "big")
    ends = sorted([(source, ports[0]), (destination, ports[1])], key=lambda end: (end[0], end[1] or 0))
    (first, port), (second, other) = ends
    name = _PROTOCOLS.get(protocol, str(protocol))
    return Flow(name, str(ipaddress.ip_address(first)), port, str(ipaddress.ip_address(second)), other)
