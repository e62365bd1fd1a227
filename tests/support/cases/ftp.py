# SPDX-License-Identifier: Apache-2.0
"""FTP: what is asked and answered, and data on its well-known port."""

from __future__ import annotations

from support.cases import Case
from support.packets import ethernet, ipv4, tcp


def _case(name: str, ports: tuple[int, int], payload: bytes, info: str, *fields: tuple[str, str]) -> Case:
    return Case(name, ethernet(ipv4(tcp(payload, ports=ports), 6)), "eth:ip:tcp:ftp", "FTP", info, fields)


CASES = [
    _case("a command", (40000, 21), b"USER anonymous\r\n", "Request: USER anonymous", ("ftp.Argument", "anonymous")),
    _case("a port", (40000, 21), b"PORT 10,0,0,7,4,5\r\n", "Request: PORT 10,0,0,7,4,5", ("ftp.Command", "PORT")),
    _case("an extended port", (40000, 21), b"EPRT |1|10.0.0.7|1029|\r\n", "Request: EPRT |1|10.0.0.7|1029|"),
    _case(
        "a reply",
        (21, 40000),
        b"227 Entering Passive Mode (10,0,0,8,4,5).\r\n",
        "Response: 227 Entering Passive Mode (10,0,0,8,4,5).",
        ("ftp.Code", "227"),
    ),
    _case("an extended reply", (21, 40000), b"229 Ready (|||1029|)\r\n", "Response: 229 Ready (|||1029|)"),
    _case(
        "a long reply goes on",
        (21, 40000),
        b" MDTM\r\n211 End\r\n",
        "Response:  MDTM",
        ("ftp.Line", " MDTM"),
        ("ftp.Text", "End"),
    ),
    Case(
        "data",
        ethernet(ipv4(tcp(b"-rw-r--r-- 1 a\r\n", ports=(20, 40000)), 6)),
        "eth:ip:tcp:ftp-data",
        "FTP-DATA",
        "FTP Data: 16 bytes",
        (("ftp-data.Line", "-rw-r--r-- 1 a"),),
    ),
]
