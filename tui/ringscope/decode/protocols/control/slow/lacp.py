# SPDX-License-Identifier: Apache-2.0
"""Link aggregation: LACP, in which two systems tell each other what they think of both, and its marker protocol
(IEEE 802.1AX clauses 6.4 and 6.5)."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex2, hex8, is_set, mac
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

LACP = protocol("lacp", "LACP", role="routing")
MARKER = protocol("marker", "Marker", role="routing")

_LETTERS = "EFDCSGSA"  # Wireshark writes a short timeout as S, as it does synchronization
_STATES = (
    "Expired",
    "Defaulted",
    "Distributing",
    "Collecting",
    "Synchronization",
    "Aggregation",
    "Timeout",
    "Activity",
)
_PARTS = {
    0: "Terminator",
    1: "Actor",
    2: "Partner",
    3: "Collector",
    4: "Port algorithm",
    5: "Port conversation ID digest",
    6: "Port conversation mask",
    10: "Port conversation service mapping digest",
}
_MARKERS = {0: "Terminator", 1: "Marker information", 2: "Marker response"}
_COLLECTOR = 3


def _state(value: int) -> str:
    """One letter for each flag that is set, from the highest bit on."""
    return "".join(letter if value >> (7 - place) & 1 else "*" for place, letter in enumerate(_LETTERS))


def _end(data: bytes, at: int) -> str:
    key, _, port, state = unpack_from(">HHHB", data, at + 8)
    return f"{mac(data[at + 2 : at + 8])} P: {port} K: {key} {_state(state)}"


@LACP.row
def row(row: Row, at: int, end: int) -> None:
    """What the sender says of itself and of the other side."""
    row.need(at, 1, end, "LACP version")
    row.info = f"v{row.data[at]}"
    for name, place in (("ACTOR", at + 3), ("PARTNER", at + 23)):
        row.need(place, 15, end, "LACP information")
        row.info += f" {name} {_end(row.data, place)}"


@LACP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """A list of types and lengths, up to a terminator."""
    draft = tree.open(LACP, at, end)
    draft.say()
    draft.uint("Version", 1)
    while draft.left:
        kind = draft.peek()
        with draft.group(_PARTS.get(kind, f"Type {kind}")) as group:
            size = _head(draft, _PARTS)
            if not kind:
                break
            with draft.limited(size - 2):
                if kind in (1, 2):
                    group.display = _side(draft)
                elif kind == _COLLECTOR:
                    group.display = f"maximum delay {draft.uint('Maximum delay', 2)}"
                draft.rest("Reserved")
    draft.rest("Reserved")


def _head(draft: Draft, names: dict[int, str]) -> int:
    kind = draft.uint("Type", 1, names)
    size = draft.uint("Length", 1)
    if kind and size < 2:
        raise Malformed(f"length {size}")
    return size


def _side(draft: Draft) -> str:
    draft.uint("System priority", 2)
    system = draft.raw("System", 6, mac)
    draft.uint("Key", 2)
    draft.uint("Port priority", 2)
    port = draft.uint("Port", 2)
    flags = draft.flags("State", 1, hex2, *((name, 1, is_set) for name in _STATES))[0]
    return f"{mac(system)} port {port} {_state(flags)}"


@MARKER.row
def marker_row(row: Row, at: int, end: int) -> None:
    """Question or answer, and whose."""
    row.need(at, 16, end, "marker")
    port, transaction = unpack_from(">H6xI", row.data, at + 3)
    kind = {1: "Information", 2: "Response"}.get(row.data[at + 1], f"type {row.data[at + 1]}")
    row.info = f"{kind} SysId={mac(row.data[at + 5 : at + 11])}, P={port}, TId={transaction}"


@MARKER.layer
def marker_layer(tree: Tree, at: int, end: int) -> None:
    """One marker."""
    draft = tree.open(MARKER, at, end, "Marker protocol")
    draft.say()
    draft.uint("Version", 1)
    _head(draft, _MARKERS)
    draft.uint("Port", 2)
    draft.raw("System", 6, mac)
    draft.uint("Transaction", 4, hex8)
    draft.uint("Padding", 2)
    _head(draft, _MARKERS)
    draft.rest("Reserved")
