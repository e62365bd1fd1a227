# SPDX-License-Identifier: Apache-2.0
"""SMB 1, 2 and 3, and the session service below them."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.cases.dcerpc import packet
from support.packets import ethernet, ipv4, tcp


def session(message: bytes) -> bytes:
    return pack(">I", len(message)) + message


def smb1(command: int, words: bytes = b"", data: bytes = b"", *, answer: bool = False, status: int = 0) -> bytes:
    header = b"\xffSMB" + pack("<BIBH", command, status, 0x98 if answer else 0x18, 0xC001) + bytes(12)
    body = bytes([len(words) // 2]) + words + pack("<H", len(data)) + data
    return header + pack("<HHHH", 1, 2, 3, 4) + body


def smb2(command: int, body: bytes = b"\x04\0\0\0", *, answer: bool = False, status: int = 0, size: int = 0) -> bytes:
    header = b"\xfeSMB" + pack("<HHIHHIIQIIQ", 64, 1, status, command, 1, int(answer), size, 5, 0xFEFF, 1, 9)
    return (header + bytes(16) + body).ljust(size, b"\0")


def _case(name: str, data: bytes, info: str, *fields: tuple[str, str], version: int = 2, server: bool = False) -> Case:
    frame = ethernet(ipv4(tcp(data, ports=(445, 40000) if server else (40000, 445)), 6))
    kind = "smb2" if version == 2 else "smb"
    return Case(name, frame, f"eth:ip:tcp:nbss:{kind}", kind.upper(), info, fields)


def _service(name: str, data: bytes, info: str, *fields: tuple[str, str]) -> Case:
    return Case(name, ethernet(ipv4(tcp(data, ports=(40000, 139)), 6)), "eth:ip:tcp:nbss", "NBSS", info, fields)


def wide(text: str) -> bytes:
    return text.encode("utf-16-le")


_LOGON = b"NTLMSSP\0" + pack("<I", 3) + bytes(16) + pack("<HHIHHI", 4, 4, 64, 6, 6, 68) + bytes(16) + pack("<I", 1)
_LOGON += wide("AD") + wide("ann")
_NAME = b"\x20" + b"".join(bytes([65 + (byte >> 4), 65 + (byte & 15)]) for byte in b"SERVER".ljust(15) + b" ") + b"\0"

_CALL = packet(0, pack("<IHH", 4, 1, 21) + b"args")
_WORDS = bytes(24) + pack("<HBBHH", 71, 2, 0, 0x26, 0x4008)

CASES = [
    _case(
        "an old greeting",
        session(smb1(0x72)),
        "Negotiate Protocol Request",
        ("smb.Command", "0x72 (Negotiate Protocol)"),
        version=1,
    ),
    _case(
        "an old file",
        session(smb1(0xA2, bytes(48), b"\0" + wide("\\lsarpc\0"))),
        "NT Create AndX Request, Path: \\lsarpc",
        version=1,
    ),
    _case(
        "an old file is open",
        session(smb1(0xA2, bytes(5) + b"\x08\x40" + bytes(61), answer=True)),
        "NT Create AndX Response, FID: 0x4008",
        version=1,
        server=True,
    ),
    _case(
        "an old tree",
        session(smb1(0x75, bytes(6) + b"\1\0", b"\0" + wide("\\\\a\\IPC$\0"))),
        "Tree Connect AndX Request, Path: \\\\a\\IPC$",
        version=1,
    ),
    _case(
        "reading as it was",
        session(smb1(0x2E, bytes(4) + pack("<HIH", 0x4008, 72, 160) + bytes(10))),
        "Read AndX Request, FID: 0x4008, 160 bytes at offset 72",
        version=1,
    ),
    _case(
        "writing and closing as it was",
        session(smb1(0x2F, bytes(4) + pack("<HI", 0x4008, 9) + bytes(10) + b"\7\0\0\0"))
        + session(smb1(4, b"\x08\x40" + bytes(4))),
        "Write AndX Request, FID: 0x4008, 7 bytes at offset 9, Close Request, FID: 0x4008",
        ("trailer.Message", "Close Request, FID: 0x4008"),
        version=1,
    ),
    _case(
        "an old error",
        session(smb1(0x75, answer=True, status=0xC0000022)),
        "Tree Connect AndX Response, Error: STATUS_ACCESS_DENIED",
        ("smb.Status", "0xc0000022 (STATUS_ACCESS_DENIED)"),
        version=1,
        server=True,
    ),
    _case(
        "who logs on",
        session(smb2(1, bytes(24) + _LOGON)),
        "Session Setup Request, NTLMSSP_AUTH, User: AD\\ann",
        ("smb2.Command", "1 (Session Setup)"),
        ("smb2.Session", "0x0000000000000009"),
    ),
    _case(
        "a file that is not there",
        session(smb2(5, answer=True, status=0xC0000034)),
        "Create Response, Error: STATUS_OBJECT_NAME_NOT_FOUND",
        ("smb2.Status", "0xc0000034 (STATUS_OBJECT_NAME_NOT_FOUND)"),
        server=True,
    ),
    _case(
        "compounded",
        session(
            smb2(5, bytes(44) + pack("<HH", 112, 8) + wide("a.tx"), size=128)
            + smb2(16, b"\x29\0\2\3", size=72)
            + smb2(14, b"\x21\0\x25\0" + bytes(20) + pack("<HH", 96, 2) + bytes(4) + wide("*"), size=104)
            + smb2(6)
        ),
        "Create Request File: a.tx;GetInfo Request FS_INFO/FileFsSizeInformation;"
        "Find Request SMB2_FIND_ID_BOTH_DIRECTORY_INFO Pattern: *;Close Request",
        ("smb2.Message", "Close Request"),
    ),
    _case(
        "a share",
        session(smb2(3, bytes(4) + pack("<HH", 72, 18) + wide("\\\\a\\share"))),
        "Tree Connect Request Tree: \\\\a\\share",
    ),
    _case("reading", session(smb2(8, bytes(4) + pack("<IQ", 4096, 8192))), "Read Request Len:4096 Off:8192"),
    _case("control", session(smb2(11, bytes(4) + pack("<I", 0x140204))), "Ioctl Request FSCTL_VALIDATE_NEGOTIATE_INFO"),
    _case(
        "a lease ends",
        session(smb2(18, pack("<H", 44) + bytes(42), answer=True)),
        "Lease Break Notification",
        server=True,
    ),
    _case("rights", session(smb2(16, b"\x29\0\3\0")), "GetInfo Request SEC_INFO/SMB2_SEC_INFO_00"),
    _case("encrypted", session(b"\xfdSMB" + bytes(60)), "Encrypted SMB3", ("smb2.Encrypted message", "12 bytes")),
    _case("compressed", session(b"\xfcSMB" + bytes(20)), "Compressed SMB3", ("smb2.Body", "16 bytes")),
    _case("the length went before", smb2(0, answer=True), "Negotiate Protocol Response", server=True),
    _case(
        "it goes on elsewhere",
        session(smb2(9, bytes(4) + pack("<IQ", 9000, 0) + bytes(9000)))[:300],
        "Write Request Len:9000 Off:0 [continues]",
    ),
    Case(
        "a call in a pipe",
        ethernet(ipv4(tcp(session(smb2(9, pack("<HHIQ", 49, 112, 28, 0) + bytes(32) + _CALL)), ports=(40000, 445)), 6)),
        "eth:ip:tcp:nbss:smb2:dcerpc",
        "DCERPC",
        "Request: call_id: 7, Fragment: Single, opnum: 21, Ctx: 1",
        (("smb2.Body", "48 bytes"), ("dcerpc.Operation", "21")),
    ),
    Case(
        "a call in a pipe as it was, and what follows",
        ethernet(
            ipv4(
                tcp(
                    session(smb1(0x25, _WORDS, b"\0" * 4 + _CALL)) + session(smb1(4, b"\x08\x40" + bytes(4))),
                    ports=(1, 445),
                ),
                6,
            )
        ),
        "eth:ip:tcp:nbss:smb:dcerpc",
        "DCERPC",
        "Request: call_id: 7, Fragment: Single, opnum: 21, Ctx: 1, Close Request, FID: 0x4008",
        (("trailer.Message", "Close Request, FID: 0x4008"), ("dcerpc.Operation", "21")),
    ),
    _service(
        "a session",
        pack(">I", 0x81000044) + _NAME * 2,
        "Session request, to SERVER<20> from SERVER<20>",
        ("nbss.Called name", "SERVER<20>"),
    ),
    _service("granted", pack(">I", 0x82000000), "Positive session response"),
    _service(
        "refused",
        pack(">IB", 0x83000001, 0x80),
        "Negative session response, Not listening on called name",
        ("nbss.Error", "0x80 (Not listening on called name)"),
    ),
    _service("alive", pack(">I", 0x85000000), "Session keep-alive"),
    Case(
        "what is none on its port",
        ethernet(ipv4(tcp(bytes(40), ports=(40000, 445)), 6)),
        "eth:ip:tcp",
        "TCP",
        "40000 → 445 [PSH, ACK] Seq=1000 Ack=2000 Win=512 Len=40",
    ),
]
