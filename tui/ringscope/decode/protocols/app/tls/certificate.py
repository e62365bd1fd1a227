# SPDX-License-Identifier: Apache-2.0
"""X.509 certificates (RFC 5280) in the messages of TLS: names, validity, key, and the extensions people look for."""

from __future__ import annotations

from collections.abc import Callable

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import ip_text, octets
from ringscope.decode.protocols.app.tls.der import (
    BITS,
    INTEGER,
    OBJECT,
    OCTETS,
    SEQUENCE,
    SET,
    characters,
    element,
    next_is,
    object_name,
    take_characters,
    take_integer,
    take_moment,
    take_object,
)
from ringscope.decode.text import shorten

_VERSIONS = {0: "v1", 1: "v2", 2: "v3"}
_USAGES = (
    "digital signature",
    "non-repudiation",
    "key encipherment",
    "data encipherment",
    "key agreement",
    "certificate signing",
    "CRL signing",
    "encipher only",
    "decipher only",
)
_NAMES = {1: "Mail address", 2: "DNS name", 6: "URI"}
_LONGEST = 300


def certificate(draft: Draft) -> str:
    """Read a certificate; returns its subject, with validity and issuer. What is not here raises Short or Cut."""
    with element(draft, SEQUENCE):
        with element(draft, SEQUENCE):
            said = _signed(draft)
        _algorithm(draft, "Signature algorithm")
        with element(draft, BITS):
            draft.rest("Signature")
    return said


def _signed(draft: Draft) -> str:
    if next_is(draft, 0xA0):
        with element(draft), element(draft, INTEGER):
            draft.uint("Version", draft.left, _VERSIONS)
    with element(draft, INTEGER):
        draft.rest("Serial number")
    _algorithm(draft, "Signed with")
    issuer = name(draft, "Issuer")
    with draft.group("Validity") as group, element(draft, SEQUENCE):
        first, last = take_moment(draft, "Not before"), take_moment(draft, "Not after")
        group.display = f"{first} to {last}"
    subject = name(draft, "Subject")
    _key(draft)
    for tag in (0x81, 0x82):
        if next_is(draft, tag):
            with element(draft):
                draft.rest("Unique identifier")
    subjects: list[str] = []
    if next_is(draft, 0xA3):
        with element(draft), element(draft, SEQUENCE):
            while draft.left:
                subjects += _extension(draft)
    shown = subject or ", ".join(subjects[:3])
    return f"{shown}, valid {first[:10]} to {last[:10]}, issued by {issuer}"


def _algorithm(draft: Draft, label: str) -> str:
    with element(draft, SEQUENCE):
        found = take_object(draft, label)
        draft.rest("Parameters")
    return found


def name(draft: Draft, label: str) -> str:
    """Read a distinguished name; returns it in the form of RFC 4514, last part first."""
    parts: list[str] = []
    with draft.group(label) as group, element(draft, SEQUENCE):
        while draft.left:
            with element(draft, SET):
                words = []
                while draft.left:
                    words.append(_attribute(draft))
            parts.insert(0, "+".join(words))
        group.display = shorten(",".join(parts), _LONGEST)
    return group.display


def _attribute(draft: Draft) -> str:
    with element(draft, SEQUENCE):
        with element(draft, OBJECT):
            kind = object_name(draft.take(draft.left, "attribute"))
        with element(draft) as tag:
            return f"{kind}={take_characters(draft, kind, tag)}"


def _key(draft: Draft) -> None:
    with draft.group("Public key") as group, element(draft, SEQUENCE):
        with element(draft, SEQUENCE):
            group.display = take_object(draft, "Algorithm")
            if next_is(draft, OBJECT):
                group.display += f" {take_object(draft, 'Curve')}"
            draft.rest("Parameters")
        with element(draft, BITS):
            draft.take(1, "unused bits")
            if group.display == "rsaEncryption":
                with element(draft, SEQUENCE):
                    with element(draft, INTEGER):
                        group.display += f" {_bits(draft.rest('Modulus'))} bits"
                    take_integer(draft, "Exponent")
            else:
                draft.rest("Key")


def _bits(raw: bytes) -> int:
    return int.from_bytes(raw, "big").bit_length()


