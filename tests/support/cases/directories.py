# SPDX-License-Identifier: Apache-2.0
"""Kerberos, LDAP and CLDAP."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4, tcp, udp


def element(tag: int, *parts: bytes) -> bytes:
    value = b"".join(parts)
    length = bytes([len(value)]) if len(value) < 128 else b"\x82" + pack(">H", len(value))
    return bytes([tag]) + length + value


def number(value: int, tag: int = 2) -> bytes:
    return element(tag, bytes([value]))


def ldap(identifier: int, tag: int, *parts: bytes) -> bytes:
    return element(0x30, number(identifier), element(tag, *parts))


def result(identifier: int, tag: int, code: int = 0) -> bytes:
    return ldap(identifier, tag, number(code, 10), element(4), element(4))


def kerberos(kind: int, *parts: bytes) -> bytes:
    return element(0x60 | kind, element(0x30, *parts))


_REQUEST = (
    element(0xA1, number(5)),
    element(0xA2, number(10)),
    element(0xA3, element(0x30)),
    element(0xA4, element(0x30, element(0xA2, element(0x1B, b"EXAMPLE.ORG")))),
)
_FAILED = (
    element(0xA0, number(5)),
    element(0xA1, number(30)),
    element(0xA4, element(0x18, b"20240101000000Z")),
    element(0xA5, number(7)),
    element(0xA6, number(25)),
    element(0xA9, element(0x1B, b"EXAMPLE.ORG")),
)
_SEARCH = ldap(2, 0x63, element(4, b"dc=example"), number(2, 10), number(0, 10), b"rest")


def _krb(name: str, data: bytes, info: str, *fields: tuple[str, str]) -> Case:
    return Case(name, ethernet(ipv4(udp(data, (40000, 88)), 17)), "eth:ip:udp:kerberos", "KRB5", info, fields)


def _ldap(name: str, data: bytes, info: str, *fields: tuple[str, str]) -> Case:
    return Case(name, ethernet(ipv4(tcp(data, ports=(40000, 389)), 6)), "eth:ip:tcp:ldap", "LDAP", info, fields)


CASES = [
    _krb(
        "a ticket is asked for",
        kerberos(10, *_REQUEST),
        "AS-REQ",
        ("kerberos.Version", "5"),
        ("kerberos.Request", "17 bytes"),
    ),
    _krb(
        "refused",
        kerberos(30, *_FAILED),
        "KRB Error: KRB5KDC_ERR_PREAUTH_REQUIRED",
        ("kerberos.Error code", "25 (KRB5KDC_ERR_PREAUTH_REQUIRED)"),
        ("kerberos.Server time", "20240101000000Z"),
        ("kerberos.Realm", "EXAMPLE.ORG"),
    ),
    Case(
        "an answer in a stream goes on elsewhere",
        ethernet(
            ipv4(
                tcp((pack(">I", 512) + kerberos(13, element(0xA0, number(5)), bytes(495)))[:200], ports=(88, 40000)), 6
            )
        ),
        "eth:ip:tcp:kerberos",
        "KRB5",
        "TGS-REP [continues in another segment]",
        (("kerberos.Length", "512"), ("kerberos.Version", "5")),
    ),
    Case(
        "what is none on its port",
        ethernet(ipv4(udp(b"\x6a\x80" + bytes(20), (40000, 88)), 17)),
        "eth:ip:udp",
        "UDP",
        "40000 → 88 Len=22",
    ),
    _ldap(
        "who it is",
        ldap(1, 0x60, number(3), element(4, b"cn=admin"), element(0x80, b"secret")),
        'bindRequest(1) "cn=admin" simple',
        ("ldap.Operation", "bindRequest"),
        ("ldap.Name", "cn=admin"),
    ),
    _ldap("believed", result(1, 0x61), "bindResponse(1) success", ("ldap.Result", "0 (success)")),
    _ldap("searched", _SEARCH, 'searchRequest(2) "dc=example" wholeSubtree', ("ldap.Scope", "2 (wholeSubtree)")),
    _ldap(
        "found",
        ldap(2, 0x64, element(4)) + result(2, 0x65, 4),
        'searchResEntry(2) "<ROOT>" | searchResDone(2) sizeLimitExceeded',
    ),
    _ldap("encryption", ldap(3, 0x77, element(0x80, b"1.3.6.1.4.1.1466.20037")), "extendedReq(3) LDAP_START_TLS_OID"),
    _ldap("the end", ldap(4, 0x42), "unbindRequest(4)"),
    _ldap("removed", ldap(5, 0x4A, b"cn=x"), 'delRequest(5) "cn=x"'),
    _ldap(
        "signed",
        pack(">I", 28 + len(_SEARCH) + 7) + b"\5\4\4\xff\0\x0c\0\x0c" + bytes(8) + bytes(12) + _SEARCH + ldap(3, 0x42),
        'SASL GSS-API Integrity: searchRequest(2) "dc=example" wholeSubtree unbindRequest(3)',
        ("ldap.Name", "dc=example"),
    ),
    _ldap(
        "encrypted",
        pack(">I", 160) + b"\5\4\6\xff\0\0\0\x1c" + bytes(152),
        "SASL GSS-API Privacy: payload (100 bytes)",
        ("ldap.Encrypted message", "144 bytes"),
    ),
    Case(
        "in a datagram",
        ethernet(ipv4(udp(ldap(1, 0x63, element(4), number(0, 10), b"rest"), (40000, 389)), 17)),
        "eth:ip:udp:cldap",
        "CLDAP",
        'searchRequest(1) "<ROOT>" baseObject',
        (("cldap.Message number", "1"),),
    ),
]
