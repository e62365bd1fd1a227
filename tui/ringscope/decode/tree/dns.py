# SPDX-License-Identifier: Apache-2.0
"""DNS messages with the byte range of every name, record and record field (RFC 1035, RFC 6891)."""

from __future__ import annotations

from struct import unpack_from

from ringscope.decode.app_names import DNS_CLASSES, DNS_OPCODES, DNS_RCODE_SHORT, DNS_RCODES
from ringscope.decode.dnswire import read_name, record_text, type_name
from ringscope.decode.rows import dns as rows
from ringscope.decode.rows.row import Decoder as RowDecoder
from ringscope.decode.text import wire_text
from ringscope.decode.tree.draft import Draft, Frame

_SECTIONS = ("Answer", "Authority", "Additional")


def dns(frame: Frame, at: int, end: int) -> None:
    """A message in a datagram."""
    _message(frame, at, end, "dns", rows.dns)


def mdns(frame: Frame, at: int, end: int) -> None:
    """A multicast message (RFC 6762)."""
    _message(frame, at, end, "mdns", rows.mdns)


def llmnr(frame: Frame, at: int, end: int) -> None:
    """A link-local message (RFC 4795)."""
    _message(frame, at, end, "llmnr", rows.llmnr)


def over_tcp(frame: Frame, at: int, end: int) -> None:
    """A message behind its two length bytes (RFC 7766)."""
    size = frame.data[at] << 8 | frame.data[at + 1]
    draft = frame.open("dns", "DNS", at)
    draft.add("Length", str(size), at, 2)
    _fill(draft, at + 2, min(at + 2 + size, end), rows.dns)


def _message(frame: Frame, at: int, end: int, name: str, words: RowDecoder) -> None:
    _fill(frame.open(name, {"dns": "DNS", "mdns": "mDNS", "llmnr": "LLMNR"}[name], at), at, end, words)


def _fill(draft: Draft, at: int, end: int, words: RowDecoder) -> None:
    draft.title = f"{draft.title}  {draft.frame.words(words, at, end)}".rstrip()
    draft.frame.need(at, 12, end, "DNS header")
    identifier, flags, questions, *counts = unpack_from(">HHHHHH", draft.data, at)
    draft.add("Transaction", f"0x{identifier:04x}", at, 2)
    _flags(draft, flags, at + 2)
    for index, (label, count) in enumerate(
        zip(("Questions", "Answers", "Authorities", "Additionals"), (questions, *counts), strict=True)
    ):
        draft.add(label, str(count), at + 4 + index * 2, 2)
    place = at + 12
    for _ in range(questions):
        place = _question(draft, place, at, end)
    for section, count in zip(_SECTIONS, counts, strict=True):
        for _ in range(count):
            place = _record(draft, section, place, at, end)


def _flags(draft: Draft, flags: int, at: int) -> None:
    operation, code = flags >> 11 & 15, flags & 15
    draft.add("Flags", f"0x{flags:04x}", at, 2)
    draft.add("Message is a", "response" if flags >> 15 else "query", at, 1, bits=(0, 1), depth=1)
    draft.add("Operation", f"{operation} ({DNS_OPCODES.get(operation, '?')})", at, 1, bits=(1, 4), depth=1)
    for label, bit in (("Authoritative", 5), ("Truncated", 6), ("Recursion desired", 7)):
        draft.add(label, "yes" if flags << bit & 0x8000 else "no", at, 1, bits=(bit, 1), depth=1)
    draft.add("Recursion available", "yes" if flags & 0x80 else "no", at + 1, 1, bits=(0, 1), depth=1)
    draft.add("Authentic data", "yes" if flags & 0x20 else "no", at + 1, 1, bits=(2, 1), depth=1)
    draft.add("Checking disabled", "yes" if flags & 0x10 else "no", at + 1, 1, bits=(3, 1), depth=1)
    meaning = f"{DNS_RCODE_SHORT.get(code, '?')}, {DNS_RCODES.get(code, 'unknown')}"
    draft.add("Reply code", f"{code} ({meaning})", at + 1, 1, bits=(4, 4), depth=1)


def _class(number: int) -> str:
    # mDNS uses the highest bit for itself (RFC 6762 sections 5.4 and 10.2).
    name = DNS_CLASSES.get(number) or DNS_CLASSES.get(number & 0x7FFF)
    words = name or str(number & 0x7FFF)
    return f"{words} (with the mDNS bit)" if number & 0x8000 else words


def _question(draft: Draft, place: int, base: int, end: int) -> int:
    name, after = read_name(draft.data, place, base, end)
    draft.frame.need(after, 4, end, "DNS question")
    kind, group = unpack_from(">HH", draft.data, after)
    draft.add("Question", f"{name} {type_name(kind)}", place, after + 4 - place)
    draft.add("Name", name, place, after - place, depth=1)
    draft.add("Type", f"{kind} ({type_name(kind)})", after, 2, depth=1)
    draft.add("Class", _class(group), after + 2, 2, depth=1)
    return after + 4


def _record(draft: Draft, section: str, place: int, base: int, end: int) -> int:
    name, after = read_name(draft.data, place, base, end)
    draft.frame.need(after, 10, end, "DNS record")
    size: int
    kind, group, ttl, size = unpack_from(">HHIH", draft.data, after)
    data_at = after + 10
    draft.frame.need(data_at, size, end, "DNS record data")
    text = record_text(draft.data, kind, data_at, size, base, end) or _other(draft.data, kind, data_at, size)
    stop = data_at + size
    if kind == 41:
        draft.add(section, f"OPT  UDP payload {group}", place, stop - place)
        draft.add("Type", f"{kind} (OPT)", after, 2, depth=1)
        draft.add("UDP payload size", str(group), after + 2, 2, depth=1)
        draft.add("Extended flags", f"0x{ttl:08x}", after + 4, 4, depth=1)
    else:
        draft.add(section, f"{name} {type_name(kind)} {text}  ttl {ttl}", place, stop - place)
        draft.add("Name", name, place, after - place, depth=1)
        draft.add("Type", f"{kind} ({type_name(kind)})", after, 2, depth=1)
        draft.add("Class", _class(group), after + 2, 2, depth=1)
        draft.add("Time to live", f"{ttl} s", after + 4, 4, depth=1)
    draft.add("Data length", str(size), after + 8, 2, depth=1)
    if size:
        draft.add("Data", text, data_at, size, depth=1)
    return stop


def _other(data: bytes, kind: int, at: int, size: int) -> str:
    raw = data[at : at + size]
    if kind not in (16, 99):
        return raw.hex()
    texts: list[str] = []
    while raw:
        texts.append(f'"{wire_text(raw[1 : 1 + raw[0]])}"')
        raw = raw[1 + raw[0] :]
    return " ".join(texts)
