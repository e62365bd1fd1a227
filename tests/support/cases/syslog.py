# SPDX-License-Identifier: Apache-2.0
"""Syslog."""

from __future__ import annotations

from support.cases import Case
from support.packets import ethernet, ipv4, tcp, udp


def datagram(text: bytes, ports: tuple[int, int] = (40000, 514)) -> bytes:
    return ethernet(ipv4(udp(text, ports), 17))


def stream(text: bytes, ports: tuple[int, int] = (40000, 601)) -> bytes:
    return ethernet(ipv4(tcp(text, ports=ports), 6))


_OLD = b"<30>Oct  9 22:33:20 db1 snmpd[6956]: Connection from UDP\n"
_NEW = (
    b"<165>1 2003-10-11T22:14:15.003Z mail.example.org evntslog - ID47 "
    b'[example@32473 iut="3" source="App \\"x\\""][other@1] \xef\xbb\xbfAn event'
)
_PLAIN = b"<34>1 - - su - - - 'su root' failed"

CASES = [
    Case(
        "old form",
        datagram(_OLD),
        "eth:ip:udp:syslog",
        "Syslog",
        "DAEMON.INFO: Oct  9 22:33:20 db1 snmpd[6956]: Connection from UDP",
        (
            ("syslog.Priority", "30 (DAEMON.INFO)"),
            ("syslog.Facility", "[3 (DAEMON), priority / 8]"),
            ("syslog.Severity", "[6 (INFO), priority modulo 8]"),
            ("syslog.Timestamp", "Oct  9 22:33:20"),
            ("syslog.Host", "db1"),
            ("syslog.Tag", "snmpd"),
            ("syslog.Process", "6956"),
            ("syslog.Message", "Connection from UDP"),
        ),
    ),
    Case(
        "new form with structured data",
        datagram(_NEW),
        "eth:ip:udp:syslog",
        "Syslog",
        "LOCAL4.NOTICE: 1 2003-10-11T22:14:15.003Z mail.example.org evntslog - ID47 "
        '[example@32473 iut="3" source="App \\"x\\""][other@1] \\ufeffAn event',
        (
            ("syslog.Version", "1"),
            ("syslog.Timestamp", "2003-10-11T22:14:15.003Z"),
            ("syslog.Host", "mail.example.org"),
            ("syslog.Application", "evntslog"),
            ("syslog.Process", "-"),
            ("syslog.Message identifier", "ID47"),
            ("syslog.Structured data", "example@32473"),
            ("syslog.iut", "3"),
            ("syslog.source", 'App \\"x\\"'),
            ("syslog.Structured data", "other@1"),
            ("syslog.Message", "An event"),
        ),
    ),
    Case(
        "a router's, with a sequence number and no host",
        datagram(b"<189>29: *Mar  1 18:46:11: %SYS-5-CONFIG_I: Configured from console"),
        "eth:ip:udp:syslog",
        "Syslog",
        "LOCAL7.NOTICE: 29: *Mar  1 18:46:11: %SYS-5-CONFIG_I: Configured from console",
        (
            ("syslog.Sequence number", "29"),
            ("syslog.Timestamp", "Mar  1 18:46:11"),
            ("syslog.Tag", "%SYS-5-CONFIG_I"),
            ("syslog.Message", "Configured from console"),
        ),
    ),
    Case(
        "no time at all, on a port of its own",
        datagram(b"<13>app: hello", (40000, 5140)),
        "eth:ip:udp:syslog",
        "Syslog",
        "USER.NOTICE: app: hello",
        (("syslog.Tag", "app"), ("syslog.Message", "hello")),
    ),
    Case("without a priority", datagram(b"hello, world"), "eth:ip:udp:syslog", "Syslog", "hello, world"),
    Case("bytes on its port", datagram(b"\1\2\3\4\5\6\7\x08\x09"), "eth:ip:udp", "UDP", "40000 → 514 Len=9"),
    Case(
        "counted messages in a stream",
        stream(b"%d %b%d %b" % (len(_PLAIN), _PLAIN, len(_NEW), _NEW)),
        "eth:ip:tcp:syslog",
        "Syslog",
        "AUTH.CRIT: 1 - - su - - - 'su root' failed",
        (
            ("syslog.Count", str(len(_PLAIN))),
            ("syslog.Message", "'su root' failed"),
            ("syslog.Application", "evntslog"),
        ),
    ),
    Case(
        "lines in a stream",
        stream(_OLD + _PLAIN + b"\n", (40000, 514)),
        "eth:ip:tcp:syslog",
        "Syslog",
        "DAEMON.INFO: Oct  9 22:33:20 db1 snmpd[6956]: Connection from UDP",
        (("syslog.Message", "Connection from UDP"), ("syslog.Message", "'su root' failed")),
    ),
]
