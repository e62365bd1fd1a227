# SPDX-License-Identifier: Apache-2.0
"""HTTP/1 and SSDP line by line, SSH's first line, DHCP with its options, NTP."""

from __future__ import annotations

from dpkt.dhcp import DHCP
from dpkt.ntp import NTP

from ringscope.decode.address import ipv4, mac
from ringscope.decode.app_names import DHCP_MESSAGES, DHCP_OPTIONS
from ringscope.decode.names import named
from ringscope.decode.rows import application as rows
from ringscope.decode.text import shorten, wire_text
from ringscope.decode.tree.draft import Draft, Frame

_VALUE = 2000  # characters of one header's value that are shown
_MOST_LINES = 200


def http(frame: Frame, at: int, end: int) -> None:
    """First line and headers, each with its bytes; the body is left to the data layer."""
    _lines(frame.open("http", "HTTP", at), at, end)


def ssdp(frame: Frame, at: int, end: int) -> None:
    """SSDP is HTTP's header in a datagram."""
    _lines(frame.open("ssdp", "SSDP", at), at, end)


def _lines(draft: Draft, at: int, end: int) -> None:
    stop = min(end, draft.frame.size)
    draft.title = f"{draft.title}  {shorten(rows.first_line(draft.data, at, stop), 120)}"
    for number in range(_MOST_LINES):
        found = draft.data.find(b"\n", at, stop)
        after = stop if found < 0 else found + 1
        line = draft.data[at:after].rstrip(b"\r\n")
        if not line:
            draft.stop = max(draft.stop, after)
            return
        if number == 0:
            label = "Status" if line.startswith(b"HTTP/") else "Request"
            draft.add(label, shorten(wire_text(line), _VALUE), at, after - at)
        else:
            name, _, value = line.partition(b":")
            draft.add(shorten(wire_text(name), 80), shorten(wire_text(value.strip()), _VALUE), at, after - at)
        at = after
        if at >= stop:
            return


def ssh(frame: Frame, at: int, end: int) -> None:
    """The identification string (RFC 4253 section 4.2)."""
    draft = frame.open("ssh", "SSH", at)
    stop = min(end, frame.size)
    found = frame.data.find(b"\n", at, stop)
    line = rows.first_line(frame.data, at, stop)
    draft.title = f"SSH  {line}"
    draft.add("Protocol", line, at, (stop if found < 0 else found + 1) - at)


def ntp(frame: Frame, at: int, end: int) -> None:
    """NTP (RFC 5905); control and private messages (modes 6 and 7) have another form and are named only."""
    draft = frame.open("ntp", "NTP", at)
    draft.title = frame.words(rows.ntp, at, end)
    if frame.data[at] & 7 < 6:
        draft.header(NTP, at, end)


def dhcp(frame: Frame, at: int, end: int) -> None:
    """BOOTP's fixed part (RFC 951) and DHCP's options (RFC 2132)."""
    draft = frame.open("dhcp", "DHCP", at)
    draft.title = frame.words(rows.dhcp, at, end) or "DHCP"
    draft.header(DHCP, at, end)
    at += 240
    while at < end:
        frame.need(at, 1, end, "DHCP option")
        kind = frame.data[at]
        if kind in (0, 255):
            if kind == 255:
                draft.add("End", "", at, 1)
                return
            at += 1
            continue
        frame.need(at, 2, end, "DHCP option")
        size = frame.data[at + 1]
        frame.need(at, 2 + size, end, "DHCP option")
        raw = frame.data[at + 2 : at + 2 + size]
        draft.add(DHCP_OPTIONS.get(kind, f"Option {kind}"), _option(kind, raw), at, 2 + size)
        at += 2 + size


def _option(kind: int, raw: bytes) -> str:
    if kind == 53 and len(raw) == 1:
        return named(DHCP_MESSAGES, raw[0])
    if kind in (1, 3, 6, 28, 42, 50, 54) and raw and len(raw) % 4 == 0:
        return ", ".join(ipv4(raw[place : place + 4]) for place in range(0, len(raw), 4))
    if kind in (51, 58, 59):
        return f"{int.from_bytes(raw, 'big')} s"
    if kind in (26, 57):
        return str(int.from_bytes(raw, "big"))
    if kind in (12, 15, 60, 66, 67):
        return wire_text(raw)
    if kind == 55:
        return ", ".join(DHCP_OPTIONS.get(number, str(number)) for number in raw)
    if kind == 61 and len(raw) == 7:
        return mac(raw[1:])
    return raw.hex()
