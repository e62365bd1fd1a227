# SPDX-License-Identifier: Apache-2.0
"""A pcap file as a list, read by the draft's own words (draft-ietf-opsawg-pcap): the tests' own eyes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Frame:
    """One packet of a file: time in nanoseconds since 1970, length on the wire, captured bytes."""

    time_ns: int
    length: int
    data: bytes


def read_pcap(path: Path) -> list[Frame]:
    """All packets; AssertionError where the file is not a whole little-endian pcap file."""
    content = path.read_bytes()
    magic, major, minor, _, _, snaplen, _ = struct.unpack_from("<IHHIIII", content)
    assert magic in (0xA1B2C3D4, 0xA1B23C4D) and (major, minor) == (2, 4)
    unit = 1 if magic == 0xA1B23C4D else 1000
    frames, at = [], 24
    while at < len(content):
        seconds, fraction, captured, length = struct.unpack_from("<IIII", content, at)
        assert captured <= min(length, snaplen) and at + 16 + captured <= len(content)
        frames.append(Frame(seconds * 10**9 + fraction * unit, length, content[at + 16 : at + 16 + captured]))
        at += 16 + captured
    return frames


def read_pcap_so_far(path: Path) -> list[Frame]:
    """All packets of a file that is being written; none while its writer is in the middle of one, or has not begun."""
    try:
        return read_pcap(path)
    except (FileNotFoundError, AssertionError, struct.error):
        return []
