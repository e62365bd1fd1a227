# SPDX-License-Identifier: Apache-2.0
"""STUN (RFC 8489), told by its cookie."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.forms import hex4, hex8
from ringscope.decode.registry import UDP, protocol
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

STUN = protocol("stun", "STUN")

_COOKIE = b"\x21\x12\xa4\x42"
_METHODS = {1: "Binding", 3: "Allocate", 4: "Refresh", 6: "Send", 7: "Data", 8: "CreatePermission", 9: "Channel-Bind"}
_CLASSES = ("Request", "Indication", "Success Response", "Error Response")


@STUN.magic(UDP, first=range(64))
def magic(data: bytes, at: int, stop: int) -> bool:
    """Two zero bits and the cookie."""
    return stop - at >= 20 and data.startswith(_COOKIE, at + 4)


def _words(kind: int) -> str:
    method = kind & 0x0F | (kind & 0xE0) >> 1 | (kind & 0x3E00) >> 2
    return f"{_METHODS.get(method, f'method {method}')} {_CLASSES[(kind & 0x10) >> 4 | (kind & 0x100) >> 7]}"


@STUN.row
def row(row: Row, at: int, end: int) -> None:
    """Method and class."""
    row.need(at, 20, end, "STUN header")
    row.info = _words(unpack_from(">H", row.data, at)[0])


@STUN.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header and the attributes, padded to four bytes."""
    draft = tree.open(STUN, at, end)
    draft.say()
    draft.uint("Type", 2, lambda kind: f"0x{kind:04x} ({_words(kind)})")
    size = draft.uint("Length", 2)
    draft.uint("Cookie", 4, hex8)
    draft.raw("Transaction", 12)
    draft.end = min(end, draft.at + size)
    while draft.left:
        kind = draft.peek(2)
        with draft.group(f"Attribute 0x{kind:04x}") as group:
            draft.uint("Type", 2, hex4)
            length = draft.uint("Length", 2)
            group.display = draft.raw("Value", length).hex()
        draft.at = min(draft.at + -length % 4, draft.end)
