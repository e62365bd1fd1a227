# SPDX-License-Identifier: Apache-2.0
"""SCTP (RFC 9260): every chunk, padded to four bytes whatever its kind, and what DATA chunks carry."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex2, hex8, ip_text, is_set, plain
from ringscope.decode.registry import SCTP as CARRIER
from ringscope.decode.registry import SCTP_PAYLOADS, Protocol
from ringscope.decode.registry import protocol as register
from ringscope.decode.row import Row
from ringscope.decode.tree import Tree

SCTP = register("sctp", "SCTP", ip=(132,))

_CHUNKS = {
    0: "DATA",
    1: "INIT",
    2: "INIT_ACK",
    3: "SACK",
    4: "HEARTBEAT",
    5: "HEARTBEAT_ACK",
    6: "ABORT",
    7: "SHUTDOWN",
    8: "SHUTDOWN_ACK",
    9: "ERROR",
    10: "COOKIE_ECHO",
    11: "COOKIE_ACK",
    12: "ECNE",
    13: "CWR",
    14: "SHUTDOWN_COMPLETE",
    15: "AUTH",
    64: "I_DATA",
    128: "ASCONF_ACK",
    130: "RE_CONFIG",
    132: "PAD",
    192: "FORWARD_TSN",
    193: "ASCONF",
    194: "I_FORWARD_TSN",
}
_PARAMETERS = {
    1: "Heartbeat information",
    5: "IPv4 address",
    6: "IPv6 address",
    7: "State cookie",
    8: "Unrecognized parameter",
    9: "Cookie preservative",
    11: "Host name",
    12: "Supported address types",
    32768: "ECN",
    32770: "Random",
    32771: "Chunk list",
    32772: "HMAC algorithms",
    32776: "Supported extensions",
    49152: "Forward TSN supported",
    49156: "Set primary address",
    49158: "Adaptation layer indication",
}
_MOST_NAMED = 8
_BEGINNING = 0x02  # of the flags of DATA: this chunk begins a message


def _carried(payload: int, flags: int, ports: tuple[int, int]) -> Protocol | None:
    """Who reads the data of a chunk; nobody that of a message's later pieces."""
    if not flags & _BEGINNING:
        return None
    return SCTP_PAYLOADS.get(payload) or CARRIER.ports.get(min(ports)) or CARRIER.ports.get(max(ports))


@SCTP.row
def row(row: Row, at: int, end: int) -> None:
    """The names of its chunks, or what the first message in it says."""
    row.need(at, 12, end, "SCTP header")
    ports = unpack_from(">HH", row.data, at)
    row.info = f"{ports[0]} → {ports[1]}"
    at += 12
    words: list[str] = []
    carries: list[tuple[Protocol, int, int]] = []
    while at + 4 <= min(end, row.size):
        kind, flags, size = unpack_from(">BBH", row.data, at)
        if len(words) < _MOST_NAMED:
            words.append(_CHUNKS.get(kind, f"chunk {kind}"))
        if kind == 0 and size > 16 and at + 16 < row.size:
            carried = _carried(unpack_from(">I", row.data, at + 12)[0], flags, (ports[0], ports[1]))
            if carried is not None:
                carries.append((carried, at + 16, min(at + size, end)))
        at += max(size + 3 & ~3, 4)
    row.info = " ".join([row.info, *words])
    for number, inside in enumerate(carries[:_MOST_NAMED]):
        if number:
            row.aside(row.enter, *inside)
        else:
            row.enter(*inside)


@SCTP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """The header and each chunk; the layers of what is carried come behind the chunk that carries it."""
    draft = tree.open(SCTP, at, end)
    ports = draft.uint("Source port", 2), draft.uint("Destination port", 2)
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
    """One chunk. For DATA that somebody reads: who, and where it stands."""
    start = draft.at
    kind, size = draft.peek(), draft.peek(2, 2)
    if size < 4:
        raise Malformed(f"SCTP chunk of length {size}")
    inside = None
    with draft.group("Chunk", f"{_CHUNKS.get(kind, f'type {kind}')}, {size} bytes"):
        draft.uint("Type", 1, _CHUNKS)
        if kind == 0:
            flags = draft.flags(
                "Flags", 1, hex2, ("", 5, plain), ("Unordered", 1, is_set), ("Beginning", 1, is_set), ("End", 1, is_set)
            )[0]
        else:
            flags = draft.uint("Flags", 1, hex2)
        draft.uint("Length", 2)
        end, draft.end = draft.end, min(draft.end, start + size)
        if kind == 0:
            inside = _data(draft, flags, ports)
        elif kind in (1, 2):
            _init(draft)
        elif kind == 3:
            _selective(draft)
        else:
            draft.rest("Value")
        draft.end = end
    if inside is None:
        draft.tree.need(start, size, end, "SCTP chunk")
        draft.at = min(start + (size + 3 & ~3), end)
    return inside


def _data(draft: Draft, flags: int, ports: tuple[int, int]) -> tuple[Protocol, int, int] | None:
    draft.uint("TSN", 4)
    draft.uint("Stream", 2)
    draft.uint("Stream sequence number", 2)
    payload = draft.uint("Payload protocol", 4)
    protocol = _carried(payload, flags, ports)
    if protocol is not None and draft.at < min(draft.end, draft.tree.size):
        return protocol, draft.at, draft.end
    draft.rest("Data")
    return None


def _init(draft: Draft) -> None:
    draft.uint("Initiate tag", 4, hex8)
    draft.uint("Advertised receiver window", 4)
    draft.uint("Outbound streams", 2)
    draft.uint("Inbound streams", 2)
    draft.uint("Initial TSN", 4)
    while draft.left >= 4:
        start, kind, size = draft.at, draft.peek(2), draft.peek(2, 2)
        if size < 4:
            raise Malformed(f"SCTP parameter of length {size}")
        with draft.group(_PARAMETERS.get(kind, f"Parameter {kind}")) as group:
            draft.uint("Type", 2)
            draft.uint("Length", 2)
            value = draft.raw("Value", size - 4, ip_text)
            group.display = ip_text(value) if kind in (5, 6) else f"{size} bytes"
        draft.at = min(start + (size + 3 & ~3), draft.end)


def _selective(draft: Draft) -> None:
    draft.uint("Cumulative TSN", 4)
    draft.uint("Advertised receiver window", 4)
    gaps, duplicates = draft.uint("Gap blocks", 2), draft.uint("Duplicates", 2)
    for _ in range(gaps):
        draft.uint("Gap start", 2)
        draft.uint("Gap end", 2)
    for _ in range(duplicates):
        draft.uint("Duplicate TSN", 4)
