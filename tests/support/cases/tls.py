# SPDX-License-Identifier: Apache-2.0
"""TLS: both hellos with their extensions, the messages of a handshake, certificates, pieces of records, SSL 2."""

from __future__ import annotations

from struct import pack

from support.cases import Case
from support.certificates import certificate, distinguished
from support.packets import client_hello, ethernet, ipv4, tcp, tls_record

RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


def vector(content: bytes, size: int = 2) -> bytes:
    """Bytes behind their length."""
    return len(content).to_bytes(size, "big") + content


def extension(kind: int, data: bytes) -> bytes:
    return pack(">H", kind) + vector(data)


def message(kind: int, body: bytes) -> bytes:
    """A handshake message."""
    return bytes([kind]) + vector(body, 3)


def server_hello(*extensions: bytes, random: bytes = bytes(range(32)), suite: int = 0xC02B) -> bytes:
    return message(2, b"\3\3" + random + vector(b"session", 1) + pack(">HB", suite, 0) + vector(b"".join(extensions)))


def full_hello() -> bytes:
    """A Client Hello with every extension whose fields are read."""
    words = b"".join(pack(">H", number) for number in (0x2A2A, 29, 4588, 0x9999))
    extensions = (
        extension(0x1A1A, b""),
        extension(0, vector(b"\0" + vector(b"full.example.org"))),
        extension(1, b"\4"),
        extension(5, b"\1" + vector(b"") + vector(b"")),
        extension(10, vector(words)),
        extension(11, vector(b"\0\1\2", 1)),
        extension(13, vector(b"\4\3\x08\4\2\1")),
        extension(14, vector(b"\0\7\0\1") + vector(b"", 1)),
        extension(15, b"\1"),
        extension(16, vector(b"\x02h2\x08http/1.1")),
        extension(17, vector(b"\2" + vector(b"\0\0\0\0"))),
        extension(18, b""),
        extension(19, vector(b"\2\0", 1)),
        extension(22, b""),
        extension(23, b""),
        extension(27, vector(b"\0\2\0\1", 1)),
        extension(28, b"\x40\1"),
        extension(34, vector(b"\4\3")),
        extension(35, b"ticket"),
        extension(42, b""),
        extension(43, vector(b"\x6a\x6a\3\4\3\3", 1)),
        extension(44, vector(b"cookie")),
        extension(45, vector(b"\1", 1)),
        extension(47, vector(vector(distinguished(CN="Example CA")))),
        extension(49, b""),
        extension(50, vector(b"\x08\7")),
        extension(51, vector(b"\x2a\x2a" + vector(b"\0") + pack(">H", 29) + vector(bytes(32)))),
        extension(17513, vector(b"\x02h2")),
        extension(65037, b"\0\0\1\0\1\x2b" + vector(bytes(32)) + vector(bytes(16))),
        extension(65281, vector(b"", 1)),
        extension(21, bytes(5)),
        extension(41, vector(vector(b"identity") + bytes(4)) + vector(vector(bytes(32), 1))),
    )
    suites = pack(">HHHH", 0x0A0A, 0x1301, 0xC0B0, 0xABCD)
    return message(
        1, b"\3\3" + bytes(32) + vector(bytes(32), 1) + vector(suites) + b"\1\0" + vector(b"".join(extensions))
    )


SIGNATURE = b"\4\3" + vector(b"signature")
FLIGHT = (
    server_hello(extension(65281, b"\0"), extension(16, vector(b"\x02h2")))
    + message(11, vector(vector(certificate(), 3), 3))
    + message(22, b"\1" + vector(b"ocsp", 3))
    + message(12, b"\3\0\x1d" + vector(bytes(32), 1) + SIGNATURE)
    + message(13, vector(b"\1\x40", 1) + vector(b"\4\3") + vector(vector(distinguished(CN="Example CA"))))
    + message(14, b"")
)
_HELLO = "Client Hello (SNI=full.example.org)"


def _segment(payload: bytes, ports: tuple[int, int] = (40412, 443)) -> bytes:
    return ethernet(ipv4(tcp(payload, ports=ports), 6))


def _case(name: str, payload: bytes, protocol: str, info: str, *fields: tuple[str, str]) -> Case:
    return Case(name, _segment(payload), "eth:ip:tcp:tls", protocol, info, fields)


