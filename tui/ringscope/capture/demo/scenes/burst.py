# SPDX-License-Identifier: Apache-2.0
"""A UDP burst now and then: very many small datagrams as fast as they go, towards the captured interface."""

import socket
import time

from ringscope.capture.demo.libc import MessageBatch, refuse_packets
from ringscope.capture.demo.pace import every
from ringscope.capture.demo.side import Side

DATAGRAMS = 20_000
_PORT = 5004
_BATCH = 50
_PAYLOAD_BYTES = 120


def send(side: Side) -> None:
    """Send `DATAGRAMS` datagrams three seconds after the start, and every eight seconds from then on."""
    batch = MessageBatch([bytearray(_PAYLOAD_BYTES) for _ in range(_BATCH)])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.connect((side.peer_ipv4, _PORT))
        for _ in every(8.0, 3.0):
            for _ in range(DATAGRAMS // _BATCH):
                batch.send(channel, 0, _BATCH)


def receive(side: Side) -> None:
    """Have the port open, so that no ICMP error answers the burst, and throw the datagrams away."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        refuse_packets(channel)
        channel.bind((side.ipv4, _PORT))
        while True:
            time.sleep(3600)
