# SPDX-License-Identifier: Apache-2.0
"""SNMP."""

from __future__ import annotations

from support.cases import Case
from support.packets import ethernet, ipv4, tcp, udp


def tlv(tag: int, *parts: bytes) -> bytes:
    value = b"".join(parts)
    if len(value) < 128:
        return bytes([tag, len(value)]) + value
    return bytes([tag, 0x82]) + len(value).to_bytes(2, "big") + value


def number(value: int, tag: int = 2) -> bytes:
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(*arcs: int) -> bytes:
    value = bytes([arcs[0] * 40 + arcs[1]])
    for arc in arcs[2:]:
        part = [arc & 0x7F]
        while arc := arc >> 7:
            part.append(0x80 | arc & 0x7F)
        value += bytes(reversed(part))
    return tlv(6, value)


def binding(name: bytes, value: bytes = b"\5\0") -> bytes:
    return tlv(0x30, name, value)


def unit(kind: int, *bindings: bytes, error: int = 0, index: int = 0) -> bytes:
    return tlv(kind, number(4711), number(error), number(index), tlv(0x30, *bindings))


def message(version: int, pdu: bytes, community: bytes = b"public") -> bytes:
    return tlv(0x30, number(version), tlv(4, community), pdu)


def frame(payload: bytes, ports: tuple[int, int] = (40000, 161)) -> bytes:
    return ethernet(ipv4(udp(payload, ports), 17))


UPTIME = oid(1, 3, 6, 1, 2, 1, 1, 3, 0)
NAME = oid(1, 3, 6, 1, 2, 1, 1, 5, 0)
OCTETS = oid(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6, 70000)
_TRAP = tlv(
    0xA4, oid(1, 3, 6, 1, 4, 1, 9), tlv(0x40, b"\x0a\0\0\1"), number(3), number(0), number(500, 0x43), tlv(0x30)
)
_ENGINE = bytes.fromhex("80001f8804746573")


def version3(flags: int, scoped: bytes, digest: bytes = b"", salt: bytes = b"") -> bytes:
    user = tlv(0x30, tlv(4, _ENGINE), number(7), number(1234), tlv(4, b"maria"), tlv(4, digest), tlv(4, salt))
    header = tlv(0x30, number(99), number(65507), tlv(4, bytes([flags])), number(3))
    return tlv(0x30, number(3), header, tlv(4, user), scoped)


_SCOPED = tlv(0x30, tlv(4, _ENGINE), tlv(4, b"ctx"), unit(0xA8, binding(UPTIME, number(4, 0x41))))

