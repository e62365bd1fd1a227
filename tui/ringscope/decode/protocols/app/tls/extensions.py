# SPDX-License-Identifier: Apache-2.0
"""The extensions of hello messages (RFC 6066, RFC 7301, RFC 8446 section 4.2 and others), field by field."""

from __future__ import annotations

from collections.abc import Callable

from ringscope.decode.draft import Draft
from ringscope.decode.forms import Form, coded, hex8, octets
from ringscope.decode.protocols.app.tls.certificate import name
from ringscope.decode.protocols.app.tls.hello import CLIENT, SERVER
from ringscope.decode.protocols.app.tls.names import VERSIONS
from ringscope.decode.protocols.app.tls.parameters import (
    CERTIFICATE_COMPRESSIONS,
    CERTIFICATE_TYPES,
    EXTENSIONS,
    FRAGMENT_LENGTHS,
    GROUPS,
    HEARTBEAT_MODES,
    KEY_MODES,
    NAME_TYPES,
    POINT_FORMATS,
    SIGNATURES,
    SRTP_PROFILES,
    STATUS_TYPES,
    suites,
)

Reader = Callable[[Draft, int], str]
"""Reads the data of an extension of a hello of that kind (0 elsewhere), and says what it holds."""

version_form = coded(4, VERSIONS)
signature_form = coded(4, SIGNATURES)
group_form = coded(4, GROUPS)


def suite_form(code: int) -> str:
    """A cipher suite in hexadecimal, with its name."""
    return coded(4, suites())(code)


def extensions(draft: Draft, hello: int) -> None:
    """Read a list of extensions and the length before it, if there is one."""
    if draft.left < 2:
        return
    with draft.limited(draft.uint("Extensions length", 2)):
        while draft.left:
            _extension(draft, hello)


def _extension(draft: Draft, hello: int) -> None:
    kind = draft.peek(2)
    with draft.group(EXTENSIONS.get(kind, f"extension {kind}")) as group:
        draft.uint("Type", 2, coded(4, EXTENSIONS))
        with draft.limited(draft.uint("Length", 2)):
            read = READERS.get(kind)
            if read is not None and draft.left:
                group.display = read(draft, hello)
                draft.rest("Data")
            else:
                group.display = octets(draft.rest("Data"))


def _listed(draft: Draft, label: str, size: int, table: dict[int, str], form: Form) -> str:
    """Numbers up to the end."""
    found = []
    while draft.left:
        value = draft.uint(label, size, form)
        found.append(table.get(value) or f"0x{value:0{size * 2}x}")
    return ", ".join(found)


def _numbers(label: str, size: int, table: dict[int, str], *, prefix: int) -> Reader:
    """A list of numbers behind its length in `prefix` bytes."""
    form = coded(size * 2, table) if size > 1 else table

    def read(draft: Draft, _: int) -> str:
        with draft.limited(draft.uint("List length", prefix)):
            return _listed(draft, label, size, table, form)

    return read


def _single(label: str, size: int, table: dict[int, str]) -> Reader:
    def read(draft: Draft, _: int) -> str:
        value = draft.uint(label, size, coded(size * 2, table) if size > 1 else table)
        return table.get(value, str(value))

    return read


def _chosen(label: str, size: int, table: dict[int, str]) -> Reader:
    """A client lists, a server chooses one."""
    every, one = _numbers(label, size, table, prefix=1), _single(label, size, table)
    return lambda draft, hello: one(draft, hello) if hello == SERVER else every(draft, hello)


def _server_name(draft: Draft, _: int) -> str:
    found = []
    with draft.limited(draft.uint("List length", 2)):
        while draft.left:
            draft.uint("Name type", 1, NAME_TYPES)
            size = draft.uint("Name length", 2)
            found.append(draft.text("Name", size) if size else "")
    return ", ".join(found)


def _protocols(draft: Draft, _: int) -> str:
    with draft.limited(draft.uint("List length", 2)):
        return _protocol_names(draft)


def _protocol_names(draft: Draft) -> str:
    found = []
    while draft.left:
        size = draft.take(1, "protocol length")[0]
        found.append(draft.text("Protocol", size) if size else "")
    return ", ".join(found)


def _versions(draft: Draft, hello: int) -> str:
    if hello == SERVER:
        return _listed(draft, "Version", 2, VERSIONS, version_form)
    with draft.limited(draft.uint("List length", 1)):
        return _listed(draft, "Version", 2, {**VERSIONS, **_GREASE}, version_form)


_GREASE = {code: text for code, text in GROUPS.items() if text == "GREASE"}


def _key_shares(draft: Draft, hello: int) -> str:
    if draft.left == 2:  # a server that wants another one (Hello Retry Request)
        return _listed(draft, "Group", 2, GROUPS, group_form)
    if hello == SERVER:
        return _key_share(draft)
    found = []
    with draft.limited(draft.uint("List length", 2)):
        while draft.left:
            found.append(_key_share(draft))
    return ", ".join(found)


def _key_share(draft: Draft) -> str:
    with draft.group("Key share") as group:
        value = draft.uint("Group", 2, group_form)
        size = draft.uint("Key length", 2)
        group.display = f"{GROUPS.get(value, f'0x{value:04x}')}, {size} bytes"
        draft.raw("Key", size)
    return GROUPS.get(value, f"0x{value:04x}")


