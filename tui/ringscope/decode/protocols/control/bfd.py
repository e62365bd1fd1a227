# SPDX-License-Identifier: Apache-2.0
"""Bidirectional forwarding detection: control packets (RFC 5880), also over several hops (RFC 5883), aggregated links
(RFC 7130) and seamless (RFC 7881); echoes are the sender's own affair (RFC 5881)."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex2, hex8, is_set, octets, padded_text, plain
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

BFD = protocol("bfd", "BFD Control", role="routing", udp=(3784, 4784, 6784, 7784))
ECHO = protocol("bfd_echo", "BFD Echo", role="routing", udp=(3785,))

_HEADER = 24
_AUTHENTICATED = 0x04
_DIAGNOSTICS = {
    0: "No Diagnostic",
    1: "Control Detection Time Expired",
    2: "Echo Function Failed",
    3: "Neighbor Signaled Session Down",
    4: "Forwarding Plane Reset",
    5: "Path Down",
    6: "Concatenated Path Down",
    7: "Administratively Down",
    8: "Reverse Concatenated Path Down",
    9: "Mis-Connectivity Defect",
}
_STATES = {0: "AdminDown", 1: "Down", 2: "Init", 3: "Up"}
_KINDS = {
    0: "reserved",
    1: "simple password",
    2: "keyed MD5",
    3: "meticulous keyed MD5",
    4: "keyed SHA1",
    5: "meticulous keyed SHA1",
}


@BFD.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """Versions 0 and 1."""
    return data[at] >> 5 < 2


@BFD.row
def row(row: Row, at: int, end: int) -> None:
    """Why the session is in its state."""
    row.need(at, 2, end, "BFD header")
    first, second = row.data[at], row.data[at + 1]
    words = f"Diag: {_DIAGNOSTICS.get(first & 31, f'{first & 31}')}"
    if first >> 5:
        words += f", State: {_STATES[second >> 6]}, Flags: 0x{second & 0x3F:02x}"
    else:
        words += f", Flags: 0x{second:02x}"
    row.info = words
    row.need(at, _HEADER, end, "BFD packet")


def _microseconds(value: int) -> str:
    return f"{value / 1000:g} ms"


@BFD.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The mandatory section, and the authentication behind it."""
    draft = tree.open(BFD, at, end, "BFD control")
    draft.say()
    version = draft.bits(1, ("Version", 3, plain), ("Diagnostic", 5, _DIAGNOSTICS))[0]
    if version:
        flags = draft.bits(
            1,
            ("State", 2, _STATES),
            ("Poll", 1, is_set),
            ("Final", 1, is_set),
            ("Control plane independent", 1, is_set),
            ("Authentication present", 1, is_set),
            ("Demand", 1, is_set),
            ("Multipoint", 1, is_set),
        )
        authenticated = bool(flags[4])
    else:
        draft.uint("Flags", 1, hex2)
        authenticated = False
    draft.uint("Detection multiplier", 1)
    size = draft.uint("Length", 1)
    if size < _HEADER:
        raise Malformed(f"BFD length {size}")
    draft.end = min(end, at + size)
    draft.uint("My discriminator", 4, hex8)
    draft.uint("Your discriminator", 4, hex8)
    draft.uint("Desired minimum transmit interval", 4, _microseconds)
    draft.uint("Required minimum receive interval", 4, _microseconds)
    draft.uint("Required minimum echo interval", 4, _microseconds)
    if authenticated:
        _authentication(draft)


def _authentication(draft: Draft) -> None:
    kind = draft.peek()
    with draft.group("Authentication", _KINDS.get(kind, str(kind))):
        draft.uint("Type", 1, _KINDS)
        size = draft.uint("Length", 1)
        with draft.limited(max(size - 2, 0)):
            draft.uint("Key ID", 1)
            if kind == 1:
                draft.rest("Password", padded_text)
            else:
                draft.uint("Reserved", 1)
                draft.uint("Sequence number", 4)
                draft.rest("Digest", octets)


@ECHO.row
def echo_row(row: Row, at: int, end: int) -> None:
    """Nobody but the sender knows what it means."""
    row.info = f"Originator specific content, {max(end - at, 0)} bytes"


@ECHO.layer
def echo_layer(tree: Tree, at: int, end: int) -> None:
    """Its bytes."""
    draft = tree.open(ECHO, at, end, "BFD echo")
    draft.rest("Content")
