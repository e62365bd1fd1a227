# SPDX-License-Identifier: Apache-2.0
"""DCCP (RFC 4340): datagrams with congestion control. Sequence numbers have six bytes, or three where the header says
so."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex4, octets, plain, words4, yes
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree
from ringscope.decode.walk import Walk

DCCP = protocol("dccp", "DCCP", role="udp", ip=(33,))

_REQUEST, _RESPONSE, _DATA, _RESET = 0, 1, 2, 7
_TYPES = {
    _REQUEST: "Request",
    _RESPONSE: "Response",
    _DATA: "Data",
    3: "Ack",
    4: "DataAck",
    5: "CloseReq",
    6: "Close",
    _RESET: "Reset",
    8: "Sync",
    9: "SyncAck",
}
_CODES = {
    0: "Unspecified",
    1: "Closed",
    2: "Aborted",
    3: "No Connection",
    4: "Packet Error",
    5: "Option Error",
    6: "Mandatory Error",
    7: "Connection Refused",
    8: "Bad Service Code",
    9: "Too Busy",
    10: "Bad Init Cookie",
    11: "Aggression Penalty",
}
_OPTIONS = {
    0: "Padding",
    1: "Mandatory",
    2: "Slow receiver",
    32: "Change L",
    33: "Confirm L",
    34: "Change R",
    35: "Confirm R",
    36: "Init cookie",
    37: "NDP count",
    38: "Ack vector, nonce 0",
    39: "Ack vector, nonce 1",
    40: "Data dropped",
    41: "Timestamp",
    42: "Timestamp echo",
    43: "Elapsed time",
    44: "Data checksum",
}
_FEATURES = {
    1: "Congestion control ID",
    2: "Allow short sequence numbers",
    3: "Sequence window",
    4: "ECN incapable",
    5: "Ack ratio",
    6: "Send ack vector",
    7: "Send NDP count",
    8: "Minimum checksum coverage",
    9: "Check data checksum",
}
_NEGOTIATION = frozenset({32, 33, 34, 35})
_SINGLE = 32  # options below are one byte


def _acknowledgment(walk: Walk, at: int, *, extended: bool) -> tuple[int, int]:
    """The number, and the size of what holds it."""
    size = 8 if extended else 4
    return int.from_bytes(walk.data[at + (2 if extended else 1) : at + size], "big"), size


@DCCP.row
def row(row: Row, at: int, end: int) -> None:
    """Ports, type, numbers."""
    row.need(at, 12, end, "DCCP header")
    data = row.data
    source, destination = unpack_from(">HH", data, at)
    kind, extended = data[at + 8] >> 1 & 15, bool(data[at + 8] & 1)
    row.info = f"{source} → {destination} [{_TYPES.get(kind, f'type {kind}')}]"
    place = at + (16 if extended else 12)
    row.need(at, place - at, end, "DCCP header")
    row.info += f" Seq={int.from_bytes(data[at + 10 if extended else at + 9 : place], 'big')}"
    if kind not in (_REQUEST, _DATA):
        row.need(place, 8 if extended else 4, end, "DCCP acknowledgment")
        number, size = _acknowledgment(row, place, extended=extended)
        place += size
        row.info += f" (Ack={number})"
    if kind in (_REQUEST, _RESPONSE):
        row.need(place, 4, end, "DCCP service code")
        row.info += f" (service={_service(int.from_bytes(data[place : place + 4], 'big'))})"
    elif kind == _RESET:
        row.need(place, 4, end, "DCCP reset")
        row.info += f" (code={_CODES.get(data[place], str(data[place]))})"


def _service(value: int) -> str:
    raw = value.to_bytes(4, "big")
    if not value:
        return "not specified"
    return raw.decode("ascii") if raw.isascii() and raw.decode("ascii").isprintable() else str(value)


@DCCP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header, its options, and what it carries as bytes."""
    draft = tree.open(DCCP, at, end)
    draft.say()
    draft.uint("Source port", 2)
    draft.uint("Destination port", 2)
    size = draft.uint("Data offset", 1, words4) * 4
    draft.bits(1, ("CCVal", 4, plain), ("Checksum coverage", 4, plain))
    draft.uint("Checksum", 2, hex4)
    _, kind, extended = draft.bits(1, ("Reserved", 3, plain), ("Type", 4, _TYPES), ("Extended numbers", 1, yes))
    if extended:
        draft.uint("Reserved", 1)
    draft.uint("Sequence number", 6 if extended else 3)
    if kind not in (_REQUEST, _DATA):
        draft.uint("Reserved", 2 if extended else 1)
        draft.uint("Acknowledgment number", 6 if extended else 3)
    if kind in (_REQUEST, _RESPONSE):
        draft.uint("Service code", 4, _service)
    elif kind == _RESET:
        draft.uint("Reset code", 1, _CODES)
        draft.raw("Reset data", 3)
    if at + size < draft.at:
        raise Malformed(f"DCCP data offset {size}")
    with draft.limited(at + size - draft.at):
        _options(draft)


def _options(draft: Draft) -> None:
    while draft.left:
        kind = draft.peek()
        if kind < _SINGLE:
            draft.uint("Option", 1, _OPTIONS)
            continue
        size = draft.peek(1, 1) if draft.left > 1 else 0
        if size < 2 or size > draft.left:
            draft.rest("Unreadable options")
            return
        with draft.group(_OPTIONS.get(kind, f"Option {kind}")) as group:
            draft.uint("Type", 1, _OPTIONS)
            draft.uint("Length", 1)
            if kind in _NEGOTIATION and size > 2:
                feature = draft.uint("Feature", 1, _FEATURES)
                value = draft.raw("Value", size - 3)
                group.display = f"{_FEATURES.get(feature, str(feature))} {octets(value)}".rstrip()
            else:
                group.display = octets(draft.raw("Value", size - 2))
