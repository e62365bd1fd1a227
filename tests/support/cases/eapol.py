# SPDX-License-Identifier: Apache-2.0
"""EAPOL: EAP in it, keys, key agreement."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import NEAR_MAC, ethernet

_RSN = bytes.fromhex("30140100000fac040100000fac040100000fac020000")


def _sent(kind: int, body: bytes, version: int = 2) -> bytes:
    return ethernet(pack(">BBH", version, kind, len(body)) + body + bytes(4), 0x888E)


def _eap(code: int, body: bytes) -> bytes:
    return _sent(0, pack(">BBH", code, 7, 4 + len(body)) + body)


def _key(flags: int, data: bytes = b"", descriptor: int = 2) -> bytes:
    head = pack(">BHHQ", descriptor, flags, 16, 1)
    return _sent(3, head + bytes(range(32)) + bytes(16) + bytes(16) + bytes(16) + pack(">H", len(data)) + data)


_BASIC = pack(">BBH", 1, 16, 0xE000 | 32) + NEAR_MAC + b"\0\1" + bytes(12) + pack(">II", 3, 0x0080C201) + b"key1"
_PEERS = pack(">BBH", 1, 0, 16) + bytes(12) + pack(">I", 9)

CASES = [
    Case("start", _sent(1, b""), "eth:eapol", "EAPOL", "Start"),
    Case(
        "identity",
        _eap(2, b"\x01alice"),
        "eth:eapol:eap",
        "EAP",
        "Response, Identity, alice",
        (("eap.Identity", "alice"), ("eapol.Version", "2 (802.1X-2004)")),
    ),
    Case("success", _eap(3, b""), "eth:eapol:eap", "EAP", "Success"),
    Case(
        "EAP-TLS",
        _eap(1, b"\x0d\xc0\0\0\x10\0\x16\x03\x01"),
        "eth:eapol:eap",
        "EAP",
        "Request, TLS EAP (EAP-TLS)",
        (("eap.TLS message length", "4096"), ("eap.More fragments", "set")),
    ),
    Case(
        "challenge",
        _eap(1, b"\x04\x04\1\2\3\4srv"),
        "eth:eapol:eap",
        "EAP",
        "Request, MD5-Challenge EAP (EAP-MD5-CHALLENGE)",
        (("eap.Name", "srv"),),
    ),
    Case("key 1", _key(0x008A, b"\xdd\x14\x00\x0f\xac\x04" + bytes(16)), "eth:eapol", "EAPOL", "Key (Message 1 of 4)",
         (("eapol.Vendor specific", "PMKID"), ("eapol.Acknowledgment", "set"))),
    Case("key 2", _key(0x010A, _RSN), "eth:eapol", "EAPOL", "Key (Message 2 of 4)", (("eapol.Element", "48 (RSN)"),)),
    Case("key 3", _key(0x13CA, bytes(56)), "eth:eapol", "EAPOL", "Key (Message 3 of 4)"),
    Case("key 4", _key(0x030A), "eth:eapol", "EAPOL", "Key (Message 4 of 4)"),
    Case("key 4 of WPA", _key(0x0109, b"", 254), "eth:eapol", "EAPOL", "Key (Message 4 of 4)"),
    Case("group key", _key(0x1382, bytes(32)), "eth:eapol", "EAPOL", "Key (Group Message 1 of 2)"),
    Case(
        "key agreement",
        _sent(5, _BASIC + _PEERS + bytes(16), 3),
        "eth:eapol",
        "EAPOL-MKA",
        "Key Server, Live Peer List",
        (("eapol.Message number", "9"), ("eapol.Key server", "set")),
    ),
]  # fmt: skip
