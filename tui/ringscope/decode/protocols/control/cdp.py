# SPDX-License-Identifier: Apache-2.0
"""CDP, Cisco's discovery of neighbours in SNAP frames, in HDLC and in GRE: a list of types and values, as tcpdump and
Wireshark read it."""

from __future__ import annotations

from collections.abc import Callable
from struct import unpack_from

from ringscope.decode.draft import Draft
from ringscope.decode.forms import hex2, hex4, hex8, ip_text, ipv4, is_set, octets, plain, seconds
from ringscope.decode.registry import protocol
from ringscope.decode.row import Row
from ringscope.decode.text import wire_text
from ringscope.decode.tree import Tree

CDP = protocol("cdp", "CDP", role="routing", snap=((0x00000C, 0x2000),))

_DEVICE, _ADDRESSES, _PORT, _CAPABILITIES, _SOFTWARE, _PLATFORM, _PREFIXES = range(1, 8)
_VALUES = {
    _DEVICE: "Device ID",
    _ADDRESSES: "Addresses",
    _PORT: "Port ID",
    _CAPABILITIES: "Capabilities",
    _SOFTWARE: "Software version",
    _PLATFORM: "Platform",
    _PREFIXES: "IP prefixes",
    8: "Protocol hello",
    9: "VTP management domain",
    10: "Native VLAN",
    11: "Duplex",
    14: "VoIP VLAN reply",
    15: "VoIP VLAN query",
    16: "Power consumption",
    17: "MTU",
    18: "Trust bitmap",
    19: "Untrusted port CoS",
    20: "System name",
    21: "System object identifier",
    22: "Management addresses",
    23: "Location",
    24: "External port ID",
    25: "Power requested",
    26: "Power available",
    27: "Port unidirectional",
    29: "EnergyWise",
    31: "Spare pair power",
}
_TEXTS = frozenset({_DEVICE, _PORT, _SOFTWARE, _PLATFORM, 9, 20})
_SYSTEMS = (
    "Two-port MAC relay",
    "Camera",
    "Remotely managed",
    "Telephone",
    "Repeater",
    "IGMP capable",
    "Host",
    "Switch",
    "Source route bridge",
    "Transparent bridge",
    "Router",
)
_MOST = 64
_HEADER = 4


@CDP.row
def row(row: Row, at: int, end: int) -> None:
    """Which device, and on which of its ports."""
    row.need(at, _HEADER, end, "CDP header")
    place = at + _HEADER
    words: list[str] = []
    for _ in range(_MOST):
        if place + 4 > end:
            break
        row.need(place, 4, end, "CDP value")
        kind, size = unpack_from(">HH", row.data, place)
        if size < 4:
            break
        if kind in (_DEVICE, _PORT):
            row.need(place, size, end, "CDP value")
            words.append(f"{_VALUES[kind]}: {wire_text(row.data[place + 4 : place + size])}")
            row.info = "  ".join(words)
        place += size


@CDP.layer
def layer(tree: Tree, at: int, end: int) -> None:
    """Version, time to live, checksum, values."""
    draft = tree.open(CDP, at, end, "Cisco Discovery Protocol")
    draft.say()
    draft.uint("Version", 1)
    draft.uint("Time to live", 1, seconds)
    draft.uint("Checksum", 2, hex4)
    while draft.left >= 4 and draft.peek(2, 2) >= 4:
        kind = draft.peek(2)
        with draft.group(_VALUES.get(kind, f"Value 0x{kind:04x}")) as group:
            draft.uint("Type", 2, _VALUES)
            with draft.limited(draft.uint("Length", 2) - 4):
                group.display = _value(draft, kind)


def _value(draft: Draft, kind: int) -> str:
    if not draft.left:
        return ""
    if kind in _TEXTS:
        return draft.text("Text", draft.left)
    decoder = _DECODERS.get(kind)
    words = decoder(draft) if decoder is not None else ""
    if draft.left:
        value = draft.rest("Value")
        words = words or octets(value)
    return words


def _addresses(draft: Draft) -> str:
    count = draft.uint("Number of addresses", 4)
    found = []
    for _ in range(min(count, _MOST)):
        if draft.left < 5:
            break
        with draft.group("Address") as group:
            draft.uint("Protocol type", 1, {1: "NLPID", 2: "802.2"})
            draft.raw("Protocol", draft.uint("Protocol length", 1))
            size = draft.uint("Address length", 2)
            group.display = ip_text(draft.raw("Address", size, ip_text))
        found.append(group.display)
    return ", ".join(found)


def _capabilities(draft: Draft) -> str:
    values = draft.flags("Capabilities", 4, hex8, ("Reserved", 21, plain), *((name, 1, is_set) for name in _SYSTEMS))
    names = [name for name, value in zip(_SYSTEMS, values[2:], strict=True) if value]
    return ", ".join(reversed(names)) or "none"


def _prefixes(draft: Draft) -> str:
    """Prefixes with their length, or, where no mask is, the gateway of an ODR stub."""
    if draft.left == 4:
        return ipv4(draft.raw("Default gateway", 4, ipv4))
    found = []
    while draft.left >= 5:
        address = draft.raw("Prefix", 4, ipv4)
        found.append(f"{ipv4(address)}/{draft.uint('Prefix length', 1)}")
    return ", ".join(found)


def _hello(draft: Draft) -> str:
    organization = draft.raw("Organization", 3)
    kind = draft.uint("Protocol", 2, hex4)
    return f"{organization.hex()} {hex4(kind)}"


def _voice(draft: Draft) -> str:
    draft.uint("Data", 1, hex2)
    return str(draft.uint("Voice VLAN", 2)) if draft.left >= 2 else ""


def _power(draft: Draft) -> str:
    draft.uint("Request", 2)
    draft.uint("Management", 2)
    words = [_milliwatts(draft.uint("Power", 4, _milliwatts)) for _ in range(draft.left // 4)]
    return ", ".join(words)


def _milliwatts(value: int) -> str:
    return f"{value / 1000:g} W"


def _location(draft: Draft) -> str:
    draft.uint("Format", 1)
    return draft.text("Text", draft.left) if draft.left else ""


def _number(label: str, size: int, form: Callable[[int], str] = plain) -> Callable[[Draft], str]:
    return lambda draft: form(draft.uint(label, size, form))


_DECODERS: dict[int, Callable[[Draft], str]] = {
    _ADDRESSES: _addresses,
    _CAPABILITIES: _capabilities,
    _PREFIXES: _prefixes,
    8: _hello,
    10: _number("VLAN", 2),
    11: _number("Duplex", 1, lambda value: "full" if value else "half"),
    14: _voice,
    15: _voice,
    16: _number("Power", 2, _milliwatts),
    17: _number("MTU", 4),
    18: _number("Trust", 1, hex2),
    19: _number("Class of service", 1),
    22: _addresses,
    23: _location,
    25: _power,
    26: _power,
    27: _number("Unidirectional", 1),
    31: _number("Spare pair", 1, hex2),
}
