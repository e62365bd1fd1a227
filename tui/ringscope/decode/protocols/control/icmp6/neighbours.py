# SPDX-License-Identifier: Apache-2.0
"""Neighbour discovery (RFC 4861) and its options (RFC 3971, RFC 4191, RFC 6275, RFC 6775, RFC 8106, RFC 8505, RFC 8781,
RFC 8910 and others)."""

from __future__ import annotations

from ringscope.decode.address import ipv6, mac
from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, hex4, octets, plain, seconds, yes
from ringscope.decode.values import Reader, Table, blob, names, text

_FOREVER = 0xFFFFFFFF
_REDIRECTED = 4
_PREFERENCES = {0: "medium", 1: "high", 3: "low"}
_LENGTHS = (96, 64, 56, 48, 40, 32)  # of PREF64, by its code (RFC 8781)


def milliseconds(value: int) -> str:
    """A number of milliseconds."""
    return f"{value} ms"


def _lifetime(value: int) -> str:
    return "infinity" if value == _FOREVER else seconds(value)


def router(draft: Draft) -> None:
    """A router advertisement."""
    draft.uint("Hop limit", 1)
    draft.flags(
        "Flags",
        1,
        hex2,
        ("Managed addresses", 1, yes),
        ("Other configuration", 1, yes),
        ("Home agent", 1, yes),
        ("Router preference", 2, _PREFERENCES),
        ("Proxy", 1, yes),
        ("SNAC router", 1, yes),
        ("", 1, plain),
    )
    draft.uint("Router lifetime", 2, seconds)
    draft.uint("Reachable time", 4, milliseconds)
    draft.uint("Retransmission timer", 4, milliseconds)
    options(draft)


def solicited(draft: Draft) -> None:
    """A router solicitation, or an inverse one."""
    draft.uint("Reserved", 4)
    options(draft)


def neighbour(draft: Draft) -> None:
    """A neighbour solicitation."""
    draft.uint("Reserved", 4)
    draft.raw("Target", 16, ipv6)
    options(draft)


def advertised(draft: Draft) -> None:
    """A neighbour advertisement."""
    draft.bits(4, ("Router", 1, yes), ("Solicited", 1, yes), ("Override", 1, yes), ("Reserved", 29, plain))
    draft.raw("Target", 16, ipv6)
    options(draft)


def redirect(draft: Draft) -> None:
    """A redirect."""
    draft.uint("Reserved", 4)
    draft.raw("Target", 16, ipv6)
    draft.raw("Destination", 16, ipv6)
    options(draft)


def duplicate(draft: Draft) -> None:
    """A duplicate address request or confirmation (RFC 6775)."""
    draft.uint("Status", 1, _STATUS)
    draft.uint("Reserved or transaction", 1)
    draft.uint("Registration lifetime", 2, _minutes)
    draft.raw("EUI-64", max(min(8, draft.left - 16), 0), mac)
    draft.raw("Registered address", 16, ipv6)


def redirected_at(data: bytes, at: int, end: int) -> int:
    """Where the packet begins of which a redirect tells, -1 if its option is not there or not the last."""
    while at + 8 < min(end, len(data)):
        size = data[at + 1] * 8
        if size == 0:
            break
        if data[at] == _REDIRECTED:
            return at + 8 if at + size == end else -1
        at += size
    return -1


def options(draft: Draft) -> None:
    """Options up to the draft's end, whose lengths count eight bytes."""
    while draft.left:
        kind, size = draft.peek(), draft.peek(1, 1) * 8
        if size == 0:
            draft.raw("Option of length 0", 2)
            return
        name, reader = OPTIONS.get(kind, (f"Option {kind}", blob))
        with draft.group(name) as group:
            draft.uint("Type", 1, _named)
            draft.uint("Length", 1, lambda value: f"{value} ({value * 8} bytes)")
            if kind == _REDIRECTED and size == draft.left + 2 > 8:  # its packet is a layer of its own
                draft.raw("Reserved", 6)
                group.display = f"{size - 8} bytes"
                return
            with draft.limited(size - 2):
                group.display = reader(draft, size - 2)
                draft.rest("Rest of the option")


def _named(kind: int) -> str:
    return f"{kind} ({OPTIONS[kind][0]})" if kind in OPTIONS else str(kind)


def _link_address(draft: Draft, size: int) -> str:
    # On Ethernet six bytes; other links pad theirs.
    return mac(draft.raw("Link-layer address", min(size, 6) if size != 14 else 8, mac))


