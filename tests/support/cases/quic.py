# SPDX-License-Identifier: Apache-2.0
"""QUIC: every long header, packets that share a datagram, and Initial packets with all their frames."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4, udp
from support.quic import V2, crypto, hello, initial, long_header, number

_HELLO = hello("quic.example.org")
_ACK = b"\2" + b"".join(map(number, (7, 0, 1, 0, 1, 0)))
_SCATTERED = b"\1" + crypto(_HELLO[60:], 60) + bytes(9) + _ACK + crypto(_HELLO[:60])
_CLOSE = b"\x1c" + number(0x10A) + number(6) + number(4) + b"gone"
_IDS = "DCID=646573742e696421, SCID=737263"


def _case(
    name: str, payload: bytes, info: str, *fields: tuple[str, str], ports: tuple[int, int] = (50000, 4433)
) -> Case:
    return Case(name, ethernet(ipv4(udp(payload, ports), 17)), "eth:ip:udp:quic", "QUIC", info, fields)


def _initial(data: bytes = _HELLO, **more: object) -> bytes:
    return initial(data, destination=b"dest.id!", source=b"src", **more)  # type: ignore[arg-type]


_FROM = "decrypted by the key that the connection ID gives; not authenticated"
_INITIAL = f"Initial, {_IDS}, PKN: 2"
CASES = [
    _case(
        "a client's first packet",
        _initial(token=b"again"),
        f"{_INITIAL}, CRYPTO, PADDING, Client Hello (SNI=quic.example.org)",
        ("quic.Version", "0x00000001 (1)"),
        ("quic.Packet type", "0 (Initial)"),
        ("quic.Destination connection ID", b"dest.id!".hex()),
        ("quic.Source connection ID", b"src".hex()),
        ("quic.Token", b"again".hex()),
        ("quic.Packet number", f"[2, {_FROM}]"),
        ("quic.Frame", f"[CRYPTO, {len(_HELLO)} bytes from 0 on, {_FROM}]"),
        ("quic.Server name", f"[quic.example.org, {_FROM}]"),
        ("quic.Application protocols", f"[h2, http/1.1, {_FROM}]"),
        ("quic.TLS version", f"[TLSv1.3, {_FROM}]"),
    ),
    _case(
        "the same in version 2, with frames in no order",
        _initial(version=V2, frames=_SCATTERED),
        f"{_INITIAL}, PING, CRYPTO, PADDING, ACK, CRYPTO, PADDING, Client Hello (SNI=quic.example.org)",
        ("quic.Packet type", "1 (Initial)"),
        ("quic.Frame", f"[ACK, up to 7, {_FROM}]"),
    ),
    _case(
        "an end",
        _initial(frames=_CLOSE, size=len(_CLOSE)),
        f"{_INITIAL}, CONNECTION_CLOSE",
        ("quic.Frame", f"[CONNECTION_CLOSE, error 0x10a, frame 6, 'gone', {_FROM}]"),
    ),
    _case(
        "packets that share a datagram",
        _initial()
        + long_header(1, b"dest.id!", b"src")
        + number(20)
        + bytes(20)
        + long_header(2, b"dest.id!", b"src")
        + number(30)
        + bytes(30)
        + b"\x40"
        + bytes(40),
        f"{_INITIAL}, CRYPTO, PADDING, Client Hello (SNI=quic.example.org), 0-RTT, {_IDS}, Handshake, {_IDS}, "
        "Protected Payload",
        ("quic.Length", "20"),
        ("quic.Protected packet number and payload", "30 bytes"),
        ("quic.Protected payload", "40 bytes"),
    ),
    _case(
        "a retry",
        long_header(3, b"dest.id!", b"src") + b"token" + bytes(16),
        f"Retry, {_IDS}",
        ("quic.Token", b"token".hex()),
        ("quic.Integrity tag", bytes(16).hex()),
    ),
    _case(
        "a negotiation of versions",
        b"\x80" + bytes(4) + b"\x08dest.id!\x03src" + pack(">III", 0x1A2A3A4A, 1, 0xFF00001D),
        f"Version Negotiation, {_IDS}",
        ("quic.Supported version", "0x1a2a3a4a (GREASE)"),
        ("quic.Supported version", "0x00000001 (1)"),
        ("quic.Supported version", "0xff00001d (draft 29)"),
    ),
    _case(
        "a version that nobody knows, to be refused",
        long_header(0, b"dest.id!", b"src", 0x1A2A3A4A) + b"\0" + number(1200) + bytes(1200),
        f"Initial, {_IDS}",
        ("quic.Version", "0x1a2a3a4a (GREASE)"),
    ),
    _case("a short header on its port", b"\x5a" + bytes(40), "Protected Payload", ports=(50000, 443)),
    Case(
        "a short header elsewhere",
        ethernet(ipv4(udp(b"\x5a" + bytes(40), (50000, 4433)), 17)),
        "eth:ip:udp",
        "UDP",
        "50000 → 4433 Len=41",
    ),
]
