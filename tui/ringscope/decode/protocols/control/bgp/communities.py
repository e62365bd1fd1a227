# SPDX-License-Identifier: Apache-2.0
"""Communities of BGP: plain (RFC 1997), extended (RFC 4360, RFC 5668, RFC 5701, RFC 7432, RFC 8955) and large
(RFC 8092)."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.address import ipv4, ipv6, mac
from ringscope.decode.draft import Draft
from ringscope.decode.protocols.control.bgp.names import COMMUNITIES
from ringscope.decode.values import listed

_SUBTYPES = {
    0x02: "route target",
    0x03: "route origin",
    0x04: "link bandwidth",
    0x05: "OSPF domain",
    0x08: "BGP data collection",
    0x09: "source AS",
    0x0A: "L2VPN identifier",
    0x0B: "VRF route import",
    0x10: "Cisco VPN distinguisher",
}
_OPAQUE = {0x01: "cost", 0x06: "OSPF route type", 0x0B: "color", 0x0C: "encapsulation", 0x0D: "default gateway"}
_EVPN = {
    0x00: "MAC mobility",
    0x01: "ESI label",
    0x02: "ES import",
    0x03: "EVPN router MAC",
    0x04: "EVPN layer 2 attributes",
    0x06: "DF election",
    0x08: "ARP/ND",
}
_FLOW = {0x06: "traffic rate", 0x07: "traffic action", 0x08: "redirect", 0x09: "traffic marking", 0x0A: "layer 2 info"}
_ENCAPSULATIONS = {1: "L2TPv3", 2: "GRE", 7: "IP in IP", 8: "VXLAN", 9: "NVGRE", 10: "MPLS", 13: "MPLS in UDP"}


def _plain(raw: bytes) -> str:
    number = int.from_bytes(raw, "big")
    return COMMUNITIES.get(number) or f"{number >> 16}:{number & 0xFFFF}"


def _large(raw: bytes) -> str:
    return ":".join(str(part) for part in unpack_from(">III", raw))


def extended_text(raw: bytes) -> str:
    """One extended community in words, "route target 65000:1"."""
    kind, sub = raw[0] & 0xBF, raw[1]
    name = _SUBTYPES.get(sub, f"0x{raw[0]:02x}{sub:02x}")
    if kind == 0x00:
        administrator, number = unpack_from(">HI", raw, 2)
        return f"{name} {administrator}:{number}"
    if kind == 0x01:
        return f"{name} {ipv4(raw[2:6])}:{unpack_from('>H', raw, 6)[0]}"
    if kind == 0x02:
        administrator, number = unpack_from(">IH", raw, 2)
        return f"{name} {administrator}:{number}"
    if kind == 0x03:
        return _opaque(sub, raw)
    if kind == 0x06:
        return _evpn(sub, raw)
    if kind in (0x80, 0x81, 0x82):
        return _flow(kind, sub, raw)
    return raw.hex()


def _opaque(sub: int, raw: bytes) -> str:
    name = _OPAQUE.get(sub, f"opaque 0x{sub:02x}")
    if sub == 0x0B:
        return f"{name} {unpack_from('>I', raw, 4)[0]}"
    if sub == 0x0C:
        (kind,) = unpack_from(">H", raw, 6)
        return f"{name} {_ENCAPSULATIONS.get(kind, str(kind))}"
    return name if sub == 0x0D else f"{name} {raw[2:].hex()}"


def _evpn(sub: int, raw: bytes) -> str:
    name = _EVPN.get(sub, f"EVPN 0x{sub:02x}")
    if sub == 0x00:
        return f"{name} {unpack_from('>I', raw, 4)[0]}{' (static)' if raw[2] & 1 else ''}"
    if sub == 0x01:
        return f"{name} {int.from_bytes(raw[5:8], 'big') >> 4}{' (single-active)' if raw[2] & 1 else ''}"
    if sub in (0x02, 0x03):
        return f"{name} {mac(raw[2:])}"
    return f"{name} {raw[2:].hex()}"


def _flow(kind: int, sub: int, raw: bytes) -> str:
    name = _FLOW.get(sub, f"0x{kind:02x}{sub:02x}")
    if sub == 0x06:
        return f"{name} {unpack_from('>f', raw, 4)[0]:g} bytes/s"
    if sub == 0x08 and kind == 0x80:
        administrator, number = unpack_from(">HI", raw, 2)
        return f"{name} {administrator}:{number}"
    if sub == 0x08 and kind == 0x81:
        return f"{name} {ipv4(raw[2:6])}:{unpack_from('>H', raw, 6)[0]}"
    if sub == 0x09:
        return f"{name} DSCP {raw[7] & 0x3F}"
    return f"{name} {raw[2:].hex()}"


def _extended6(raw: bytes) -> str:
    name = _SUBTYPES.get(raw[1], f"0x{raw[0]:02x}{raw[1]:02x}")
    return f"{name} {ipv6(raw[2:18])}:{raw[18] << 8 | raw[19]}"


def community(draft: Draft, size: int) -> str:
    """RFC 1997."""
    return listed(4, _plain, "Community")(draft, size)


def extended(draft: Draft, size: int) -> str:
    """RFC 4360."""
    return listed(8, extended_text, "Community")(draft, size)


def extended6(draft: Draft, size: int) -> str:
    """RFC 5701."""
    return listed(20, _extended6, "Community")(draft, size)


def large(draft: Draft, size: int) -> str:
    """RFC 8092."""
    return listed(12, _large, "Community")(draft, size)
