# SPDX-License-Identifier: Apache-2.0
"""Reading capture files for tests: pcap and pcapng, with link type and wire length, without times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import calcsize, unpack_from

_PCAP = {0xA1B2C3D4: 16, 0xA1B23C4D: 16, 0xA1B2CD34: 24}  # magic number: bytes of a record header


@dataclass(frozen=True, slots=True)
class Captured:
    """One packet of a file. `number` counts from 1, as tshark's frame.number does."""

    number: int
    link_type: int
    length: int
    data: bytes


def packets(path: Path, limit: int) -> Iterator[Captured]:
    """At most `limit` packets; the file ends where it stops making sense. Nothing for a file of another format."""
    raw = path.read_bytes()
    if len(raw) < 24:
        return
    found = _pcapng(raw) if raw[:4] == b"\x0a\x0d\x0d\x0a" else _pcap(raw)
    for number, (link_type, length, data) in enumerate(found, 1):
        if number > limit:
            return
        yield Captured(number, link_type, length, data)


def _pcap(raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    order = next((order for order in "<>" if unpack_from(order + "I", raw)[0] in _PCAP), None)
    if order is None:
        return
    record = _PCAP[unpack_from(order + "I", raw)[0]]
    # The upper bits hold the length of a frame check sequence (pcap-savefile(5)).
    link_type = unpack_from(order + "I", raw, 20)[0] & 0xFFFF
    at = 24
    while at + record <= len(raw):
        captured, length = unpack_from(order + "II", raw, at + 8)
        at += record
        if at + captured > len(raw):
            return
        yield link_type, length, raw[at : at + captured]
        at += captured


def _pcapng(raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    order = "<"
    interfaces: list[tuple[int, int]] = []
    at = 0
    while at + 12 <= len(raw):
        if raw[at : at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if raw[at + 8 : at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        kind, size = unpack_from(order + "II", raw, at)
        if size < 12 or at + size > len(raw):
            return
        body = raw[at + 8 : at + size - 4]
        if kind == 1:
            link_type, snaplen = unpack_from(order + "HxxI", body)
            interfaces.append((link_type, snaplen))
        elif kind in (2, 3, 6):
            packet = _block(order, kind, body, interfaces)
            if packet is None:
                return
            yield packet
        at += size


def _block(order: str, kind: int, body: bytes, interfaces: list[tuple[int, int]]) -> tuple[int, int, bytes] | None:
    """An Enhanced (6), Simple (3) or obsolete (2) Packet Block."""
    form = {6: "I8xII", 3: "I", 2: "Hxx8xII"}[kind]
    head = calcsize("<" + form)
    if len(body) < head:
        return None
    fields = unpack_from(order + form, body)
    number = 0 if kind == 3 else fields[0]
    if number >= len(interfaces):
        return None
    link_type, snaplen = interfaces[number]
    if kind == 3:
        length = fields[0]
        captured = min(length, snaplen or length)
    else:
        _, captured, length = fields
    return link_type, length, body[head : head + captured]
