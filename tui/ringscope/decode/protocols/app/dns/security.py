# SPDX-License-Identifier: Apache-2.0
"""Records that sign others: DNSSEC (RFC 4034), TSIG (RFC 8945) and TKEY (RFC 2930)."""

from __future__ import annotations

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex4, is_set, plain, seconds
from ringscope.decode.protocols.app.dns.names import ALGORITHMS, RCODE_SHORT
from ringscope.decode.protocols.app.dns.parts import (
    Part,
    base64,
    kinds,
    moment,
    name,
    number,
    sequence,
    sized,
    take_name,
    when,
)
from ringscope.decode.protocols.app.dns.wire import type_name

_MODES = {1: "server assignment", 2: "Diffie-Hellman", 3: "GSS-API", 4: "resolver assignment", 5: "deletion"}
_RSAMD5 = 1


def algorithm(label: str) -> Part:
    """The algorithm of a key or a signature, by name."""

    def read(draft: Draft, _: int) -> str:
        value = draft.uint(label, 1, ALGORITHMS)
        return ALGORITHMS.get(value, str(value))

    return read


def _covered(draft: Draft, _: int) -> str:
    return type_name(draft.uint("Type covered", 2, lambda value: f"{value} ({type_name(value)})"))


signature = sequence(
    _covered,
    algorithm("Algorithm"),
    number("Labels", 1),
    number("Original time to live", 4, seconds),
    moment("Expiration"),
    moment("Inception"),
    number("Key tag", 2),
    name("Signer"),
    base64("Signature"),
)

next_secure = sequence(name("Next name"), kinds("Types"))


def key(draft: Draft, base: int) -> str:
    """KEY, DNSKEY, CDNSKEY: the key, and the tag by which signatures name it."""
    start, end = draft.at, draft.end
    flags = draft.flags(
        "Flags",
        2,
        hex4,
        ("", 7, plain),
        ("Zone key", 1, is_set),
        ("Revoked", 1, is_set),
        ("", 6, plain),
        ("Secure entry point", 1, is_set),
    )[0]
    words = [
        str(flags),
        str(draft.uint("Protocol", 1)),
        algorithm("Algorithm")(draft, base),
        base64("Key")(draft, base),
    ]
    raw = draft.data[start:end]
    if raw[3] != _RSAMD5:
        tag = _tag(raw)
        draft.add("Key tag", str(tag), start, 0, note="computed over the record's data")
        words.append(f"(key tag {tag})")
    return " ".join(words)


def _tag(raw: bytes) -> int:
    """RFC 4034 appendix B."""
    total = sum(raw[1::2]) + (sum(raw[::2]) << 8)
    return total + (total >> 16 & 0xFFFF) & 0xFFFF


def _long_moment(draft: Draft) -> str:
    return when(draft.uint("Time signed", 6, when))


def _error(draft: Draft) -> str:
    value = draft.uint("Error", 2, RCODE_SHORT)
    return RCODE_SHORT.get(value, str(value))


def transaction_signature(draft: Draft, base: int) -> str:
    """TSIG."""
    words = [take_name(draft, "Algorithm", base), _long_moment(draft)]
    draft.uint("Fudge", 2, seconds)
    sized("Signature", 2)(draft, base)
    words.append(f"id 0x{draft.uint('Original transaction', 2, hex4):04x}")
    words.append(_error(draft))
    sized("Other", 2)(draft, base)
    return " ".join(words)


def transaction_key(draft: Draft, base: int) -> str:
    """TKEY."""
    words = [take_name(draft, "Algorithm", base), moment("Inception")(draft, base), moment("Expiration")(draft, base)]
    mode = draft.uint("Mode", 2, _MODES)
    words += [_MODES.get(mode, str(mode)), _error(draft)]
    sized("Key", 2)(draft, base)
    sized("Other", 2)(draft, base)
    return " ".join(words)
