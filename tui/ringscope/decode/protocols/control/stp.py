# SPDX-License-Identifier: Apache-2.0
"""Bridge protocol data units of the spanning tree protocols (IEEE 802.1D, 802.1w, 802.1s)."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.address import mac
from ringscope.decode.forms import coded, hex2, hex4
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

STP = protocol("stp", "STP", role="routing", sap=(0x42,), snap=((0x00000C, 0x010B), (0x00000C, 0x010C)))

_TYPES = {0x00: "configuration", 0x02: "rapid or multiple spanning tree", 0x80: "topology change notification"}
_VERSIONS = {0: "spanning tree", 2: "rapid spanning tree", 3: "multiple spanning tree", 4: "shortest path tree"}
_NOTIFICATION = 0x80


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
    name = "MST" if version >= 3 else "RST" if version == 2 else "Conf"
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
    draft.title = f"Spanning tree  {tree.words(STP, at, end)}".rstrip()
    draft.uint("Protocol", 2, hex4)
    draft.uint("Version", 1, _VERSIONS)
    if draft.uint("Type", 1, coded(2, _TYPES)) == _NOTIFICATION:
        return
    draft.uint("Flags", 1, hex2)
    draft.raw("Root bridge", 8, _bridge)
    draft.uint("Root path cost", 4)
    draft.raw("Bridge", 8, _bridge)
    draft.uint("Port", 2, hex4)
    for label in ("Message age", "Maximum age", "Hello time", "Forward delay"):
        draft.uint(label, 2, _time)
