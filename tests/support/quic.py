# SPDX-License-Identifier: Apache-2.0
"""Hand-made QUIC packets; Initial ones are protected as RFC 9001 has it, but for their tag, which is zero."""

from __future__ import annotations

from hmac import digest
from struct import pack

from ringscope.decode.protocols.app.quic.aes import counted, encrypt
from support.packets import client_hello

V1, V2 = 1, 0x6B3343CF
_SALTS = {
    V1: "38762cf7f55934b34d179ae6a4c80cadccbb7f0a",
    V2: "0dede3def700a6db819381be6e269dcbf9bd2ed9",
    0xFF00001D: "afbfec289993d24c9e9786f19c6111e04390a899",
    0xFF00001B: "c3eef712c72ebb5a11a7d2432bb46365bef9f502",
}


def number(value: int) -> bytes:
    """An integer of variable length, in two bytes."""
    return pack(">H", 0x4000 | value)


def long_header(kind: int, destination: bytes, source: bytes, version: int = V1, low: int = 0) -> bytes:
    """The part of a long header that all versions have; `kind` as version 1 numbers it."""
    if version == V2:
        kind = (kind + 1) % 4
    first = 0xC0 | kind << 4 | low
    return pack(">BIB", first, version, len(destination)) + destination + bytes([len(source)]) + source


def hello(name: str) -> bytes:
    """A Client Hello without its record."""
    return client_hello(name.encode())[5:]


def crypto(data: bytes, offset: int = 0) -> bytes:
    """A CRYPTO frame."""
    return b"\6" + number(offset) + number(len(data)) + data


def _label(secret: bytes, label: str, size: int) -> bytes:
    words = b"tls13 " + label.encode()
    return digest(secret, pack(">HB", size, len(words)) + words + b"\0\1", "sha256")[:size]


def initial(
    data: bytes,
    *,
    destination: bytes,
    source: bytes,
    version: int = V1,
    keys: bytes | None = None,
    server: bool = False,
    token: bytes = b"",
    frames: bytes | None = None,
    size: int = 400,
) -> bytes:
    """An Initial packet with number 2 and `data` in a CRYPTO frame, or with these frames, padded to `size`."""
    inside = (crypto(data) if data else b"") if frames is None else frames
    plain = inside.ljust(size, b"\0")
    secret = digest(bytes.fromhex(_SALTS[version]), destination if keys is None else keys, "sha256")
    secret = _label(secret, f"{'server' if server else 'client'} in", 32)
    prefix = "quicv2" if version == V2 else "quic"
    key, vector, protection = (
        _label(secret, f"{prefix} {what}", length) for what, length in (("key", 16), ("iv", 12), ("hp", 16))
    )
    nonce = vector[:-1] + bytes([vector[-1] ^ 2])
    sealed = counted(key, nonce, plain) + bytes(16)
    mask = encrypt(protection, sealed[2:18])  # the number has two bytes
    header = long_header(0, destination, source, version, 1)
    header = bytes([header[0] ^ mask[0] & 0x0F]) + header[1:] + number(len(token)) + token + number(len(sealed) + 2)
    return header + bytes([mask[1], 2 ^ mask[2]]) + sealed
