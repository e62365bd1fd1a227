# SPDX-License-Identifier: Apache-2.0
"""Linux cooked packets, made from their parts, or from Ethernet frames as a cooked socket would get them."""

from __future__ import annotations

from struct import pack

SLL, SLL2 = 113, 276
"""LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2."""

HEADER = {SLL: 16, SLL2: 20}
"""Bytes of their headers."""


def cooked(
    payload: bytes,
    kind: int,
    link_type: int = SLL2,
    *,
    address: bytes = bytes.fromhex("02fc00000002"),
    length: int | None = None,
    hatype: int = 1,
    packet_type: int = 0,
    interface: int = 3,
) -> bytes:
    """A packet of LINKTYPE `link_type`; `length` is what the header says of the address."""
    size = len(address) if length is None else length
    field = address[:8].ljust(8, b"\0")
    if link_type == SLL:
        return pack(">HHH8sH", packet_type, hatype, size, field, kind) + payload
    return pack(">HHIHBB8s", kind, 0, interface, hatype, packet_type, size, field) + payload


def from_ethernet(frame: bytes, link_type: int) -> bytes | None:
    """The frame without its link header; None for a frame that is too short, or (IEEE 802.3) has no Ethertype."""
    kind = int.from_bytes(frame[12:14], "big")
    if len(frame) < 14 or kind < 0x0600:
        return None
    return cooked(frame[14:], kind, link_type, address=frame[6:12], packet_type=1 if frame[0] & 1 else 0)


def pcap(link_type: int, packets: list[tuple[int, bytes]]) -> bytes:
    """A pcap file of packets, each its length on the wire and its captured bytes."""
    records = (pack("<IIII", 1, 0, len(data), max(length, len(data))) + data for length, data in packets)
    return pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, link_type) + b"".join(records)
