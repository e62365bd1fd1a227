# SPDX-License-Identifier: Apache-2.0
"""Mail: SMTP, POP3 and IMAP, commands, replies and pieces of messages."""

from __future__ import annotations

from support.cases import Case
from support.packets import ethernet, ipv4, tcp


def _case(name: str, protocol: str, server: int, payload: bytes, info: str, *fields: tuple[str, str]) -> Case:
    ports = (abs(server), 40000) if server < 0 else (40000, server)
    return Case(
        name, ethernet(ipv4(tcp(payload, ports=ports), 6)), f"eth:ip:tcp:{protocol}", protocol.upper(), info, fields
    )


CASES = [
    _case(
        "several lines of one reply",
        "smtp",
        -25,
        b"250-one\r\n250-SIZE 9\r\n250 HELP\r\n",
        "S: 250-one | SIZE 9 | HELP",
        ("smtp.Reply", "250-SIZE 9"),
        ("smtp.Code", "250"),
        ("smtp.Text", "HELP"),
    ),
    _case("two replies", "smtp", -25, b"250 2.1.0 ok\r\n250 2.1.5 ok\r\n", "S: 250 2.1.0 ok | 250 2.1.5 ok"),
    _case(
        "pipelined commands",
        "smtp",
        587,
        b"MAIL FROM:<a>\r\nRCPT TO:<b>\r\nDATA\r\n",
        "C: MAIL FROM:<a> | RCPT TO:<b> | DATA",
        ("smtp.Command", "DATA"),
        ("smtp.Verb", "MAIL"),
        ("smtp.Argument", "FROM:<a>"),
    ),
    _case("the answer to a challenge", "smtp", 25, b"Z2FsdW50\r\n", "C: Z2FsdW50"),
    _case(
        "a piece of a message",
        "smtp",
        25,
        b"Subject: x\r\n\r\nHello\r\n",
        "C: DATA fragment, 21 bytes",
        ("smtp.Line", "Subject: x"),
    ),
    Case(
        "what is no text on its port",
        ethernet(ipv4(tcp(b"\x01\x02\x03\xff" * 5, ports=(40000, 25)), 6)),
        "eth:ip:tcp",
        "TCP",
        "40000 → 25 [PSH, ACK] Seq=1000 Ack=2000 Win=512 Len=20",
    ),
    _case("status", "pop", -110, b"+OK 2 messages\r\n", "S: +OK 2 messages", ("pop.Status", "+OK")),
    _case("command", "pop", 110, b"RETR 5\r\n", "C: RETR 5", ("pop.Argument", "5")),
    _case("message", "pop", -110, b"Subject: x\r\n", "S: DATA fragment, 12 bytes", ("pop.Line", "Subject: x")),
    _case(
        "tagged",
        "imap",
        143,
        b'a1 SELECT "INBOX"\r\n',
        'Request: a1 SELECT "INBOX"',
        ("imap.Tag", "a1"),
        ("imap.Text", 'SELECT "INBOX"'),
    ),
    _case("untagged", "imap", -143, b"* 3 EXISTS\r\na1 OK done\r\n", "Response: * 3 EXISTS | a1 OK done"),
    _case("literal", "imap", -143, b"Subject: x\r\n)\r\n", "Response: Subject: x | )", ("imap.Line", ")")),
]
