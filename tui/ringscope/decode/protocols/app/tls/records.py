# SPDX-License-Identifier: Apache-2.0
"""The protocol, how its records are recognized on any port, and where they can be read."""

from __future__ import annotations

from collections.abc import Iterator

from ringscope.decode.memory import Flow
from ringscope.decode.protocols.app.tls.names import HANDSHAKES
from ringscope.decode.registry import TCP, protocol

_PORTS = (
    443, 465, 563, 614, 636, 802, 853, 989, 990, 992, 993, 994, 995, 1300, 2221, 2443, 3269, 3496, 4433, 4843, 5061,
    5223, 5671, 5684, 5868, 5986, 6514, 6679, 6697, 8443, 8883, 9443, 11207, 19999,
)  # fmt: skip
TLS = protocol("tls", "TLS", role="tls", tcp=_PORTS)

CHANGE, ALERT, HANDSHAKE, APPLICATION, HEARTBEAT = 20, 21, 22, 23, 24

VERSION = "tls.version"
"""Fact of a flow: the version that its server chose."""

_SSL2_VERSIONS = (0x0002, 0x0300, 0x0301, 0x0302, 0x0303)
_LONGEST_MESSAGE = 0x1FFFF


@TLS.magic(TCP, first=range(20, 25))
def is_record(data: bytes, at: int, stop: int) -> bool:
    """A record header stands at `at` (RFC 8446 section 5.1)."""
    if stop - at < 5 or data[at + 1] != 3 or data[at + 2] > 4 or not 20 <= data[at] <= 24:
        return False
    size = data[at + 3] << 8 | data[at + 4]
    return size == 1 if data[at] == CHANGE else 2 <= size <= 0x4800


@TLS.magic(TCP, first=range(0x80, 0x100))
def is_ssl2(data: bytes, at: int, stop: int) -> bool:
    """A Client Hello or Server Hello in the form of SSL 2, which later versions knew as well (RFC 5246 appendix E)."""
    if stop - at < 11 or not data[at] & 0x80:
        return False
    size = (data[at] & 0x7F) << 8 | data[at + 1]
    if data[at + 2] == 1:
        version, *lengths = (data[place] << 8 | data[place + 1] for place in range(at + 3, at + 11, 2))
        suites, session, challenge = lengths
        return (
            version in _SSL2_VERSIONS
            and suites % 3 == 0
            and session in (0, 16)
            and 16 <= challenge <= 32
            and size == 9 + sum(lengths)
        )
    if data[at + 2] == 4 and stop - at >= 13:
        lengths = [data[place] << 8 | data[place + 1] for place in range(at + 7, at + 13, 2)]
        return data[at + 5 : at + 7] == b"\0\2" and lengths[1] % 3 == 0 and size == 11 + sum(lengths)
    return False


def inner_record(data: bytes, at: int, stop: int) -> int:
    """Where, in a segment that begins inside a record, the next one begins; -1 where none does.

    Random bytes look like a header now and then, so from there on records must fill the segment to its end.
    """
    for version in (b"\3\3", b"\3\1", b"\3\2", b"\3\0"):
        found = data.find(version, at + 1, stop)
        while found > 0:
            if _fills(data, found - 1, stop):
                return found - 1
            found = data.find(version, found + 1, stop)
    return -1


def _fills(data: bytes, at: int, stop: int) -> bool:
    while at < stop and is_record(data, at, stop):
        at += 5 + (data[at + 3] << 8 | data[at + 4])
    return at == stop


def messages(data: bytes, at: int, stop: int, end: int) -> Iterator[tuple[int, int, int]] | None:
    """The handshake messages of a record's data[at:end], of which data[at:stop] is there: kind, start and end of each.

    None for what is encrypted: nothing marks it but that its bytes make no sense.
    """
    found: list[tuple[int, int, int]] = []
    while at < end:
        if at + 4 > stop:
            # Of the last message not even the header is here; or it is none.
            return iter(found) if stop < end and found else None
        kind, size = data[at], int.from_bytes(data[at + 1 : at + 4], "big")
        if not _readable(data, kind, size, at + 4, stop):
            return None
        found.append((kind, at, at + 4 + size))
        at += 4 + size
    return iter(found)


def _readable(data: bytes, kind: int, size: int, at: int, stop: int) -> bool:
    if kind not in HANDSHAKES or size > _LONGEST_MESSAGE:
        return False
    if kind in (0, 5, 14):
        return size == 0
    if kind in (1, 2, 6):
        return size >= 34 and (at >= stop or data[at] in (3, 0x7F))
    return size > 0


def known_version(flow: Flow | None) -> int:
    """The version that was agreed on, 0 while that is unknown."""
    found = flow.facts.get(VERSION, 0) if flow is not None else 0
    return found if isinstance(found, int) else 0
