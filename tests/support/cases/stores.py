# SPDX-License-Identifier: Apache-2.0
"""RESP (Redis) and memcached."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4, tcp, udp


def _case(
    name: str, protocol: str, ports: tuple[int, int], payload: bytes, info: str, *fields: tuple[str, str]
) -> Case:
    frame = ethernet(ipv4(tcp(payload, ports=ports), 6))
    return Case(name, frame, f"eth:ip:tcp:{protocol}", protocol.upper(), info, fields)


_TO, _FROM = (40000, 6379), (6379, 40000)
_SET, _GOT = (40000, 11211), (11211, 40000)

CASES = [
    _case(
        "a command",
        "resp",
        _TO,
        b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\nval\r\n",
        "Request: SET k val",
        ("resp.Array", "3"),
        ("resp.Bulk string", "SET"),
        ("resp.Value", "val"),
    ),
    _case("typed", "resp", _TO, b"PING\r\n", "Request: PING"),
    _case("simple", "resp", _FROM, b"+OK\r\n:12\r\n", "Response: OK 12", ("resp.Integer", "12")),
    _case("an error", "resp", _FROM, b"-ERR bad\r\n", "Response: Error: ERR bad"),
    _case("an array", "resp", _FROM, b"*2\r\n$1\r\na\r\n$-1\r\n", "Response: Array(2)", ("resp.Length", "-1")),
    _case("a map", "resp", _FROM, b"%1\r\n+a\r\n#t\r\n", "Response: Map(1)", ("resp.Boolean", "t")),
    _case(
        "a long value",
        "resp",
        _FROM,
        b"$500\r\nabc",
        "Response: BulkString(500) [continues]",
        ("resp.Value", "abc"),
    ),
    _case(
        "store",
        "memcache",
        _SET,
        b"set k 0 0 5\r\nhello\r\nget k\r\n",
        "set k 0 0 5",
        ("memcache.Command", "set"),
        ("memcache.Value", "hello"),
        ("memcache.Arguments", "k"),
    ),
    _case("found", "memcache", _GOT, b"VALUE k 0 5\r\nhello\r\nEND\r\n", "VALUE k 0 5", ("memcache.Line", "END")),
    _case("counted", "memcache", _GOT, b"12\r\n", "12"),
    _case(
        "binary",
        "memcache",
        _SET,
        pack(">BBHBBHIIQ", 0x80, 1, 1, 8, 0, 0, 14, 7, 0) + bytes(8) + b"khello",
        "Set Request",
        ("memcache.Key", "k"),
        ("memcache.Value", "hello"),
    ),
    _case(
        "binary, missed",
        "memcache",
        _GOT,
        pack(">BBHBBHIIQ", 0x81, 0, 0, 0, 0, 1, 9, 7, 0) + b"Not found",
        "Get Response, Key not found",
        ("memcache.Status", "0x0001 (Key not found)"),
    ),
    Case(
        "in a datagram",
        ethernet(ipv4(udp(pack(">HHHH", 7, 0, 1, 0) + b"get a\r\n", _SET), 17)),
        "eth:ip:udp:memcache",
        "MEMCACHE",
        "get a",
        (("memcache.Request", "0x0007"), ("memcache.Command", "get")),
    ),
]
