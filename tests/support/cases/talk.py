# SPDX-License-Identifier: Apache-2.0
"""Talk: SIP with what it announces, and IRC."""

from __future__ import annotations

from support.cases import Case
from support.packets import ethernet, ipv4, tcp, udp


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


def _sip(
    name: str, payload: bytes, info: str, *fields: tuple[str, str], ports: tuple[int, int] = (40000, 5060)
) -> Case:
    return Case(name, ethernet(ipv4(udp(payload, ports), 17)), "eth:ip:udp:sip", "SIP", info, fields)


def _irc(name: str, ports: tuple[int, int], payload: bytes, info: str, *fields: tuple[str, str]) -> Case:
    return Case(name, ethernet(ipv4(tcp(payload, ports=ports), 6)), "eth:ip:tcp:irc", "IRC", info, fields)


_SESSION = b"v=0\r\no=- 1 1 IN IP4 10.0.0.7\r\ns=-\r\nc=IN IP4 10.0.0.7\r\nt=0 0\r\nm=audio 7000 RTP/AVP 0\r\n"

CASES = [
    Case(
        "a call with its media",
        ethernet(
            ipv4(
                udp(_lines("INVITE sip:a@b SIP/2.0", "Via: x", "Content-Type: application/sdp") + _SESSION, (1, 5060)),
                17,
            )
        ),
        "eth:ip:udp:sip:sdp",
        "SIP/SDP",
        "Request: INVITE sip:a@b",
        (("sip.Method", "INVITE"), ("sip.Via", "x"), ("sdp.Media", "audio 7000 RTP/AVP 0")),
    ),
    _sip("ringing", _lines("SIP/2.0 180 Ringing", "Via: x"), "Status: 180 Ringing", ports=(5060, 40000)),
    _sip("elsewhere", _lines("OPTIONS sip:a SIP/2.0", "Via: x"), "Request: OPTIONS sip:a", ports=(40000, 5099)),
    _sip("asked", _lines("REGISTER sip:a SIP/2.0", "Via: x"), "Request: REGISTER sip:a  (fetch bindings)"),
    _sip(
        "bound",
        _lines("REGISTER sip:a SIP/2.0", "Contact: <sip:x@y>", "m: <sip:z@y>"),
        "Request: REGISTER sip:a  (2 bindings)",
    ),
    _sip(
        "removed",
        _lines("REGISTER sip:a SIP/2.0", "Contact: *", "Expires: 0"),
        "Request: REGISTER sip:a  (remove all bindings)",
    ),
    _sip(
        "a message",
        _lines("MESSAGE sip:a SIP/2.0", "Content-Type: text/plain") + b"hello",
        "Request: MESSAGE sip:a",
        ("sip.Body", "hello"),
    ),
    Case(
        "nothing that keeps a way open",
        ethernet(ipv4(udp(b"\r\n\r\n", (40000, 5060)), 17)),
        "eth:ip:udp",
        "UDP",
        "40000 → 5060 Len=4",
    ),
    _irc(
        "commands", (40000, 6667), b"NICK joe\r\nUSER a b c :d\r\n", "Request (NICK) (USER)", ("irc.Parameters", "joe")
    ),
    _irc(
        "messages",
        (6667, 40000),
        b":srv NOTICE AUTH :hi\r\n@time=1 :srv 001 joe :Welcome\r\n",
        "Response (NOTICE) (001)",
        ("irc.Response", ":srv NOTICE AUTH :hi"),
        ("irc.Source", ":srv"),
    ),
]
