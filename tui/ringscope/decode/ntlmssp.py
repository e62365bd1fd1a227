# SPDX-License-Identifier: Apache-2.0
"""The messages of NTLM (MS-NLMP section 2.2.1) that other protocols carry: which it is, and of the last who logs on."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.text import escape, shorten

_SIGNATURE = b"NTLMSSP\0"
_NAMES = {1: "NTLMSSP_NEGOTIATE", 2: "NTLMSSP_CHALLENGE", 3: "NTLMSSP_AUTH"}
_AUTHENTICATE = 3
_DOMAIN, _USER, _FLAGS = 28, 36, 60  # where the last message has them
_UNICODE = 1
_LONGEST = 64


def words(data: bytes, at: int, stop: int) -> str:
    """The message somewhere in data[at:stop] as tshark's info names it, "" where there is none."""
    found = data.find(_SIGNATURE, at, stop)
    if found < 0 or found + 12 > stop:
        return ""
    kind = unpack_from("<I", data, found + 8)[0]
    name = _NAMES.get(kind, "")
    if kind != _AUTHENTICATE or found + _FLAGS + 4 > stop:
        return name
    wide = bool(unpack_from("<I", data, found + _FLAGS)[0] & _UNICODE)
    domain, user = (_text(data, found, stop, found + place, wide) for place in (_DOMAIN, _USER))
    return f"{name}, User: {domain}\\{user}"


def _text(data: bytes, start: int, stop: int, at: int, wide: bool) -> str:
    """The text that a length and an offset from the beginning of the message point at."""
    size, _, place = unpack_from("<HHI", data, at)
    raw = data[start + place : min(start + place + min(size, _LONGEST * 2), stop)]
    return shorten(escape(raw.decode("utf-16-le" if wide else "latin-1", "replace")), _LONGEST)
