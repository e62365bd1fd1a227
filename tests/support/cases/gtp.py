# SPDX-License-Identifier: Apache-2.0
"""GTP: users' packets, version 1 and 2 messages, GTP'."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import dns_query, ethernet, ipv4, ipv6, udp

_INNER = ipv4(udp(dns_query()), 17, source="172.16.0.5", destination="172.16.0.1")


def _user(kind: int, body: bytes, *, flags: int = 0x30, teid: int = 0x2A, more: bytes = b"") -> bytes:
    return pack(">BBHI", flags, kind, len(more) + len(body), teid) + more + body


def _v2(kind: int, elements: bytes, *, flags: int = 0x48) -> bytes:
    return pack(">BBHIHBB", flags, kind, 8 + len(elements), 7, 0, 9, 0) + elements


def _element(kind: int, value: bytes) -> bytes:
    return pack(">BHB", kind, len(value), 0) + value


def _carried(payload: bytes, port: int = 2152) -> bytes:
    return ethernet(ipv4(udp(payload, (port, port)), 17))


_ELEMENTS = (
    _element(1, bytes.fromhex("32541011111111f1"))
    + _element(71, b"\x08internet\x06mnc001")
    + _element(72, pack(">II", 1000, 2000))
    + _element(73, b"\x05")
    + _element(79, b"\x01" + bytes([10, 1, 2, 3]))
    + _element(82, b"\x06")
    + _element(83, bytes.fromhex("62f210"))
    + _element(87, b"\x8a" + pack(">I", 0x1234) + bytes([192, 0, 2, 1]))
    + _element(93, _element(73, b"\x05") + _element(2, b"\x10\0"))
    + _element(99, b"\x01")
)

CASES = [
    Case(
        "a query inside",
        _carried(_user(255, _INNER)),
        "eth:ip:udp:gtp:ip:udp:dns",
        "DNS",
        "Standard query 0x50b5 AAAA db1.internal",
        (("gtp.TEID", "0x0000002a"), ("gtp.Message type", "255 (T-PDU)")),
    ),
    Case(
        "extension headers",
        _carried(_user(255, _INNER, flags=0x34, more=bytes.fromhex("0000 00 85 01 10 09 40 01 12 34 00"))),
        "eth:ip:udp:gtp:ip:udp:dns",
        "DNS",
        "Standard query 0x50b5 AAAA db1.internal",
        (
            ("gtp.Next extension header", "0x85 (PDU session container)"),
            ("gtp.PDU type", "1 (UL PDU SESSION INFORMATION)"),
            ("gtp.QoS flow", "9"),
            ("gtp.UDP port", "4660"),
            ("gtp.Sequence number", "0 [not used]"),
        ),
    ),
    Case(
        "a frame inside",
        _carried(_user(255, ethernet(ipv6(udp(dns_query()), 17), 0x86DD))),
        "eth:ip:udp:gtp:eth:ipv6:udp:dns",
        "DNS",
        "Standard query 0x50b5 AAAA db1.internal",
    ),
    Case(
        "a packet of nobody's",
        _carried(_user(255, b"\x91\x92\x93")),
        "eth:ip:udp:gtp",
        "GTP",
        "T-PDU, TEID 0x0000002a",
    ),
    Case(
        "echo",
        _carried(_user(2, b"\x0e\x07", flags=0x32, teid=0, more=b"\x12\x34\0\0")),
        "eth:ip:udp:gtp",
        "GTP",
        "Echo response",
        (("gtp.Recovery", "7"), ("gtp.Sequence number", "4660")),
    ),
    Case(
        "a context is asked for",
        _carried(
            _user(
                16,
                b"\x02" + bytes.fromhex("32541011111111f1") + b"\x10\0\0\0\x05\x0f\xfc"
                b"\x80\0\2\xf1\x21\x83\0\x09\x08internet\x85\0\4\xc0\0\2\1\x86\0\4\x91\x21\x43\xf5\x97\0\1\1",
                flags=0x32,
                more=b"\0\1\0\0",
            ),
            2123,
        ),
        "eth:ip:udp:gtp",
        "GTP",
        "Create PDP context request",
        (
            ("gtp.IMSI", "234501111111111"),
            ("gtp.TEID data I", "0x00000005"),
            ("gtp.Access point name", "internet"),
            ("gtp.GSN address", "192.0.2.1"),
            ("gtp.MSISDN", "12345"),
            ("gtp.RAT type", "1 (UTRAN)"),
            ("gtp.End user address", "IPv4"),
        ),
    ),
    Case(
        "version 2",
        _carried(_v2(32, _ELEMENTS), 2123),
        "eth:ip:udp:gtp:gtpv2",
        "GTPv2",
        "Create Session Request",
        (
            ("gtpv2.IMSI", "234501111111111"),
            ("gtpv2.Access point name", "internet.mnc001"),
            ("gtpv2.Aggregate maximum bit rate", "1000 kbit/s up, 2000 kbit/s down"),
            ("gtpv2.PDN address allocation", "10.1.2.3"),
            ("gtpv2.F-TEID", "S11 MME GTP-C, TEID 0x00001234, 192.0.2.1"),
            ("gtpv2.Serving network", "MCC 262 MNC 01"),
            ("gtpv2.Cause", "16 (Request accepted)"),
            ("gtpv2.RAT type", "6 (EUTRAN)"),
        ),
    ),
    Case(
        "version 2, one message on another",
        _carried(_v2(33, _element(2, b"\x10\0"), flags=0x58) + _v2(95, _element(73, b"\x05")), 2123),
        "eth:ip:udp:gtp:gtpv2",
        "GTPv2",
        "Create Session Response / Create Bearer Request",
        (("gtpv2.Piggybacked message", "Create Bearer Request"),),
    ),
    Case(
        "charging records",
        _carried(b"\x0f\xf1\0\5\0\1\x01\x80\xfd\0\0"[:11], 3386),
        "eth:ip:udp:gtpprime",
        "GTP",
        "Data record transfer response",
        (("gtpprime.Cause", "128 (Request accepted)"), ("gtpprime.Protocol type", "0 (GTP')")),
    ),
    Case(
        "version 0",
        _carried(bytes.fromhex("1eff") + pack(">HHHB", len(_INNER), 1, 2, 255) + b"\xff\xff\xff" + bytes(8) + _INNER),
        "eth:ip:udp:gtp:ip:udp:dns",
        "DNS",
        "Standard query 0x50b5 AAAA db1.internal",
        (("gtp.Flow label", "2"),),
    ),
    Case(
        "another version on its port",
        _carried(b"\xe0hello"),
        "eth:ip:udp",
        "UDP",
        "2152 → 2152 Len=6",
    ),
]
