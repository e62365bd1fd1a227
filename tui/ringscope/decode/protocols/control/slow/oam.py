# SPDX-License-Identifier: Apache-2.0
"""Operations and maintenance of an Ethernet link (IEEE 802.3 clause 57): who is at its other end, what goes wrong on
it, loopback."""

from __future__ import annotations

from collections.abc import Callable

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex2, hex4, hex8, is_set, mac, octets, plain
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

OAM = protocol("oampdu", "OAM", role="routing")

_CODES = {
    0: "Information",
    1: "Event Notification",
    2: "Variable Request",
    3: "Variable Response",
    4: "Loopback Control",
    0xFE: "Organization Specific",
}
_INFORMATION = {0: "End", 1: "Local information", 2: "Remote information", 0xFE: "Organization specific information"}
_EVENTS = {
    0: "End",
    1: "Errored symbol period",
    2: "Errored frame",
    3: "Errored frame period",
    4: "Errored frame seconds",
    0xFE: "Organization specific event",
}
_COMMANDS = {1: "enable remote loopback", 2: "disable remote loopback"}
_FLAGS = (
    ("Reserved", 9, plain),
    ("Remote stable", 1, is_set),
    ("Remote evaluating", 1, is_set),
    ("Local stable", 1, is_set),
    ("Local evaluating", 1, is_set),
    ("Critical event", 1, is_set),
    ("Dying gasp", 1, is_set),
    ("Link fault", 1, is_set),
)
_ALARMS = ((0x04, "critical event"), (0x02, "dying gasp"), (0x01, "link fault"))


@OAM.row
def row(row: Row, at: int, end: int) -> None:
    """The kind of message, and what is urgent."""
    row.need(at, 3, end, "OAM header")
    code = row.data[at + 2]
    words = [_CODES.get(code, f"code {code}"), *(name for bit, name in _ALARMS if row.data[at + 1] & bit)]
    row.info = "OAMPDU: " + ", ".join(words)


@OAM.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Flags, code, and what the code calls for."""
    draft = tree.open(OAM, at, end, "Ethernet OAM")
    draft.say()
    draft.flags("Flags", 2, hex4, *_FLAGS)
    code = draft.uint("Code", 1, _CODES)
    if code == 0:
        _list(draft, _INFORMATION, _information)
    elif code == 1:
        draft.uint("Sequence number", 2)
        _list(draft, _EVENTS, _event)
    elif code == 4:
        draft.uint("Command", 1, _COMMANDS)
    elif code == 0xFE:
        draft.raw("Organization", 3, mac)
    draft.rest("Data")


def _list(draft: Draft, names: dict[int, str], body: Callable[[Draft, int], None]) -> None:
    while draft.left:
        kind = draft.peek()
        if not kind:
            return
        with draft.group(names.get(kind, f"Type {kind}")):
            draft.uint("Type", 1, names)
            size = draft.uint("Length", 1)
            if size < 2:
                raise Malformed(f"length {size}")
            with draft.limited(size - 2):
                body(draft, kind)
                draft.rest("Value", octets)


def _information(draft: Draft, kind: int) -> None:
    if kind not in (1, 2):
        draft.raw("Organization", 3, mac)
        return
    draft.uint("Version", 1)
    draft.uint("Revision", 2)
    draft.uint("State", 1, hex2)
    draft.bits(
        1,
        ("Reserved", 3, plain),
        ("Variable retrieval", 1, is_set),
        ("Link events", 1, is_set),
        ("Remote loopback", 1, is_set),
        ("Unidirectional", 1, is_set),
        ("Active mode", 1, is_set),
    )
    draft.uint("Largest message", 2)
    draft.raw("Organization", 3, mac)
    draft.uint("Vendor information", 4, hex8)


def _event(draft: Draft, kind: int) -> None:
    """Windows and thresholds differ in size by kind."""
    sizes = {1: (8, 8, 8, 8, 4), 2: (2, 4, 4, 8, 4), 3: (4, 4, 4, 8, 4), 4: (2, 2, 2, 4, 4)}.get(kind)
    if sizes is None:
        return
    draft.uint("Time stamp", 2, lambda value: f"{value / 10:g} s")
    labels = ("Window", "Threshold", "Errors", "Errors since reset", "Events since reset")
    for label, size in zip(labels, sizes, strict=True):
        draft.uint(label, size)
