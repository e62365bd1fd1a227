# SPDX-License-Identifier: Apache-2.0
"""What several scenes need of sockets: families of addresses, serving TCP connections, reading HTTP messages."""

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

_PATIENCE_SECONDS = 2.0


def family_of(address: str) -> socket.AddressFamily:
    """The family that an address in text form belongs to."""
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def has_address(address: str) -> bool:
    """Whether this system has the address and can use it."""
    try:
        with socket.socket(family_of(address), socket.SOCK_DGRAM) as channel:
            channel.bind((address, 0))
    except OSError:
        return False
    return True


def serve_connections(port: int, talk: Callable[[socket.socket], None]) -> NoReturn:
    """Let ``talk`` serve the connections that come in on a port by IPv4 or IPv6, one after the other, forever.

    A connection that fails (OSError) is closed and forgotten.
    """
    six = socket.has_dualstack_ipv6()
    family, everywhere = (socket.AF_INET6, "::") if six else (socket.AF_INET, "")
    with socket.create_server((everywhere, port), family=family, dualstack_ipv6=six) as server:
        while True:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.settimeout(_PATIENCE_SECONDS)
                talk(connection)


def read_head(connection: socket.socket) -> bytes:
    """The head of an HTTP message without a body, its empty line included; b"" when the client has hung up."""
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(65536)
        if not part:
            return b""
        head += part
    return head


def read_response(connection: socket.socket) -> None:
    """Read one HTTP response whose length is in its head, and forget it. Raises ConnectionError when it is cut off."""
    data = read_head(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or b"0")
    missing = length - len(body)
    while missing > 0:
        part = connection.recv(65536)
        if not part:
            raise ConnectionError("the response has been cut off")
        missing -= len(part)
