# SPDX-License-Identifier: Apache-2.0
"""Rows of ONC RPC: the procedure and what it is asked or answers."""

from __future__ import annotations

from ringscope.decode.protocols.app.rpc.messages import MARK, RPC, RPC_STREAM, Message, read, record
from ringscope.decode.protocols.app.rpc.nfs import told
from ringscope.decode.protocols.app.rpc.programs import PROGRAMS
from ringscope.decode.row import Row

_MOST = 4  # messages of a segment that are named


@RPC.row
def datagram(row: Row, at: int, end: int) -> None:
    """One message."""
    stop = min(end, row.size)
    message = read(row.data, at, stop, row.flow)
    if message is None:
        row.info = f"Data, {end - at} bytes"
        return
    row.info = message.words + told(row.data, message, stop)
    _name(row, message)


@RPC_STREAM.row
def stream(row: Row, at: int, end: int) -> None:
    """The messages that begin in this segment."""
    stop = min(end, row.size)
    words: list[str] = []
    for _ in range(_MOST):
        size = record(row.data, at, stop)
        message = read(row.data, at + MARK, min(stop, at + MARK + size), row.flow) if size else None
        if message is None:
            break
        if not words:
            _name(row, message)
        after = at + MARK + size
        words.append(message.words + told(row.data, message, min(stop, after)))
        if after > end:
            words[-1] += " [continues]"
        at = after
    row.info = " ; ".join(words) or "Continuation"


def _name(row: Row, message: Message) -> None:
    """The program stands in the row, the first of a segment's."""
    found = PROGRAMS.get(message.program)
    if found is not None:
        row.names.append(found.name)
        row.protocol = found.title
