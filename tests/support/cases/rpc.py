# SPDX-License-Identifier: Apache-2.0
"""ONC RPC: port mapper, mounting and NFS, in datagrams and in streams."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4, tcp, udp

_NONE = bytes(16)
_SYS = pack(">II", 1, 24) + pack(">II", 1, 3) + b"pi1\0" + bytes(12) + bytes(8)
_HANDLE = pack(">I", 6) + b"handle\0\0"


def call(program: int, version: int, procedure: int, arguments: bytes = b"", credentials: bytes = _NONE) -> bytes:
    return pack(">IIIIII", 0xABCD0001, 0, 2, program, version, procedure) + credentials + arguments


def reply(results: bytes = b"", status: int = 0) -> bytes:
    return pack(">III", 0xABCD0001, 1, 0) + bytes(8) + pack(">I", status) + results


def record(message: bytes) -> bytes:
    return pack(">I", 1 << 31 | len(message)) + message


def _case(
    name: str,
    stack: str,
    protocol: str,
    data: bytes,
    info: str,
    *fields: tuple[str, str],
    ports: tuple[int, int] = (900, 2049),
) -> Case:
    return Case(name, ethernet(ipv4(udp(data, ports), 17)), f"eth:ip:udp:rpc{stack}", protocol, info, fields)


def _stream(name: str, data: bytes, info: str, *fields: tuple[str, str], ports: tuple[int, int] = (900, 2049)) -> Case:
    return Case(name, ethernet(ipv4(tcp(data, ports=ports), 6)), "eth:ip:tcp:rpc:nfs", "NFS", info, fields)


CASES = [
    _case(
        "where a program listens",
        ":portmap",
        "Portmap",
        call(100000, 2, 3, pack(">IIII", 100005, 3, 6, 0)),
        "V2 GETPORT Call MOUNT(100005) V:3 TCP",
        ("rpc.Program", "100000 (Portmap)"),
        ("rpc.Procedure", "3 (GETPORT)"),
        ("portmap.Arguments", "16 bytes"),
        ports=(900, 111),
    ),
    _case(
        "on another port",
        ":mount",
        "MOUNT",
        call(100005, 3, 1, pack(">I", 7) + b"/export\0"),
        "V3 MNT Call /export",
        ports=(900, 800),
    ),
    _case(
        "attributes, with credentials",
        ":nfs",
        "NFS",
        call(100003, 3, 1, _HANDLE, _SYS),
        "V3 GETATTR Call, FH: 0x918020d9",
        ("rpc.Credentials", "AUTH_SYS"),
        ("rpc.Flavor", "1 (AUTH_SYS)"),
    ),
    _case(
        "a right",
        ":nfs",
        "NFS",
        call(100003, 3, 4, _HANDLE + pack(">I", 0x3F)),
        "V3 ACCESS Call, FH: 0x918020d9, [Check: RD LU MD XT DL XE]",
    ),
    _case("a handle of version 2", ":nfs", "NFS", call(100003, 2, 1, bytes(32)), "V2 GETATTR Call, FH: 0x190a55ad"),
    _case("version 4", ":nfs", "NFS", call(100003, 4, 1), "V4 COMPOUND Call"),
    _case(
        "an answer to nobody knows what", "", "RPC", reply(bytes(4)), "Reply XID 0xabcd0001", ("rpc.Results", "4 bytes")
    ),
    _case("refused", "", "RPC", reply(status=1), "Reply XID 0xabcd0001, program unavailable"),
    _case(
        "denied",
        "",
        "RPC",
        pack(">IIIII", 0xABCD0001, 1, 1, 1, 1),
        "Reply XID 0xabcd0001, authentication error",
        ("rpc.Rejection", "1 (authentication error)"),
    ),
    Case(
        "no RPC on its port",
        ethernet(ipv4(udp(b"\1" * 40, (900, 2049)), 17)),
        "eth:ip:udp",
        "UDP",
        "900 → 2049 Len=40",
    ),
    _stream(
        "writing goes on elsewhere",
        record(call(100003, 3, 7, _HANDLE + pack(">QIII", 4096, 8192, 0, 8192) + bytes(8192)))[:200],
        "V3 WRITE Call, FH: 0x918020d9 Offset: 4096 Len: 8192 UNSTABLE [continues]",
        ("rpc.Fragment length", "8264"),
        ("nfs.Arguments", "156 bytes"),
    ),
    _stream(
        "two in a segment",
        record(call(100003, 3, 3, _HANDLE + pack(">I", 4) + b"name"))
        + record(call(100003, 3, 8, _HANDLE + pack(">I", 1) + b"x\0\0\0" + bytes(4))),
        "V3 LOOKUP Call, DH: 0x918020d9/name ; V3 CREATE Call, DH: 0x918020d9/x Mode: UNCHECKED",
        ("trailer.Message", "V3 CREATE Call"),
        ports=(900, 901),
    ),
]