def _prefix(draft: Draft, size: int) -> str:
    if size != 30:
        return blob(draft, size)
    length = draft.uint("Prefix length", 1)
    parts = (("On link", 1, yes), ("Autonomous", 1, yes), ("Router address", 1, yes), ("P flag", 1, yes))
    draft.flags("Flags", 1, hex2, *parts, ("", 4, plain))
    draft.uint("Valid lifetime", 4, _lifetime)
    draft.uint("Preferred lifetime", 4, _lifetime)
    draft.uint("Reserved", 4)
    return f"{ipv6(draft.raw('Prefix', 16, ipv6))}/{length}"


def _redirected(draft: Draft, size: int) -> str:
    draft.raw("Reserved", 6)
    if draft.left:
        draft.rest("Beginning of the packet")
    return f"{size - 6} bytes"


def _mtu(draft: Draft, size: int) -> str:
    if size != 6:
        return blob(draft, size)
    draft.uint("Reserved", 2)
    return str(draft.uint("MTU", 4))


def _timed(label: str, form: Reader) -> Reader:
    """Two reserved bytes, a lifetime, and a value."""

    def read(draft: Draft, size: int) -> str:
        if size < 6:
            return blob(draft, size)
        draft.uint("Reserved", 2)
        draft.uint("Lifetime", 4, _lifetime)
        return form(draft, size - 6)

    return read


