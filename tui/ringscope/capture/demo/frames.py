# SPDX-License-Identifier: Apache-2.0
"""Whole Ethernet frames with UDP over IPv4 in them, VLAN tags included: what no socket of the kernel would send."""

import socket
import struct
from collections.abc import Sequence

from ringscope.frozen import frozen

ETH_P_IP = 0x0800
DOT1Q, DOT1AD = 0x8100, 0x88A8
"""The TPIDs of a customer's tag (IEEE 802.1Q) and of a provider's (IEEE 802.1ad)."""


@frozen
class Datagram:
    """A UDP datagram and its way: hardware addresses, IPv4 addresses, ports."""

    mac: bytes
    peer_mac: bytes
    source: str
    destination: str
    source_port: int
    port: int
    payload: bytes

    def frame(self, tags: Sequence[tuple[int, int]] = ()) -> bytes:
        """The Ethernet frame; ``tags`` are (TPID, tag control information) pairs, outermost first."""
        ethernet = self.peer_mac + self.mac + b"".join(struct.pack("!HH", *tag) for tag in tags)
        return ethernet + struct.pack("!H", ETH_P_IP) + self._packet()

    def _packet(self) -> bytes:
        addresses = socket.inet_aton(self.source) + socket.inet_aton(self.destination)
        length = 8 + len(self.payload)
        udp = struct.pack("!HHHH", self.source_port, self.port, length, 0) + self.payload
        pseudo = addresses + struct.pack("!HH", socket.IPPROTO_UDP, length)
        # A sum of 0 is sent as all ones, because 0 says that there is none (RFC 768).
        udp = udp[:6] + struct.pack("!H", checksum(pseudo + udp) or 0xFFFF) + udp[8:]
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, 64, socket.IPPROTO_UDP, 0) + addresses
        return ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + udp


def checksum(data: bytes) -> int:
    """The Internet checksum of ``data`` (RFC 1071)."""
    data += bytes(len(data) % 2)
    total = 0
    for (word,) in struct.iter_unpack("!H", data):
        total += word
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
