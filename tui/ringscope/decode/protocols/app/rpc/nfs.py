# SPDX-License-Identifier: Apache-2.0
"""What a call asks and a reply answers, for a row: port mapper (RFC 1833), mounting, NFS 2 and 3 (RFC 1094, RFC 1813).

Arguments and results are read here only as far as tshark's info column names them.
"""

from __future__ import annotations

from struct import unpack_from
from zlib import crc32

from ringscope.decode.protocols.app.rpc.messages import CALL, Message
from ringscope.decode.protocols.app.rpc.programs import MOUNT, NFS, PORTMAP, procedure_name, program_name
from ringscope.decode.text import shorten, wire_text

_STATUSES = {
    1: "ERR_PERM",
    2: "ERR_NOENT",
    5: "ERR_IO",
    6: "ERR_NXIO",
    13: "ERR_ACCES",
    17: "ERR_EXIST",
    18: "ERR_XDEV",
    19: "ERR_NODEV",
    20: "ERR_NOTDIR",
    21: "ERR_ISDIR",
    22: "ERR_INVAL",
    27: "ERR_FBIG",
    28: "ERR_NOSPC",
    30: "ERR_ROFS",
    31: "ERR_MLINK",
    63: "ERR_NAMETOOLONG",
    66: "ERR_NOTEMPTY",
    69: "ERR_DQUOT",
    70: "ERR_STALE",
    71: "ERR_REMOTE",
    10001: "ERR_BADHANDLE",
    10002: "ERR_NOT_SYNC",
    10003: "ERR_BAD_COOKIE",
    10004: "ERR_NOTSUPP",
    10005: "ERR_TOOSMALL",
    10006: "ERR_SERVERFAULT",
    10007: "ERR_BADTYPE",
    10008: "ERR_JUKEBOX",
}
_KINDS = (
    "",
    "Regular File",
    "Directory",
    "Block Special",
    "Character Special",
    "Symbolic Link",
    "Socket",
    "Named Pipe",
)
_RIGHTS = ((0x01, "RD"), (0x02, "LU"), (0x04, "MD"), (0x08, "XT"), (0x10, "DL"), (0x20, "XE"))
_STABILITY = ("UNSTABLE", "DATA_SYNC", "FILE_SYNC")
_CREATION = ("UNCHECKED", "GUARDED", "EXCLUSIVE")
_TRANSPORTS = {6: "TCP", 17: "UDP"}
_IN_DIRECTORY = frozenset({"LOOKUP", "CREATE", "MKDIR", "SYMLINK", "MKNOD", "REMOVE", "RMDIR"})
_HANDLE_2, _LONGEST_HANDLE, _LONGEST_NAME = 32, 64, 255
_BEFORE, _ATTRIBUTES = 24, 84  # bytes of the attributes of NFS 3 that are shown before and after an operation


def told(data: bytes, message: Message, stop: int) -> str:
    """What stands behind the name of the procedure, "" where nothing is known."""
    at = message.body
    if at < 0 or at >= stop:
        return ""
    name = procedure_name(message.program, message.version, message.procedure)
    if message.program == PORTMAP and message.version == 2 and name == "GETPORT":
        return _port(data, at, stop, message.kind == CALL)
    if message.program == MOUNT and message.kind == CALL and name in ("MNT", "UMNT"):
        return f" {_string(data, at, stop)[0]}"
    if message.program != NFS or message.version not in (2, 3) or not message.procedure:
        return ""
    if message.kind == CALL:
        return _asked(data, at, stop, message.version, name)
    return _answered(data, at, stop, message.version, name)


def _port(data: bytes, at: int, stop: int, asked: bool) -> str:
    if not asked:
        if stop - at < 4:
            return ""
        port = unpack_from(">I", data, at)[0]
        return f" Port:{port}" if port else " PROGRAM_NOT_AVAILABLE"
    if stop - at < 16:
        return ""
    program, version, transport = unpack_from(">III", data, at)
    name = program_name(program)
    shown = f"{name}({program})" if not name.startswith("program") else f"Unknown({program})"
    return f" {shown} V:{version} {_TRANSPORTS.get(transport, transport)}"


def _string(data: bytes, at: int, stop: int) -> tuple[str, int]:
    """Counted text and where it ends, with its filling."""
    if stop - at < 4:
        return "", stop
    size = unpack_from(">I", data, at)[0]
    if size > 1024:
        return "", stop
    return shorten(wire_text(data[at + 4 : min(at + 4 + size, stop)]), _LONGEST_NAME), at + 4 + size + -size % 4


def _handle(data: bytes, at: int, stop: int, version: int) -> tuple[str, int]:
    """The sum that stands for a file handle, and where the handle ends; "" where it is not all here."""
    size = _HANDLE_2
    if version == 3:
        if stop - at < 4:
            return "", stop
        size = unpack_from(">I", data, at)[0]
        at += 4
    if size > _LONGEST_HANDLE or at + size > stop:
        return "", stop
    return f"0x{crc32(data[at : at + size]):08x}", at + size + -size % 4


def _asked(data: bytes, at: int, stop: int, version: int, name: str) -> str:
    handle, at = _handle(data, at, stop, version)
    if not handle:
        return ""
    if name in _IN_DIRECTORY:
        named, at = _string(data, at, stop)
        how = unpack_from(">I", data, at)[0] if version == 3 and name == "CREATE" and stop - at >= 4 else 3
        return f", DH: {handle}/{named}{f' Mode: {_CREATION[how]}' if how < 3 else ''}"
    if version == 2:
        return f", FH: {handle}"
    if name == "ACCESS" and stop - at >= 4:
        wanted = unpack_from(">I", data, at)[0]
        return f", FH: {handle}, [Check: {' '.join(word for bit, word in _RIGHTS if wanted & bit)}]"
    if name in ("READ", "WRITE", "COMMIT") and stop - at >= 12:
        offset, size = unpack_from(">QI", data, at)
        stable = unpack_from(">I", data, at + 12)[0] if name == "WRITE" and stop - at >= 16 else 3
        how = f" {_STABILITY[stable]}" if stable < 3 else ""
        return f", FH: {handle} Offset: {offset} Len: {size}{how}"
    return f", FH: {handle}"


def _answered(data: bytes, at: int, stop: int, version: int, name: str) -> str:
    if stop - at < 4:
        return ""
    status = unpack_from(">I", data, at)[0]
    at += 4
    if status:
        return f" Error: NFS{version if version == 3 else ''}{_STATUSES.get(status, f'ERR_{status}')}"
    if version == 3 and name == "GETATTR" and stop - at >= 20:
        kind, mode, _, user, group = unpack_from(">IIIII", data, at)
        words = _KINDS[kind] if kind < len(_KINDS) else f"type {kind}"
        return f"  {words} mode: {mode & 0o7777:04o} uid: {user} gid: {group}"
    if version == 3 and name == "LOOKUP":
        handle = _handle(data, at, stop, version)[0]
        return f", FH: {handle}" if handle else ""
    if version == 3 and name == "WRITE":
        return _written(data, at, stop)
    return ""


def _written(data: bytes, at: int, stop: int) -> str:
    """How much, and whether it is on the disk, behind what the file was and is."""
    for size in (_BEFORE, _ATTRIBUTES):
        if stop - at < 4:
            return ""
        at += 4 + (size if unpack_from(">I", data, at)[0] else 0)
    if stop - at < 8:
        return ""
    count, stable = unpack_from(">II", data, at)
    return f" Len: {count} {_STABILITY[stable]}" if stable < 3 else f" Len: {count}"
