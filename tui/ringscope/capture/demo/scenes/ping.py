# SPDX-License-Identifier: Apache-2.0
"""ICMP and ICMPv6 echo in both directions; the kernel of the other side answers."""

import os
import socket
import struct
import time

from ringscope.capture.demo.frames import checksum
from ringscope.capture.demo.libc import refuse_packets
from ringscope.capture.demo.pace import every
from ringscope.capture.demo.side import Side
from ringscope.capture.demo.sockets import family_of

_ECHO_REQUEST, _ECHO_REQUEST_V6 = 8, 128


def run(side: Side) -> None:
    """Ping the other side forever, by IPv4 and IPv6 in turn."""
    with _open(side.peer_ipv4) as four, _open(side.peer_ipv6) as six:
        for number in every(0.5 if side.role == "near" else 1.1):
            channel = six if number % 2 else four
            kind = _ECHO_REQUEST_V6 if channel.family == socket.AF_INET6 else _ECHO_REQUEST
            channel.send(_echo(kind, number))


def _open(peer: str) -> socket.socket:
    family = family_of(peer)
    protocol = socket.IPPROTO_ICMPV6 if family == socket.AF_INET6 else socket.IPPROTO_ICMP
    channel = socket.socket(family, socket.SOCK_RAW, protocol)
    # The answers are for the wire; nobody here would read them.
    refuse_packets(channel)
    channel.connect((peer, 0))
    return channel


def _echo(kind: int, number: int) -> bytes:
    payload = struct.pack("!d", time.time()) + bytes(range(0x10, 0x40))
    header = (kind, 0, 0, os.getpid() & 0xFFFF, number // 2 & 0xFFFF)
    message = struct.pack("!BBHHH", *header) + payload
    # For ICMPv6 the kernel puts its own sum over this one: it includes the addresses (RFC 3542, 3.1).
    return message[:2] + struct.pack("!H", checksum(message)) + message[4:]
