# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 over TCP: a browser that asks several paths on one connection, by IPv4 and IPv6, and a web server."""

import itertools
import json
import socket

from ringscope.capture.demo.pace import every
from ringscope.capture.demo.side import Side
from ringscope.capture.demo.sockets import read_head, read_response, serve_connections

_VISITS = (
    ("/", "/style.css", "/images/logo.svg"),
    ("/status.json",),
    ("/news/2031", "/favicon.ico"),
    ("/status.json", "/missing"),
    ("/downloads/manual.pdf",),
)
_PAGE = (
    "<!doctype html><title>{title}</title><link rel=stylesheet href=/style.css>"
    "<h1>{title}</h1><img src=/images/logo.svg alt=logo><p>A page of the demo network.</p>"
)
_LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
    + "".join(f'<circle cx="32" cy="32" r="{radius / 4}" fill="none" stroke="teal"/>' for radius in range(8, 124))
    + "</svg>"
)
_RESPONSES: dict[str, tuple[str, bytes]] = {
    # path: content type, body
    "/": ("text/html; charset=utf-8", _PAGE.format(title="Welcome").encode()),
    "/news/2031": ("text/html; charset=utf-8", _PAGE.format(title="News").encode() * 12),
    "/style.css": ("text/css", b"body { font: 16px/1.5 sans-serif; max-width: 40em; margin: auto }\n" * 8),
    "/status.json": ("application/json", json.dumps({"status": "ok", "uptime": 86400, "load": [0.1, 0.2]}).encode()),
    "/images/logo.svg": ("image/svg+xml", _LOGO.encode()),
    "/downloads/manual.pdf": ("application/pdf", b"%PDF-1.7\n" + bytes(range(256)) * 128),
}


def browse(side: Side) -> None:
    """Visit the server a few times a second; every third visit is by IPv6."""
    visits = itertools.cycle(_VISITS)
    for number in every(0.4, 0.2):
        host = side.peer_ipv6 if number % 3 == 2 else side.peer_ipv4
        with socket.create_connection((host, 80), timeout=2.0) as connection:
            for path in next(visits):
                connection.sendall(_request(path))
                read_response(connection)


def serve(side: Side) -> None:
    """Answer every request."""
    serve_connections(80, _answer_requests)


def _answer_requests(connection: socket.socket) -> None:
    while head := read_head(connection):
        connection.sendall(_response(head.split(b" ", 2)[1].decode("ascii")))


def _request(path: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: www.example.net\r\nUser-Agent: demo-browser/1.0\r\n"
        "Accept: */*\r\nAccept-Language: en\r\n\r\n"
    ).encode("ascii")


def _response(path: str) -> bytes:
    status = "200 OK" if path in _RESPONSES else "404 Not Found"
    kind, body = _RESPONSES.get(path, ("text/plain", f"there is no {path}\n".encode()))
    head = f"HTTP/1.1 {status}\r\nServer: demo\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode("ascii") + body
