# SPDX-License-Identifier: Apache-2.0
"""Reading Initial packets (RFC 9001 section 5): their keys come from a connection ID that stands in the open."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hmac import digest

from ringscope.decode.errors import Cut, Malformed
from ringscope.decode.memory import Endpoint, Flow
from ringscope.decode.protocols.app.quic.aes import counted, encrypt
from ringscope.decode.protocols.app.quic.packets import CLIENT, ORIGIN, V1, V2, Header, varint
from ringscope.decode.protocols.app.tls.hello import CLIENT as CLIENT_HELLO
from ringscope.decode.protocols.app.tls.hello import SERVER as SERVER_HELLO
from ringscope.decode.protocols.app.tls.hello import Hello, read_hello

_FIRST = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
_LATER_DRAFTS = bytes.fromhex("afbfec289993d24c9e9786f19c6111e04390a899")
_DRAFTS = bytes.fromhex("c3eef712c72ebb5a11a7d2432bb46365bef9f502")
_SALTS = {
    V1: _FIRST,
    V2: bytes.fromhex("0dede3def700a6db819381be6e269dcbf9bd2ed9"),
    **dict.fromkeys(range(0xFF000017, 0xFF00001D), _DRAFTS),
    **dict.fromkeys(range(0xFF00001D, 0xFF000021), _LATER_DRAFTS),
    **dict.fromkeys(range(0xFF000021, 0xFF000023), _FIRST),
    0xFACEB002: _DRAFTS,
}
_TAG = 16
_LONGEST = 9000  # bytes of a packet that is read
_MOST_FRAMES = 200

FRAMES = {
    0: "PADDING",
    1: "PING",
    2: "ACK",
    3: "ACK",
    6: "CRYPTO",
    28: "CONNECTION_CLOSE",
}
"""Those that an Initial packet may have (RFC 9000 section 12.4)."""


@dataclass(slots=True)
class Frame:
    """A frame: its type, what it says in words, and for CRYPTO where its data belongs."""

    kind: int
    words: str
    offset: int = 0
    data: bytes = b""


@dataclass(slots=True)
class Opened:
    """An Initial packet that was read: its number, its frames, and the hello message if one begins in it."""

    number: int
    frames: tuple[Frame, ...]
    hello: Hello | None
    kind: int = 0


def _expand(secret: bytes, label: str, size: int) -> bytes:
    """HKDF-Expand-Label (RFC 8446 section 7.1) of at most one block."""
    words = f"tls13 {label}".encode()
    return digest(secret, size.to_bytes(2, "big") + bytes([len(words)]) + words + b"\0\1", "sha256")[:size]


@lru_cache(256)
def _keys(version: int, identifier: bytes, side: str) -> tuple[bytes, bytes, bytes]:
    """Key, initialization vector and key of the header protection."""
    secret = _expand(digest(_SALTS[version], identifier, "sha256"), f"{side} in", 32)
    prefix = "quicv2" if version == V2 else "quic"
    return (
        _expand(secret, f"{prefix} key", 16),
        _expand(secret, f"{prefix} iv", 12),
        _expand(secret, f"{prefix} hp", 16),
    )


def opened(data: bytes, header: Header, flow: Flow | None, sender: Endpoint) -> Opened | None:
    """Read the packet, as far as it was captured; None where the keys are not known."""
    if header.version not in _SALTS:
        return None
    rest = data[header.numbered : header.end]
    if len(rest) > _LONGEST:
        return None
    tag = max(header.numbered + len(rest) - (header.end - _TAG), 0)  # bytes of it that were captured
    found = _opened(data[header.at], rest, tag, header.version, header.destination, "client")
    if found is not None:
        if flow is not None:
            flow.note(ORIGIN, header.destination)
            flow.note(CLIENT, f"{sender[0]} {sender[1]}")
        return found
    origin = flow.facts.get(ORIGIN) if flow is not None else None
    if flow is None or not isinstance(origin, bytes):
        return None
    side = "client" if flow.facts.get(CLIENT) == f"{sender[0]} {sender[1]}" else "server"
    return _opened(data[header.at], rest, tag, header.version, origin, side)


@lru_cache(256)
def _opened(first: int, rest: bytes, tag: int, version: int, identifier: bytes, side: str) -> Opened | None:
    if len(rest) < 20:
        return None
    key, vector, protection = _keys(version, identifier, side)
    mask = encrypt(protection, rest[4:20])
    first ^= mask[0] & 0x0F
    if first & 0x0C:  # reserved, and zero under the right keys
        return None
    size = (first & 3) + 1
    number = int.from_bytes(rest[:size], "big") ^ int.from_bytes(mask[1 : 1 + size], "big")
    nonce = (int.from_bytes(vector, "big") ^ number).to_bytes(12, "big")
    # The number's bytes count as header; what is encrypted begins behind them.
    frames = _frames(counted(key, nonce, rest[size : len(rest) - tag]))
    return Opened(number, frames, *_hello(frames)) if frames else None


def _frames(plain: bytes) -> tuple[Frame, ...]:
    """The frames; none where the bytes are not frames, that is, where the keys were wrong."""
    found: list[Frame] = []
    at, end = 0, len(plain)
    try:
        while at < end and len(found) < _MOST_FRAMES:
            kind = plain[at]
            if kind not in FRAMES:
                return ()
            frame, at = _frame(plain, kind, at, end)
            found.append(frame)
    except (Malformed, Cut):
        # The last one may have been cut; a first one that is not whole is none.
        return tuple(found) if any(frame.kind == 6 for frame in found) else ()
    return tuple(found)


def _frame(plain: bytes, kind: int, at: int, end: int) -> tuple[Frame, int]:
    name = FRAMES[kind]
    at += 1
    if kind == 0:
        after = end - len(plain[at:].lstrip(b"\0"))
        return Frame(0, f"{name}, {after - at + 1} bytes"), after
    if kind == 1:
        return Frame(1, name), at
    if kind == 6:
        offset, at = varint(plain, at, end, end)
        size, at = varint(plain, at, end, end)
        return Frame(6, f"{name}, {size} bytes from {offset} on", offset, plain[at : at + size]), at + size
    if kind == 28:
        error, at = varint(plain, at, end, end)
        trigger, at = varint(plain, at, end, end)
        size, at = varint(plain, at, end, end)
        reason = plain[at : at + size].decode("ascii", "replace")
        words = f"{name}, error 0x{error:x}, frame {trigger}" + (f", {reason!a}" if reason else "")
        return Frame(28, words), at + size
    largest, at = varint(plain, at, end, end)
    _, at = varint(plain, at, end, end)
    ranges, at = varint(plain, at, end, end)
    if ranges > end:
        raise Malformed("more ranges than bytes")
    for _ in range(1 + 2 * ranges + (3 if kind == 3 else 0)):
        _, at = varint(plain, at, end, end)
    return Frame(kind, f"{name}, up to {largest}"), at


def _hello(frames: tuple[Frame, ...]) -> tuple[Hello | None, int]:
    """The hello in the CRYPTO frames of one packet, whatever their order, as far as they follow one another."""
    stream = b""
    for frame in sorted((each for each in frames if each.kind == 6), key=lambda each: each.offset):
        if frame.offset > len(stream):
            break
        stream = stream[: frame.offset] + frame.data
    if len(stream) < 4 or stream[0] not in (CLIENT_HELLO, SERVER_HELLO):
        return None, 0
    end = min(4 + int.from_bytes(stream[1:4], "big"), len(stream))
    return read_hello(stream, stream[0], 4, end), stream[0]
