# SPDX-License-Identifier: Apache-2.0
"""DTLS: hellos with and without cookie, fragments, encrypted epochs, connection IDs, and the records of 1.3."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.cases.tls import extension, vector
from support.packets import ethernet, ipv4, udp


def _record(kind: int, body: bytes, epoch: int = 0, version: int = 0xFEFD, identifier: bytes = b"") -> bytes:
    return pack(">BHHHI", kind, version, epoch, 0, 7) + identifier + vector(body)


def _message(kind: int, body: bytes, first: int = 0, present: int | None = None) -> bytes:
    part = body[first : None if present is None else first + present]
    sizes = (size.to_bytes(3, "big") for size in (first, len(part)))
    return bytes([kind]) + len(body).to_bytes(3, "big") + b"\0\1" + b"".join(sizes) + part


def _hello(cookie: bytes) -> bytes:
    name = extension(0, vector(b"\0" + vector(b"iot.example.org")))
    extensions = name + extension(54, vector(b"id", 1))
    return b"\xfe\xfd" + bytes(32) + b"\0" + vector(cookie, 1) + vector(b"\xc0\x2b") + b"\1\0" + vector(extensions)


def _case(name: str, payload: bytes, protocol: str, info: str, *fields: tuple[str, str]) -> Case:
    return Case(name, ethernet(ipv4(udp(payload, (40000, 4444)), 17)), "eth:ip:udp:dtls", protocol, info, fields)


CASES = [
    _case(
        "a hello with a cookie",
        _record(22, _message(1, _hello(b"biscuit")), version=0xFEFF),
        "DTLSv1.2",
        "Client Hello (SNI=iot.example.org)",
        ("dtls.Cookie", b"biscuit".hex()),
        ("dtls.connection_id", b"id".hex()),
        ("dtls.Message sequence", "1"),
        ("dtls.Version", "0xfeff (DTLSv1.0)"),
    ),
    _case(
        "a server that wants one",
        _record(22, _message(3, b"\xfe\xff" + vector(b"biscuit", 1)), version=0xFEFF),
        "DTLSv1.0",
        "Hello Verify Request",
        ("dtls.Cookie", b"biscuit".hex()),
    ),
    _case(
        "two fragments",
        _record(22, _message(1, _hello(b""), 0, 60)) + _record(22, _message(1, _hello(b""), 60)),
        "DTLSv1.2",
        "Client Hello (Fragment), Client Hello (Fragment)",
        ("dtls.Client Hello", "75 bytes, 15 from 60 on here"),
        ("dtls.Fragment", "15 bytes"),
    ),
    _case(
        "a change of keys",
        _record(20, b"\1") + _record(22, b"\xaa" * 48, 1) + _record(23, b"\xaa" * 30, 1) + _record(21, b"\xaa" * 26, 1),
        "DTLSv1.2",
        "Change Cipher Spec, Encrypted Handshake Message, Application Data, Encrypted Alert",
        ("dtls.Epoch", "1"),
        ("dtls.Data", "30 bytes"),
    ),
    _case(
        "an alert",
        _record(21, b"\2\x28"),
        "DTLSv1.2",
        "Alert (Level: Fatal, Description: Handshake Failure)",
        ("dtls.Alert", "40 (Handshake Failure)"),
    ),
    _case(
        "a record with a connection ID",
        _record(25, b"\xaa" * 40, 1, identifier=b"client"),
        "DTLSv1.2",
        "Connection ID",
        ("dtls.Connection ID", b"client".hex()),
        ("dtls.Data", "40 bytes"),
    ),
    _case(
        "a record of 1.3 behind one in the clear",
        _record(26, bytes(18), version=0xFEFD) + b"\x2e\x12\x34" + vector(b"\xaa" * 20),
        "DTLSv1.2",
        "ACK, Encrypted Record",
        ("dtls.Encrypted record", "epoch …10"),
        ("dtls.Sequence number (encrypted)", "1234"),
        ("dtls.Data", "20 bytes"),
    ),
]
