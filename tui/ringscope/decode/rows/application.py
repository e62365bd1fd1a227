# SPDX-License-Identifier: Apache-2.0
"""Rows of small application protocols: HTTP/1, SSDP, SSH, DHCP, NTP."""

from __future__ import annotations

import re
from struct import unpack_from

from ringscope.decode.app_names import DHCP_MESSAGES, NTP_MODES
from ringscope.decode.rows.row import Row
from ringscope.decode.text import shorten, wire_text

_LINE = 400  # characters of a first line that a row shows
_CONTENT_TYPE = re.compile(rb"\r?\ncontent-type:[ \t]*([^\r\n;]+)", re.IGNORECASE)
_HEADERS = 8192  # bytes searched for a header


def first_line(data: bytes, at: int, stop: int) -> str:
    """The text up to the first line end, or to `stop`, made safe and not too long."""
    found = data.find(b"\n", at, min(stop, at + _LINE * 4))
    line = data[at : min(stop, at + _LINE * 4) if found < 0 else found]
    return shorten(wire_text(line.rstrip(b"\r")), _LINE)


def http(row: Row, at: int, end: int) -> None:
    """The request or status line of HTTP/1 (RFC 9112), and for a response its media type."""
    row.protocol, row.role = "HTTP", "http"
    stop = min(end, row.size)
    row.info = first_line(row.data, at, stop)
    if row.data.startswith(b"HTTP/", at):
        found = _CONTENT_TYPE.search(row.data, at, min(stop, at + _HEADERS))
        if found:
            row.info += f"  ({wire_text(found[1].strip())})"


def ssdp(row: Row, at: int, end: int) -> None:
    """SSDP: HTTP's first line in a datagram."""
    http(row, at, end)
    row.protocol = "SSDP"


def ssh(row: Row, at: int, end: int) -> None:
    """The identification string of SSH (RFC 4253 section 4.2); what follows is binary and has no mark of its own."""
    row.protocol, row.role = ("SSHv1" if row.data.startswith(b"SSH-1.5", at) else "SSHv2"), "tcp"
    row.info = f"Protocol ({first_line(row.data, at, min(end, row.size))})"


def dhcp(row: Row, at: int, end: int) -> None:
    """DHCP (RFC 2131): the message type from option 53; BOOTP where there is none."""
    row.protocol = "DHCP"
    row.need(at, 240, end, "DHCP message")
    operation, transaction = unpack_from(">BxxxI", row.data, at)
    name = _dhcp_message(row.data, at + 240, min(end, row.size))
    if name:
        row.info = f"DHCP {name:8} - Transaction ID 0x{transaction:x}"
    else:
        row.protocol = "BOOTP"
        row.info = "Boot Reply" if operation == 2 else "Boot Request"


def _dhcp_message(data: bytes, at: int, stop: int) -> str:
    while at + 2 < stop and data[at] != 255:
        if data[at] == 0:
            at += 1
        elif data[at] == 53:
            return DHCP_MESSAGES.get(data[at + 2], f"type {data[at + 2]}")
        else:
            at += 2 + data[at + 1]
    return ""


def ntp(row: Row, at: int, end: int) -> None:
    """NTP (RFC 5905): version and mode."""
    row.protocol = "NTP"
    row.need(at, 1, end, "NTP header")
    first = row.data[at]
    row.info = f"NTP Version {first >> 3 & 7}, {NTP_MODES[first & 7]}"
    if first & 7 < 6:
        row.need(at, 48, end, "NTP header")


_BGP_MESSAGES = {1: "OPEN", 2: "UPDATE", 3: "NOTIFICATION", 4: "KEEPALIVE", 5: "ROUTE-REFRESH"}


def bgp(row: Row, at: int, end: int) -> None:
    """The messages of BGP (RFC 4271) that begin in this segment."""
    row.protocol, row.role = "BGP", "routing"
    row.need(at, 19, end, "BGP message")
    words: list[str] = []
    while at + 19 <= min(end, row.size) and len(words) < 8:
        words.append(f"{_BGP_MESSAGES.get(row.data[at + 18], f'type {row.data[at + 18]}')} Message")
        at += max(unpack_from(">H", row.data, at + 16)[0], 19)
    row.info = ", ".join(words)


def rip(row: Row, at: int, end: int) -> None:
    """RIP versions 1 and 2 (RFC 2453)."""
    row.need(at, 4, end, "RIP header")
    row.role = "routing"
    row.protocol = f"RIPv{row.data[at + 1]}"
    row.info = {1: "Request", 2: "Response"}.get(row.data[at], f"command {row.data[at]}")


def hsrp(row: Row, at: int, end: int) -> None:
    """HSRP (RFC 2281)."""
    row.need(at, 20, end, "HSRP message")
    row.protocol, row.role = "HSRP", "routing"
    row.info = {0: "Hello", 1: "Coup", 2: "Resign", 3: "Advertise"}.get(row.data[at + 1], f"code {row.data[at + 1]}")


_RADIUS_CODES = {
    1: "Access-Request",
    2: "Access-Accept",
    3: "Access-Reject",
    4: "Accounting-Request",
    5: "Accounting-Response",
    11: "Access-Challenge",
}


def radius(row: Row, at: int, end: int) -> None:
    """RADIUS (RFC 2865)."""
    row.need(at, 20, end, "RADIUS header")
    row.protocol = "RADIUS"
    row.info = f"{_RADIUS_CODES.get(row.data[at], f'code {row.data[at]}')} id={row.data[at + 1]}"


def stun(row: Row, at: int, end: int) -> None:
    """STUN (RFC 8489): class and method."""
    row.protocol = "STUN"
    row.need(at, 20, end, "STUN header")
    (kind,) = unpack_from(">H", row.data, at)
    method = kind & 0x0F | (kind & 0xE0) >> 1 | (kind & 0x3E00) >> 2
    answer = ("Request", "Indication", "Success Response", "Error Response")[(kind & 0x10) >> 4 | (kind & 0x100) >> 7]
    names = {1: "Binding", 3: "Allocate", 4: "Refresh", 6: "Send", 7: "Data", 8: "CreatePermission", 9: "Channel-Bind"}
    row.info = f"{names.get(method, f'method {method}')} {answer}"
