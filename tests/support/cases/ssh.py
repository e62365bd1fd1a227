# SPDX-License-Identifier: Apache-2.0
"""SSH: banners, every message of the key exchanges, and what cannot be read."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.packets import ethernet, ipv4, tcp


def _text(content: bytes) -> bytes:
    return pack(">I", len(content)) + content


def packet(kind: int, body: bytes = b"") -> bytes:
    """A packet in the clear, padded to eight bytes."""
    padding = 4 + -(4 + 1 + 1 + len(body) + 4) % 8
    return pack(">IBB", 2 + len(body) + padding, padding, kind) + body + bytes(padding)


_LISTS = [
    b"curve25519-sha256,ext-info-c",
    b"ssh-ed25519",
    *[b"aes128-ctr"] * 2,
    *[b"hmac-sha2-256"] * 2,
    *[b"none"] * 2,
]
KEY_EXCHANGE = packet(20, bytes(16) + b"".join(map(_text, [*_LISTS, b"", b""])) + b"\0" + bytes(4))
_HOST_KEY = _text(_text(b"ssh-ed25519") + _text(bytes(32)))
_SIGNATURE = _text(_text(b"ssh-ed25519") + _text(bytes(64)))


def _case(
    name: str, payload: bytes, info: str, *fields: tuple[str, str], server: bool = False, protocol: str = "SSH"
) -> Case:
    ports = (22, 40000) if server else (40000, 22)
    return Case(name, ethernet(ipv4(tcp(payload, ports=ports), 6)), "eth:ip:tcp:ssh", protocol, info, fields)


CASES = [
    _case(
        "a banner and the first packet",
        b"SSH-2.0-OpenSSH_9.7\r\n" + KEY_EXCHANGE,
        "Client: Protocol (SSH-2.0-OpenSSH_9.7), Key Exchange Init",
        ("ssh.Protocol", "SSH-2.0-OpenSSH_9.7"),
        ("ssh.Key exchange algorithms", "curve25519-sha256,ext-info-c"),
        ("ssh.Host key algorithms", "ssh-ed25519"),
        ("ssh.Ciphers to the client", "aes128-ctr"),
        ("ssh.MACs to the server", "hmac-sha2-256"),
        ("ssh.Languages to the client", ""),
        ("ssh.First packet of the exchange follows", "no"),
        protocol="SSHv2",
    ),
    _case("a packet that goes on elsewhere", KEY_EXCHANGE[:60], "Client: Key Exchange Init [continues]"),
    _case(
        "the rest of it",
        KEY_EXCHANGE[60:],
        "Client: Key Exchange Init (continued)",
        ("ssh.Part of a packet", f"{len(KEY_EXCHANGE) - 60} bytes"),
    ),
    _case(
        "a public value on a curve",
        packet(30, _text(bytes(32))),
        "Client: Elliptic Curve Diffie-Hellman Key Exchange Init",
        ("ssh.Public value length", "32"),
    ),
    _case(
        "the answer, new keys, and what they encrypt",
        packet(31, _HOST_KEY + _text(bytes(32)) + _SIGNATURE) + packet(21) + b"\xaa" * 40,
        "Server: Elliptic Curve Diffie-Hellman Key Exchange Reply, New Keys, Encrypted packet (len=40)",
        (
            "ssh.Host key",
            "ssh-ed25519 [SHA256:kmYcvdi2GkPeWxB6XLjrZB8JHsy2Hm8luHMFp9GMvqk, computed over the key]",
        ),
        ("ssh.Signature", "ssh-ed25519"),
        ("ssh.Encrypted data", "40 bytes"),
        server=True,
    ),
    _case(
        "numbers of a group",
        packet(30, _text(b"\0" + b"\xff" * 256)) + packet(31, _HOST_KEY + _text(b"\xff" * 256) + _SIGNATURE),
        "Client: Diffie-Hellman Key Exchange Init, Diffie-Hellman Key Exchange Reply",
    ),
    _case(
        "a group that is asked for",
        packet(34, pack(">III", 2048, 3072, 8192)) + packet(30, pack(">I", 1024)),
        "Client: Diffie-Hellman Group Exchange Request, Diffie-Hellman Group Exchange Request (Old)",
        ("ssh.Preferred bits", "3072"),
        ("ssh.Bits", "1024"),
    ),
    _case(
        "a group that is given, and what follows",
        packet(31, _text(b"\0" + b"\xff" * 256) + _text(b"\2"))
        + packet(32, _text(bytes(256)))
        + packet(33, _HOST_KEY + _text(bytes(256)) + _SIGNATURE),
        "Server: Diffie-Hellman Group Exchange Group, Diffie-Hellman Group Exchange Init, "
        "Diffie-Hellman Group Exchange Reply",
        ("ssh.Generator", "02"),
        server=True,
    ),
    _case(
        "an end, and messages that say little",
        packet(2, _text(b"x")) + packet(3, pack(">I", 7)) + packet(1, pack(">I", 11) + _text(b"bye") + _text(b"")),
        "Client: Ignore, Unimplemented, Disconnect",
        ("ssh.Reason", "11 (by application)"),
        ("ssh.Description", "bye"),
        ("ssh.Packet sequence number", "7"),
    ),
    _case("the middle of a connection", b"\xaa" * 36, "Client: Encrypted packet (len=36)"),
    _case(
        "version 1",
        b"SSH-1.5-old\n" + pack(">I", 9) + bytes(7) + b"\2" + bytes(4) + bytes(4),
        "Server: Protocol (SSH-1.5-old), Public Key",
        ("ssh.Message", "2 (Public Key)"),
        server=True,
        protocol="SSHv1",
    ),
]
