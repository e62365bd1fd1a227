# SPDX-License-Identifier: Apache-2.0
"""BOOTP's fixed part (RFC 951) and DHCP's options (RFC 2131, RFC 2132), told by their cookie."""

from __future__ import annotations

from struct import unpack_from

from dpkt.dhcp import DHCP as HEADER

from ringscope.decode.address import ipv4, mac
from ringscope.decode.draft import Draft
from ringscope.decode.forms import formed, four, hex4, hex8, octets, padded_text, plain, seconds
from ringscope.decode.names import HARDWARE
from ringscope.decode.registry import UDP, Show, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

DHCP = protocol("dhcp", "DHCP", udp=(67, 68))

_COOKIE = b"\x63\x82\x53\x63"
_MESSAGES = {
    1: "Discover",
    2: "Offer",
    3: "Request",
    4: "Decline",
    5: "ACK",
    6: "NAK",
    7: "Release",
    8: "Inform",
    10: "Lease Query",
    13: "Lease Active",
}
_OPTIONS = {
    1: "Subnet mask",
    3: "Router",
    6: "DNS servers",
    12: "Host name",
    15: "Domain name",
    26: "MTU",
    28: "Broadcast address",
    42: "NTP servers",
    43: "Vendor information",
    50: "Requested address",
    51: "Lease time",
    53: "Message type",
    54: "Server",
    55: "Parameter request list",
    57: "Maximum message size",
    58: "Renewal time",
    59: "Rebinding time",
    60: "Vendor class",
    61: "Client identifier",
    66: "TFTP server name",
    67: "Boot file name",
    81: "Client FQDN",
    82: "Relay agent information",
    119: "Domain search",
    121: "Classless static routes",
    255: "End",
}
_OPERATIONS = {1: "request", 2: "reply"}


@DHCP.magic(UDP, first=(1, 2))
def magic(data: bytes, at: int, stop: int) -> bool:
    """The cookie stands behind BOOTP's part."""
    return data.startswith(_COOKIE, at + 236, stop)


@DHCP.row
def row(row: Row, at: int, end: int) -> None:
    """The message type from option 53; BOOTP where there is none."""
    row.need(at, 240, end, "DHCP message")
    operation, transaction = unpack_from(">BxxxI", row.data, at)
    name = _message(row.data, at + 240, min(end, row.size))
    if name:
        row.info = f"DHCP {name:8} - Transaction ID 0x{transaction:x}"
    else:
        row.protocol = "BOOTP"
        row.info = "Boot Reply" if operation == 2 else "Boot Request"


def _message(data: bytes, at: int, stop: int) -> str:
    while at + 2 < stop and data[at] != 255:
        if data[at] == 0:
            at += 1
        elif data[at] == 53:
            return _MESSAGES.get(data[at + 2], f"type {data[at + 2]}")
        else:
            at += 2 + data[at + 1]
    return ""


_SHOW: Show = {
    "op": ("Operation", lambda value: formed(_OPERATIONS, value)),
    "hrd": ("Hardware type", lambda value: formed(HARDWARE, value)),
    "hln": ("Hardware size", plain),
    "hops": ("Hops", plain),
    "xid": ("Transaction", hex8),
    "secs": ("Seconds elapsed", plain),
    "flags": ("Flags", hex4),
    "ciaddr": ("Client address", four),
    "yiaddr": ("Your address", four),
    "siaddr": ("Next server", four),
    "giaddr": ("Relay agent", four),
    "chaddr": ("Client MAC", lambda value: mac(value[:6])),
    "sname": ("Server name", padded_text),
    "file": ("Boot file", padded_text),
    "magic": ("Magic cookie", hex8),
}


@DHCP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The fixed part and the options."""
    draft = tree.open(DHCP, at, end)
    draft.title = tree.words(DHCP, at, end) or "DHCP"
    draft.header(HEADER, _SHOW)
    while draft.left:
        kind = draft.peek()
        if kind == 0:
            draft.uint("Padding", 1, lambda _: "")
            continue
        if kind == 255:
            draft.uint("End", 1, lambda _: "")
            return
        with draft.group(_OPTIONS.get(kind, f"Option {kind}")) as group:
            draft.uint("Option", 1, _OPTIONS)
            group.display = _option(draft, kind, draft.uint("Length", 1))


def _option(draft: Draft, kind: int, size: int) -> str:
    if kind == 53 and size == 1:
        return formed(_MESSAGES, draft.uint("Value", 1, _MESSAGES))
    if kind in (1, 3, 6, 28, 42, 50, 54) and size and size % 4 == 0:
        return ", ".join(ipv4(draft.raw("Address", 4, ipv4)) for _ in range(size // 4))
    if kind in (51, 58, 59) and size == 4:
        return seconds(draft.uint("Value", 4, seconds))
    if kind in (26, 57) and size == 2:
        return str(draft.uint("Value", 2))
    if kind in (12, 15, 60, 66, 67):
        return draft.text("Value", size)
    if kind == 61 and size == 7:
        draft.uint("Hardware type", 1, HARDWARE)
        return mac(draft.raw("Value", 6, mac))
    if kind == 55:
        return ", ".join(_OPTIONS.get(number, str(number)) for number in draft.raw("Value", size))
    return octets(draft.raw("Value", size))