def _shared_keys(draft: Draft, hello: int) -> str:
    if hello == SERVER:
        return f"identity {draft.uint('Selected identity', 2)}"
    found = 0
    with draft.limited(draft.uint("Identities length", 2)):
        while draft.left:
            draft.raw("Identity", draft.uint("Identity length", 2))
            draft.uint("Obfuscated ticket age", 4)
            found += 1
    with draft.limited(draft.uint("Binders length", 2)):
        while draft.left:
            draft.raw("Binder", draft.uint("Binder length", 1))
    return f"{found} identities" if found != 1 else "1 identity"


def _status(draft: Draft, hello: int) -> str:
    kind = draft.uint("Status type", 1, STATUS_TYPES)
    if hello == CLIENT and kind == 1:
        draft.raw("Responders", draft.uint("Responders length", 2))
        draft.raw("Request extensions", draft.uint("Request extensions length", 2))
    return STATUS_TYPES.get(kind, str(kind))


def _statuses(draft: Draft, hello: int) -> str:
    found = []
    with draft.limited(draft.uint("List length", 2)):
        while draft.left:
            kind = draft.uint("Status type", 1, STATUS_TYPES)
            found.append(STATUS_TYPES.get(kind, str(kind)))
            draft.raw("Request", draft.uint("Request length", 2))
    return ", ".join(found)


def _secure_real_time(draft: Draft, hello: int) -> str:
    said = _numbers("Profile", 2, SRTP_PROFILES, prefix=2)(draft, hello)
    draft.raw("Key identifier", draft.uint("Key identifier length", 1))
    return said


def _timestamps(draft: Draft, _: int) -> str:
    count = 0
    with draft.limited(draft.uint("List length", 2)):
        while draft.left:
            draft.raw("Timestamp", draft.uint("Timestamp length", 2))
            count += 1
    return f"{count} timestamps"


def _authorities(draft: Draft, _: int) -> str:
    with draft.limited(draft.uint("List length", 2)):
        return authorities(draft)


def authorities(draft: Draft) -> str:
    """Names of authorities up to the end, each behind two bytes with its length."""
    found = []
    while draft.left:
        with draft.limited(draft.uint("Name length", 2)):
            found.append(name(draft, "Authority"))
    return "; ".join(found)


def _behind_length(label: str, prefix: int) -> Reader:
    def read(draft: Draft, _: int) -> str:
        return octets(draft.raw(label, draft.uint(f"{label} length", prefix)))

    return read


def _early(draft: Draft, _: int) -> str:
    return f"at most {draft.uint('Most early data', 4)} bytes"


def _limit(draft: Draft, _: int) -> str:
    return str(draft.uint("Record size limit", 2))


def _padding(draft: Draft, _: int) -> str:
    def form(raw: bytes) -> str:
        return f"{len(raw)} bytes"

    return form(draft.rest("Padding", form))


def _certificate_types(draft: Draft, hello: int) -> str:
    return _chosen("Certificate type", 1, CERTIFICATE_TYPES)(draft, hello)


def _next_protocols(draft: Draft, _: int) -> str:
    return _protocol_names(draft)


def _encrypted_hello(draft: Draft, hello: int) -> str:
    if hello != CLIENT:
        return octets(draft.rest("Confirmation"))
    kind = draft.uint("Type", 1, {0: "outer", 1: "inner"})
    if kind:
        return "inner"
    draft.flags("Cipher suite", 4, hex8, ("Key derivation", 16, _DERIVATIONS), ("Authenticated cipher", 16, _CIPHERS))
    identifier = draft.uint("Configuration", 1)
    draft.raw("Encapsulated key", draft.uint("Encapsulated key length", 2))
    size = draft.uint("Payload length", 2)
    draft.raw("Payload", size)
    return f"outer, configuration {identifier}, {size} bytes"


_DERIVATIONS = {1: "HKDF-SHA256", 2: "HKDF-SHA384", 3: "HKDF-SHA512"}
_CIPHERS = {1: "AES-128-GCM", 2: "AES-256-GCM", 3: "ChaCha20Poly1305"}

READERS: dict[int, Reader] = {
    0: _server_name,
    1: _single("Longest fragment", 1, FRAGMENT_LENGTHS),
    5: _status,
    10: _numbers("Group", 2, GROUPS, prefix=2),
    11: _numbers("Point format", 1, POINT_FORMATS, prefix=1),
    13: _numbers("Signature algorithm", 2, SIGNATURES, prefix=2),
    14: _secure_real_time,
    15: _single("Mode", 1, HEARTBEAT_MODES),
    16: _protocols,
    17: _statuses,
    18: _timestamps,
    19: _certificate_types,
    20: _certificate_types,
    21: _padding,
    27: _numbers("Algorithm", 2, CERTIFICATE_COMPRESSIONS, prefix=1),
    28: _limit,
    34: _numbers("Signature algorithm", 2, SIGNATURES, prefix=2),
    41: _shared_keys,
    42: _early,
    43: _versions,
    44: _behind_length("Cookie", 2),
    45: _numbers("Mode", 1, KEY_MODES, prefix=1),
    47: _authorities,
    50: _numbers("Signature algorithm", 2, SIGNATURES, prefix=2),
    51: _key_shares,
    54: _behind_length("Connection ID", 1),
    13172: _next_protocols,
    17513: _protocols,
    17613: _protocols,
    65037: _encrypted_hello,
    65281: _behind_length("Renegotiated connection", 1),
}
