# SPDX-License-Identifier: Apache-2.0
"""Bridge protocol data units of the spanning tree protocols (IEEE 802.1D, 802.1w, 802.1s, 802.1aq), and Cisco's, one
tree a VLAN, which has the VLAN behind it."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.address import mac
from ringscope.decode.draft import Bits, Draft
from ringscope.decode.forms import coded, hex2, hex4, is_set, octets, padded_text
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

STP = protocol("stp", "STP", role="routing", sap=(0x42,), snap=((0x00000C, 0x010B), (0x00000C, 0x010C)))

_CONFIGURATION, _RAPID, _NOTIFICATION = 0x00, 0x02, 0x80
_TYPES = {
    _CONFIGURATION: "configuration",
    _RAPID: "rapid or multiple spanning tree",
    _NOTIFICATION: "topology change notification",
}
_MULTIPLE, _SHORTEST = 3, 4
_VERSIONS = {
    0: "spanning tree",
    2: "rapid spanning tree",
    _MULTIPLE: "multiple spanning tree",
    _SHORTEST: "shortest path tree",
}
_NAMES = {_MULTIPLE: "MST", _SHORTEST: "SPT", 2: "RST"}
_ROLES = {0: "unknown", 1: "alternate or backup", 2: "root", 3: "designated"}
_LETTERS = {1: "alternate", 2: "root", 3: "designated"}
_FLAGS: tuple[Bits, ...] = (
    ("Topology change acknowledgment", 1, is_set),
    ("Agreement", 1, is_set),
    ("Forwarding", 1, is_set),
    ("Learning", 1, is_set),
    ("Port role", 2, _ROLES),
    ("Proposal", 1, is_set),
    ("Topology change", 1, is_set),
)
_INSTANCE, _FIXED = 16, 64  # bytes of one instance, and of version 3 before the instances
_ORIGIN = 0


@STP.row
def row(row: Row, at: int, end: int) -> None:
    """The root, and how far it is."""
    row.need(at, 4, end, "BPDU")
    kind = row.data[at + 3]
    if kind == _NOTIFICATION:
        row.info = "Topology Change Notification"
        return
    row.need(at, 35, end, "BPDU")
    version, flags = row.data[at + 2], row.data[at + 4]
    priority, address, cost = unpack_from(">H6sI", row.data, at + 5)
    (port,) = unpack_from(">H", row.data, at + 25)
    name = _NAMES.get(version, "Conf") if kind == _RAPID else "Conf"
    change = "TC + " if flags & 1 else ""
    row.info = (
        f"{name}. {change}Root = {priority & 0xF000}/{priority & 0xFFF}/{mac(address)}  "
        f"Cost = {cost}  Port = 0x{port:04x}"
    )


def _bridge(value: bytes) -> str:
    number = value[0] << 8 | value[1]
    return f"{number & 0xF000}/{number & 0xFFF}/{mac(value[2:])}"


def _time(value: int) -> str:
    return f"{value / 256:g} s"


@STP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """A notification ends after its type."""
    draft = tree.open(STP, at, end, "Spanning tree")
    draft.say()
    draft.uint("Protocol", 2, hex4)
    version = draft.uint("Version", 1, _VERSIONS)
    kind = draft.uint("Type", 1, coded(2, _TYPES))
    if kind == _NOTIFICATION:
        return
    if kind == _CONFIGURATION:
        draft.flags("Flags", 1, hex2, _FLAGS[0], ("Reserved", 6, str), _FLAGS[-1])
    else:
        draft.flags("Flags", 1, hex2, *_FLAGS)
    draft.raw("Root bridge", 8, _bridge)
    draft.uint("Root path cost", 4)
    draft.raw("Regional root" if version >= _MULTIPLE else "Bridge", 8, _bridge)
    draft.uint("Port", 2, hex4)
    for label in ("Message age", "Maximum age", "Hello time", "Forward delay"):
        draft.uint(label, 2, _time)
    if kind == _RAPID and draft.left:
        draft.uint("Version 1 length", 1)
        if version >= _MULTIPLE and draft.left >= 2:
            _version_3(draft)
    _origin(draft)


def _version_3(draft: Draft) -> None:
    """The regions of multiple spanning trees, and each tree in this one."""
    size = draft.uint("Version 3 length", 2)
    if size < _FIXED:
        return
    with draft.limited(size):
        with draft.group("Configuration") as group:
            draft.uint("Format", 1)
            name = draft.raw("Name", 32, padded_text)
            revision = draft.uint("Revision", 2)
            draft.raw("Digest", 16)
            group.display = f"{padded_text(name)}, revision {revision}"
        draft.uint("Internal root path cost", 4)
        draft.raw("Bridge", 8, _bridge)
        draft.uint("Remaining hops", 1)
        while draft.left >= _INSTANCE:
            _instance(draft)
        draft.rest("Rest")


def _instance(draft: Draft) -> None:
    with draft.group("Instance") as group:
        role = draft.flags("Flags", 1, hex2, ("Master", 1, is_set), *_FLAGS[1:])[5]
        root = draft.raw("Regional root", 8, _bridge)
        draft.uint("Internal root path cost", 4)
        draft.uint("Bridge priority", 1, lambda value: str((value & 0xF0) << 8))
        draft.uint("Port priority", 1, lambda value: str(value & 0xF0))
        draft.uint("Remaining hops", 1)
        number = (root[0] << 8 | root[1]) & 0xFFF
        group.display = f"{number}, {_LETTERS.get(role, 'unknown')} port, root {_bridge(root)}"


def _origin(draft: Draft) -> None:
    """The VLAN that a tree of Cisco's is for: a type of two bytes, a length, and the number."""
    if draft.left >= 6:
        # Version 2 pads its length of version 1 with a byte; the type begins on the next even one.
        draft.raw("Padding", (draft.at - draft.start) & 1)
        if draft.left >= 6 and draft.peek(4) == _ORIGIN << 16 | 2:
            with draft.group("Originating VLAN") as group:
                draft.uint("Type", 2)
                draft.uint("Length", 2)
                group.display = str(draft.uint("VLAN", 2))
    draft.rest("Rest", octets)
