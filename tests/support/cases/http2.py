# SPDX-License-Identifier: Apache-2.0
"""HTTP/2 without TLS: the preface, every kind of frame, and bytes that are none."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4, tcp

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind: int, payload: bytes = b"", stream: int = 0, flags: int = 0) -> bytes:
    return len(payload).to_bytes(3, "big") + pack(">BBI", kind, flags, stream) + payload


def _case(name: str, payload: bytes, info: str, *fields: tuple[str, str], port: int = 8080) -> Case:
    frames = ethernet(ipv4(tcp(payload, ports=(40000, port)), 6))
    return Case(name, frames, "eth:ip:tcp:http:http2", "HTTP2", info, fields)


_SETTINGS = frame(4, pack(">HIHI", 3, 100, 4, 65535))

CASES = [
    _case(
        "a connection begins",
        PREFACE + _SETTINGS + frame(8, pack(">I", 1000)),
        "Magic, SETTINGS[0], WINDOW_UPDATE[0]",
        ("http2.Preface", "PRI * HTTP/2.0"),
        ("http2.Frame", "SETTINGS[0], 12 bytes"),
        ("http2.MAX_CONCURRENT_STREAMS", "100"),
        ("http2.Increment", "1000"),
    ),
    _case("a server begins", _SETTINGS, "SETTINGS[0]", ("http2.INITIAL_WINDOW_SIZE", "65535"), port=9999),
    _case(
        "streams",
        PREFACE
        + frame(1, b"\2" + pack(">IB", 0x80000003, 15) + b"\x82\x86" + b"\0\0", 5, 0x2D)
        + frame(9, b"\x84", 5, 4)
        + frame(0, b"\1hello\0", 5, 9)
        + frame(2, pack(">IB", 0, 255), 7)
        + frame(3, pack(">I", 8), 7)
        + frame(5, pack(">I", 2) + b"\x82", 5, 4),
        "Magic, HEADERS[5]: GET, CONTINUATION[5], DATA[5], PRIORITY[7], RST_STREAM[7], PUSH_PROMISE[5]",
        ("http2.Depends on stream", "3"),
        ("http2.Weight", "16"),
        (("http2.:method", "GET")),
        (("http2.:scheme", "http")),
        ("http2.Header block", "1 bytes"),
        ("http2.End of stream", "set"),
        ("http2.Padding", "00"),
        ("http2.Error", "0x00000008 (CANCEL)"),
        ("http2.Promised stream", "2"),
    ),
    _case(
        "the end",
        PREFACE + frame(4, flags=1) + frame(6, b"12345678") + frame(7, pack(">II", 5, 2) + b"bye") + frame(16, b"abcd"),
        "Magic, SETTINGS[0], PING[0], GOAWAY[0], PRIORITY_UPDATE[0]",
        ("http2.Acknowledgement", "set"),
        ("http2.Last stream", "5"),
        ("http2.Error", "0x00000002 (INTERNAL_ERROR)"),
    ),
    _case(
        "a frame that goes on elsewhere",
        PREFACE + frame(0, bytes(3000), 1)[:1000],
        "Magic, DATA[1] [continues]",
        ("http2.Frame", "DATA[1], 3000 bytes, 991 here"),
        port=9999,
    ),
    Case(
        "settings that nobody knows",
        ethernet(ipv4(tcp(frame(4, pack(">HI", 99, 1)), ports=(40000, 9999)), 6)),
        "eth:ip:tcp",
        "TCP",
        "40000 → 9999 [PSH, ACK] Seq=1000 Ack=2000 Win=512 Len=15",
    ),
    _case(
        "a request in Huffman's code",
        PREFACE + frame(1, bytes.fromhex("828684418cf1e3c2e5f23a6ba0ab90f4ff") + b"\x20\xbe\x00\x01a\x01b", 1, 5),
        "Magic, HEADERS[1]: GET /",
        ("http2.:path", "/"),
        ("http2.:authority", "www.example.com"),
        ("http2.Table size", ""),
        ("http2.Field", "[entry 62 of a table that earlier blocks have filled]"),
        ("http2.a", "b"),
    ),
    _case(
        "an answer, and a request with its own path",
        PREFACE + frame(1, b"\x88", 1, 4) + frame(1, b"\x83\x04\x0a/dns-query", 3, 5) + frame(1, b"\x08\x03799", 5, 4),
        "Magic, HEADERS[1]: 200 OK, HEADERS[3]: POST /dns-query, HEADERS[5]: 799",
        ("http2.:status", "200"),
    ),
    _case(
        "a block that goes on elsewhere",
        PREFACE + frame(1, b"\x83\x04\x7f\x00" + b"a" * 127, 1)[:40],
        "Magic, HEADERS[1]: POST [continues]",
        ("http2.:method", "POST"),
        ("http2.Header block", "30 bytes"),
    ),
]
