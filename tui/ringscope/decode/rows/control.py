# SPDX-License-Identifier: Apache-2.0
"""Rows of ICMP (RFC 792) and ICMPv6 (RFC 4443, RFC 4861, RFC 3810)."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.address import ipv6, mac
from ringscope.decode.names import ICMP6_CODES, ICMP6_TYPES, ICMP_CODES, ICMP_TYPES
from ringscope.decode.registry import decodes
from ringscope.decode.rows.row import IP_PROTOCOLS, Row


def _swapped(number: int) -> int:
    return (number & 0xFF) << 8 | number >> 8


@decodes(IP_PROTOCOLS, 1)
def icmp(row: Row, at: int, end: int) -> None:
    """ICMP for IPv4."""
    row.protocol, row.role = "ICMP", "icmp"
    row.need(at, 4, end, "ICMP header")
    kind, code = row.data[at], row.data[at + 1]
    name = ICMP_TYPES.get(kind)
    if name is None:
        row.info = f"type {kind}, code {code}"
        return
    row.info = name
    if kind in (0, 8):
        row.need(at, 8, end, "ICMP echo")
        identifier, sequence = unpack_from(">HH", row.data, at + 4)
        row.info = f"{name:19}  id=0x{identifier:04x}, seq={sequence}/{_swapped(sequence)}, ttl={row.hops}"
        return
    meaning = ICMP_CODES.get(kind, {}).get(code)
    if meaning:
        row.info = f"{name} ({meaning})"
    if kind in (3, 5, 11, 12):
        row.need(at, 8, end, "ICMP message")


@decodes(IP_PROTOCOLS, 58)
def icmp6(row: Row, at: int, end: int) -> None:
    """ICMPv6: errors, echo, neighbour discovery, multicast listeners."""
    row.protocol, row.role = "ICMPv6", "icmp"
    row.need(at, 4, end, "ICMPv6 header")
    kind, code = row.data[at], row.data[at + 1]
    name = ICMP6_TYPES.get(kind)
    if name is None:
        row.info = f"type {kind}, code {code}"
        return
    row.info = name
    if kind in (128, 129):
        row.need(at, 8, end, "ICMPv6 echo")
        identifier, sequence = unpack_from(">HH", row.data, at + 4)
        row.info = f"{name} id=0x{identifier:04x}, seq={sequence}, hop limit={row.hops}"
    elif kind in (133, 134):
        row.info = name + _link_address(row, at + (8 if kind == 133 else 16), end, 1, " from ")
    elif kind in (135, 136, 137):
        row.info = _neighbour(row, at, end, kind, name)
    elif meaning := ICMP6_CODES.get(kind, {}).get(code):
        row.info = f"{name} ({meaning})"


def _neighbour(row: Row, at: int, end: int, kind: int, name: str) -> str:
    row.need(at, 24, end, name)
    target = ipv6(row.data[at + 8 : at + 24])
    if kind == 135:
        return f"{name} for {target}" + _link_address(row, at + 24, end, 1, " from ")
    if kind == 137:
        return f"{name} to {target}"
    bits = row.data[at + 4]
    flags = ", ".join(word for mask, word in ((0x80, "rtr"), (0x40, "sol"), (0x20, "ovr")) if bits & mask)
    words = f"{name} {target}" + (f" ({flags})" if flags else "")
    return words + _link_address(row, at + 24, end, 2, " is at ")


def _link_address(row: Row, at: int, end: int, wanted: int, words: str) -> str:
    """The link-layer address option (RFC 4861 section 4.6.1), if there is one."""
    stop = min(end, row.size)
    while at + 8 <= stop:
        size = row.data[at + 1] * 8
        if size == 0:
            return ""
        if row.data[at] == wanted:
            return words + mac(row.data[at + 2 : at + 8])
        at += size
    return ""
