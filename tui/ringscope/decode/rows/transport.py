# SPDX-License-Identifier: Apache-2.0
"""Rows of TCP, UDP and SCTP, and the step to what they carry."""

from __future__ import annotations

from struct import Struct, unpack_from

from ringscope.decode import apps
from ringscope.decode.errors import Malformed
from ringscope.decode.names import TCP_FLAG_WORDS
from ringscope.decode.registry import decodes
from ringscope.decode.rows import application, dns, tls
from ringscope.decode.rows.link import carried, ethernet
from ringscope.decode.rows.row import IP_PROTOCOLS, Decoder, Row

_TCP = Struct(">HHIIHH")
_PAIR = Struct(">II")
_APPLICATIONS: dict[str, Decoder] = {
    "tls": tls.tls,
    "http": application.http,
    "ssdp": application.ssdp,
    "ssh": application.ssh,
    "dhcp": application.dhcp,
    "ntp": application.ntp,
    "bgp": application.bgp,
    "rip": application.rip,
    "hsrp": application.hsrp,
    "radius": application.radius,
    "stun": application.stun,
    "dns": dns.dns,
    "mdns": dns.mdns,
    "llmnr": dns.llmnr,
}


@decodes(IP_PROTOCOLS, 6)
def tcp(row: Row, at: int, end: int) -> None:
    """TCP (RFC 9293)."""
    row.protocol, row.role = "TCP", "tcp"
    row.need(at, 20, end, "TCP header")
    data = row.data
    source, destination, sequence, acknowledged, control, window = _TCP.unpack_from(data, at)
    header = (control >> 12) * 4
    flags = control & 0x1FF
    size = end - at - header
    acknowledgement = f" Ack={acknowledged}" if flags & 16 else ""
    row.info = (
        f"{source} → {destination} [{TCP_FLAG_WORDS[flags]}] Seq={sequence}{acknowledgement} Win={window} "
        f"Len={max(size, 0)}"
    )
    if header < 20:
        raise Malformed(f"TCP header length {header}")
    if size < 0:
        raise Malformed(f"TCP header length {header}, {end - at} bytes left")
    payload = at + header
    if size and payload < row.size:
        stop = min(end, row.size)
        name = apps.over_tcp(data, payload, stop, (source, destination))
        if name:
            row.piece = "segment"
            if name == "dns":
                dns.over_tcp(row, payload, end)
            else:
                _APPLICATIONS[name](row, payload, end)
            return
    if header > 20:
        row.need(at, header, end, "TCP options")
        row.info += _options(data, at + 20, payload)


def _options(data: bytes, at: int, stop: int) -> str:
    # By far the commonest: two paddings and a timestamp.
    if stop - at == 12 and data.startswith(b"\x01\x01\x08\x0a", at):
        value, echo = _PAIR.unpack_from(data, at + 4)
        return f" TSval={value} TSecr={echo}"
    words: list[str] = []
    while at < stop and data[at] != 0:
        kind = data[at]
        if kind == 1:
            at += 1
            continue
        size = data[at + 1] if at + 1 < stop else 0
        if size < 2 or at + size > stop:
            raise Malformed(f"TCP option {kind} of length {size}, {stop - at} bytes left")
        words.append(_option(data, kind, at, size))
        at += size
    return "".join(words)


def _option(data: bytes, kind: int, at: int, size: int) -> str:
    if kind == 2 and size == 4:
        return f" MSS={data[at + 2] << 8 | data[at + 3]}"
    if kind == 3 and size == 3:
        return f" WS={1 << min(data[at + 2], 14)}"
    if kind == 4:
        return " SACK_PERM"
    if kind == 8 and size == 10:
        value, echo = _PAIR.unpack_from(data, at + 2)
        return f" TSval={value} TSecr={echo}"
    if kind == 5:
        return "".join(
            " SLE={} SRE={}".format(*_PAIR.unpack_from(data, place)) for place in range(at + 2, at + size - 7, 8)
        )
    return ""


@decodes(IP_PROTOCOLS, 17)
def udp(row: Row, at: int, end: int) -> None:
    """UDP (RFC 768)."""
    row.protocol, row.role = "UDP", "udp"
    row.need(at, 8, end, "UDP header")
    source, destination, size = unpack_from(">HHH", row.data, at)
    # Zero stands for a jumbogram (RFC 2675) or a datagram the card will still segment.
    if size == 0:
        size = end - at
    row.info = f"{source} → {destination} Len={max(size - 8, 0)}"
    if size < 8:
        raise Malformed(f"UDP length {size}")
    if at + size > end:
        raise Malformed(f"UDP length {size}, {end - at} bytes left")
    end = at + size
    at += 8
    if at >= end or at >= row.size:
        return
    name = apps.over_udp(row.data, at, min(end, row.size), (source, destination))
    if name in _APPLICATIONS:
        _APPLICATIONS[name](row, at, end)
    elif name == "vxlan":
        _vxlan(row, at, end)
    elif name == "geneve":
        _geneve(row, at, end)


def _vxlan(row: Row, at: int, end: int) -> None:
    """VXLAN (RFC 7348)."""
    if end - at >= 8 and row.data[at] & 0x08:
        row.protocol = "VXLAN"
        row.nested()
        ethernet(row, at + 8, end)


def _geneve(row: Row, at: int, end: int) -> None:
    """GENEVE (RFC 8926)."""
    if end - at < 8 or row.data[at] >> 6:
        return
    row.protocol = "GENEVE"
    row.need(at, 8, end, "GENEVE header")
    (kind,) = unpack_from(">H", row.data, at + 2)
    carried(row, kind, at + 8 + (row.data[at] & 0x3F) * 4, end)


_SCTP_CHUNKS = {
    0: "DATA",
    1: "INIT",
    2: "INIT_ACK",
    3: "SACK",
    4: "HEARTBEAT",
    5: "HEARTBEAT_ACK",
    6: "ABORT",
    7: "SHUTDOWN",
    8: "SHUTDOWN_ACK",
    9: "ERROR",
    10: "COOKIE_ECHO",
    11: "COOKIE_ACK",
    14: "SHUTDOWN_COMPLETE",
    64: "I_DATA",
    192: "FORWARD_TSN",
}


@decodes(IP_PROTOCOLS, 132)
def sctp(row: Row, at: int, end: int) -> None:
    """SCTP (RFC 9260): the names of its chunks."""
    row.protocol = "SCTP"
    row.need(at, 12, end, "SCTP header")
    source, destination = unpack_from(">HH", row.data, at)
    row.info = f"{source} → {destination}"
    at += 12
    words: list[str] = []
    while at + 4 <= min(end, row.size) and len(words) < 8:
        kind, size = unpack_from(">BxH", row.data, at)
        words.append(_SCTP_CHUNKS.get(kind, f"chunk {kind}"))
        at += max(size + 3 & ~3, 4)
    row.info = " ".join([row.info, *words])
