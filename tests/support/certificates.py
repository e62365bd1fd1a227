# SPDX-License-Identifier: Apache-2.0
"""A hand-made X.509 certificate: everything that a decoder must read, and no signature that anybody would trust."""

from __future__ import annotations

from socket import AF_INET6, inet_aton, inet_pton


def der(tag: int, *contents: bytes) -> bytes:
    """A DER element."""
    content = b"".join(contents)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def identifier(dotted: str) -> bytes:
    """An object identifier."""
    first, second, *arcs = map(int, dotted.split("."))
    content = bytes([first * 40 + second])
    for arc in arcs:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.insert(0, arc & 0x7F | 0x80)
        content += bytes(groups)
    return der(0x06, content)


def distinguished(**attributes: str) -> bytes:
    """A name of attributes C, O and CN."""
    numbers = {"C": "2.5.4.6", "O": "2.5.4.10", "CN": "2.5.4.3"}
    return der(
        0x30,
        *(
            der(0x31, der(0x30, identifier(numbers[each]), der(0x0C, text.encode())))
            for each, text in attributes.items()
        ),
    )


def _extension(dotted: str, *value: bytes, critical: bool = False) -> bytes:
    return der(0x30, identifier(dotted), der(0x01, b"\xff") if critical else b"", der(0x04, *value))


def certificate() -> bytes:
    """For www.example.org, by an authority named Example CA."""
    algorithm = der(0x30, identifier("1.2.840.10045.4.3.2"))
    alternatives = der(
        0x30,
        der(0x82, b"www.example.org"),
        der(0x82, b"*.example.net"),
        der(0x87, inet_aton("192.0.2.1")),
        der(0x87, inet_pton(AF_INET6, "2001:db8::1")),
        der(0x81, b"a@example.org"),
        der(0x86, b"https://example.org/"),
        der(0xA4, distinguished(CN="other")),
        der(0x88, identifier("1.2.3")[2:]),
    )
    access = der(
        0x30,
        der(0x30, identifier("1.3.6.1.5.5.7.48.1"), der(0x86, b"http://ocsp.example.org")),
        der(0x30, identifier("1.3.6.1.5.5.7.48.2"), der(0x86, b"http://ca.example.org")),
    )
    extensions = (
        _extension("2.5.29.17", alternatives),
        _extension("2.5.29.19", der(0x30, der(0x01, b"\xff"), der(0x02, b"\3")), critical=True),
        _extension("2.5.29.15", der(0x03, b"\1\x86"), critical=True),
        _extension("2.5.29.37", der(0x30, identifier("1.3.6.1.5.5.7.3.1"), identifier("1.3.6.1.5.5.7.3.2"))),
        _extension("2.5.29.14", der(0x04, bytes(range(4)))),
        _extension("2.5.29.35", der(0x30, der(0x80, b"\xaa\xbb"))),
        _extension("2.5.29.31", der(0x30, der(0x30, der(0xA0, der(0xA0, der(0x86, b"http://crl.example.org")))))),
        _extension("1.3.6.1.5.5.7.1.1", access),
        _extension("2.5.29.32", der(0x30, der(0x30, identifier("2.23.140.1.2.1")))),
        _extension("1.3.6.1.5.5.7.1.24", b"\x30\3\2\1\5"),
    )
    key = der(
        0x30,
        der(0x30, identifier("1.2.840.10045.2.1"), identifier("1.2.840.10045.3.1.7")),
        der(0x03, b"\0\4" + bytes(64)),
    )
    signed = der(
        0x30,
        der(0xA0, der(0x02, b"\2")),
        der(0x02, b"\x12\x34"),
        algorithm,
        distinguished(C="DE", O="Example", CN="Example CA"),
        der(0x30, der(0x17, b"240102030405Z"), der(0x18, b"20520102030405Z")),
        distinguished(CN="www.example.org"),
        key,
        der(0xA3, der(0x30, *extensions)),
    )
    return der(0x30, signed, algorithm, der(0x03, b"\0signature"))
