# SPDX-License-Identifier: Apache-2.0
"""The bodies of handshake messages (RFC 5246 section 7.4, RFC 8446 section 4), in TLS and in DTLS."""

from __future__ import annotations

from collections.abc import Callable

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed, Short
from ringscope.decode.forms import octets, seconds
from ringscope.decode.protocols.app.tls.certificate import certificate
from ringscope.decode.protocols.app.tls.extensions import (
    authorities,
    extensions,
    group_form,
    signature_form,
    suite_form,
    version_form,
)
from ringscope.decode.protocols.app.tls.hello import CLIENT, SERVER
from ringscope.decode.protocols.app.tls.names import RETRY
from ringscope.decode.protocols.app.tls.parameters import (
    CERTIFICATE_COMPRESSIONS,
    CLIENT_CERTIFICATES,
    COMPRESSIONS,
    CURVE_TYPES,
    GROUPS,
    SIGNATURES,
    STATUS_TYPES,
)

_NAMED_CURVE = 3
_HASH_CHOSEN = (0x0303, 0x0304, 0xFEFD, 0xFEFC)
"""Versions in which a signature says its algorithm."""


def body(draft: Draft, kind: int, version: int, *, whole: bool, datagram: bool = False) -> str:
    """Read a message's body up to the draft's end; returns what is said of it besides its name.

    version: of the conversation, as far as it is known. whole: it ends where the draft does; else what does not fit is
    left as bytes, since it goes on elsewhere.
    """
    end = draft.end
    try:
        said = _client_hello(draft, datagram) if kind == CLIENT else _READERS.get(kind, _unread)(draft, version)
    except Short:
        if whole:
            raise
        draft.end = end
        said = ""
    draft.rest("Rest")
    return said


def _unread(draft: Draft, _: int) -> str:
    draft.rest("Body")
    return ""


def _session(draft: Draft) -> None:
    with draft.group("Session") as group:
        group.display = octets(draft.raw("Identifier", draft.uint("Length", 1))) or "none"


