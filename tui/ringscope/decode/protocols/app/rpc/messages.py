# SPDX-License-Identifier: Apache-2.0
"""One message of ONC RPC: where its parts are, and what it calls or answers."""

from __future__ import annotations

from struct import pack, unpack_from

from ringscope.decode.memory import Flow
from ringscope.decode.protocols.app.rpc.programs import PROGRAMS, procedure_name
from ringscope.decode.registry import TCP, UDP, protocol
from ringscope.frozen import frozen

_PORTS = (111, 2049)
RPC = protocol("rpc", "RPC", udp=_PORTS)
RPC_STREAM = protocol("rpc", "RPC", tcp=_PORTS)

CALL, REPLY = 0, 1
ACCEPTED, DENIED = 0, 1
MARK = 4  # bytes of a record's mark in a stream (RFC 5531 section 11)
LAST = 1 << 31

_CALL, _REPLY = 24, 12  # bytes before what varies in length
_LONGEST_AUTH = 400  # RFC 5531 section 8.2
_MOST_FLAVOR = 500000
_LONGEST_RECORD = 1 << 21
_CALLS = "rpc.calls"
"""Fact of a flow: its last calls, sixteen bytes each: transaction, program, version and procedure."""
_ONE = 16
_MOST_CALLS = 128

FLAVORS = {0: "AUTH_NONE", 1: "AUTH_SYS", 2: "AUTH_SHORT", 3: "AUTH_DH", 6: "RPCSEC_GSS", 7: "AUTH_TLS"}
STATUSES = {
    0: "success",
    1: "program unavailable",
    2: "version mismatch",
    3: "procedure unavailable",
    4: "garbage arguments",
    5: "system error",
}
REJECTIONS = {0: "RPC version mismatch", 1: "authentication error"}


@frozen
class Message:
    """What a header says. `program` is -1 in a reply whose call is not known. body: where arguments or results begin,
    -1 where the captured bytes end before. status: why a reply has no results, else ""."""

    transaction: int
    kind: int
    program: int
    version: int
    procedure: int
    body: int
    status: str = ""

    @property
    def words(self) -> str:
        """As the info column of tshark has it."""
        side = "Call" if self.kind == CALL else "Reply"
        if self.program < 0:
            words = f"{side} XID 0x{self.transaction:08x}"
        else:
            words = f"V{self.version} {procedure_name(self.program, self.version, self.procedure)} {side}"
            if self.program not in PROGRAMS:
                words += f" of program {self.program}"
        return f"{words}, {self.status}" if self.status else words


def _auth(data: bytes, at: int, stop: int) -> int:
    """Where a credential or verifier ends; -1 where it is none, `stop` or more where it is not all here."""
    if at + 8 > stop:
        return stop
    flavor: int
    size: int
    flavor, size = unpack_from(">II", data, at)
    if flavor > _MOST_FLAVOR or size > _LONGEST_AUTH:
        return -1
    return at + 8 + size + -size % 4


def read(data: bytes, at: int, stop: int, flow: Flow | None) -> Message | None:
    """The message that begins at `at`, None where there is none. What it calls is remembered, and told of its reply."""
    if stop - at < _REPLY:
        return None
    transaction, kind = unpack_from(">II", data, at)
    if kind == CALL:
        return _call(data, at, stop, transaction, flow)
    return _reply(data, at, stop, transaction, flow) if kind == REPLY else None


def _call(data: bytes, at: int, stop: int, transaction: int, flow: Flow | None) -> Message | None:
    if stop - at < _CALL:
        return None
    version_of_rpc, program, version, procedure = unpack_from(">IIII", data, at + 8)
    if version_of_rpc != 2 or version > 100 or procedure > 500:
        return None
    credential = _auth(data, at + _CALL, stop)
    body = _auth(data, credential, stop) if 0 <= credential < stop else credential
    if body < 0:
        return None
    if flow is not None:
        found = flow.facts.get(_CALLS, b"")
        entry = data[at : at + 4] + pack(">III", program, version, procedure)
        if isinstance(found, bytes) and _find(found, data[at : at + 4]) != entry:
            flow.note(_CALLS, (found + entry)[-_ONE * _MOST_CALLS :])
    return Message(transaction, CALL, program, version, procedure, body if body <= stop else -1)


def _find(calls: bytes, transaction: bytes) -> bytes:
    """The last remembered call of a transaction, b"" if there is none."""
    place = calls.rfind(transaction)
    while place > 0 and place % _ONE:
        place = calls.rfind(transaction, 0, place + 3)
    return calls[place : place + _ONE] if place >= 0 else b""


def _reply(data: bytes, at: int, stop: int, transaction: int, flow: Flow | None) -> Message | None:
    program, version, procedure = -1, 0, 0
    found = flow.facts.get(_CALLS, b"") if flow is not None else b""
    entry = _find(found, data[at : at + 4]) if isinstance(found, bytes) else b""
    if entry:
        program, version, procedure = unpack_from(">III", entry, 4)
    state = unpack_from(">I", data, at + 8)[0]
    if state == DENIED:
        reason = unpack_from(">I", data, at + 12)[0] if at + 16 <= stop else 0
        return Message(transaction, REPLY, program, version, procedure, -1, REJECTIONS.get(reason, "denied"))
    if state != ACCEPTED:
        return None
    after = _auth(data, at + _REPLY, stop)
    if after < 0:
        return None
    if after + 4 > stop:
        return Message(transaction, REPLY, program, version, procedure, -1)
    status = unpack_from(">I", data, after)[0]
    if status > 5:
        return None
    words = STATUSES[status] if status else ""
    return Message(transaction, REPLY, program, version, procedure, after + 4 if not status else -1, words)


@RPC.guard
def guard(data: bytes, at: int, stop: int) -> bool:
    """A call or a reply."""
    return _plausible(data, at, stop)


def _plausible(data: bytes, at: int, stop: int) -> bool:
    return read(data, at, stop, None) is not None


@RPC_STREAM.guard
def guard_stream(data: bytes, at: int, stop: int) -> bool:
    """A record's mark, and a message behind it."""
    return record(data, at, stop) > 0 and _plausible(data, at + MARK, stop)


def record(data: bytes, at: int, stop: int) -> int:
    """The length of the record that begins there, 0 where none does."""
    if stop - at < MARK:
        return 0
    size: int = unpack_from(">I", data, at)[0] & ~LAST
    return size if _REPLY <= size <= _LONGEST_RECORD else 0


def is_known_call(data: bytes, at: int, stop: int) -> bool:
    """A call of a program that has a name here."""
    return data[at + 4 : at + 12] == b"\0\0\0\0\0\0\0\2" and (
        stop - at >= _CALL and unpack_from(">I", data, at + 12)[0] in PROGRAMS and _plausible(data, at, stop)
    )


RPC.magic(UDP, weak=True)(is_known_call)


@RPC_STREAM.magic(TCP, first=(0, 0x80), weak=True)
def magic_stream(data: bytes, at: int, stop: int) -> bool:
    """A whole mark, and a call of a known program behind it."""
    return record(data, at, stop) > 0 and is_known_call(data, at + MARK, stop)
