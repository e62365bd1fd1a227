# SPDX-License-Identifier: Apache-2.0
"""TLS handshakes, 1.3 and 1.2 in turn, with the server's name in clear and a short request under encryption."""

import itertools
import os
import socket
from typing import TYPE_CHECKING

from ringscope.capture.demo.certificate import CERTIFICATE, KEY
from ringscope.capture.demo.pace import every
from ringscope.capture.demo.side import Side
from ringscope.capture.demo.sockets import read_head, read_response, serve_connections

# The ssl module costs more to import than everything else here: only the processes that talk pay for it.
if TYPE_CHECKING:
    from ssl import SSLContext, TLSVersion

_NAMES = ("shop.example.net", "api.example.net", "login.example.internal")
_RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n" + bytes(600)


def visit(side: Side) -> None:
    """Visit the server about once a second, by IPv4 and IPv6 in turn."""
    from ssl import TLSVersion

    contexts = itertools.cycle((_client(TLSVersion.TLSv1_3), _client(TLSVersion.TLSv1_2)))
    names = itertools.cycle(_NAMES)
    for number in every(0.9, 0.3):
        context, name = next(contexts), next(names)
        host = side.peer_ipv6 if number // 2 % 2 else side.peer_ipv4
        with (
            socket.create_connection((host, 443), timeout=2.0) as connection,
            context.wrap_socket(connection, server_hostname=name) as channel,
        ):
            channel.sendall(f"GET /basket HTTP/1.1\r\nHost: {name}\r\n\r\n".encode("ascii"))
            read_response(channel)


def serve(side: Side) -> None:
    """Shake hands and answer one request."""
    context = _server()

    def talk(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as channel:
            if read_head(channel):
                channel.sendall(_RESPONSE)

    serve_connections(443, talk)


def _client(version: "TLSVersion") -> "SSLContext":
    from ssl import CERT_NONE, PROTOCOL_TLS_CLIENT, SSLContext

    context = SSLContext(PROTOCOL_TLS_CLIENT)
    # There is nothing to trust or to protect here, and a wrong clock shall not end the show.
    context.check_hostname = False
    context.verify_mode = CERT_NONE
    context.minimum_version = context.maximum_version = version
    return context


def _server() -> "SSLContext":
    from ssl import PROTOCOL_TLS_SERVER, SSLContext

    context = SSLContext(PROTOCOL_TLS_SERVER)
    # The ssl module reads keys from files only; this one is in memory.
    descriptor = os.memfd_create("certificate")
    try:
        os.write(descriptor, (KEY + CERTIFICATE).encode("ascii"))
        context.load_cert_chain(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)
    return context
