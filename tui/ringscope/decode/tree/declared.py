# SPDX-License-Identifier: Apache-2.0
"""Protocols shown as dpkt declares them, with little code of their own: fixed header, and the parts dpkt finds.

The title of each is what a row says.
"""

from __future__ import annotations

from struct import unpack_from
from typing import Any

from dpkt.bgp import BGP
from dpkt.hsrp import HSRP
from dpkt.radius import RADIUS
from dpkt.rip import RIP
from dpkt.stun import STUN

from ringscope.decode.rows import application as rows
from ringscope.decode.rows.row import Decoder as RowDecoder
from ringscope.decode.tree.draft import Decoder, Frame


def _declared(name: str, kind: type[Any], words: RowDecoder) -> Decoder:
    def decode(frame: Frame, at: int, end: int) -> None:
        draft = frame.open(name, name.upper(), at)
        draft.title = f"{draft.title}  {frame.words(words, at, end)}".rstrip()
        draft.header(kind, at, end)
        draft.parts(kind, at, end)

    return decode


bgp = _declared("bgp", BGP, rows.bgp)
rip = _declared("rip", RIP, rows.rip)
hsrp = _declared("hsrp", HSRP, rows.hsrp)
radius = _declared("radius", RADIUS, rows.radius)


def stun(frame: Frame, at: int, end: int) -> None:
    """STUN with its attributes (RFC 8489), which dpkt reads only on demand."""
    draft = frame.open("stun", "STUN", at)
    draft.title = f"STUN  {frame.words(rows.stun, at, end)}".rstrip()
    values = draft.header(STUN, at, end)
    at += 20
    stop = min(end, at + values["len"])
    while at < stop:
        frame.need(at, 4, stop, "STUN attribute")
        kind, size = unpack_from(">HH", frame.data, at)
        frame.need(at, 4 + size, stop, "STUN attribute")
        draft.add(f"Attribute 0x{kind:04x}", frame.data[at + 4 : at + 4 + size].hex(), at, 4 + size)
        at += 4 + (size + 3 & ~3)
