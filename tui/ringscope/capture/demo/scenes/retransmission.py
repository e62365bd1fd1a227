# SPDX-License-Identifier: Apache-2.0
"""A true TCP retransmission: the receiver is deaf for a moment, so the sender's kernel sends again by its own timer.

An HTTP upload gives the occasion. The server answers ``100 Continue``, then a classic filter on its socket throws
every segment away for a while, the sender's body among them.
"""

import socket
import time

from ringscope.capture.demo.libc import accept_packets, refuse_packets
from ringscope.capture.demo.pace import every
from ringscope.capture.demo.side import Side
from ringscope.capture.demo.sockets import read_head, read_response, serve_connections

_PORT = 8080
_BODY = b"measurement," * 100
_SETTLE_SECONDS = 0.08
_DEAF_SECONDS = 0.3
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"


def upload(side: Side) -> None:
    """Upload something every few seconds, so that its first sending falls into the receiver's deafness."""
    for _ in every(4.0, 1.0):
        with socket.create_connection((side.peer_ipv4, _PORT), timeout=5.0) as connection:
            connection.sendall(
                b"POST /measurements HTTP/1.1\r\nHost: collector.example.internal\r\nContent-Type: text/csv\r\n"
                b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(_BODY)
            )
            read_head(connection)
            time.sleep(_SETTLE_SECONDS + 0.05)
            connection.sendall(_BODY)
            read_response(connection)


def receive(side: Side) -> None:
    """Receive the uploads."""
    serve_connections(_PORT, _receive_deaf)


def _receive_deaf(connection: socket.socket) -> None:
    if not read_head(connection):
        return
    connection.sendall(_CONTINUE)
    # The acknowledgement of these bytes shall still get through: the retransmission is to be the client's.
    time.sleep(_SETTLE_SECONDS)
    refuse_packets(connection)
    time.sleep(_DEAF_SECONDS)
    accept_packets(connection)
    missing = len(_BODY)
    while missing > 0 and (part := connection.recv(65536)):
        missing -= len(part)
    connection.sendall(_CREATED)