CASES = [
    Case(
        "a version 1 request",
        frame(message(0, unit(0xA0, binding(UPTIME), binding(NAME)))),
        "eth:ip:udp:snmp",
        "SNMP",
        "get-request 1.3.6.1.2.1.1.3.0 1.3.6.1.2.1.1.5.0",
        (
            ("snmp.Version", "0 (v1)"),
            ("snmp.Community", "public"),
            ("snmp.PDU", "get-request"),
            ("snmp.Request", "4711"),
            ("snmp.Error", "0 (noError)"),
            ("snmp.Name", "1.3.6.1.2.1.1.3.0 (sysUpTime.0)"),
        ),
    ),
    Case(
        "a version 2 response with values of many types",
        frame(
            message(
                1,
                unit(
                    0xA2,
                    binding(UPTIME, number(8640123, 0x43)),
                    binding(NAME, tlv(4, b"core-1")),
                    binding(OCTETS, number(2**64 - 1, 0x46)),
                    binding(oid(1, 3, 6, 1, 2, 1, 1, 2, 0), oid(1, 3, 6, 1, 4, 1, 8072)),
                    binding(oid(1, 3, 6, 1, 2, 1, 4, 20), tlv(0x40, b"\x0a\0\0\1")),
                    binding(oid(2, 40, 3), tlv(0x02, b"\xff")),
                    binding(oid(1, 3, 6, 1, 2, 1, 2, 2, 1, 6, 1), tlv(4, bytes.fromhex("02fc00000001"))),
                    binding(oid(1, 3, 6, 1, 3, 1), tlv(0x82)),
                ),
            ),
            (161, 40000),
        ),
        "eth:ip:udp:snmp",
        "SNMP",
        "get-response 1.3.6.1.2.1.1.3.0 1.3.6.1.2.1.1.5.0 1.3.6.1.2.1.31.1.1.1.6.70000 1.3.6.1.2.1.1.2.0 "
        "1.3.6.1.2.1.4.20 2.40.3 1.3.6.1.2.1.2.2.1.6.1 1.3.6.1.3.1",
        (
            ("snmp.Binding", "1.3.6.1.2.1.1.3.0 (sysUpTime.0): TimeTicks 8640123 (1 d 00:00:01.23)"),
            ("snmp.Binding", "1.3.6.1.2.1.1.5.0 (sysName.0): OctetString core-1"),
            ("snmp.Value", "Counter64 18446744073709551615"),
            ("snmp.Value", "ObjectIdentifier 1.3.6.1.4.1.8072"),
            ("snmp.Value", "IpAddress 10.0.0.1"),
            ("snmp.Value", "Integer32 -1"),
            ("snmp.Value", "OctetString 02fc00000001"),
            ("snmp.Value", "endOfMibView"),
            ("snmp.Variable bindings", "8"),
        ),
    ),
    Case(
        "an error",
        frame(message(0, unit(0xA2, binding(NAME), error=2, index=1)), (161, 40000)),
        "eth:ip:udp:snmp",
        "SNMP",
        "get-response 1.3.6.1.2.1.1.5.0",
        (("snmp.Error", "2 (noSuchName)"), ("snmp.Error index", "1")),
    ),
    Case(
        "a bulk request",
        frame(message(1, unit(0xA5, binding(oid(1, 3, 6, 1)), error=1, index=20))),
        "eth:ip:udp:snmp",
        "SNMP",
        "getBulkRequest 1.3.6.1",
        (("snmp.Non-repeaters", "1"), ("snmp.Maximum repetitions", "20")),
    ),
    Case(
        "a version 1 trap",
        frame(message(0, _TRAP), (40000, 162)),
        "eth:ip:udp:snmp",
        "SNMP",
        "trap 1.3.6.1.4.1.9",
        (
            ("snmp.Generic trap", "3 (linkUp)"),
            ("snmp.Agent address", "10.0.0.1"),
            ("snmp.Time stamp", "500 (0 d 00:00:05.00)"),
        ),
    ),
    Case(
        "a version 2 trap over TCP",
        ethernet(ipv4(tcp(message(1, unit(0xA7, binding(UPTIME, number(5, 0x43)))), ports=(40000, 162)), 6)),
        "eth:ip:tcp:snmp",
        "SNMP",
        "snmpV2-trap 1.3.6.1.2.1.1.3.0",
    ),
    Case(
        "a version 3 report",
        frame(version3(4, _SCOPED)),
        "eth:ip:udp:snmp",
        "SNMP",
        "report 1.3.6.1.2.1.1.3.0",
        (
            ("snmp.Flags", "reportable"),
            ("snmp.Reportable", "yes"),
            ("snmp.Security model", "3 (USM)"),
            ("snmp.Security parameters", "user maria"),
            ("snmp.Engine boots", "7"),
            ("snmp.Engine time", "1234 s"),
            ("snmp.Authoritative engine", _ENGINE.hex()),
            ("snmp.Context name", "ctx"),
        ),
    ),
    Case(
        "an encrypted version 3 message",
        frame(version3(3, tlv(4, bytes(range(200))), b"d" * 12, b"s" * 8)),
        "eth:ip:udp:snmp",
        "SNMP",
        "encryptedPDU: privKey Unknown",
        (
            ("snmp.Flags", "encrypted, authenticated"),
            ("snmp.Authentication", b"d".hex() * 12),
            ("snmp.Encrypted data", "200 bytes"),
        ),
    ),
    Case("another protocol on its port", frame(b"0hello"), "eth:ip:udp", "UDP", "40000 → 161 Len=6"),
]
