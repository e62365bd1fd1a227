# SPDX-License-Identifier: Apache-2.0
"""SCTP as rows and layers."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex8
from ringscope.decode.protocols.transport.sctp.chunks import BODIES, flags
from ringscope.decode.protocols.transport.sctp.names import CHUNKS, PAYLOADS
from ringscope.decode.registry import SCTP as CARRIER
from ringscope.decode.registry import SCTP_PAYLOADS, Protocol
from ringscope.decode.registry import protocol as register
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

SCTP = register("sctp", "SCTP", ip=(132,))

_MOST_NAMED = 8
_MOST_CHUNKS = 256  # that a row looks at
_BEGINNING = 0x02  # of the flags of DATA: this chunk begins a message
_WHOLE = 0x03  # and it ends it
_DATA, _SACK, _SHUTDOWN, _INTERLEAVED, _FORWARD = 0, 3, 7, 64, 192
_HEADERS = {_DATA: 16, _INTERLEAVED: 20}


def _carried(payload: int, flags: int, ports: tuple[int, int]) -> Protocol | None:
    """Who reads the data of a chunk; nobody that of a message's later pieces."""
    if not flags & _BEGINNING:
        return None
    return SCTP_PAYLOADS.get(payload) or CARRIER.ports.get(min(ports)) or CARRIER.ports.get(max(ports))


@SCTP.row
def row(row: Row, at: int, end: int) -> None:
    """Its chunks with their numbers, or what the first message in it says."""
    row.need(at, 12, end, "SCTP header")
    ports = unpack_from(">HH", row.data, at)
    row.ports = (ports[0], ports[1])
    row.info = f"{ports[0]} → {ports[1]}"
    at += 12
    words: list[str] = []
    carries: list[tuple[Protocol, int, int]] = []
    for _ in range(_MOST_CHUNKS):
        if at + 4 > min(end, row.size):
            break
        kind, flags, size = unpack_from(">BBH", row.data, at)
        if len(words) < _MOST_NAMED:
            piece = " (Message Fragment)" if kind in _HEADERS and flags & _WHOLE != _WHOLE else ""
            words.append(CHUNKS.get(kind, f"chunk {kind}") + _numbers(row.data, at, kind) + piece)
        header = _HEADERS.get(kind, 0)
        if header and size > header and at + header < row.size:
            # An interleaved chunk has the payload's kind only where it begins a message.
            payload = unpack_from(">I", row.data, at + header - 4)[0]
            carried = _carried(payload, flags, row.ports)
            if carried is not None:
                carries.append((carried, at + header, min(at + size, end)))
        at += max(size + 3 & ~3, 4)
    row.info = " ".join([row.info, *words])
    for number, inside in enumerate(carries[:_MOST_NAMED]):
        if number:
            row.aside(row.enter, *inside)
        else:
            row.enter(*inside)


def _numbers(data: bytes, at: int, kind: int) -> str:
    """What tells one chunk from another of its kind."""
    if kind in (_DATA, _INTERLEAVED) and at + 8 <= len(data):
        return f" (TSN={unpack_from('>I', data, at + 4)[0]})"
    if kind == _SACK and at + 12 <= len(data):
        acknowledged, window = unpack_from(">II", data, at + 4)
        return f" (Ack={acknowledged}, Arwnd={window})"
    if kind == _SHUTDOWN and at + 8 <= len(data):
        return f" (Ack={unpack_from('>I', data, at + 4)[0]})"
    if kind == _FORWARD and at + 8 <= len(data):
        return f" (TSN={unpack_from('>I', data, at + 4)[0]})"
    return ""


@SCTP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header and each chunk; the layers of what is carried come behind the chunk that carries it."""
    draft = tree.open(SCTP, at, end)
    ports = draft.uint("Source port", 2), draft.uint("Destination port", 2)
    tree.ports = ports
    draft.title = f"SCTP  {ports[0]} → {ports[1]}"
    draft.uint("Verification tag", 4, hex8)
    draft.uint("Checksum", 4, hex8)
    while draft.left:
        inside = _chunk(draft, ports)
        if inside is not None:
            protocol, start, stop = inside
            tree.enter(protocol, start, stop)
            at = min(stop + 3 & ~3, end)
            if at >= min(end, tree.size):
                return
            draft = tree.open(SCTP, at, end, "SCTP  further chunks", "trailer")


def _chunk(draft: Draft, ports: tuple[int, int]) -> tuple[Protocol, int, int] | None:
    """One chunk. For data that somebody reads: who, and where it stands."""
    start = draft.at
    kind, size = draft.peek(), draft.peek(2, 2)
    if size < 4:
        raise Malformed(f"SCTP chunk of length {size}")
    inside = None
    with draft.group("Chunk", f"{CHUNKS.get(kind, f'type {kind}')}{_numbers(draft.data, start, kind)}, {size} bytes"):
        draft.uint("Type", 1, CHUNKS)
        set_flags = flags(draft, kind)
        draft.uint("Length", 2)
        end, draft.end = draft.end, min(draft.end, start + size)
        if kind in _HEADERS:
            inside = _data(draft, kind, set_flags, ports)
        elif kind in BODIES:
            BODIES[kind](draft)
        draft.rest("Value")
        draft.end = end
    if inside is None:
        draft.tree.need(start, size, end, "SCTP chunk")
        padding = min(-size % 4, draft.left)
        if padding:
            draft.raw("Padding", padding)
    return inside


def _data(draft: Draft, kind: int, flags: int, ports: tuple[int, int]) -> tuple[Protocol, int, int] | None:
    draft.uint("TSN", 4)
    draft.uint("Stream", 2)
    if kind == _INTERLEAVED:
        draft.uint("Reserved", 2)
        draft.uint("Message", 4)
        if not flags & _BEGINNING:
            draft.uint("Fragment sequence number", 4)
            draft.rest("Data")
            return None
    else:
        draft.uint("Stream sequence number", 2)
    payload = draft.uint("Payload protocol", 4, PAYLOADS)
    protocol = _carried(payload, flags, ports)
    if protocol is not None and draft.at < min(draft.end, draft.tree.size):
        inside = protocol, draft.at, draft.end
        draft.at = draft.end  # its bytes are its own
        return inside
    draft.rest("Data")
    return None
