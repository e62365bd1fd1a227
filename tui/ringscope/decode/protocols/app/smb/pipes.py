# SPDX-License-Identifier: Apache-2.0
"""Where in a message of SMB the bytes of a named pipe stand, which carry DCE RPC (MS-RPCE section 2.1.1.2)."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.protocols.app.dcerpc.packets import magic

_TRANSACTION_1, _READ_1, _WRITE_1 = 0x25, 0x2E, 0x2F
_READ, _WRITE, _IOCTL = 8, 9, 11
_HEADER_1, _HEADER_2 = 32, 64
_PLACES_1 = {
    (_TRANSACTION_1, False): 24,
    (_TRANSACTION_1, True): 14,
    (_READ_1, True): 12,
    (_WRITE_1, False): 22,
}
"""By command of SMB 1 and whether it answers: where among the words the offset of the data stands."""
_PLACES_2 = {
    (_READ, True): (2, "<B"),
    (_WRITE, False): (2, "<H"),
    (_IOCTL, False): (24, "<I"),
    (_IOCTL, True): (32, "<I"),
}
"""The same for SMB 2: where in the body, and how it is written."""


def call_at(data: bytes, at: int, stop: int) -> int:
    """Where a packet of DCE RPC begins in the message at `at`, 0 where none does. A compounded one has none."""
    place = _in_1(data, at, stop) if data[at] == 0xFF else _in_2(data, at, stop) if data[at] == 0xFE else 0
    return at + place if place and at + place < stop and magic(data, at + place, stop) else 0


def _in_1(data: bytes, at: int, stop: int) -> int:
    words = at + _HEADER_1 + 1
    if words > stop:
        return 0
    place = _PLACES_1.get((data[at + 4], bool(data[at + 9] & 0x80)), 0)
    if not place or data[words - 1] * 2 < place + 2 or words + place + 2 > stop:
        return 0
    offset: int = unpack_from("<H", data, words + place)[0]
    return offset if offset > _HEADER_1 else 0


def _in_2(data: bytes, at: int, stop: int) -> int:
    if at + _HEADER_2 > stop or unpack_from("<I", data, at + 20)[0]:
        return 0
    command, flags = unpack_from("<H", data, at + 12)[0], data[at + 16]
    place, kind = _PLACES_2.get((command, bool(flags & 1)), (0, ""))
    if not kind or at + _HEADER_2 + place + 4 > stop:
        return 0
    offset: int = unpack_from(kind, data, at + _HEADER_2 + place)[0]
    return offset if offset > _HEADER_2 else 0
