# SPDX-License-Identifier: Apache-2.0
"""HPACK (RFC 7541): the header fields of HTTP/2, as far as one block alone tells them.

A block may name fields by their place in a table that earlier blocks have filled. That table is not kept here, so such
a name or value is None; what stands in the block itself or in the table of the standard is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ringscope.frozen import frozen

_STATIC = (
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
)
"""RFC 7541 appendix A."""

_LENGTHS = bytes.fromhex(
    "0d171c1c1c1c1c1c1c181e1c1c1e1c1c1c1c1c1c1c1c1e1c1c1c1c1c1c1c1c1c060a0a0c0d06080b0a0a080b08060606"
    "0505050606060606060607080f060c0a0d06070707070707070707070707070707070707070707070807080d130d0e06"
    "0f05060506050606060507070606060506070605050607070707070f0b0e0d1c14161414161616171617171717171817"
    "181816171817171717151617161717181615141616171715171616181516171715151615171617171416161617161617"
    "1a1a1413161716191a1a1a1b1b1a181913151a1b1b1a1b1815151a1a1c1b1b1b14181415161515171616191918181a17"
    "1a1b1a1a1b1b1b1b1b1c1b1b1b1b1b1a1e"
)
"""Bits of the code of each byte and of the end, in their order (RFC 7541 appendix B). The codes themselves follow from
these: shorter ones come first, and those of one length in the order of the bytes."""

_SHORTEST, _END = 5, 256
_MOST_FIELDS = 64
_MOST_CODED = 512  # bytes of a block in Huffman's code that are decoded, which takes some microseconds each


@frozen
class HeaderField:
    """A field and where it stands. index: the place in a table that it names, 0 where it names none."""

    start: int
    end: int
    name: bytes | None
    value: bytes | None
    index: int


@cache
def _codes() -> dict[tuple[int, int], int]:
    """The byte of each code, by its bits and their number."""
    found: dict[tuple[int, int], int] = {}
    code, bits = 0, 0
    for symbol in sorted(range(len(_LENGTHS)), key=lambda symbol: (_LENGTHS[symbol], symbol)):
        code <<= _LENGTHS[symbol] - bits
        bits = _LENGTHS[symbol]
        found[bits, code] = symbol
        code += 1
    return found


def decoded(raw: bytes) -> bytes:
    """A string in Huffman's code (RFC 7541 section 5.2). Raises ValueError for one that holds the end."""
    codes = _codes()
    found = bytearray()
    code = bits = 0
    for byte in raw:
        for place in range(7, -1, -1):
            code = code << 1 | byte >> place & 1
            bits += 1
            if bits >= _SHORTEST and (symbol := codes.get((bits, code))) is not None:
                if symbol == _END:
                    raise ValueError("the end inside a string")
                found.append(symbol)
                code = bits = 0
    return bytes(found)


def _integer(data: bytes, at: int, stop: int, bits: int) -> tuple[int, int]:
    """A number whose first bits fill a byte (RFC 7541 section 5.1), and where it ends."""
    most = (1 << bits) - 1
    value = data[at] & most
    at += 1
    if value < most:
        return value, at
    for shift in range(0, 28, 7):
        if at >= stop:
            raise ValueError("a number that is cut")
        value += (data[at] & 0x7F) << shift
        at += 1
        if not data[at - 1] & 0x80:
            return value, at
    raise ValueError("a number that is too large")


def _string(data: bytes, at: int, stop: int, budget: list[int]) -> tuple[bytes, int]:
    if at >= stop:
        raise ValueError("a string that is cut")
    coded = data[at] & 0x80
    size, at = _integer(data, at, stop, 7)
    if at + size > stop:
        raise ValueError("a string that is cut")
    raw = data[at : at + size]
    budget[0] -= size if coded else 0
    if budget[0] < 0:
        raise ValueError("too long a code")
    return decoded(raw) if coded else raw, at + size


def fields(data: bytes, at: int, stop: int) -> Iterator[HeaderField]:
    """The fields of a block, in their order, up to where it is cut, makes no sense, or would take long."""
    budget = [_MOST_CODED]
    try:
        for _ in range(_MOST_FIELDS):
            if at >= stop:
                return
            found = _field(data, at, stop, budget)
            at = found.end
            yield found
    except ValueError:
        return


def _field(data: bytes, at: int, stop: int, budget: list[int]) -> HeaderField:
    first = data[at]
    if first & 0xE0 == 0x20:  # a new size of the table (section 6.3)
        _, end = _integer(data, at, stop, 5)
        return HeaderField(at, end, b"", b"", 0)
    bits = 7 if first & 0x80 else 6 if first & 0x40 else 4
    index, end = _integer(data, at, stop, bits)
    name: bytes | None
    value: bytes | None
    name, value = _listed(index)
    if first & 0x80:
        return HeaderField(at, end, name, value, index)
    if not index:
        name, end = _string(data, end, stop, budget)
    value, end = _string(data, end, stop, budget)
    return HeaderField(at, end, name, value, index)


def _listed(index: int) -> tuple[bytes | None, bytes | None]:
    """A field of the standard's table; nothing of one that earlier blocks have made."""
    if not 0 < index <= len(_STATIC):
        return None, None
    name, value = _STATIC[index - 1]
    return name.encode(), value.encode()
