# SPDX-License-Identifier: Apache-2.0
"""TCP with its options, UDP, SCTP, tunnels over UDP, and the step to the application."""

from __future__ import annotations

from dpkt.sctp import SCTP
from dpkt.tcp import TCP
from dpkt.udp import UDP

from ringscope.decode import apps
from ringscope.decode.address import grouped
from ringscope.decode.errors import Malformed
from ringscope.decode.names import TCP_FLAG_WORDS
from ringscope.decode.registry import decodes
from ringscope.decode.tree import application, declared, dns, tls
from ringscope.decode.tree.draft import IP_PROTOCOLS, Decoder, Draft, Frame
from ringscope.decode.tree.link import carried, ethernet

_APPLICATIONS: dict[str, Decoder] = {
    "tls": tls.tls,
    "http": application.http,
    "ssdp": application.ssdp,
    "ssh": application.ssh,
    "dhcp": application.dhcp,
    "ntp": application.ntp,
    "bgp": declared.bgp,
    "rip": declared.rip,
    "hsrp": declared.hsrp,
    "radius": declared.radius,
    "stun": declared.stun,
    "dns": dns.dns,
    "mdns": dns.mdns,
    "llmnr": dns.llmnr,
}


@decodes(IP_PROTOCOLS, 6)
def tcp(frame: Frame, at: int, end: int) -> None:
    """TCP (RFC 9293)."""
    draft = frame.open("tcp", "TCP", at)
    values = draft.header(TCP, at, end)
    header = values["off"] * 4
    size = max(end - at - header, 0)
    draft.title = (
        f"TCP  {values['sport']} → {values['dport']}  [{TCP_FLAG_WORDS[values['flags']]}]  "
        f"seq {grouped(values['seq'])}  {size} bytes"
    )
    if header < 20:
        raise Malformed(f"TCP header length {header}")
    if header > 20:
        frame.need(at, header, end, "TCP options")
        _options(draft, at + 20, at + header)
    payload = at + header
    stop = min(end, frame.size)
    # What lies behind a fragment's or a quoted header is only a beginning; its records would mislead.
    if payload >= stop or frame.piece:
        return
    name = apps.over_tcp(frame.data, payload, stop, (values["sport"], values["dport"]))
    if name:
        frame.piece = "segment"
        (dns.over_tcp if name == "dns" else _APPLICATIONS[name])(frame, payload, end)


_TCP_OPTIONS = {
    2: "Maximum segment size",
    3: "Window scale",
    4: "SACK permitted",
    5: "SACK",
    8: "Timestamps",
    19: "MD5 signature",
    28: "User timeout",
    29: "Authentication",
    30: "Multipath TCP",
    34: "Fast open cookie",
}


def _options(draft: Draft, at: int, stop: int) -> None:
    """TCP options (RFC 9293 section 3.2, RFC 7323, RFC 2018)."""
    while at < stop:
        kind = draft.data[at]
        if kind < 2:
            draft.add("No operation" if kind else "End of options", "", at, 1)
            at += 1
            continue
        size = draft.data[at + 1] if at + 1 < stop else 0
        if size < 2 or at + size > stop:
            raise Malformed(f"TCP option {kind} of length {size}, {stop - at} bytes left")
        draft.add(_TCP_OPTIONS.get(kind, f"Option {kind}"), _option(draft.data, kind, at + 2, size - 2), at, size)
        at += size


def _option(data: bytes, kind: int, at: int, size: int) -> str:
    raw = data[at : at + size]
    if kind == 2:
        return str(int.from_bytes(raw, "big"))
    if kind == 3 and size == 1:
        return f"{raw[0]} (multiply by {1 << min(raw[0], 14)})"
    numbers = [int.from_bytes(raw[place : place + 4], "big") for place in range(0, size - 3, 4)]
    if kind == 8 and size == 8:
        return f"value {numbers[0]}, echo reply {numbers[1]}"
    if kind == 5:
        pairs = zip(numbers[::2], numbers[1::2], strict=False)
        return ", ".join(f"{grouped(left)} - {grouped(right)}" for left, right in pairs)
    return raw.hex()


@decodes(IP_PROTOCOLS, 17)
def udp(frame: Frame, at: int, end: int) -> None:
    """UDP (RFC 768)."""
    draft = frame.open("udp", "UDP", at)
    values = draft.header(UDP, at, end)
    size = values["ulen"] or end - at
    draft.title = f"UDP  {values['sport']} → {values['dport']}  {max(size - 8, 0)} bytes"
    if frame.piece:
        return
    if size < 8:
        raise Malformed(f"UDP length {size}")
    if at + size > end:
        raise Malformed(f"UDP length {size}, {end - at} bytes left")
    end = at + size
    at += 8
    stop = min(end, frame.size)
    if at >= stop:
        return
    name = apps.over_udp(frame.data, at, stop, (values["sport"], values["dport"]))
    if name in _APPLICATIONS:
        _APPLICATIONS[name](frame, at, end)
    elif name == "vxlan" and frame.data[at] & 0x08:
        _vxlan(frame, at, end)
    elif name == "geneve" and not frame.data[at] >> 6:
        _geneve(frame, at, end)


def _vxlan(frame: Frame, at: int, end: int) -> None:
    """VXLAN (RFC 7348)."""
    draft = frame.open("vxlan", "VXLAN", at)
    frame.need(at, 8, end, "VXLAN header")
    network = int.from_bytes(frame.data[at + 4 : at + 7], "big")
    draft.title = f"VXLAN  network {network}"
    draft.add("Flags", f"0x{frame.data[at]:02x}", at, 1)
    draft.add("Network", str(network), at + 4, 3)
    draft.stop = at + 8
    ethernet(frame, at + 8, end)


def _geneve(frame: Frame, at: int, end: int) -> None:
    """GENEVE (RFC 8926)."""
    draft = frame.open("geneve", "GENEVE", at)
    frame.need(at, 8, end, "GENEVE header")
    network = int.from_bytes(frame.data[at + 4 : at + 7], "big")
    options = (frame.data[at] & 0x3F) * 4
    kind = frame.data[at + 2] << 8 | frame.data[at + 3]
    draft.title = f"GENEVE  network {network}"
    draft.add("Options length", str(options), at, 1, bits=(2, 6))
    draft.add("Protocol", f"0x{kind:04x}", at + 2, 2)
    draft.add("Network", str(network), at + 4, 3)
    if options:
        frame.need(at + 8, options, end, "GENEVE options")
        draft.add("Options", frame.data[at + 8 : at + 8 + options].hex(), at + 8, options)
    draft.stop = at + 8 + options
    carried(frame, kind, at + 8 + options, end)


@decodes(IP_PROTOCOLS, 132)
def sctp(frame: Frame, at: int, end: int) -> None:
    """SCTP (RFC 9260): each chunk, padded to four bytes."""
    draft = frame.open("sctp", "SCTP", at)
    values = draft.header(SCTP, at, end)
    draft.title = f"SCTP  {values['sport']} → {values['dport']}"
    at += 12
    while at < end:
        frame.need(at, 4, end, "SCTP chunk")
        size = frame.data[at + 2] << 8 | frame.data[at + 3]
        if size < 4:
            raise Malformed(f"SCTP chunk of length {size}")
        frame.need(at, size, end, "SCTP chunk")
        draft.add("Chunk", f"type {frame.data[at]}, {size} bytes", at, size)
        at += size + 3 & ~3
