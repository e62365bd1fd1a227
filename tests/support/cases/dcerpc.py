# SPDX-License-Identifier: Apache-2.0
"""DCE RPC: what is offered and accepted, calls and their answers, faults and tokens."""

from __future__ import annotations

from struct import pack
from uuid import UUID

from support.cases import Case
from support.packets import ethernet, ipv4, tcp

_SERVICES = UUID("4b324fc8-1670-01d3-1278-5a47bf6ee188")
_PLAIN = UUID("8a885d04-1ceb-11c9-9fe8-08002b104860")
_FEATURES = UUID("6cb71c2c-9812-4540-0300-000000000000")


def packet(kind: int, body: bytes, flags: int = 3, token: bytes = b"", mark: str = "<") -> bytes:
    trailer = pack("<BBBBI", 10, 6, 0, 0, 0) + token if token else b""
    size = 16 + len(body) + len(trailer)
    order = b"\x10\0\0\0" if mark == "<" else bytes(4)
    return bytes([5, 0, kind, flags]) + order + pack(f"{mark}HHI", size, len(token), 7) + body + trailer


def context(number: int, transfer: UUID) -> bytes:
    return pack("<HBB", number, 1, 0) + _SERVICES.bytes_le + pack("<HH", 3, 0) + transfer.bytes_le + pack("<I", 2)


def _case(name: str, data: bytes, info: str, *fields: tuple[str, str], port: int = 49152) -> Case:
    return Case(name, ethernet(ipv4(tcp(data, ports=(40000, port)), 6)), "eth:ip:tcp:dcerpc", "DCERPC", info, fields)


_BIND = pack("<HHIBBH", 4280, 4280, 0, 2, 0, 0) + context(0, _PLAIN) + context(1, _FEATURES)
_ANSWER = pack("<HHIH", 4280, 4280, 9, 4) + b"135\0" + b"\0\0" + b"\2\0\0\0"
_ANSWER += pack("<HH", 0, 0) + _PLAIN.bytes_le + pack("<I", 2) + pack("<HH", 3, 3) + bytes(20)
_CHALLENGE = b"NTLMSSP\0" + pack("<I", 2) + bytes(20)

CASES = [
    _case(
        "offered",
        packet(11, _BIND),
        "Bind: call_id: 7, Fragment: Single, 2 context items: SRVSVC V3.0 (32bit NDR), "
        "SRVSVC V3.0 (6cb71c2c-9812-4540-0300-000000000000)",
        ("dcerpc.Context", "SRVSVC V3.0"),
        ("dcerpc.Transfer syntax", "32bit NDR"),
        ("dcerpc.Longest to send", "4280"),
    ),
    _case(
        "accepted, with a challenge",
        packet(12, _ANSWER, token=_CHALLENGE),
        "Bind_ack: call_id: 7, Fragment: Single, max_xmit: 4280 max_recv: 4280, "
        "2 results: Acceptance, Negotiate ACK, NTLMSSP_CHALLENGE",
        ("dcerpc.Address", "135\\x00"),
        ("dcerpc.Result", "Negotiate ACK"),
        ("dcerpc.Authentication", "NTLMSSP, packet privacy"),
    ),
    _case(
        "called",
        packet(0, pack("<IHH", 4, 1, 21) + b"args"),
        "Request: call_id: 7, Fragment: Single, opnum: 21, Ctx: 1",
        ("dcerpc.Operation", "21"),
        ("dcerpc.Stub data", "4 bytes"),
    ),
    _case(
        "called for an object, big-endian",
        packet(0, pack(">IHH", 4, 0, 5) + _SERVICES.bytes, 0x81, mark=">"),
        "Request: call_id: 7, Fragment: 1st, opnum: 5, Ctx: 0",
        ("dcerpc.Object", "4b324fc8-1670-01d3-1278-5a47bf6ee188"),
    ),
    _case(
        "answered", packet(2, pack("<IHBB", 9, 1, 0, 0) + b"results", 2), "Response: call_id: 7, Fragment: Last, Ctx: 1"
    ),
    _case(
        "failed",
        packet(3, pack("<IHBBII", 0, 1, 0, 0, 0x1C010003, 0)),
        "Fault: call_id: 7, Fragment: Single, Ctx: 1, status: nca_unk_if",
        ("dcerpc.Status", "0x1c010003 (nca_unk_if)"),
    ),
    _case(
        "two in a segment, of which one goes on",
        packet(2, pack("<IHBB", 9, 1, 0, 0)) + packet(2, pack("<IHBB", 9, 1, 0, 0) + bytes(900), 1)[:100],
        "Response: call_id: 7, Fragment: Single, Ctx: 1 ; Response: call_id: 7, Fragment: 1st, Ctx: 1 [continues]",
        ("dcerpc.Packet", "Response, 100 of 924 bytes"),
    ),
    Case(
        "a greeting of SOCKS",
        ethernet(ipv4(tcp(b"\5\1\0" + bytes(20), ports=(40000, 9999)), 6)),
        "eth:ip:tcp",
        "TCP",
        "40000 → 9999 [PSH, ACK] Seq=1000 Ack=2000 Win=512 Len=23",
    ),
]
