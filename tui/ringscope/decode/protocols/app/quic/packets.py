# SPDX-License-Identifier: Apache-2.0
"""The protocol, its versions, and the headers of its packets (RFC 8999 and RFC 9000 section 17)."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.errors import require
from ringscope.decode.memory import Endpoint, Flow
from ringscope.decode.registry import UDP, protocol
from ringscope.frozen import frozen

QUIC = protocol("quic", "QUIC", role="tls")
QUIC_BY_PORT = protocol("quic", "QUIC", role="tls", udp=(443,))

V1, V2 = 0x00000001, 0x6B3343CF
_DRAFTS = range(0xFF000016, 0xFF000023)
VERSIONS = {
    0: "negotiation",
    V1: "1",
    V2: "2",
    0x709A50C4: "2 draft",
    0xFACEB001: "mvfst 1",
    0xFACEB002: "mvfst 2",
    0xFACEB00E: "mvfst experiment",
    0x51303530: "Google Q050",
    0x54303530: "Google T050",
    0x54303531: "Google T051",
    **{version: f"draft {version & 0xFF}" for version in _DRAFTS},
}

INITIAL, EARLY, HANDSHAKE, RETRY, NEGOTIATION, SHORT = range(6)
NAMES = ("Initial", "0-RTT", "Handshake", "Retry", "Version Negotiation", "Protected Payload")
_SECOND = (RETRY, INITIAL, EARLY, HANDSHAKE)
"""Types by number in version 2 (RFC 9369 section 3.2)."""

_LONGEST = 20  # of connection IDs, in the versions that are known
_SMALLEST = 21  # bytes that a protected packet has (RFC 9000 section 10.3)
ORIGIN, CLIENT = "quic.origin", "quic.client"
"""Facts of a flow: the connection ID from which the keys of Initial packets are derived, and who has sent it."""


@frozen
class Header:
    """A packet's header. `at`: where it begins; `numbered`: where the packet number stands, or the rest of what has
    none; `end`: where the packet ends."""

    at: int
    kind: int
    version: int
    destination: bytes
    source: bytes
    token: tuple[int, int]
    numbered: int
    end: int


def is_grease(version: int) -> bool:
    """A version that is offered so that unknown ones are tolerated (RFC 9000 section 15)."""
    return version & 0x0F0F0F0F == 0x0A0A0A0A


def version_name(version: int) -> str:
    """The version in words."""
    name = VERSIONS.get(version) or ("GREASE" if is_grease(version) else "")
    return f"0x{version:08x} ({name})" if name else f"0x{version:08x}"


@QUIC.magic(UDP, first=range(0x80, 0x100))
def magic(data: bytes, at: int, stop: int) -> bool:
    """A long header of a known version, or a list of versions among which is one."""
    if stop - at < 7:
        return False
    version = unpack_from(">I", data, at + 1)[0]
    source = at + 6 + data[at + 5]
    if data[at + 5] > _LONGEST or source >= stop or data[source] > _LONGEST:
        return False
    if version:
        # A greased version is to be refused, in a datagram that is as long as the first one must be.
        known = version in VERSIONS or (is_grease(version) and stop - at >= 1200)
        return bool(data[at] & 0x40) and known
    place = source + 1 + data[source]
    listed = unpack_from(f">{(stop - place) // 4}I", data, place) if place < stop else ()
    return any(each in VERSIONS and each for each in listed)


@QUIC_BY_PORT.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """A short header: two bits, and a size."""
    return data[at] & 0xC0 == 0x40 and stop - at >= _SMALLEST


def varint(data: bytes, at: int, end: int, captured: int) -> tuple[int, int]:
    """An integer of variable length (RFC 9000 section 16), and where it ends. Raises Short or Cut."""
    require(at, 1, end, captured, "QUIC integer")
    size = 1 << (data[at] >> 6)
    require(at, size, end, captured, "QUIC integer")
    return int.from_bytes(data[at : at + size], "big") & (1 << size * 8 - 2) - 1, at + size


def read_header(data: bytes, at: int, end: int, flow: Flow | None, to: Endpoint) -> Header:
    """The header at `at` of a datagram that ends at `end`. Raises Short or Cut.

    flow, to: the length of the connection ID in a short header is known only to who has chosen it.
    """
    captured = len(data)
    require(at, 1, end, captured, "QUIC header")
    if not data[at] & 0x80:
        known = flow.facts.get(_key(to)) if flow is not None else None
        size = known if isinstance(known, int) else 0
        return Header(at, SHORT, 0, data[at + 1 : at + 1 + size], b"", (0, 0), at + 1 + size, end)
    require(at, 6, end, captured, "QUIC header")
    version = unpack_from(">I", data, at + 1)[0]
    place = at + 6 + data[at + 5]
    require(place, 1, end, captured, "QUIC header")
    destination = data[at + 6 : place]
    source = data[place + 1 : place + 1 + data[place]]
    place += 1 + data[place]
    require(place, 0, end, captured, "QUIC header")
    kind = data[at] >> 4 & 3
    if version in (V2, 0x709A50C4):
        kind = _SECOND[kind]
    if not version or (version not in VERSIONS and not is_grease(version)):
        return Header(at, NEGOTIATION if not version else INITIAL, version, destination, source, (0, 0), place, end)
    if kind == RETRY:
        return Header(at, kind, version, destination, source, (place, max(end - 16, place)), max(end - 16, place), end)
    token = (place, place)
    if kind == INITIAL:
        size, place = varint(data, place, end, captured)
        require(place, size, end, captured, "QUIC token")
        token = (place, place + size)
        place += size
    size, place = varint(data, place, end, captured)
    require(place + size, 0, end, end, "QUIC packet")
    return Header(at, kind, version, destination, source, token, place, place + size)


def _key(end: Endpoint) -> str:
    return f"quic.{end[0]} {end[1]}"


def learn(flow: Flow | None, header: Header, sender: Endpoint) -> None:
    """Who sends a connection ID of its own is found by it later."""
    if flow is not None and header.kind not in (SHORT, NEGOTIATION):
        flow.note(_key(sender), len(header.source))
