# SPDX-License-Identifier: Apache-2.0
"""Link state advertisements of OSPF version 3 (RFC 5340 appendix A.4, extended ones of RFC 8362)."""

from __future__ import annotations

from ringscope.decode.address import ipv4, ipv6
from ringscope.decode.draft import Draft
from ringscope.decode.errors import Malformed
from ringscope.decode.forms import hex2, hex4, hex6, hex8, plain, yes
from ringscope.decode.protocols.control.ospf.names import KINDS3, LINKS, OPTIONS3, PREFIX_OPTIONS, ROUTER, SCOPES
from ringscope.decode.protocols.control.ospf.values import EXTENDED, GRACE, ROUTER_INFORMATION, TRAFFIC, values
from ringscope.decode.protocols.control.ospf.version2 import age, verdict

_HEADER = 20


def kind_name(kind: int) -> str:
    """The name of a type by its function code."""
    return KINDS3.get(kind & 0x1FFF, f"type {kind & 0x1FFF}")


def _kind(draft: Draft) -> int:
    return draft.flags(
        "Type",
        2,
        lambda kind: f"0x{kind:04x} ({kind_name(kind)})",
        ("Flood if unknown (U)", 1, yes),
        ("Scope", 2, SCOPES),
        ("Function", 13, KINDS3),
    )[0]


def request(draft: Draft) -> None:
    """One advertisement that is asked for."""
    with draft.group("Request") as group:
        draft.uint("Reserved", 2, hex4)
        kind = _kind(draft)
        name = ipv4(draft.raw("Link state", 4, ipv4))
        group.display = f"{kind_name(kind)} {name} of {ipv4(draft.raw('Advertising router', 4, ipv4))}"


def header(draft: Draft, label: str) -> None:
    """An advertisement's header alone."""
    with draft.group(label) as group:
        group.display = _header(draft, "")[-1]


def advertisement(draft: Draft) -> None:
    """A whole advertisement."""
    with draft.group("LSA") as group:
        start = draft.at
        kind, size, group.display = _header(draft, verdict(draft, draft.peek(2, 18)))
        if size < _HEADER:
            raise Malformed(f"LSA of length {size}")
        with draft.limited(start + size - draft.at):
            function = kind & 0x1FFF
            if function in _BODIES:
                _BODIES[function](draft)
            elif function in _VALUES:
                values(draft, _VALUES[function])
            draft.rest("Data")


def _header(draft: Draft, note: str) -> tuple[int, int, str]:
    draft.uint("Age", 2, age)
    kind = _kind(draft)
    name = ipv4(draft.raw("Link state", 4, ipv4))
    router = ipv4(draft.raw("Advertising router", 4, ipv4))
    draft.uint("Sequence number", 4, hex8)
    draft.uint("Checksum", 2, hex4, note=note)
    size = draft.uint("Length", 2)
    return kind, size, f"{kind_name(kind)} {name} of {router}"


def _options(draft: Draft) -> None:
    draft.flags("Options", 3, hex6, *OPTIONS3)


def _router(draft: Draft) -> None:
    draft.flags("Flags", 1, hex2, *ROUTER)
    _options(draft)
    while draft.left >= 16:
        with draft.group("Link") as group:
            kind = draft.uint("Type", 1, LINKS)
            draft.uint("Reserved", 1, hex2)
            metric = draft.uint("Metric", 2)
            draft.uint("Interface", 4)
            draft.uint("Neighbor interface", 4)
            router = ipv4(draft.raw("Neighbor router", 4, ipv4))
            group.display = f"{LINKS.get(kind, f'type {kind}')} to {router}, metric {metric}"


def _network(draft: Draft) -> None:
    draft.uint("Reserved", 1, hex2)
    _options(draft)
    while draft.left >= 4:
        draft.raw("Attached router", 4, ipv4)


def _prefix(draft: Draft, label: str = "Prefix", third: str = "Reserved") -> int:
    """Length, options, two bytes of another meaning, and the address in whole words; returns the third number."""
    with draft.group(label) as group:
        length = draft.uint("Prefix length", 1)
        if length > 128:
            raise Malformed(f"IPv6 prefix of length {length}")
        draft.flags("Prefix options", 1, hex2, *PREFIX_OPTIONS)
        number = draft.uint(third, 2)
        size = (length + 31) // 32 * 4
        address = draft.raw("Address", size, lambda value: ipv6(value.ljust(16, b"\0")))
        group.display = f"{ipv6(address.ljust(16, bytes(1)))}/{length}"
    return number


def _area_prefix(draft: Draft) -> None:
    draft.uint("Reserved", 1, hex2)
    draft.uint("Metric", 3)
    _prefix(draft)


def _area_router(draft: Draft) -> None:
    draft.uint("Reserved", 1, hex2)
    _options(draft)
    draft.uint("Reserved", 1, hex2)
    draft.uint("Metric", 3)
    draft.raw("Destination router", 4, ipv4)


def _external(draft: Draft) -> None:
    flags = draft.flags(
        "Flags",
        1,
        hex2,
        ("", 5, plain),
        ("Type 2 metric (E)", 1, yes),
        ("Forwarding address (F)", 1, yes),
        ("Route tag (T)", 1, yes),
    )
    draft.uint("Metric", 3)
    referenced = _prefix(draft, third="Referenced type")
    if flags[3]:
        draft.raw("Forwarding address", 16, ipv6)
    if flags[4]:
        draft.uint("Route tag", 4)
    if referenced:
        draft.raw("Referenced link state", 4, ipv4)


def _link(draft: Draft) -> None:
    draft.uint("Priority", 1)
    _options(draft)
    draft.raw("Link-local address", 16, ipv6)
    for _ in range(draft.uint("Prefixes", 4)):
        _prefix(draft)


def _intra_area(draft: Draft) -> None:
    count = draft.uint("Prefixes", 2)
    draft.uint("Referenced type", 2, lambda kind: f"0x{kind:04x} ({kind_name(kind)})")
    draft.raw("Referenced link state", 4, ipv4)
    draft.raw("Referenced router", 4, ipv4)
    for _ in range(count):
        _prefix(draft, third="Metric")


def _extended_router(draft: Draft) -> None:
    draft.flags("Flags", 1, hex2, *ROUTER)
    _options(draft)
    values(draft, EXTENDED)


def _extended_network(draft: Draft) -> None:
    draft.uint("Reserved", 1, hex2)
    _options(draft)
    values(draft, EXTENDED)


def _extended_link(draft: Draft) -> None:
    draft.uint("Priority", 1)
    _options(draft)
    values(draft, EXTENDED)


def _extended_intra_area(draft: Draft) -> None:
    draft.uint("Reserved", 2, hex4)
    draft.uint("Referenced type", 2, lambda kind: f"0x{kind:04x} ({kind_name(kind)})")
    draft.raw("Referenced link state", 4, ipv4)
    draft.raw("Referenced router", 4, ipv4)
    values(draft, EXTENDED)


_BODIES = {
    1: _router,
    2: _network,
    3: _area_prefix,
    4: _area_router,
    5: _external,
    7: _external,
    8: _link,
    9: _intra_area,
    33: _extended_router,
    34: _extended_network,
    40: _extended_link,
    41: _extended_intra_area,
}
_VALUES = {10: TRAFFIC, 11: GRACE, 12: ROUTER_INFORMATION, 35: EXTENDED, 36: EXTENDED, 37: EXTENDED, 39: EXTENDED}
