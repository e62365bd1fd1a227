# SPDX-License-Identifier: Apache-2.0
"""GRE with checksum, routing, key and sequence number (RFC 2784, RFC 2890, RFC 1701), as NVGRE (RFC 7637), in UDP
(RFC 8086), with WCCP's header, and version 1, which carries PPP for PPTP (RFC 2637)."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import coded, hex2, hex4, hex8, is_set, octets, plain
from ringscope.decode.names import ETHERTYPES as NAMES
from ringscope.decode.protocols.link.cmd import IN_GRE as METADATA
from ringscope.decode.protocols.tunnel.erspan import ERSPAN
from ringscope.decode.protocols.tunnel.erspan import TYPE_1 as ERSPAN_1
from ringscope.decode.registry import ETHERTYPES, PROTOCOLS, SAPS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

GRE = protocol("gre", "GRE", ip=(47,), udp=(4754,))

_CHECKSUM, _ROUTING, _KEY, _SEQUENCE, _ACKNOWLEDGED, _VERSION = 0x8000, 0x4000, 0x2000, 0x1000, 0x0080, 0x0007
_KEEPALIVE, _OSI, _CDP, _NHRP, _ETHERNET_OVER_IP, _FRAME_RELAY = 0x0000, 0x00FE, 0x2000, 0x2001, 0x6400, 0x6559
_WCCP, _MIRROR, _MIRROR_3, _METADATA = 0x883E, 0x88BE, 0x22EB, 0x8909
_WIRELESS = range(0x8200, 0x83C0, 16)  # Aruba's controllers: frames of 802.11
_INSIDE = {_NHRP: "nhrp", _ETHERNET_OVER_IP: "eth", _FRAME_RELAY: "fr", _CDP: "cdp", _MIRROR_3: "erspan"}
_OURS = {
    _KEEPALIVE: "Possible GRE keepalive packet",
    _OSI: "OSI",
    _CDP: "CDP",
    _NHRP: "NHRP",
    _ETHERNET_OVER_IP: "Ethernet over IP",
    _FRAME_RELAY: "Frame Relay",
    _WCCP: "WCCP",
    _MIRROR: "ERSPAN",
    _MIRROR_3: "ERSPAN III",
    0x880B: "PPP",
    _METADATA: "Cisco MetaData",
}
_TYPES = NAMES | _OURS
_MOST_ROUTES = 32


def _words(kind: int) -> str:
    return _TYPES.get(kind) or ("802.11" if kind in _WIRELESS else f"0x{kind:04x} (unknown)")


def _redirected(walk: Walk, at: int, end: int) -> bool:
    """WCCP: version 2 has a header of its own, version 1 none; the packet begins with IP's version."""
    return at < min(end, walk.size) and walk.data[at] >> 4 != 4


def _carried(walk: Walk, flags: int, kind: int, at: int, end: int) -> None:
    if at >= end and kind not in (_MIRROR, _MIRROR_3):
        return
    if kind == _MIRROR:
        # Type I has no header of its own, and no sequence number.
        walk.enter(ERSPAN if flags & _SEQUENCE else ERSPAN_1, at, end)
    elif kind == _METADATA:
        walk.enter(METADATA, at, end)
    elif kind in _INSIDE and _INSIDE[kind] in PROTOCOLS:
        walk.enter(PROTOCOLS[_INSIDE[kind]], at, end)
    elif kind == _WCCP:
        walk.by_ip_version(at, end)
    elif kind == _OSI and _OSI in SAPS:
        walk.by_sap(_OSI, at, end)
    elif kind in _WIRELESS:
        walk.enter(PROTOCOLS["wlan"], at, end)
    elif kind in ETHERTYPES:
        walk.by_ethertype(kind, at, end)


