# SPDX-License-Identifier: Apache-2.0
"""Records whose data is laid out in no simple way: LOC, WKS, APL, A6, IPSECKEY, HIP, AMTRELAY, NID and L64, WINS."""

from __future__ import annotations

from itertools import islice

from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex8, ip_number, ipv4, ipv6, octets, plain, seconds, yes
from ringscope.decode.protocols.app.dns.parts import Part, address, sixty_four, take_name
from ringscope.decode.text import shorten

_EQUATOR = 1 << 31
_GATEWAYS = {0: "none", 1: "IPv4", 2: "IPv6", 3: "name"}
_KEYS = {1: "DSA", 2: "RSA", 3: "ECDSA", 4: "EdDSA"}
_HOST_KEYS = {3: "DSA", 5: "RSA", 7: "ECDSA", 9: "ECDSA low", 13: "EdDSA"}
_FAMILIES = {1: "IPv4", 2: "IPv6"}
_MOST_PORTS, _PORTS_SHOWN = 256, 1000  # ports, and characters of them


def _degrees(hemispheres: str) -> Part:
    def form(value: int) -> str:
        offset = value - _EQUATOR
        whole, thousandths = divmod(abs(offset), 1000)
        minutes, second = divmod(whole, 60)
        degree, minute = divmod(minutes, 60)
        return f"{degree} {minute} {second}.{thousandths:03d} {hemispheres[offset < 0]}"

    return lambda draft, _: form(draft.uint("Latitude" if hemispheres == "NS" else "Longitude", 4, form))


def _metres(value: int) -> str:
    """A size: digit and power of ten in centimetres."""
    return f"{(value >> 4) * 10 ** (value & 15) / 100:g} m"


def _height(value: int) -> str:
    return f"{(value - 10_000_000) / 100:.2f} m"


def location(draft: Draft, base: int) -> str:
    """LOC (RFC 1876)."""
    version = draft.uint("Version", 1)
    if version:
        return octets(draft.rest("Data"))
    sizes = [_metres(draft.uint(label, 1, _metres)) for label in ("Size", "Horizontal precision", "Vertical precision")]
    words = [_degrees("NS")(draft, base), _degrees("EW")(draft, base), _height(draft.uint("Altitude", 4, _height))]
    return ", ".join([" ".join(words), *sizes])


def well_known(draft: Draft, _: int) -> str:
    """WKS (RFC 1035 section 3.4.2): an address, and ports as bits."""
    words = [address("Address", 4)(draft, 0), ip_number(draft.uint("Protocol", 1, ip_number))]

    def form(raw: bytes) -> str:
        bits = (place * 8 + bit for place, octet in enumerate(raw) if octet for bit in range(8) if octet & 0x80 >> bit)
        return shorten(" ".join(map(str, islice(bits, _MOST_PORTS + 1))), _PORTS_SHOWN)

    words.append(form(draft.rest("Ports", form)))
    return " ".join(words)


def prefixes(draft: Draft, _: int) -> str:
    """APL (RFC 3123): address prefixes, some of them excluded."""
    words = []
    while draft.left:
        with draft.group("Prefix") as group:
            family = draft.uint("Family", 2, _FAMILIES)
            length = draft.uint("Prefix length", 1)
            excluded, size = draft.bits(1, ("Excluded", 1, yes), ("Size", 7, plain))
            raw = draft.raw("Address", size) if size else b""
            shown = octets(raw)
            if family in _FAMILIES and size <= (4, 16)[family - 1]:
                shown = ipv4(raw.ljust(4, b"\0")) if family == 1 else ipv6(raw.ljust(16, b"\0"))
            group.display = f"{'!' if excluded else ''}{family}:{shown}/{length}"
        words.append(group.display)
    return " ".join(words)


def old_ipv6(draft: Draft, base: int) -> str:
    """A6 (RFC 2874): the end of an address, and the name that has its beginning."""
    bits = draft.uint("Prefix length", 1)
    if bits > 128:
        raise Malformed(f"A6 prefix length {bits}")
    words = [str(bits)]
    size = 16 - bits // 8
    if size:
        words.append(ipv6(bytes(16 - size) + draft.raw("Suffix", size)))
    if bits:
        words.append(take_name(draft, "Prefix name", base))
    return " ".join(words)


def _reach(draft: Draft, kind: int, base: int) -> str:
    if kind == 1:
        return address("Gateway", 4)(draft, 0)
    if kind == 2:
        return address("Gateway", 16)(draft, 0)
    return take_name(draft, "Gateway", base) if kind == 3 else "."


def gateway(draft: Draft, base: int) -> str:
    """IPSECKEY (RFC 4025)."""
    precedence = draft.uint("Precedence", 1)
    kind = draft.uint("Gateway type", 1, _GATEWAYS)
    algorithm = draft.uint("Algorithm", 1, _KEYS)
    words = [str(precedence), str(kind), str(algorithm), _reach(draft, kind, base)]
    return " ".join([*words, sixty_four(draft.rest("Key", sixty_four))])


def relay(draft: Draft, base: int) -> str:
    """AMTRELAY (RFC 8777)."""
    precedence = draft.uint("Precedence", 1)
    optional, kind = draft.bits(1, ("Discovery optional", 1, yes), ("Relay type", 7, _GATEWAYS))
    return f"{precedence} {optional} {kind} {_reach(draft, kind, base)}"


def host_identity(draft: Draft, base: int) -> str:
    """HIP (RFC 8005): a tag, a key, and servers to meet at."""
    size = draft.uint("Tag length", 1)
    algorithm = draft.uint("Algorithm", 1, _HOST_KEYS)
    key = draft.uint("Key length", 2)
    words = [str(algorithm), octets(draft.raw("Tag", size)), sixty_four(draft.raw("Key", key, sixty_four))]
    while draft.left:
        words.append(take_name(draft, "Rendezvous server", base))
    return " ".join(words)


def _quads(raw: bytes) -> str:
    return ":".join(f"{raw[place] << 8 | raw[place + 1]:x}" for place in range(0, len(raw), 2))


def locator64(draft: Draft, _: int) -> str:
    """NID and L64 (RFC 6742)."""
    preference = draft.uint("Preference", 2)
    draft.tree.need(draft.at, 8, draft.end, "DNS locator")
    return f"{preference} {_quads(draft.raw('Locator', 8, _quads))}"


def windows(size: int, label: str) -> Part:
    """WINS and WINS-R (MS-DNSP sections 2.2.2.2.4.22 and 23): servers to ask, or the domain of names found."""

    def read(draft: Draft, base: int) -> str:
        words = [f"flags 0x{draft.uint('Flags', 4, hex8):08x}"]
        words += [f"{draft.uint(each, 4, seconds)}" for each in ("Lookup timeout", "Cache timeout")]
        if not size:
            return " ".join([*words, take_name(draft, label, base)])
        for _ in range(draft.uint("Servers", 4)):
            words.append(address(label, size)(draft, base))
        return " ".join(words)

    return read
