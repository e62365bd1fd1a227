# SPDX-License-Identifier: Apache-2.0
"""What a hello message says that a row wants to tell: the version, the server's name, the protocols offered."""

from __future__ import annotations

from dataclasses import dataclass
from struct import unpack_from

from ringscope.decode.protocols.app.tls.names import RETRY, VERSIONS
from ringscope.decode.text import wire_text

CLIENT, SERVER = 1, 2
_MOST_PROTOCOLS = 16


@dataclass(slots=True)
class Hello:
    """`version`: the one a server chose, or the highest that a client offers; 0 where the bytes end before it. `retry`:
    a Server Hello that asks for another Client Hello. `whole`: all extensions were there."""

    version: int = 0
    server: str = ""
    protocols: tuple[str, ...] = ()
    retry: bool = False
    whole: bool = False

    @property
    def note(self) -> str:
        """The server's name in parentheses, if it is known."""
        return f" (SNI={self.server})" if self.server else ""


def read_hello(data: bytes, kind: int, at: int, stop: int, *, datagram: bool = False) -> Hello:
    """Read the body of a hello of that kind at data[at:stop], as far as it is there. Never raises.

    datagram: it is DTLS's, which has a cookie.
    """
    hello = Hello()
    if stop - at < 35:
        return hello
    hello.version = data[at] << 8 | data[at + 1]
    hello.retry = kind == SERVER and data.startswith(RETRY, at + 2)
    place = at + 35 + data[at + 34]
    if kind == CLIENT:
        if datagram:
            if place + 1 > stop:
                return hello
            place += 1 + data[place]
        if place + 2 > stop:
            return hello
        place += 2 + (data[place] << 8 | data[place + 1])
        if place + 1 > stop:
            return hello
        place += 1 + data[place]
    else:
        # The drafts of TLS 1.3 up to 21 have no compression in a Server Hello.
        place += 2 if hello.version >> 8 == 0x7F else 3
    hello.whole = place + 2 > stop or place + 2 + (data[place] << 8 | data[place + 1]) <= stop
    place += 2
    while place + 4 <= stop:
        extension, size = unpack_from(">HH", data, place)
        body = place + 4
        place = body + size
        if place > stop:
            break
        if extension == 43:
            hello.version = _version(data, kind, body, size) or hello.version
        elif extension == 0 and size > 5:
            length = data[body + 3] << 8 | data[body + 4]
            hello.server = wire_text(data[body + 5 : min(place, body + 5 + length)])
        elif extension == 16 and size > 3:
            hello.protocols = _protocols(data, body + 2, place)
    return hello


def _version(data: bytes, kind: int, body: int, size: int) -> int:
    """The version a server chose, or the highest known one a client offers (RFC 8446 section 4.2.1)."""
    if kind == SERVER:
        return data[body] << 8 | data[body + 1] if size == 2 else 0
    offered = [data[at] << 8 | data[at + 1] for at in range(body + 1, body + size - 1, 2)]
    known = [version for version in offered if version in VERSIONS]
    if not known:
        return 0
    # DTLS counts downwards.
    return min(known) if known[0] >= 0xFE00 else max(known, key=lambda version: 0x0304 if version > 0x7F00 else version)


def _protocols(data: bytes, at: int, stop: int) -> tuple[str, ...]:
    found: list[str] = []
    while at < stop and len(found) < _MOST_PROTOCOLS:
        found.append(wire_text(data[at + 1 : min(at + 1 + data[at], stop)]))
        at += 1 + data[at]
    return tuple(found)
