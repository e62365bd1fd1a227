# SPDX-License-Identifier: Apache-2.0
"""PPP (RFC 1661) as a link of its own or inside PPPoE and tunnels, in HDLC-like framing (RFC 1662) or bare.

Address and control (ff 03) may be left out, and the protocol number may be one byte (RFC 1661 section 6.5 and 6.6).
"""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import coded, hex2
from ringscope.decode.registry import PPPS, PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

PPP = protocol("ppp", "PPP", link=(9, 50), ethertype=(0x880B,))

_NAMES = {
    0x0021: "IPv4",
    0x002D: "Van Jacobson compressed TCP/IP",
    0x002F: "Van Jacobson uncompressed TCP/IP",
    0x0031: "Bridging",
    0x003D: "Multilink",
    0x0057: "IPv6",
    0x00FD: "Compressed datagram",
    0x0281: "MPLS",
    0x8021: "IPCP",
    0x8057: "IPV6CP",
    0x8053: "Encryption control",
    0x80FD: "CCP",
    0x8281: "MPLSCP",
    0xC021: "LCP",
    0xC023: "PAP",
    0xC025: "Link quality report",
    0xC223: "CHAP",
    0xC227: "EAP",
}
_HDLC = (0x0F00, 0x8F00)  # unicast and broadcast of Cisco HDLC, which shares the link type


def _starts(data: bytes, at: int) -> tuple[int, int]:
    """Where the protocol number stands, and how many bytes it has. Raises IndexError beyond the captured bytes."""
    if data.startswith(b"\xff\x03", at):
        at += 2
    return at, 1 if data[at] & 1 else 2


@PPP.row
def row(row: Row, at: int, end: int) -> None:
    """The protocol number, where nothing inside is known."""
    row.need(at, 2, end, "PPP header")
    if at == 0 and row.data[0] << 8 | row.data[1] in _HDLC and "chdlc" in PROTOCOLS:
        row.names.pop()
        row.enter(PROTOCOLS["chdlc"], at, end)
        return
    place, size = _starts(row.data, at)
    row.need(place, size, end, "PPP header")
    kind = int.from_bytes(row.data[place : place + size], "big")
    row.info = f"{_NAMES.get(kind, f'protocol 0x{kind:04x}')}, {max(end - place - size, 0)} bytes"
    if kind in PPPS:
        row.by_ppp(kind, place + size, end)


@PPP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header, as much of it as is there."""
    if at == 0 and tree.data[:2] in (b"\x0f\x00", b"\x8f\x00") and "chdlc" in PROTOCOLS:
        tree.enter(PROTOCOLS["chdlc"], at, end)
        return
    draft = tree.open(PPP, at, end)
    draft.peek(2)
    kind = header(draft)
    draft.title = f"PPP  {_NAMES.get(kind, f'protocol 0x{kind:04x}')}"
    tree.by_ppp(kind, draft.at, end)


def header(draft: Draft) -> int:
    """Read the header; returns the protocol number."""
    place, size = _starts(draft.data, draft.at)
    if place > draft.at:
        draft.uint("Address", 1, hex2)
        draft.uint("Control", 1, hex2)
    return draft.uint("Protocol", size, coded(4, _NAMES))
