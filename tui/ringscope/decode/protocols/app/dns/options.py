# SPDX-License-Identifier: Apache-2.0
"""The options of an OPT record (RFC 6891), each with what it says."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex4, hex16, ip_text, octets, seconds
from ringscope.decode.protocols.app.dns.names import ALGORITHMS, DIGESTS, ERRORS, OPTIONS
from ringscope.decode.protocols.app.dns.parts import short, take_name

_FAMILIES = {1: "IPv4", 2: "IPv6"}
_LISTS = {5: ALGORITHMS, 6: DIGESTS, 7: {1: "SHA-1"}}
_LEASES = {1: "setup", 2: "refresh", 3: "event"}


def options(draft: Draft, base: int) -> str:
    """All options up to the end; returns their names."""
    names = []
    while draft.left:
        kind = draft.peek(2)
        names.append(OPTIONS.get(kind, f"option {kind}"))
        with draft.group("Option") as group:
            draft.uint("Code", 2, OPTIONS)
            with draft.limited(draft.uint("Length", 2)):
                said = _option(draft, kind, base)
                draft.rest("Rest")
            group.display = f"{names[-1]}  {said}".rstrip()
    return ", ".join(names)


def _option(draft: Draft, kind: int, base: int) -> str:
    if kind in _LISTS:
        table = _LISTS[kind]
        return ", ".join(str(draft.uint("Algorithm", 1, table)) for _ in range(draft.left))
    read = _READERS.get(kind)
    if read is not None and draft.left:
        return read(draft, base)
    return octets(draft.rest("Data"))


def _long_lived(draft: Draft, _: int) -> str:
    """RFC 8764."""
    draft.uint("Version", 2)
    operation = draft.uint("Operation", 2, _LEASES)
    draft.uint("Error", 2)
    draft.uint("Identifier", 8, hex16)
    return f"{_LEASES.get(operation, operation)}, {draft.uint('Lease', 4, seconds)} s"


def _lease(draft: Draft, _: int) -> str:
    """RFC 9664."""
    said = f"{draft.uint('Lease', 4, seconds)} s"
    if draft.left >= 4:
        said += f", key {draft.uint('Key lease', 4, seconds)} s"
    return said


def _subnet(draft: Draft, _: int) -> str:
    """RFC 7871."""
    family = draft.uint("Family", 2, _FAMILIES)
    source, scope = draft.uint("Source prefix length", 1), draft.uint("Scope prefix length", 1)
    size = {1: 4, 2: 16}.get(family, draft.left)

    def form(raw: bytes) -> str:
        return ip_text(raw.ljust(size, b"\0")) if len(raw) <= size else octets(raw)

    return f"{form(draft.rest('Address', form))}/{source}, scope {scope}"


def _cookie(draft: Draft, _: int) -> str:
    """RFC 7873."""
    client = draft.raw("Client cookie", min(8, draft.left)).hex()
    server = draft.rest("Server cookie").hex()
    return f"{client} {server}".rstrip()


def _error(draft: Draft, _: int) -> str:
    """RFC 8914."""
    code = draft.uint("Code", 2, ERRORS)
    words = draft.text("Text", draft.left) if draft.left else ""
    return f"{ERRORS.get(code, code)}{': ' if words else ''}{words}"


def _idle(draft: Draft, _: int) -> str:
    """RFC 7828: tenths of a second."""

    def form(value: int) -> str:
        return f"{value / 10:g} s"

    return form(draft.uint("Idle timeout", 2, form))


def _tags(draft: Draft, _: int) -> str:
    """RFC 8145."""
    return ", ".join(str(draft.uint("Key tag", 2)) for _ in range(draft.left // 2))


def _zone_version(draft: Draft, _: int) -> str:
    """RFC 9660."""
    labels = draft.uint("Labels", 1)
    kind = draft.uint("Type", 1, {0: "SOA serial"})
    return (
        f"{labels} labels, {draft.uint('Serial', 4) if kind == 0 and draft.left == 4 else octets(draft.rest('Value'))}"
    )


_READERS = {
    1: _long_lived,
    2: _lease,
    3: lambda draft, _: short(draft.rest("Identifier", short)),  # RFC 5001
    8: _subnet,
    9: lambda draft, _: f"{draft.uint('Expire', 4, seconds)} s",  # RFC 7314
    10: _cookie,
    11: _idle,
    12: lambda draft, _: f"{len(draft.rest('Padding', lambda raw: f'{len(raw)} bytes'))} bytes",  # RFC 7830
    13: lambda draft, base: take_name(draft, "Closest trust point", base),  # RFC 7901
    14: _tags,
    15: _error,
    16: lambda draft, _: f"0x{draft.uint('Tag', 2, hex4):04x}",
    17: lambda draft, _: f"0x{draft.uint('Tag', 2, hex4):04x}",
    18: lambda draft, base: take_name(draft, "Agent domain", base),  # RFC 9567
    19: _zone_version,
}