def _servers(draft: Draft, size: int) -> str:
    return ", ".join(ipv6(draft.raw("Server", 16, ipv6)) for _ in range(size // 16))


def _search(draft: Draft, size: int) -> str:
    """Names, padded by zeros."""
    raw = draft.data[draft.at : min(draft.at + size, draft.tree.size)]
    used = min(len(raw.rstrip(b"\0")) + 1, size)
    found = names(draft, used)
    if draft.left:
        draft.rest("Padding")
    return found


def _interval(draft: Draft, size: int) -> str:
    if size != 6:
        return blob(draft, size)
    draft.uint("Reserved", 2)
    return milliseconds(draft.uint("Interval", 4, milliseconds))


def _home(draft: Draft, size: int) -> str:
    if size != 6:
        return blob(draft, size)
    draft.uint("Reserved", 2)
    preference = draft.uint("Preference", 2)
    return f"preference {preference}, {draft.uint('Lifetime', 2, seconds)} s"


def _addresses(draft: Draft, size: int) -> str:
    draft.raw("Reserved", 6)
    return ", ".join(ipv6(draft.raw("Address", 16, ipv6)) for _ in range((size - 6) // 16))


def _cga(draft: Draft, size: int) -> str:
    if size < 27:
        return blob(draft, size)
    padding = draft.uint("Padding length", 1)
    draft.uint("Reserved", 1)
    draft.raw("Modifier", 16)
    draft.raw("Subnet prefix", 8, lambda value: ipv6(value + bytes(8)))
    draft.uint("Collision count", 1)
    rest = max(draft.left - padding, 0)
    if rest:
        draft.raw("Public key", rest)
    return f"{rest} bytes of key"


def _signature(draft: Draft, size: int) -> str:
    if size < 18:
        return blob(draft, size)
    draft.uint("Reserved", 2)
    draft.raw("Key hash", 16)
    return octets(draft.rest("Signature and padding"))


def _stamp(draft: Draft, size: int) -> str:
    if size != 14:
        return blob(draft, size)
    draft.raw("Reserved", 6)
    whole, part = draft.bits(8, ("Seconds", 48, plain), ("Fraction", 16, plain))
    return f"{whole + part / 65536:.6f} s (unix time)"


def _nonce(draft: Draft, size: int) -> str:
    return octets(draft.raw("Nonce", size))


def _route(draft: Draft, size: int) -> str:
    if size not in (6, 14, 22):
        return blob(draft, size)
    length = draft.uint("Prefix length", 1)
    draft.bits(1, ("", 3, plain), ("Route preference", 2, _PREFERENCES), ("", 3, plain))
    draft.uint("Route lifetime", 4, _lifetime)
    raw = draft.rest("Prefix", lambda value: ipv6(value.ljust(16, b"\0")))
    return f"{ipv6(raw.ljust(16, bytes(1)))}/{length}"


def _extended_flags(draft: Draft, size: int) -> str:
    return octets(draft.raw("Flags", size))


def _minutes(value: int) -> str:
    return f"{value} min"


_STATUS = {
    0: "success",
    1: "duplicate address",
    2: "neighbor cache full",
    3: "moved",
    4: "removed",
    5: "validation requested",
    6: "duplicate source address",
    7: "invalid source address",
    8: "address topologically incorrect",
    9: "registry saturated",
    10: "validation failed",
}


def _registration(draft: Draft, size: int) -> str:
    """RFC 6775, extended by RFC 8505."""
    if size < 14:
        return blob(draft, size)
    status = draft.uint("Status", 1, _STATUS)
    draft.uint("Opaque", 1)
    draft.bits(1, ("", 4, plain), ("I", 2, plain), ("R", 1, yes), ("T", 1, yes))
    draft.uint("Transaction", 1)
    minutes = draft.uint("Lifetime", 2, _minutes)
    owner = draft.rest("Owner", mac)
    return f"{_STATUS.get(status, str(status))}, {minutes} min, {mac(owner)}"


def _context(draft: Draft, size: int) -> str:
    if size not in (14, 22):
        return blob(draft, size)
    length = draft.uint("Context length", 1)
    _, compress, identifier = draft.bits(1, ("", 3, plain), ("Compression", 1, yes), ("Context", 4, plain))
    draft.uint("Reserved", 2, hex4)
    draft.uint("Lifetime", 2, _minutes)
    raw = draft.rest("Prefix", lambda value: ipv6(value.ljust(16, b"\0")))
    return f"{identifier}: {ipv6(raw.ljust(16, bytes(1)))}/{length}{'' if compress else ', not for compression'}"


def _border(draft: Draft, size: int) -> str:
    if size != 22:
        return blob(draft, size)
    draft.uint("Version low", 2)
    draft.uint("Version high", 2)
    draft.uint("Lifetime", 2, _minutes)
    return ipv6(draft.raw("Border router", 16, ipv6))


def _capability(draft: Draft, size: int) -> str:
    return octets(draft.raw("Capability bits", size))


def _pref64(draft: Draft, size: int) -> str:
    if size != 14:
        return blob(draft, size)
    lifetime, code = draft.bits(
        2, ("Scaled lifetime", 13, lambda value: f"{value * 8} s"), ("Prefix length code", 3, plain)
    )
    raw = draft.raw("Prefix", 12, lambda value: ipv6(value + bytes(4)))
    length = _LENGTHS[code] if code < len(_LENGTHS) else f"code {code}"
    return f"{ipv6(raw + bytes(4))}/{length}, {lifetime * 8} s"


def _new_prefix(draft: Draft, size: int) -> str:
    if size < 22:
        return blob(draft, size)
    code, length = draft.uint("Option code", 1), draft.uint("Prefix length", 1)
    draft.raw("Reserved", 4)
    return f"{ipv6(draft.raw('Address', 16, ipv6))}/{length} (code {code})"


OPTIONS: Table = {
    1: ("Source link-layer address", _link_address),
    2: ("Target link-layer address", _link_address),
    3: ("Prefix", _prefix),
    4: ("Redirected header", _redirected),
    5: ("MTU", _mtu),
    6: ("NBMA shortcut limit", blob),
    7: ("Advertisement interval", _interval),
    8: ("Home agent", _home),
    9: ("Source address list", _addresses),
    10: ("Target address list", _addresses),
    11: ("Cryptographically generated address", _cga),
    12: ("RSA signature", _signature),
    13: ("Timestamp", _stamp),
    14: ("Nonce", _nonce),
    15: ("Trust anchor", blob),
    16: ("Certificate", blob),
    17: ("Address or prefix", _new_prefix),
    18: ("New router prefix", blob),
    19: ("Link-layer address", blob),
    20: ("Neighbor advertisement acknowledgment", blob),
    23: ("Mobility anchor point", blob),
    24: ("Route", _route),
    25: ("Recursive DNS server", _timed("Server", _servers)),
    26: ("Router advertisement flags", _extended_flags),
    27: ("Handover key request", blob),
    28: ("Handover key reply", blob),
    29: ("Handover assist", blob),
    30: ("Mobile node identifier", blob),
    31: ("DNS search list", _timed("Domains", _search)),
    32: ("Proxy signature", blob),
    33: ("Address registration", _registration),
    34: ("6LoWPAN context", _context),
    35: ("Authoritative border router", _border),
    36: ("6LoWPAN capability", _capability),
    37: ("Captive portal", text),
    38: ("PREF64", _pref64),
    39: ("Crypto-ID parameters", blob),
    40: ("Neighbor discovery signature", blob),
    138: ("CARD request", blob),
    139: ("CARD reply", blob),
    144: ("Encrypted DNS", blob),
    253: ("Experimental", blob),
    254: ("Experimental", blob),
}
