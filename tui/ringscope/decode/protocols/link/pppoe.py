# SPDX-License-Identifier: Apache-2.0
"""PPP over Ethernet (RFC 2516): sessions, and the discovery before them."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.forms import coded, hex2, hex4, plain
from ringscope.decode.registry import PROTOCOLS, protocol
from ringscope.decode.row import Row
from ringscope.decode.text import wire_text
from ringscope.decode.tree import Tree

SESSION = protocol("pppoes", "PPPoES", ethertype=(0x8864,))
DISCOVERY = protocol("pppoed", "PPPoED", ethertype=(0x8863,))

_CODES = {
    0x00: "Session Data",
    0x07: "Active Discovery Offer (PADO)",
    0x09: "Active Discovery Initiation (PADI)",
    0x19: "Active Discovery Request (PADR)",
    0x65: "Active Discovery Session-confirmation (PADS)",
    0xA7: "Active Discovery Terminate (PADT)",
}
_TAGS = {
    0x0000: "End of list",
    0x0101: "Service name",
    0x0102: "Access concentrator name",
    0x0103: "Host-uniq",
    0x0104: "AC cookie",
    0x0105: "Vendor-specific",
    0x0110: "Relay session",
    0x0120: "Maximum payload",
    0x0201: "Service name error",
    0x0202: "Access concentrator error",
    0x0203: "Generic error",
}
_TEXTS = frozenset({0x0101, 0x0102, 0x0201, 0x0202, 0x0203})


@SESSION.row
def session_row(row: Row, at: int, end: int) -> None:
    """The session, where nothing inside is known."""
    row.need(at, 6, end, "PPPoE header")
    session, size = unpack_from(">HH", row.data, at + 2)
    row.info = f"session 0x{session:04x}"
    row.enter(PROTOCOLS["ppp"], at + 6, min(at + 6 + size, end))


@SESSION.layer
def session_layer(tree: Tree, at: int, end: int) -> None:
    """The header of a session."""
    draft = tree.open(SESSION, at, end, "PPPoE session")
    draft.bits(1, ("Version", 4, plain), ("Type", 4, plain))
    draft.uint("Code", 1, coded(2, _CODES))
    session = draft.uint("Session", 2, hex4)
    size = draft.uint("Length", 2)
    draft.title = f"PPPoE  session 0x{session:04x}"
    end = min(end, draft.at + size)
    tree.narrow(end)
    tree.enter(PROTOCOLS["ppp"], draft.at, end)


@DISCOVERY.row
def discovery_row(row: Row, at: int, end: int) -> None:
    """What is asked or told."""
    row.need(at, 6, end, "PPPoE header")
    row.info = _CODES.get(row.data[at + 1], f"code 0x{row.data[at + 1]:02x}")


@DISCOVERY.layer
def discovery_layer(tree: Tree, at: int, end: int) -> None:
    """The tags, each with its value."""
    draft = tree.open(DISCOVERY, at, end, "PPPoE discovery")
    draft.bits(1, ("Version", 4, plain), ("Type", 4, plain))
    code = draft.uint("Code", 1, coded(2, _CODES))
    draft.title = f"PPPoE discovery  {_CODES.get(code, hex2(code))}"
    draft.uint("Session", 2, hex4)
    size = draft.uint("Length", 2)
    draft.end = min(end, draft.at + size)
    tree.narrow(draft.end)
    while draft.left:
        kind = draft.peek(2)
        with draft.group(_TAGS.get(kind, f"Tag 0x{kind:04x}")) as group:
            draft.uint("Type", 2, hex4)
            length = draft.uint("Length", 2)
            group.display = f"{length} bytes"
            if kind in _TEXTS:
                group.display = wire_text(draft.raw("Value", length, wire_text))
            elif length:
                draft.raw("Value", length)