@GRE.row
def row(row: Row, at: int, end: int) -> None:
    """What it carries, where that is not known."""
    row.need(at, 4, end, "GRE header")
    flags, kind = unpack_from(">HH", row.data, at)
    row.info = f"Encapsulated {_words(kind)}"
    start = at
    at += 4
    if flags & _VERSION == 1:
        at += sum(4 for bit in (_KEY, _SEQUENCE, _ACKNOWLEDGED) if flags & bit)
        row.need(start, at - start, end, "GRE header")
        _carried(row, flags, kind, at, end)
    elif not flags & _VERSION:
        at += 4 if flags & (_CHECKSUM | _ROUTING) else 0
        at += sum(4 for bit in (_KEY, _SEQUENCE) if flags & bit)
        row.need(start, at - start, end, "GRE header")
        if flags & _ROUTING:
            at = _behind_routes(row, at, end)
        if kind == _WCCP and _redirected(row, at, end):
            at += 4
        _carried(row, flags, kind, at, end)


def _behind_routes(walk: Walk, at: int, end: int) -> int:
    for _ in range(_MOST_ROUTES):
        walk.need(at, 4, end, "GRE route")
        family, size = unpack_from(">HxB", walk.data, at)
        at += 4 + size
        if not family and not size:
            return at
    raise Malformed("more GRE routes than anybody needs")


@GRE.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header and the words that its flags announce."""
    draft = tree.open(GRE, at, end)
    flags = draft.flags(
        "Flags and version",
        2,
        hex4,
        ("Checksum present", 1, is_set),
        ("Routing present", 1, is_set),
        ("Key present", 1, is_set),
        ("Sequence number present", 1, is_set),
        ("Strict source route", 1, is_set),
        ("Recursion control", 3, plain),
        ("Acknowledgment present", 1, is_set),
        ("Reserved", 4, plain),
        ("Version", 3, plain),
    )[0]
    kind = draft.uint("Protocol", 2, coded(4, _TYPES))
    draft.title = f"GRE  carries {_words(kind)}"
    if flags & _VERSION == 1:
        _version_1(draft, flags)
    elif not flags & _VERSION:
        _version_0(draft, flags, kind)
    else:
        return
    _carried(tree, flags, kind, draft.at, end)


def _version_0(draft: Draft, flags: int, kind: int) -> None:
    if flags & (_CHECKSUM | _ROUTING):
        draft.uint("Checksum", 2, hex4, note="" if flags & _CHECKSUM else "not used")
        draft.uint("Offset", 2, hex4)
    if flags & _KEY:
        key = draft.uint("Key", 4, hex8)
        if kind == 0x6558:
            # NVGRE: a network's number and, in the last byte, what tells flows apart.
            draft.at -= 4
            network = draft.bits(4, ("Virtual subnet", 24, plain), ("Flow", 8, hex2))[0]
            draft.title += f"  virtual subnet {network}"
        else:
            draft.title += f"  key 0x{key:08x}"
    if flags & _SEQUENCE:
        draft.uint("Sequence number", 4)
    while flags & _ROUTING:
        with draft.group("Route"):
            family = draft.uint("Address family", 2)
            draft.uint("Offset", 1)
            size = draft.uint("Length", 1)
            draft.raw("Routing information", size, octets)
        if not family and not size:
            break
    if kind == _WCCP and _redirected(draft.tree, draft.at, draft.end):
        with draft.group("Redirect header"):
            draft.bits(
                1, ("Dynamic service", 1, is_set), ("Alternative bucket used", 1, is_set), ("Reserved", 6, plain)
            )
            draft.uint("Service", 1)
            draft.uint("Alternative bucket", 1)
            draft.uint("Primary bucket", 1)


def _version_1(draft: Draft, flags: int) -> None:
    if flags & _KEY:
        draft.uint("Payload length", 2)
        draft.uint("Call", 2)
    if flags & _SEQUENCE:
        draft.uint("Sequence number", 4)
    if flags & _ACKNOWLEDGED:
        draft.uint("Acknowledgment number", 4)
