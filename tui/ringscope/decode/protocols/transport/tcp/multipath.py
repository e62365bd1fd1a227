# SPDX-License-Identifier: Apache-2.0
"""Multipath TCP (RFC 8684, version 0 of RFC 6824), an option of TCP with subtypes."""

from __future__ import annotations

from collections.abc import Callable

from ringscope.decode.address import ip_text
from ringscope.decode.draft import Bits, Draft
from ringscope.decode.forms import hex4, hex8, hexadecimal, octets, plain, yes
from ringscope.decode.values import blob

_SUBTYPES = {
    0: "MP_CAPABLE",
    1: "MP_JOIN",
    2: "DSS",
    3: "ADD_ADDR",
    4: "REMOVE_ADDR",
    5: "MP_PRIO",
    6: "MP_FAIL",
    7: "MP_FASTCLOSE",
    8: "MP_TCPRST",
    15: "MP_EXPERIMENTAL",
}
_REASONS = {
    0: "unspecified",
    1: "MPTCP-specific error",
    2: "lack of resources",
    3: "administratively prohibited",
    4: "too much outstanding data",
    5: "unacceptable performance",
    6: "middlebox interference",
}
_key = hexadecimal(16)


def multipath(draft: Draft, size: int) -> str:
    """The value of the option; returns what its heading says."""
    if size < 1:
        return blob(draft, size)
    kind = draft.peek() >> 4
    name = _SUBTYPES.get(kind, f"subtype {kind}")
    reader = _READERS.get(kind)
    if reader is None or size < _LEAST.get(kind, 2):
        draft.bits(1, ("Subtype", 4, _SUBTYPES), ("", 4, plain))
        return f"{name} {octets(draft.rest('Value')) if draft.left else ''}".rstrip()
    words = reader(draft, size)
    return f"{name} {words}".rstrip()


def _first(draft: Draft, size: int, *parts: Bits) -> tuple[int, ...]:
    return draft.bits(size, ("Subtype", 4, _SUBTYPES), *parts)


def _capable(draft: Draft, size: int) -> str:
    parts = (("Checksum required (A)", 1, yes), ("Extensibility (B)", 1, yes), ("No joins here (C)", 1, yes))
    _, version, *_ = _first(
        draft, 2, ("Version", 4, plain), *parts, ("Reserved", 4, plain), ("HMAC-SHA256 (H)", 1, yes)
    )
    words = [f"version {version}"]
    for label in ("Sender's key", "Receiver's key"):
        if draft.left >= 8:
            words.append(f"{label.lower()} {_key(draft.uint(label, 8, _key))}")
    if draft.left >= 2:
        words.append(f"{draft.uint('Data-level length', 2)} bytes")
    if draft.left >= 2:
        draft.uint("Checksum", 2, hex4)
    return ", ".join(words)


def _join(draft: Draft, size: int) -> str:
    if size == 22:
        _first(draft, 2, ("Reserved", 12, plain))
        return f"HMAC {octets(draft.raw('HMAC', 20))}"
    _first(draft, 1, ("Reserved", 3, plain), ("Backup (B)", 1, yes))
    address = draft.uint("Address", 1)
    if size == 10:
        token = draft.uint("Receiver's token", 4, hex8)
        draft.uint("Sender's nonce", 4, hex8)
        return f"address {address}, token {hex8(token)}"
    if draft.left >= 12:
        draft.raw("HMAC", 8)
        draft.uint("Sender's nonce", 4, hex8)
    return f"address {address}"


def _sequence(draft: Draft, size: int) -> str:
    flags = _first(
        draft,
        2,
        ("Reserved", 7, plain),
        ("Data FIN (F)", 1, yes),
        ("Sequence of 8 bytes (m)", 1, yes),
        ("Mapping (M)", 1, yes),
        ("Acknowledgement of 8 bytes (a)", 1, yes),
        ("Acknowledgement (A)", 1, yes),
    )
    fin, wide, mapped, wide_ack, acknowledged = flags[2:]
    words = ["data FIN"] if fin else []
    if acknowledged and draft.left >= (8 if wide_ack else 4):
        words.append(f"ack {draft.uint('Data acknowledgement', 8 if wide_ack else 4)}")
    if mapped and draft.left >= (14 if wide else 10):
        words.append(f"seq {draft.uint('Data sequence number', 8 if wide else 4)}")
        draft.uint("Subflow sequence number", 4)
        words.append(f"{draft.uint('Data-level length', 2)} bytes")
        if draft.left >= 2:
            draft.uint("Checksum", 2, hex4)
    return ", ".join(words)


def _add(draft: Draft, size: int) -> str:
    # Version 0 has the IP version in place of the flag, and no HMAC.
    _, flags = _first(draft, 1, ("Echo (E) or IP version", 4, plain))
    identifier = draft.uint("Address identifier", 1)
    width = 16 if flags == 6 or (flags < 4 and size >= 18) else 4
    if draft.left < width:
        return f"{identifier}"
    address = ip_text(draft.raw("Address", width, ip_text))
    port = f", port {draft.uint('Port', 2)}" if draft.left in (2, 10) else ""
    if draft.left >= 8:
        draft.raw("HMAC", 8)
    return f"{identifier} {address}{port}"


def _remove(draft: Draft, size: int) -> str:
    _first(draft, 1, ("Reserved", 4, plain))
    found = [str(draft.uint("Address identifier", 1)) for _ in range(size - 1)]
    return ", ".join(found)


def _priority(draft: Draft, size: int) -> str:
    *_, backup = _first(draft, 1, ("Reserved", 3, plain), ("Backup (B)", 1, yes))
    if draft.left:
        draft.uint("Address identifier", 1)
    return "backup" if backup else "regular"


def _fail(draft: Draft, size: int) -> str:
    _first(draft, 2, ("Reserved", 12, plain))
    return f"seq {draft.uint('Data sequence number', 8)}"


def _close(draft: Draft, size: int) -> str:
    _first(draft, 2, ("Reserved", 12, plain))
    return f"key {_key(draft.uint('Key of the receiver', 8, _key))}"


def _reset(draft: Draft, size: int) -> str:
    parts = (("U", 1, yes), ("V", 1, yes), ("W", 1, yes))
    *_, transient = _first(draft, 1, *parts, ("Transient (T)", 1, yes))
    reason = draft.uint("Reason", 1, _REASONS)
    return f"{_REASONS.get(reason, str(reason))}{', transient' if transient else ''}"


_READERS: dict[int, Callable[[Draft, int], str]] = {
    0: _capable,
    1: _join,
    2: _sequence,
    3: _add,
    4: _remove,
    5: _priority,
    6: _fail,
    7: _close,
    8: _reset,
}
_LEAST = {4: 2, 5: 1, 6: 10, 7: 10}
