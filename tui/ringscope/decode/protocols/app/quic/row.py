# SPDX-License-Identifier: Apache-2.0
"""Rows of QUIC: the packets of a datagram, and of a readable one its number, its frames and its hello message."""

from __future__ import annotations

from ringscope.decode.protocols.app.quic.initial import FRAMES, Opened, opened
from ringscope.decode.protocols.app.quic.packets import (
    INITIAL,
    NAMES,
    QUIC,
    QUIC_BY_PORT,
    SHORT,
    Header,
    learn,
    magic,
    read_header,
)
from ringscope.decode.protocols.app.tls.hello import CLIENT
from ringscope.decode.row import Row

_MOST = 6  # packets of a datagram that are named


@QUIC.row
@QUIC_BY_PORT.row
def row(row: Row, at: int, end: int) -> None:
    """What the headers say; packets that follow one another in a datagram are all named."""
    sender, receiver = (row.source, row.ports[0]), (row.destination, row.ports[1])
    words: list[str] = []
    for _ in range(_MOST):
        row.info = ", ".join(words)
        header = read_header(row.data, at, end, row.flow, receiver)
        learn(row.flow, header, sender)
        words.append(_words(header))
        if header.kind == INITIAL:
            found = opened(row.data, header, row.flow, sender)
            words += _told(found) if found is not None else []
        at = header.end
        if header.kind == SHORT or not _another(row.data, at, min(end, row.size)):
            break
    row.info = ", ".join(words)


def _another(data: bytes, at: int, stop: int) -> bool:
    """Whether a packet follows, and not bytes that only fill the datagram."""
    return at < stop and (magic(data, at, stop) or data[at] & 0xC0 == 0x40)


def _words(header: Header) -> str:
    words = [NAMES[header.kind]]
    if header.destination:
        words.append(f"DCID={header.destination.hex()}")
    if header.source:
        words.append(f"SCID={header.source.hex()}")
    return ", ".join(words)


def _told(found: Opened) -> list[str]:
    words = [f"PKN: {found.number}"]
    for frame in found.frames:
        if words[-1] != FRAMES[frame.kind]:
            words.append(FRAMES[frame.kind])
    return [*words, *hello_words(found)]


def hello_words(found: Opened) -> list[str]:
    """The hello that begins in the packet, if one does."""
    if found.hello is None:
        return []
    return [f"{'Client' if found.kind == CLIENT else 'Server'} Hello{found.hello.note}"]
