# SPDX-License-Identifier: Apache-2.0
"""What a request of SMB is about, as far as one message says it (MS-CIFS section 2.2.4, MS-SMB2 section 2.2)."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.text import escape, shorten

_LONGEST = 200  # characters of a name
_CLOSE_1, _READ_1, _WRITE_1, _TREE_1, _CREATE_1 = 0x04, 0x2E, 0x2F, 0x75, 0xA2
_TREE_CONNECT, _CREATE, _READ, _WRITE, _IOCTL, _FIND, _GET, _SET = 3, 5, 8, 9, 11, 14, 16, 17
_FILES = {
    4: "SMB2_FILE_BASIC_INFO",
    5: "SMB2_FILE_STANDARD_INFO",
    6: "SMB2_FILE_INTERNAL_INFO",
    7: "SMB2_FILE_EA_INFO",
    8: "SMB2_FILE_ACCESS_INFO",
    10: "SMB2_FILE_RENAME_INFO",
    13: "SMB2_FILE_DISPOSITION_INFO",
    14: "SMB2_FILE_POSITION_INFO",
    15: "SMB2_FILE_FULL_EA_INFO",
    16: "SMB2_FILE_MODE_INFO",
    17: "SMB2_FILE_ALIGNMENT_INFO",
    18: "SMB2_FILE_ALL_INFO",
    19: "SMB2_FILE_ALLOCATION_INFO",
    20: "SMB2_FILE_ENDOFFILE_INFO",
    21: "SMB2_FILE_ALTERNATE_NAME_INFO",
    22: "SMB2_FILE_STREAM_INFO",
    23: "SMB2_FILE_PIPE_INFO",
    28: "SMB2_FILE_COMPRESSION_INFO",
    34: "SMB2_FILE_NETWORK_OPEN_INFO",
    35: "SMB2_FILE_ATTRIBUTE_TAG_INFO",
    48: "SMB2_FILE_NORMALIZED_NAME_INFO",
    100: "SMB2_FILE_POSIX_INFO",
}
_SYSTEMS = {
    1: "FileFsVolumeInformation",
    2: "FileFsLabelInformation",
    3: "FileFsSizeInformation",
    4: "FileFsDeviceInformation",
    5: "FileFsAttributeInformation",
    6: "FileFsControlInformation",
    7: "FileFsFullSizeInformation",
    8: "FileFsObjectIdInformation",
    9: "FileFsDriverPathInformation",
    10: "FileFsVolumeFlagsInformation",
    11: "FileFsSectorSizeInformation",
}
_SEARCHES = {
    1: "SMB2_FIND_DIRECTORY_INFO",
    2: "SMB2_FIND_FULL_DIRECTORY_INFO",
    3: "SMB2_FIND_BOTH_DIRECTORY_INFO",
    4: "SMB2_FIND_INDEX_SPECIFIED",
    12: "SMB2_FIND_NAME_INFO",
    37: "SMB2_FIND_ID_BOTH_DIRECTORY_INFO",
    38: "SMB2_FIND_ID_FULL_DIRECTORY_INFO",
    100: "SMB2_FIND_POSIX_INFO",
}
_CONTROLS = {
    0x00060194: "FSCTL_DFS_GET_REFERRALS",
    0x000601B0: "FSCTL_DFS_GET_REFERRALS_EX",
    0x0011400C: "FSCTL_PIPE_PEEK",
    0x00110018: "FSCTL_PIPE_WAIT",
    0x0011C017: "FSCTL_PIPE_TRANSCEIVE",
    0x001401D4: "FSCTL_LMR_REQUEST_RESILIENCY",
    0x001401FC: "FSCTL_QUERY_NETWORK_INTERFACE_INFO",
    0x00140204: "FSCTL_VALIDATE_NEGOTIATE_INFO",
    0x001440F2: "FSCTL_SRV_COPYCHUNK",
    0x00144064: "FSCTL_SRV_ENUMERATE_SNAPSHOTS",
    0x00140078: "FSCTL_SRV_REQUEST_RESUME_KEY",
    0x000900A8: "FSCTL_GET_REPARSE_POINT",
    0x000900A4: "FSCTL_SET_REPARSE_POINT",
}


def asked_2(data: bytes, at: int, body: int, stop: int, command: int) -> str:
    """Behind the name of a command of SMB 2 whose header begins at `at`: a name, a place, or a kind of information."""
    if command == _TREE_CONNECT and body + 8 <= stop:
        return f" Tree: {_pointed(data, at, body + 4, stop)}"
    if command == _CREATE and body + 48 <= stop:
        return f" File: {_pointed(data, at, body + 44, stop)}"
    if command in (_READ, _WRITE) and body + 16 <= stop:
        size, place = unpack_from("<IQ", data, body + 4)
        return f" Len:{size} Off:{place}"
    if command == _IOCTL and body + 8 <= stop:
        code = unpack_from("<I", data, body + 4)[0]
        return f" {_CONTROLS.get(code, f'0x{code:08x}')}"
    if command == _FIND and body + 28 <= stop:
        kind = data[body + 2]
        return f" {_SEARCHES.get(kind, f'(Level:0x{kind:02x})')} Pattern: {_pointed(data, at, body + 24, stop)}"
    if command in (_GET, _SET) and body + 4 <= stop:
        return f" {_information(data[body + 2], data[body + 3])}"
    return ""


def _information(kind: int, level: int) -> str:
    if kind == 1:
        return f"FILE_INFO/{_FILES.get(level, f'(Level:0x{level:02x})')}"
    if kind == 2:
        return f"FS_INFO/{_SYSTEMS.get(level, f'(Level:0x{level:02x})')}"
    if kind == 3:
        return f"SEC_INFO/SMB2_SEC_INFO_{level:02x}"
    return f"(Class:0x{kind:02x})/(Level:0x{level:02x})"


def _pointed(data: bytes, start: int, at: int, stop: int) -> str:
    """The text that an offset from the beginning of the message and a length point at."""
    place, size = unpack_from("<HH", data, at)
    return _wide(data[start + place : min(start + place + min(size, _LONGEST * 2), stop)])


def _wide(raw: bytes) -> str:
    return shorten(escape(raw.decode("utf-16-le", "replace")), _LONGEST)


def asked_1(data: bytes, at: int, body: int, stop: int, command: int, wide: bool) -> str:
    """Behind the name of a command of SMB 1: a file's number or its path, and a place in it."""
    words = body + 1
    count = data[body] * 2 if body < stop else 0
    if words + count + 2 > stop:
        return ""
    if command == _CLOSE_1 and count >= 2:
        return f", FID: 0x{unpack_from('<H', data, words)[0]:04x}"
    if command == _READ_1 and count >= 20:
        number, place, size = unpack_from("<HIH", data, words + 4)
        return f", FID: 0x{number:04x}, {size} bytes at offset {place}"
    if command == _WRITE_1 and count >= 24:
        number, place = unpack_from("<HI", data, words + 4)
        return f", FID: 0x{number:04x}, {unpack_from('<H', data, words + 20)[0]} bytes at offset {place}"
    place = words + count + 2
    if command == _CREATE_1 and count >= 48:
        return f", Path: {_path(data, at, place, stop, wide)}"
    if command == _TREE_1 and count >= 8:
        return f", Path: {_path(data, at, place + unpack_from('<H', data, words + 6)[0], stop, wide)}"
    return ""


def answered_1(data: bytes, body: int, stop: int, command: int) -> str:
    """Behind the name of an answer of SMB 1: the number of the file that is open now."""
    words = body + 1
    if command != _CREATE_1 or words + 7 > stop or data[body] < 4:
        return ""
    return f", FID: 0x{unpack_from('<H', data, words + 5)[0]:04x}"


def _path(data: bytes, start: int, at: int, stop: int, wide: bool) -> str:
    """Text up to its zero; wide characters begin at an even place of the message."""
    if not wide:
        return shorten(escape(data[at : min(stop, at + _LONGEST)].partition(b"\0")[0].decode("latin-1")), _LONGEST)
    at += (at - start) % 2
    text = data[at : min(stop, at + _LONGEST * 2)].decode("utf-16-le", "replace")
    return shorten(escape(text.partition("\0")[0]), _LONGEST)
