# SPDX-License-Identifier: Apache-2.0
"""DNS over UDP: a resolver that asks for addresses, names and mail servers, and a small server that knows a zone."""

import itertools
import socket
import struct
from contextlib import suppress

from ringscope.capture.demo.pace import every
from ringscope.capture.demo.side import Side
from ringscope.capture.demo.sockets import family_of

_A, _CNAME, _PTR, _MX, _TXT, _AAAA = 1, 5, 12, 15, 16, 28
_INTERNET = 1
_NO_SUCH_NAME = 3
_ZONE: dict[tuple[str, int], tuple[str, ...]] = {
    # (name, type): values
    ("www.example.net", _CNAME): ("web-1.example.net",),
    ("web-1.example.net", _A): ("10.77.0.2",),
    ("web-1.example.net", _AAAA): ("fd00::2",),
    ("shop.example.net", _A): ("10.77.0.2", "10.77.0.12"),
    ("shop.example.net", _AAAA): ("fd00::2", "fd00::12"),
    ("db.example.internal", _A): ("10.77.0.33",),
    ("metrics.example.internal", _AAAA): ("fd00::44",),
    ("example.net", _MX): ("mail.example.net",),
    ("example.net", _TXT): ("v=spf1 mx -all",),
    ("2.0.77.10.in-addr.arpa", _PTR): ("web-1.example.net",),
}
_QUESTIONS = (
    ("www.example.net", _A),
    ("www.example.net", _AAAA),
    ("shop.example.net", _A),
    ("shop.example.net", _AAAA),
    ("db.example.internal", _A),
    ("example.net", _MX),
    ("printer.example.internal", _A),
    ("metrics.example.internal", _AAAA),
    ("2.0.77.10.in-addr.arpa", _PTR),
    ("example.net", _TXT),
    ("wpad.example.internal", _A),
)


def ask(side: Side) -> None:
    """Ask one question after the other, by IPv4 and IPv6 in turn, each from a port of its own as resolvers do."""
    questions = itertools.cycle(_QUESTIONS)
    for number in every(0.15, 0.1):
        server = side.peer_ipv6 if number % 3 == 1 else side.peer_ipv4
        with socket.socket(family_of(server), socket.SOCK_DGRAM) as channel:
            channel.settimeout(0.5)
            channel.connect((server, 53))
            channel.send(_query(number * 40503 & 0xFFFF, *next(questions)))
            with suppress(TimeoutError):
                channel.recv(4096)


def answer(side: Side) -> None:
    """Answer every question about the zone, whichever family of addresses it comes by."""
    six = socket.has_dualstack_ipv6()
    with socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM) as channel:
        if six:
            channel.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        channel.bind(("::" if six else "", 53))
        while True:
            query, client = channel.recvfrom(4096)
            channel.sendto(_response(query), client)


def _query(identifier: int, name: str, kind: int) -> bytes:
    return struct.pack("!HHHHHH", identifier, 0x0100, 1, 0, 0, 0) + _name(name) + struct.pack("!HH", kind, _INTERNET)


def _response(query: bytes) -> bytes:
    name, kind, question = _question(query)
    aliases = _ZONE.get((name, _CNAME), ())
    records = [_record(name, _CNAME, alias) for alias in aliases]
    for owner in (name, *aliases):
        records += [_record(owner, kind, value) for value in _ZONE.get((owner, kind), ())]
    flags = 0x8580 if records else 0x8580 | _NO_SUCH_NAME
    return query[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0) + question + b"".join(records)


def _question(query: bytes) -> tuple[str, int, bytes]:
    labels, place = [], 12
    while query[place]:
        labels.append(query[place + 1 : place + 1 + query[place]].decode("ascii"))
        place += 1 + query[place]
    kind = int.from_bytes(query[place + 1 : place + 3], "big")
    return ".".join(labels), kind, query[12 : place + 5]


def _record(owner: str, kind: int, value: str) -> bytes:
    if kind in (_A, _AAAA):
        data = socket.inet_pton(socket.AF_INET if kind == _A else socket.AF_INET6, value)
    elif kind == _TXT:
        data = bytes([len(value)]) + value.encode("ascii")
    else:
        data = (struct.pack("!H", 10) if kind == _MX else b"") + _name(value)
    return _name(owner) + struct.pack("!HHIH", kind, _INTERNET, 300, len(data)) + data


def _name(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.split(".")) + b"\0"
