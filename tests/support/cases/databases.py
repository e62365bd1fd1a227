# SPDX-License-Identifier: Apache-2.0
"""MySQL, PostgreSQL and CQL."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4, tcp

_TITLES = {"mysql": "MySQL", "pgsql": "PGSQL", "cql": "CQL"}
_SERVERS = {"mysql": 3306, "pgsql": 5432, "cql": 9042}


def packet(number: int, body: bytes) -> bytes:
    return len(body).to_bytes(3, "little") + bytes([number]) + body


def message(letter: str, body: bytes = b"") -> bytes:
    return letter.encode() + pack(">I", len(body) + 4) + body


def _case(protocol: str, name: str, data: bytes, info: str, *fields: tuple[str, str], server: bool = False) -> Case:
    ports = (_SERVERS[protocol], 40000) if server else (40000, _SERVERS[protocol])
    frame = ethernet(ipv4(tcp(data, ports=ports), 6))
    return Case(f"{protocol}, {name}", frame, f"eth:ip:tcp:{protocol}", _TITLES[protocol], info, fields)


_GREETING = b"\x0a5.0.54\0" + pack("<I", 9) + b"abcdefgh\0"
_LOGIN = pack("<IIB", 0x8208, 1 << 24, 33) + bytes(23) + b"ann\0" + b"\x04hash" + b"shop\0"

CASES = [
    _case(
        "mysql",
        "greeting",
        packet(0, _GREETING),
        "Server Greeting  proto=10 version=5.0.54",
        ("mysql.Version", "5.0.54"),
        ("mysql.Connection", "9"),
        server=True,
    ),
    _case("mysql", "login", packet(1, _LOGIN), "Login Request user=ann db=shop", ("mysql.User", "ann")),
    _case(
        "mysql",
        "login as it was",
        packet(1, b"\x05\x24\0\0\0ann\0" + b"hash"),
        "Login Request user=ann",
        ("mysql.User", "ann"),
    ),
    _case("mysql", "encryption", packet(1, pack("<IIB", 0x8A08, 1 << 24, 33) + bytes(23)), "SSL Request"),
    _case(
        "mysql",
        "query",
        packet(0, b"\x03select 1"),
        "Request Query  select 1",
        ("mysql.Command", "3 (Query)"),
        ("mysql.Statement", "select 1"),
    ),
    _case(
        "mysql",
        "a query that goes on",
        packet(0, b"\x03select '" + b"a" * 3000)[:100],
        f"Request Query  select '{'a' * 87} [continues]",
    ),
    _case("mysql", "quit", packet(0, b"\x01"), "Request Quit"),
    _case("mysql", "done", packet(1, b"\0\0\0\2\0\0\0"), "Response  OK", server=True),
    _case(
        "mysql",
        "error",
        packet(1, b"\xff\x15\x04#28000Access denied"),
        "Response  Error 1045  Access denied",
        ("mysql.Error", "1045"),
        ("mysql.State", "#28000"),
        ("mysql.Text", "Access denied"),
        server=True,
    ),
    _case(
        "mysql",
        "a result",
        packet(1, b"\x02") + packet(2, b"\x03def") + packet(3, b"\xfe\0\0\2\0"),
        "Response TABULAR Response, 2 columns",
        ("mysql.Packet", "4 bytes"),
        server=True,
    ),
    Case(
        "mysql, what is none on its port",
        ethernet(ipv4(tcp(b"\x07\0\0\1" + bytes(30), ports=(40000, 3306)), 6)),
        "eth:ip:tcp",
        "TCP",
        "40000 → 3306 [PSH, ACK] Seq=1000 Ack=2000 Win=512 Len=34",
    ),
    _case(
        "pgsql",
        "beginning",
        pack(">II", 25, 196608) + b"user\0ann\0db\0shop\0"[:-1] + b"\0",
        "> Startup user=ann db=shop",
        ("pgsql.user", "ann"),
        ("pgsql.Code", "196608 (Startup)"),
    ),
    _case("pgsql", "encryption", pack(">II", 8, 80877103), "> SSL request"),
    _case("pgsql", "granted", b"S", "< SSL granted", server=True),
    _case(
        "pgsql",
        "query",
        message("Q", b"select 1\0"),
        ">Q  select 1",
        ("pgsql.Message", "Query"),
        ("pgsql.Text", "select 1\\x00"),
    ),
    _case(
        "pgsql",
        "prepared",
        message("P", b"name\0select $1\0\0\0") + message("B", bytes(8)) + message("E", bytes(5)) + message("S"),
        ">P/B/E/S  select $1",
        ("pgsql.Message", "Sync"),
    ),
    _case(
        "pgsql",
        "a result",
        message("T", bytes(20)) + message("D", bytes(9)) + message("C", b"SELECT 1\0") + message("Z", b"I"),
        "<T/D/C/Z",
        ("pgsql.Message", "Ready for query"),
        server=True,
    ),
    _case(
        "pgsql",
        "error",
        message("E", b"SERROR\0C42P01\0Mno such table\0\0"),
        "<E  ERROR 42P01 no such table",
        ("pgsql.Part", "C42P01"),
        server=True,
    ),
    _case("pgsql", "a row that goes on", message("D", bytes(3000))[:100], "<D [continues]", server=True),
    _case(
        "cql",
        "query",
        b"\4\0\0\1\7" + pack(">II", 15, 8) + b"select 1" + b"\0\1\0",
        "v4 C->S Type QUERY  select 1",
        ("cql.Statement", "select 1"),
        ("cql.Version", "4"),
        ("cql.Stream", "1"),
    ),
    _case(
        "cql",
        "an old answer that goes on",
        b"\x82\0\1\x08" + pack(">I", 900) + bytes(50),
        "v2 S->C Type RESULT [continues]",
        ("cql.Direction", "1 (response)"),
        server=True,
    ),
    _case("cql", "ready", b"\x84\0\0\1\2" + bytes(4), "v4 S->C Type READY", server=True),
]