def _extension(draft: Draft) -> list[str]:
    """Read one; returns the subject's names, where it is they."""
    with draft.group("Extension") as group, element(draft, SEQUENCE):
        kind = take_object(draft, "Identifier")
        group.display = kind
        if next_is(draft, 0x01):
            with element(draft):
                draft.uint("Critical", draft.left, lambda value: "yes" if value else "no")
        with element(draft, OCTETS):
            read = _EXTENSIONS.get(kind)
            found = read(draft) if read is not None and draft.left else [octets(draft.rest("Value"))]
            draft.rest("Rest")
        said = shorten(", ".join(found), _LONGEST)
        group.display += f"  {said}" if said else ""
    return found if kind == "subject alternative name" else []


def _names(draft: Draft) -> list[str]:
    with element(draft, SEQUENCE):
        found = []
        while draft.left:
            found.append(_general(draft))
    return found


def _general(draft: Draft) -> str:
    """A GeneralName."""
    with element(draft) as tag:
        kind = tag & 0x1F
        if kind in _NAMES:
            return take_characters(draft, _NAMES[kind], tag)
        if kind == 7:
            return ip_text(draft.rest("IP address", ip_text))
        if kind == 4:
            return name(draft, "Directory name")
        if kind == 8:
            return object_name(draft.rest("Registered identifier", object_name))
        return octets(draft.rest("Other name"))


def _constraints(draft: Draft) -> list[str]:
    said = ["no CA"]
    with element(draft, SEQUENCE):
        if next_is(draft, 0x01):
            with element(draft):
                said = ["CA" if draft.uint("CA", draft.left, lambda value: "yes" if value else "no") else "no CA"]
        if next_is(draft, INTEGER):
            said.append(f"path length {take_integer(draft, 'Path length')}")
    return said


def _usage(draft: Draft) -> list[str]:
    with element(draft, BITS):
        if draft.left < 2:
            raise Malformed("key usage without bits")
        draft.take(1, "unused bits")

        def form(raw: bytes) -> str:
            value = int.from_bytes(raw.ljust(2, b"\0")[:2], "big")
            return ", ".join(use for place, use in enumerate(_USAGES) if value & 0x8000 >> place)

        return [form(draft.rest("Usage", form))]


def _purposes(draft: Draft) -> list[str]:
    with element(draft, SEQUENCE):
        found = []
        while draft.left:
            found.append(take_object(draft, "Purpose"))
    return found


def _subject_key(draft: Draft) -> list[str]:
    with element(draft, OCTETS):
        return [octets(draft.rest("Key identifier"))]


def _authority_key(draft: Draft) -> list[str]:
    found = []
    with element(draft, SEQUENCE):
        while draft.left:
            with element(draft) as tag:
                labels = {0x80: "Key identifier", 0xA1: "Issuer", 0x82: "Serial number"}
                raw = draft.rest(labels.get(tag, "Value"))
                if tag == 0x80:
                    found.append(octets(raw))
    return found


def _points(draft: Draft) -> list[str]:
    """CRL distribution points: the URIs that are in them."""
    found = []
    with element(draft, SEQUENCE):
        while draft.left:
            with element(draft, SEQUENCE):
                while draft.left:
                    with element(draft) as tag:
                        if tag == 0xA0 and next_is(draft, 0xA0):
                            with element(draft):
                                while draft.left:
                                    found.append(_general(draft))
                        draft.rest("Value")
    return found


def _access(draft: Draft) -> list[str]:
    found = []
    with element(draft, SEQUENCE):
        while draft.left:
            with element(draft, SEQUENCE):
                method = take_object(draft, "Method")
                found.append(f"{method} {_general(draft)}")
    return found


def _policies(draft: Draft) -> list[str]:
    found = []
    with element(draft, SEQUENCE):
        while draft.left:
            with element(draft, SEQUENCE):
                found.append(take_object(draft, "Policy"))
                draft.rest("Qualifiers")
    return found


def _comment(draft: Draft) -> list[str]:
    with element(draft) as tag:
        return [characters(tag, draft.rest("Comment", lambda raw: characters(tag, raw)))]


_EXTENSIONS: dict[str, Callable[[Draft], list[str]]] = {
    "subject alternative name": _names,
    "issuer alternative name": _names,
    "basic constraints": _constraints,
    "key usage": _usage,
    "extended key usage": _purposes,
    "subject key identifier": _subject_key,
    "authority key identifier": _authority_key,
    "CRL distribution points": _points,
    "authority information access": _access,
    "subject information access": _access,
    "certificate policies": _policies,
    "Netscape comment": _comment,
    "certificate template name": _comment,
}