def _client_hello(draft: Draft, datagram: bool) -> str:
    draft.uint("Version", 2, version_form)
    draft.raw("Random", 32)
    _session(draft)
    if datagram:
        draft.raw("Cookie", draft.uint("Cookie length", 1))
    with draft.group("Cipher suites") as group:
        size = draft.uint("Length", 2)
        group.display = str(size // 2)
        with draft.limited(size):
            while draft.left:
                draft.uint("Cipher suite", 2, suite_form)
    with draft.group("Compression methods") as group:
        size = draft.uint("Length", 1)
        group.display = str(size)
        for _ in range(size):
            draft.uint("Method", 1, COMPRESSIONS)
    extensions(draft, CLIENT)
    return ""


def _server_hello(draft: Draft, _: int) -> str:
    version = draft.uint("Version", 2, version_form)
    draft.raw("Random", 32, lambda raw: "Hello Retry Request" if raw == RETRY else octets(raw))
    if version >> 8 != 0x7F:
        _session(draft)
    draft.uint("Cipher suite", 2, suite_form)
    if version >> 8 != 0x7F:
        draft.uint("Compression method", 1, COMPRESSIONS)
    extensions(draft, SERVER)
    return ""


def _verify_request(draft: Draft, _: int) -> str:
    draft.uint("Version", 2, version_form)
    draft.raw("Cookie", draft.uint("Cookie length", 1))
    return ""


def _retry_request(draft: Draft, _: int) -> str:
    draft.uint("Version", 2, version_form)
    if draft.peek(2) == draft.left - 2:  # until draft 18 there was no cipher suite
        extensions(draft, SERVER)
        return ""
    draft.uint("Cipher suite", 2, suite_form)
    extensions(draft, SERVER)
    return ""


def _ticket(draft: Draft, _: int) -> str:
    lifetime = draft.uint("Lifetime", 4, seconds)
    draft.raw("Ticket", draft.uint("Ticket length", 2))
    return f"for {lifetime} s"


def _encrypted_extensions(draft: Draft, _: int) -> str:
    extensions(draft, 0)
    return ""


def _certificates(draft: Draft, _: int) -> str:
    first = ""
    with draft.limited(draft.uint("Certificates length", 3)):
        while draft.left:
            with draft.group("Certificate") as group:
                size = draft.uint("Length", 3)
                whole = size <= draft.left
                with draft.limited(size):
                    group.display = _one(draft, whole)
                first = first or group.display
    return first


def _one(draft: Draft, whole: bool) -> str:
    """A certificate; one that is not as it should be is shown as far as it goes, and what follows it is read."""
    end = draft.end
    try:
        return certificate(draft)
    except Malformed as broken:
        if isinstance(broken, Short) and not whole:
            raise
        draft.end = end
        draft.rest("Rest")
        return f"not a certificate that can be read: {broken}"


def _server_key(draft: Draft, version: int) -> str:
    # The cipher suite says what is in here, but it is in another message; curves have a mark of their own.
    said = ""
    if draft.peek() == _NAMED_CURVE and draft.left > 4 and draft.peek(2, 1) in GROUPS and draft.peek(1, 3) > 1:
        draft.uint("Curve type", 1, CURVE_TYPES)
        curve = draft.uint("Named curve", 2, group_form)
        said = GROUPS[curve]
        draft.raw("Public key", draft.uint("Public key length", 1))
    elif _three_fit(draft):
        for label in ("Prime", "Generator", "Public key"):
            raw = draft.raw(label, draft.uint(f"{label} length", 2))
            said = said or f"Diffie-Hellman {int.from_bytes(raw, 'big').bit_length()} bits"
    else:
        draft.rest("Parameters")
    _signature(draft, version)
    return said


def _three_fit(draft: Draft) -> bool:
    """Whether three numbers of plausible size stand here, each behind two bytes with its length."""
    ahead = 0
    for _ in range(3):
        if ahead + 2 > draft.left:
            return False
        size = draft.peek(2, ahead)
        if not size:
            return False
        ahead += 2 + size
    return ahead <= draft.left


def _signature(draft: Draft, version: int) -> None:
    if draft.left < 4:
        return
    if version in _HASH_CHOSEN and draft.peek(2) in SIGNATURES:
        draft.uint("Signature algorithm", 2, signature_form)
    draft.raw("Signature", draft.uint("Signature length", 2))


def _certificate_request(draft: Draft, version: int) -> str:
    with draft.limited(draft.uint("Types length", 1)):
        while draft.left:
            draft.uint("Certificate type", 1, CLIENT_CERTIFICATES)
    if version in _HASH_CHOSEN:
        with draft.limited(draft.uint("Signature algorithms length", 2)):
            while draft.left:
                draft.uint("Signature algorithm", 2, signature_form)
    with draft.limited(draft.uint("Authorities length", 2)):
        return authorities(draft)


def _certificate_verify(draft: Draft, version: int) -> str:
    _signature(draft, version)
    return ""


def _client_key(draft: Draft, _: int) -> str:
    if draft.peek() == draft.left - 1:
        draft.raw("Public key", draft.uint("Public key length", 1))
    elif draft.left > 2 and draft.peek(2) == draft.left - 2:
        # Encrypted for RSA, in the clear for Diffie-Hellman, a name for pre-shared keys.
        draft.raw("Key exchange data", draft.uint("Key exchange data length", 2))
    else:
        draft.rest("Key exchange data")
    return ""


def _status(draft: Draft, _: int) -> str:
    kind = draft.uint("Status type", 1, STATUS_TYPES)
    draft.raw("Response", draft.uint("Response length", 3))
    return STATUS_TYPES.get(kind, "")


def _compressed(draft: Draft, _: int) -> str:
    algorithm = draft.uint("Algorithm", 2, CERTIFICATE_COMPRESSIONS)
    size = draft.uint("Uncompressed length", 3)
    draft.raw("Compressed message", draft.uint("Length", 3))
    return f"{CERTIFICATE_COMPRESSIONS.get(algorithm, algorithm)}, {size} bytes uncompressed"


def _next_protocol(draft: Draft, _: int) -> str:
    said = draft.text("Protocol", size) if (size := draft.uint("Protocol length", 1)) else ""
    draft.raw("Padding", draft.uint("Padding length", 1))
    return said


def _finished(draft: Draft, _: int) -> str:
    draft.rest("Verification data")
    return ""


_READERS: dict[int, Callable[[Draft, int], str]] = {
    2: _server_hello,
    3: _verify_request,
    4: _ticket,
    6: _retry_request,
    8: _encrypted_extensions,
    11: _certificates,
    12: _server_key,
    13: _certificate_request,
    15: _certificate_verify,
    16: _client_key,
    20: _finished,
    22: _status,
    25: _compressed,
    67: _next_protocol,
}