CASES = [
    _case(
        "a hello with every extension",
        tls_record(22, full_hello()),
        "TLSv1.3",
        _HELLO,
        ("tls.server_name", "full.example.org"),
        ("tls.Cipher suite", "0x0a0a (GREASE)"),
        ("tls.Cipher suite", "0xc0b0 (TLS_ECCPWD_WITH_AES_128_GCM_SHA256)"),
        ("tls.Cipher suite", "0xabcd"),
        ("tls.max_fragment_length", "4096 bytes"),
        ("tls.status_request", "OCSP"),
        ("tls.supported_groups", "GREASE, x25519, X25519MLKEM768, 0x9999"),
        ("tls.ec_point_formats", "uncompressed, ansiX962_compressed_prime, ansiX962_compressed_char2"),
        ("tls.signature_algorithms", "ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256, rsa_pkcs1_sha1"),
        ("tls.use_srtp", "SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_HMAC_SHA1_80"),
        ("tls.heartbeat", "allowed to send"),
        ("tls.application_layer_protocol_negotiation", "h2, http/1.1"),
        ("tls.status_request_v2", "OCSP multi"),
        ("tls.client_certificate_type", "raw public key, X.509"),
        ("tls.compress_certificate", "brotli, zlib"),
        ("tls.record_size_limit", "16385"),
        ("tls.supported_versions", "GREASE, TLSv1.3, TLSv1.2"),
        ("tls.cookie", b"cookie".hex()),
        ("tls.psk_key_exchange_modes", "PSK with (EC)DHE"),
        ("tls.certificate_authorities", "CN=Example CA"),
        ("tls.signature_algorithms_cert", "ed25519"),
        ("tls.key_share", "GREASE, x25519"),
        ("tls.Key share", "x25519, 32 bytes"),
        ("tls.encrypted_client_hello", "outer, configuration 43, 16 bytes"),
        ("tls.padding", "5 bytes"),
        ("tls.pre_shared_key", "1 identity"),
    ),
    _case(
        "a hello that goes on in another segment",
        tls_record(22, full_hello())[:200],
        "TLSv1.2",
        f"{_HELLO} [continues]",
        ("tls.server_name", "full.example.org"),
    ),
    _case(
        "a hello whose name is in another segment",
        tls_record(22, full_hello())[:80],
        "TLSv1.2",
        "Client Hello [continues]",
        ("tls.Version", "0x0303 (TLSv1.2)"),
    ),
    _case(
        "the flight of a server",
        tls_record(22, FLIGHT, 0x0303),
        "TLSv1.2",
        "Server Hello, Certificate, Certificate Status, Server Key Exchange, Certificate Request, Server Hello Done",
        ("tls.Cipher suite", "0xc02b (TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)"),
        (
            "tls.Certificate",
            "CN=www.example.org, valid 2024-01-02 to 2052-01-02, issued by CN=Example CA,O=Example,C=DE",
        ),
        ("tls.Serial number", "1234"),
        ("tls.Signed with", "ecdsa-with-SHA256"),
        ("tls.Issuer", "CN=Example CA,O=Example,C=DE"),
        ("tls.Not before", "2024-01-02 03:04:05 UTC"),
        ("tls.Not after", "2052-01-02 03:04:05 UTC"),
        ("tls.Subject", "CN=www.example.org"),
        ("tls.Public key", "ecPublicKey prime256v1"),
        (
            "tls.Extension",
            "subject alternative name  www.example.org, *.example.net, 192.0.2.1, 2001:db8::1, a@example.org, "
            "https://example.org/, CN=other, 1.2.3",
        ),
        ("tls.DNS name", "*.example.net"),
        ("tls.Extension", "basic constraints  CA, path length 3"),
        ("tls.Extension", "key usage  digital signature, certificate signing, CRL signing"),
        ("tls.Extension", "extended key usage  server authentication, client authentication"),
        ("tls.Extension", "subject key identifier  00010203"),
        ("tls.Extension", "authority key identifier  aabb"),
        ("tls.Extension", "CRL distribution points  http://crl.example.org"),
        (
            "tls.Extension",
            "authority information access  OCSP http://ocsp.example.org, CA issuers http://ca.example.org",
        ),
        ("tls.Extension", "certificate policies  domain validated"),
        ("tls.Extension", "TLS feature  3003020105"),
        ("tls.Critical", "yes"),
        ("tls.Named curve", "0x001d (x25519)"),
        ("tls.Signature algorithm", "0x0403 (ecdsa_secp256r1_sha256)"),
        ("tls.Certificate type", "64 (ECDSA sign)"),
        ("tls.Authority", "CN=Example CA"),
        ("tls.Status type", "1 (OCSP)"),
    ),
    _case(
        "a server that chose TLS 1.3",
        tls_record(22, server_hello(extension(51, b"\0\x1d" + vector(bytes(32))), extension(43, b"\3\4")), 0x0303)
        + tls_record(20, b"\1", 0x0303)
        + tls_record(23, b"x" * 40, 0x0303),
        "TLSv1.3",
        "Server Hello, Change Cipher Spec, Application Data",
        ("tls.supported_versions", "TLSv1.3"),
        ("tls.key_share", "x25519"),
    ),
    _case(
        "a server that wants another hello",
        tls_record(22, server_hello(extension(43, b"\3\4"), extension(51, b"\0\x18"), random=RETRY), 0x0303),
        "TLSv1.3",
        "Hello Retry Request",
        ("tls.Random", "Hello Retry Request"),
        ("tls.key_share", "secp384r1"),
    ),
    _case(
        "the second hello of a client",
        tls_record(20, b"\1", 0x0303) + client_hello(),
        "TLSv1.3",
        "Change Cipher Spec, Client Hello (SNI=example.org)",
        ("tls.server_name", "example.org"),
    ),
    _case(
        "a client's key and what is encrypted from there on",
        tls_record(22, message(16, vector(b"\4" + bytes(64), 1)) + message(15, SIGNATURE), 0x0303)
        + tls_record(20, b"\1", 0x0303)
        + tls_record(22, bytes(8) + b"\xaa" * 32, 0x0303),
        "TLSv1.2",
        "Client Key Exchange, Certificate Verify, Change Cipher Spec, Encrypted Handshake Message",
        ("tls.Public key length", "65"),
        ("tls.Encrypted handshake", "40 bytes"),
    ),
    _case(
        "Diffie-Hellman of numbers, and no algorithm named",
        tls_record(
            22, message(12, vector(b"\xff" * 32) + vector(b"\2") + vector(b"\x80" * 32) + vector(b"signature")), 0x0301
        ),
        "TLSv1",
        "Server Key Exchange",
        ("tls.Server Key Exchange", "82 bytes, Diffie-Hellman 256 bits"),
        ("tls.Generator", "02"),
    ),
    _case(
        "a ticket",
        tls_record(22, message(4, pack(">I", 7200) + vector(b"ticket")), 0x0303) + tls_record(20, b"\1", 0x0303),
        "TLSv1.2",
        "New Session Ticket, Change Cipher Spec",
        ("tls.New Session Ticket", "12 bytes, for 7200 s"),
    ),
    _case(
        "a message in three records",
        b"".join(tls_record(22, FLIGHT[place : place + 512], 0x0303) for place in range(0, len(FLIGHT), 512)),
        "TLSv1.2",
        "Server Hello, Certificate, Certificate Status, Server Key Exchange, Certificate Request, Server Hello Done",
        ("tls.Part of the message before", "225 bytes"),
        ("tls.Status type", "1 (OCSP)"),
    ),
    _case(
        "a record that begins behind the end of another",
        b"\xee" * 300 + tls_record(22, message(14, b""), 0x0303),
        "TLSv1.2",
        "Continuation Data, Server Hello Done",
        ("tls.Part of a record that began in an earlier segment", "300 bytes"),
        ("tls.Server Hello Done", "0 bytes"),
    ),
    _case("the middle of a record on its port", b"\xee" * 300, "TLS", "Continuation Data"),
    _case(
        "an alert and a heartbeat",
        tls_record(21, b"\2\x2f") + tls_record(24, b"\1\0\4ping" + bytes(16)) + tls_record(24, b"\xee" * 40),
        "TLSv1",
        "Alert (Level: Fatal, Description: Illegal Parameter), Heartbeat Request, Encrypted Heartbeat",
        ("tls.Alert", "47 (Illegal Parameter)"),
        ("tls.Payload", "4 bytes"),
    ),
    _case(
        "a certificate that is none",
        tls_record(22, message(11, vector(vector(b"\x04\x03abc", 3), 3)) + message(14, b""), 0x0303),
        "TLSv1.2",
        "Certificate, Server Hello Done",
        ("tls.Certificate", "not a certificate that can be read: DER element 0x04 where 0x30 belongs"),
    ),
    _case(
        "a hello in the form of SSL 2",
        pack(">HBHHHH", 0x8000 | 9 + 6 + 16, 1, 0x0301, 6, 0, 16) + b"\1\0\x80\0\0\x05" + bytes(16),
        "SSLv2",
        "Client Hello",
        ("tls.Cipher suite", "0x010080 (SSL_CK_RC4_128_WITH_MD5)"),
        ("tls.Cipher suite", "0x0005 (TLS_RSA_WITH_RC4_128_SHA)"),
        ("tls.Length", "31"),
    ),
    Case(
        "STARTTLS",
        _segment(client_hello(), (40412, 25)),
        "eth:ip:tcp:tls",
        "TLSv1.3",
        "Client Hello (SNI=example.org)",
    ),
]
