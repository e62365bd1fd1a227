# SPDX-License-Identifier: Apache-2.0
"""Slow protocols of organizations (IEEE 802.3 annex 57B); ITU-T's is ESMC, the quality of a clock (ITU-T G.8264)."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import coded, hex4, is_set, mac, plain
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

OSSP = protocol("ossp", "OSSP", role="routing")

_ITU = b"\x00\x19\xa7"
_QUALITY = 1
_LEVELS = {0: "QL-STU", 2: "QL-PRC", 4: "QL-SSU-A", 8: "QL-SSU-B", 11: "QL-EEC1", 15: "QL-DNU"}
_EXTENDED = {0x20: "QL-PRTC", 0x21: "QL-ePRTC", 0x22: "QL-eEEC", 0x23: "QL-ePRC"}


@OSSP.row
def row(row: Row, at: int, end: int) -> None:
    """Whose; and the clock's quality."""
    row.need(at, 3, end, "organization")
    organization = row.data[at : at + 3]
    row.info = f"organization {mac(organization)}, {end - at - 3} bytes"
    if organization != _ITU:
        return
    row.protocol = "ESMC"
    row.need(at + 3, 11, end, "ESMC")
    event = row.data[at + 5] & 0x08
    level = row.data[at + 12] & 0x0F
    row.info = f"Event:{'Time-critical' if event else 'Information'}, {_LEVELS.get(level, f'QL-INV{level}')}"


@OSSP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The organization; of ITU-T's also what is inside."""
    draft = tree.open(OSSP, at, end, "Organization specific slow protocol")
    draft.say()
    if draft.raw("Organization", 3, mac) != _ITU:
        draft.rest("Data")
        return
    draft.uint("ITU-T subtype", 2, {1: "ESMC"})
    draft.bits(1, ("Version", 4, plain), ("Event", 1, {0: "information", 1: "time-critical"}), ("Reserved", 3, plain))
    draft.raw("Reserved", 3)
    while draft.left and draft.peek():
        _quality(draft)
    draft.rest("Padding")


def _quality(draft: Draft) -> None:
    kind = draft.peek()
    with draft.group("Quality level" if kind == _QUALITY else "Extended quality level") as group:
        draft.uint("Type", 1)
        size = draft.uint("Length", 2)
        if size < 4:
            raise Malformed(f"length {size}")
        with draft.limited(size - 3):
            if kind == _QUALITY:
                level = draft.bits(1, ("Unused", 4, plain), ("Level", 4, _LEVELS))[1]
                group.display = _LEVELS.get(level, f"QL-INV{level}")
            else:
                level = draft.uint("Enhanced code", 1, coded(2, _EXTENDED))
                group.display = _EXTENDED.get(level, hex4(level))
                draft.raw("Clock", 8, mac)
                draft.bits(1, ("Reserved", 6, plain), ("Mixed", 1, is_set), ("Partial chain", 1, is_set))
                draft.uint("Cascaded eEECs", 1)
                draft.uint("Cascaded EECs", 1)
            draft.rest("Rest")
