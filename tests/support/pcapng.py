# SPDX-License-Identifier: Apache-2.0
"""A pcapng file as values, read by the draft's own words (draft-ietf-opsawg-pcapng): the tests' own eyes."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface description block."""

    link_type: int
    snaplen: int
    name: str
    description: str
    filter: str
    resolution: int


@dataclass(frozen=True, slots=True)
class Packet:
    """An enhanced packet block; ``lost`` is its epb_dropcount, ``flags`` its epb_flags, None where there is none."""

    interface: int
    time_ns: int
    length: int
    data: bytes
    comments: tuple[str, ...]
    flags: int | None
    lost: int | None


@dataclass(slots=True)
class Capture:
    """All of one section. ``statistics`` has the counts of each interface by the names of the options."""

    hardware: str = ""
    os: str = ""
    application: str = ""
    interfaces: list[Interface] = field(default_factory=list)
    packets: list[Packet] = field(default_factory=list)
    statistics: dict[int, dict[str, int]] = field(default_factory=dict)


_COUNTS = {4: "ifrecv", 5: "ifdrop", 6: "filteraccept", 7: "osdrop", 8: "usrdeliv"}
_TIMES = {2: "starttime", 3: "endtime"}


def _options(body: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(body):
        code, length = struct.unpack_from("<HH", body, at)
        if code == 0:
            assert length == 0 and at + 4 == len(body), "opt_endofopt is the last"
            return
        padded = (length + 3) // 4 * 4
        assert at + 4 + padded <= len(body)
        assert not any(body[at + 4 + length : at + 4 + padded]), "padding is zeros"
        yield code, body[at + 4 : at + 4 + length]
        at += 4 + padded
    assert not body, "options end with opt_endofopt"


def _texts(body: bytes) -> dict[int, str]:
    return {code: value.decode() for code, value in _options(body)}


def _time(value: bytes) -> int:
    high, low = struct.unpack("<II", value)
    return int(high << 32 | low)


def _interface(body: bytes) -> Interface:
    link_type, reserved, snaplen = struct.unpack_from("<HHI", body)
    assert reserved == 0
    found = dict(_options(body[8:]))
    filter_kind, expression = found.get(11, b"\0")[:1], found.get(11, b"\0")[1:]
    assert filter_kind == b"\0"
    return Interface(
        link_type=link_type,
        snaplen=snaplen,
        name=found.get(2, b"").decode(),
        description=found.get(3, b"").decode(),
        filter=expression.decode(),
        resolution=found[9][0],
    )


def _packet(body: bytes, interfaces: list[Interface]) -> Packet:
    interface, high, low, captured, length = struct.unpack_from("<IIIII", body)
    assert interface < len(interfaces), "its interface is described before it"
    assert captured <= length and (not interfaces[interface].snaplen or captured <= interfaces[interface].snaplen)
    end = 20 + (captured + 3) // 4 * 4
    assert end <= len(body) and not any(body[20 + captured : end])
    options = list(_options(body[end:]))
    flags = [struct.unpack("<I", value)[0] for code, value in options if code == 2]
    lost = [struct.unpack("<Q", value)[0] for code, value in options if code == 4]
    return Packet(
        interface=interface,
        time_ns=high << 32 | low,
        length=length,
        data=body[20 : 20 + captured],
        comments=tuple(value.decode() for code, value in options if code == 1),
        flags=flags[0] if flags else None,
        lost=lost[0] if lost else None,
    )


def _statistics(body: bytes) -> dict[str, int]:
    found = {}
    for code, value in _options(body[12:]):
        if code in _TIMES:
            found[_TIMES[code]] = _time(value)
        elif code in _COUNTS:
            (found[_COUNTS[code]],) = struct.unpack("<Q", value)
    return found


def read_pcapng(path: Path) -> Capture:
    """The file; AssertionError where it is not a whole little-endian section of the blocks that we write."""
    content, at, capture = path.read_bytes(), 0, Capture()
    while at < len(content):
        assert at + 12 <= len(content)
        kind, length = struct.unpack_from("<II", content, at)
        assert length % 4 == 0 and length >= 12 and at + length <= len(content)
        assert struct.unpack_from("<I", content, at + length - 4) == (length,)
        body = content[at + 8 : at + length - 4]
        if at == 0:
            assert kind == 0x0A0D0D0A and struct.unpack_from("<IHHq", body) == (0x1A2B3C4D, 1, 0, -1)
            texts = _texts(body[16:])
            capture.hardware, capture.os, capture.application = (texts.get(code, "") for code in (2, 3, 4))
        elif kind == 1:
            capture.interfaces.append(_interface(body))
            assert capture.interfaces[-1].resolution == 9
        elif kind == 6:
            capture.packets.append(_packet(body, capture.interfaces))
        elif kind == 5:
            (interface,) = struct.unpack_from("<I", body)
            assert interface < len(capture.interfaces) and interface not in capture.statistics
            capture.statistics[interface] = _statistics(body)
        else:
            raise AssertionError(f"a block of type {kind}")
        at += length
    assert content, "there is a section header"
    return capture


def read_pcapng_so_far(path: Path) -> Capture:
    """A file that is being written; empty while its writer is in the middle of a block, or has not begun."""
    try:
        return read_pcapng(path)
    except (FileNotFoundError, AssertionError, struct.error):
        return Capture()
