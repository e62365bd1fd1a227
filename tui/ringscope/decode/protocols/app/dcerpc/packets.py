# SPDX-License-Identifier: Apache-2.0
"""The header of a packet, what tells it, and what a row says of it."""

from __future__ import annotations

from struct import unpack_from
from typing import Literal

from ringscope.decode import ntlmssp
from ringscope.decode.protocols.app.dcerpc.names import FAULTS, INTERFACES, PACKETS, RESULTS, TRANSFERS
from ringscope.decode.registry import TCP, protocol
from ringscope.decode.row import Row
from ringscope.frozen import frozen

DCERPC = protocol("dcerpc", "DCERPC", tcp=(135,))

HEADER = 16
REQUEST, RESPONSE, FAULT, BIND, BIND_ACK, ALTER, ALTER_ANSWER, AUTH3 = 0, 2, 3, 11, 12, 14, 15, 16
OBJECT = 0x80  # of the flags: a request names an object
_FRAGMENTS = ("Mid", "1st", "Last", "Single")
_LITTLE = 0x10
_MOST = 4  # packets of a segment that are named
_MOST_CONTEXTS = 8


@frozen
class Header:
    """kind: number of the packet's kind; flags: first and last fragment, object; order, mark: byte order, in words and
    for struct; size: bytes of the packet; authentication: bytes of the token at its end; call: its number."""

    kind: int
    flags: int
    order: Literal["big", "little"]
    mark: str
    size: int
    authentication: int
    call: int


def read(data: bytes, at: int) -> Header:
    """The header at `at`, of which all bytes must be there."""
    little = bool(data[at + 4] & _LITTLE)
    mark = "<" if little else ">"
    size, authentication, call = unpack_from(f"{mark}HHI", data, at + 8)
    return Header(data[at + 2], data[at + 3], "little" if little else "big", mark, size, authentication, call)


@DCERPC.guard
@DCERPC.magic(TCP, first=(5,))
def magic(data: bytes, at: int, stop: int) -> bool:
    """Version 5, a known kind, a format of data that exists, and lengths that fit one another."""
    if stop - at < HEADER or data[at] != 5 or data[at + 1] > 1 or data[at + 2] >= len(PACKETS):
        return False
    if data[at + 4] & 0xEE or data[at + 5] > 3 or data[at + 6] or data[at + 7]:
        return False
    header = read(data, at)
    return header.size >= HEADER + header.authentication


@DCERPC.row
def row(row: Row, at: int, end: int) -> None:
    """The packets that begin in this segment."""
    stop = min(end, row.size)
    row.need(at, HEADER, end, "DCE RPC header")
    words: list[str] = []
    for _ in range(_MOST):
        if not magic(row.data, at, stop):
            break
        header = read(row.data, at)
        after = at + header.size
        words.append(_words(row.data, header, at, min(after, stop)))
        if after > end:
            words[-1] += " [continues]"
        at = after
    row.info = " ; ".join(words)


def _words(data: bytes, header: Header, at: int, stop: int) -> str:
    body = at + HEADER
    info = f"{PACKETS[header.kind]}: call_id: {header.call}, Fragment: {_FRAGMENTS[header.flags & 3]}"
    if header.kind == REQUEST and body + 8 <= stop:
        context, operation = unpack_from(f"{header.mark}HH", data, body + 4)
        info += f", opnum: {operation}, Ctx: {context}"
    elif header.kind in (RESPONSE, FAULT) and body + 6 <= stop:
        info += f", Ctx: {unpack_from(f'{header.mark}H', data, body + 4)[0]}"
        if header.kind == FAULT and body + 12 <= stop:
            info += f", status: {fault(unpack_from(f'{header.mark}I', data, body + 8)[0])}"
    elif header.kind in (BIND, ALTER) and body + 12 <= stop:
        info += _offered(data, header, body + 8, stop)
    elif header.kind in (BIND_ACK, ALTER_ANSWER) and body + 10 <= stop:
        info += _accepted(data, header, body, stop)
    token = stop - header.authentication if header.authentication and header.kind > FAULT else stop
    logon = ntlmssp.words(data, max(token, body), stop)
    return f"{info}, {logon}" if logon else info


def fault(status: int) -> str:
    """What a fault is called."""
    return FAULTS.get(status, f"0x{status:08x}")


def uuid(raw: bytes, order: str) -> str:
    """A UUID as it is written: the first three parts in the packet's byte order."""
    step = -1 if order == "little" else 1
    parts = (raw[0:4][::step], raw[4:6][::step], raw[6:8][::step], raw[8:10], raw[10:16])
    return "-".join(part.hex() for part in parts)


def interface(raw: bytes, order: str) -> str:
    """The name of an interface, or its UUID."""
    found = uuid(raw, order)
    return INTERFACES.get(found, found)


def transfer(raw: bytes, order: str) -> str:
    """The name of a way to write arguments, or its UUID."""
    found = uuid(raw, order)
    return TRANSFERS.get(found, found)


def _offered(data: bytes, header: Header, at: int, stop: int) -> str:
    """The interfaces that a client wants to use, and how."""
    count = data[at]
    words: list[str] = []
    at += 4
    for _ in range(min(count, _MOST_CONTEXTS)):
        if at + 44 > stop:
            break
        transfers = data[at + 2]
        major, minor = unpack_from(f"{header.mark}HH", data, at + 20)
        name = interface(data[at + 4 : at + 20], header.order)
        way = transfer(data[at + 24 : at + 40], header.order)
        words.append(f"{name} V{major}.{minor} ({way})")
        at += 24 + 20 * transfers
    return f", {count} context items: {', '.join(words)}"


def _accepted(data: bytes, header: Header, body: int, stop: int) -> str:
    """Sizes, and the result for each interface, behind the server's address."""
    sent, received = unpack_from(f"{header.mark}HH", data, body)
    info = f", max_xmit: {sent} max_recv: {received}"
    at = results_at(data, header, body)
    if at + 4 > stop:
        return info
    count = data[at]
    words = []
    for number in range(min(count, _MOST_CONTEXTS)):
        place = at + 4 + 24 * number
        if place + 2 > stop:
            break
        result = unpack_from(f"{header.mark}H", data, place)[0]
        words.append(RESULTS.get(result, f"result {result}"))
    return f"{info}, {count} results: {', '.join(words)}"


def results_at(data: bytes, header: Header, body: int) -> int:
    """Where the results of a Bind_ack begin, with respect to the filling behind the address; the packet begins with its
    header, sixteen bytes before `body`."""
    size: int = unpack_from(f"{header.mark}H", data, body + 8)[0]
    place = 10 + size
    return body + place + -place % 4
