# SPDX-License-Identifier: Apache-2.0
"""RTP and RTCP (RFC 3550, RFC 3551, RFC 4585). Nothing in them tells them for sure, so only those are named that a
session announces."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex4, hex8, is_set, plain, yes
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

RTP = protocol("rtp", "RTP")
RTCP = protocol("rtcp", "RTCP")

_PAYLOADS = {
    0: "ITU-T G.711 PCMU",
    3: "GSM 06.10",
    4: "ITU-T G.723",
    5: "DVI4 8000 samples/s",
    6: "DVI4 16000 samples/s",
    7: "Experimental linear predictive encoding from Xerox PARC",
    8: "ITU-T G.711 PCMA",
    9: "ITU-T G.722",
    10: "16-bit uncompressed audio, stereo",
    11: "16-bit uncompressed audio, monaural",
    12: "Qualcomm Code Excited Linear Predictive coding",
    13: "Comfort noise",
    14: "MPEG-I/II Audio",
    15: "ITU-T G.728",
    16: "DVI4 11025 samples/s",
    17: "DVI4 22050 samples/s",
    18: "ITU-T G.729",
    25: "Sun CellB video encoding",
    26: "JPEG-compressed video",
    28: "'nv' program",
    31: "ITU-T H.261",
    32: "MPEG-I/II Video",
    33: "MPEG-II transport streams",
    34: "ITU-T H.263",
}
_SENDER, _RECEIVER, _DESCRIPTION, _BYE, _APPLICATION, _TRANSPORT, _PAYLOAD = range(200, 207)
_PACKETS = {
    _SENDER: "Sender Report",
    _RECEIVER: "Receiver Report",
    _DESCRIPTION: "Source description",
    _BYE: "Goodbye",
    _APPLICATION: "Application specific",
    _TRANSPORT: "Generic RTP Feedback",
    _PAYLOAD: "Payload-specific Feedback",
    207: "Extended report (RFC 3611)",
}
_ITEMS = {1: "CNAME", 2: "NAME", 3: "EMAIL", 4: "PHONE", 5: "LOC", 6: "TOOL", 7: "NOTE", 8: "PRIV"}
_MOST = 16  # packets of a datagram


@RTCP.guard
def guard_rtcp(data: bytes, at: int, stop: int) -> bool:
    """Version 2 and a known kind of packet."""
    return stop - at >= 8 and data[at] >> 6 == 2 and data[at + 1] in _PACKETS


@RTP.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """Version 2, and none of the kinds that a control packet on the same port has (RFC 5761)."""
    return stop - at >= 12 and data[at] >> 6 == 2 and data[at + 1] not in _PACKETS


def _payload(number: int) -> str:
    if number >= 96:
        return f"DynamicRTP-Type-{number}"
    return _PAYLOADS.get(number, f"Unassigned-{number}")


@RTP.row
def row(row: Row, at: int, end: int) -> None:
    """What is carried, whose it is, and its numbers."""
    row.need(at, 12, end, "RTP header")
    kind, sequence, time, source = unpack_from(">xBHII", row.data, at)
    mark = ", Mark" if kind & 0x80 else ""
    row.info = f"PT={_payload(kind & 0x7F)}, SSRC=0x{source:X}, Seq={sequence}, Time={time}{mark}"


@RTP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header, and how much is behind it."""
    draft = tree.open(RTP, at, end)
    draft.say()
    parts = (("Version", 2, plain), ("Padding", 1, yes), ("Extension", 1, yes), ("Contributing sources", 4, plain))
    _, padded, extended, sources = draft.bits(1, *parts)
    draft.bits(1, ("Marker", 1, is_set), ("Payload type", 7, lambda number: f"{number} ({_payload(number)})"))
    draft.uint("Sequence number", 2)
    draft.uint("Timestamp", 4)
    draft.uint("Source (SSRC)", 4, hex8)
    for _ in range(sources):
        draft.uint("Contributing source", 4, hex8)
    if extended:
        with draft.group("Extension"):
            draft.uint("Profile", 2, hex4)
            draft.raw("Value", draft.uint("Length", 2, lambda words: f"{words} ({words * 4} bytes)") * 4)
    size = draft.left
    if size:
        draft.raw("Payload", size, lambda _: f"{size} bytes{', padding included' if padded else ''}")


@RTCP.row
def row_rtcp(row: Row, at: int, end: int) -> None:
    """The packets of the datagram."""
    words = []
    for _ in range(_MOST):
        if at + 4 > min(end, row.size) or row.data[at] >> 6 != 2:
            break
        kind, size = unpack_from(">xBH", row.data, at)
        words.append(_PACKETS.get(kind, f"packet type {kind}"))
        at += size * 4 + 4
    row.info = "   ".join(words)


@RTCP.layer
def layer_rtcp(tree: Tree, at: int, end: int) -> None:
    """Each packet: its sources and what is said of them."""
    draft = tree.open(RTCP, at, end)
    draft.say()
    for _ in range(_MOST):
        if not draft.left or draft.peek() >> 6 != 2:
            break
        _packet(draft)
    draft.rest("Data")


def _packet(draft: Draft) -> None:
    kind, size = draft.peek(1, 1), draft.peek(2, 2) * 4 + 4
    with draft.group("Packet", _PACKETS.get(kind, f"type {kind}")), draft.limited(size):
        _, _, count = draft.bits(1, ("Version", 2, plain), ("Padding", 1, yes), ("Count or format", 5, plain))
        draft.uint("Type", 1, _PACKETS)
        draft.uint("Length", 2, lambda words: f"{words} ({words * 4 + 4} bytes)")
        if kind in (_SENDER, _RECEIVER):
            draft.uint("Sender (SSRC)", 4, hex8)
            if kind == _SENDER:
                _sender(draft)
            for _ in range(count):
                _report(draft)
        elif kind == _DESCRIPTION:
            for _ in range(count):
                _chunk(draft)
        elif kind == _BYE:
            for _ in range(count):
                draft.uint("Source (SSRC)", 4, hex8)
        draft.rest("Data")


def _sender(draft: Draft) -> None:
    draft.uint("NTP seconds", 4)
    draft.uint("NTP fraction", 4)
    draft.uint("RTP timestamp", 4)
    draft.uint("Packets sent", 4)
    draft.uint("Bytes sent", 4)


def _report(draft: Draft) -> None:
    source = draft.peek(4)
    with draft.group("Report", f"of 0x{source:08x}"):
        draft.uint("Source (SSRC)", 4, hex8)
        draft.uint("Fraction lost", 1, lambda value: f"{value} / 256")
        draft.sint("Packets lost", 3)
        draft.uint("Highest sequence number", 4)
        draft.uint("Jitter", 4)
        draft.uint("Last sender report", 4, hex8)
        draft.uint("Delay since it", 4, lambda value: f"{value} / 65536 s")


def _chunk(draft: Draft) -> None:
    draft.uint("Source (SSRC)", 4, hex8)
    start = draft.at
    while draft.left and draft.peek():
        with draft.group(_ITEMS.get(draft.peek(), f"Item {draft.peek()}")) as group:
            draft.uint("Type", 1, _ITEMS)
            group.display = draft.text("Value", draft.uint("Length", 1))
    # A zero byte ends the items, and more follow until the next word.
    padding = min(4 - (draft.at - start) % 4, draft.left)
    if padding:
        draft.raw("Padding", padding)
