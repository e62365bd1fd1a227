# SPDX-License-Identifier: Apache-2.0
"""HTTP/1: bodies here and elsewhere, chunks, several messages in a segment, old and unusual forms; SSDP."""

from __future__ import annotations

from support.cases import Case
from support.packets import ethernet, ipv4, tcp, udp


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


def _case(name: str, payload: bytes, info: str, *fields: tuple[str, str], ports: tuple[int, int] = (40000, 80)) -> Case:
    return Case(name, ethernet(ipv4(tcp(payload, ports=ports), 6)), "eth:ip:tcp:http", "HTTP", info, fields)


_JSON = b'{"a": 1}\n{"b": "\xc3\xa4"}'
_CHUNKS = b"5;x=y\r\nhello\r\n" + b"6\r\n world\r\n" + b"0\r\nX-End: 1\r\n\r\n"

CASES = [
    _case(
        "a request with a body",
        _lines("POST /api HTTP/1.1", "Host: a", "Content-Type: application/json", f"Content-Length: {len(_JSON)}")
        + _JSON,
        "POST /api HTTP/1.1  (application/json)",
        ("http.Request", "POST /api HTTP/1.1"),
        ("http.Method", "POST"),
        ("http.Target", "/api"),
        ("http.Version", "HTTP/1.1"),
        ("http.Host", "a"),
        ("http.Body", f"{len(_JSON)} bytes"),
        ("http.Line", '{"a": 1}'),
        ("http.Line", '{"b": "ä"}'),
    ),
    _case(
        "a response whose body is elsewhere",
        _lines("HTTP/1.1 206 Partial Content", "content-type: video/mp4", "Content-Length: 90000"),
        "HTTP/1.1 206 Partial Content  (video/mp4)",
        ("http.Status code", "206"),
        ("http.Reason", "Partial Content"),
        ports=(80, 40000),
    ),
    _case(
        "a response with the beginning of its body",
        _lines("HTTP/1.0 200 OK", "Content-Type: image/png", "Content-Length: 90000") + b"\x89PNG",
        "HTTP/1.0 200 OK  (image/png)",
        ("http.Body", "4 of 90000 bytes"),
        ("http.Data", "4 bytes"),
        ports=(80, 40000),
    ),
    _case(
        "a body in chunks",
        _lines("HTTP/1.1 200 OK", "Content-Type: text/plain", "Transfer-Encoding: chunked") + _CHUNKS,
        "HTTP/1.1 200 OK  (text/plain)",
        ("http.Size", "5;x=y"),
        ("http.Chunk", "6 bytes"),
        ("http.Line", " world"),
        ("http.X-End", "1"),
        ports=(80, 40000),
    ),
    _case(
        "a chunk that goes on elsewhere",
        _lines("HTTP/1.1 200 OK", "Content-Encoding: gzip", "Transfer-Encoding: gzip, chunked") + b"1000\r\n\x1f\x8b",
        "HTTP/1.1 200 OK",
        ("http.Chunk", "4096 bytes, 2 here"),
        ports=(80, 40000),
    ),
    _case(
        "two requests in a segment",
        _lines("GET /1 HTTP/1.1", "Host: a") + _lines("PROPFIND /2 HTTP/1.1", "Content-Length: 2") + b"ok",
        "GET /1 HTTP/1.1, PROPFIND /2 HTTP/1.1",
        ("http.Method", "PROPFIND"),
        ("http.Body", "2 bytes"),
        ports=(40000, 9999),
    ),
    _case(
        "a header that goes on elsewhere",
        b"GET /a HTTP/1.1\r\nHost: example.org\r\nCook",
        "GET /a HTTP/1.1",
        ("http.Host", "example.org"),
    ),
    _case("a line that goes on elsewhere", b"GET /" + b"a" * 500, "GET /" + "a" * 394 + "…"),
    _case("the middle of a body on its port", b"\x89PNG" * 20, "Continuation", ("http.Body", "80 bytes")),
    _case("HTTP/0.9", b"GET /\r\n", "GET /", ("http.Target", "/")),
    _case(
        "a name and a password",
        _lines("GET / HTTP/1.1", "Authorization: Basic bWU6c2VjcmV0", "Proxy-Authorization: Basic !"),
        "GET / HTTP/1.1",
        ("http.Authorization", "Basic bWU6c2VjcmV0 [me:secret, from its Base64]"),
        ("http.Proxy-Authorization", "Basic !"),
    ),
    _case("radio", _lines("ICY 200 OK", "icy-name: x"), "ICY 200 OK", ("http.icy-name", "x"), ports=(8765, 40000)),
    Case(
        "RTSP uses the same methods",
        ethernet(ipv4(tcp(_lines("OPTIONS rtsp://a RTSP/1.0", "To: x"), ports=(40000, 9998)), 6)),
        "eth:ip:tcp",
        "TCP",
        "40000 → 9998 [PSH, ACK] Seq=1000 Ack=2000 Win=512 Len=36",
    ),
    Case(
        "a search for devices",
        ethernet(ipv4(udp(_lines("M-SEARCH * HTTP/1.1", "ST: ssdp:all"), (40000, 1900)), 17)),
        "eth:ip:udp:ssdp",
        "SSDP",
        "M-SEARCH * HTTP/1.1",
        (("ssdp.ST", "ssdp:all"),),
    ),
]
